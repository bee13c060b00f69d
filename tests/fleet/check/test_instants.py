"""The judge of instant actions: each test takes a sound story and breaks one rule of it."""

from __future__ import annotations

import numpy as np
import pytest

from fleet.check.instants import check_instants
from fleet.check.orders import Ways
from fleet.check.recording import ALARM, REQUEST, Recording
from fleet.check.violations import Violations
from fleet.events import ORDER, REPORT, Action, ActionState, Alarm, Operation


def instant(number: int, action: Action) -> tuple:
    """Return an instant action for robot 0 (dtype `events.ORDER`)."""
    return (0, 1, number, 0, 0, -1, [-1, -1, -1], action, -1)


def story() -> tuple[Recording, np.ndarray, np.ndarray]:
    """Robot 0 is taken out in tick 3, drops order 0, and says so in tick 4; its orders."""
    orders = np.array([(0, 1, 0, 0, 0, 5, [6, 7, 8], 0, -1)], ORDER)
    reports = np.zeros(1, REPORT)
    reports["instant"], reports["instant_kind"] = 2, Action.CANCEL_ORDER
    reports["instant_state"] = ActionState.FINISHED
    recording = object.__new__(Recording)
    parts = {
        "reports": reports,
        "report_ticks": np.array([4]),
        "instants": np.array(
            [instant(1, Action.STATE_REQUEST), instant(2, Action.CANCEL_ORDER)], ORDER
        ),
        "instant_ticks": np.array([0, 3]),
        "alarms": np.array([(2, Alarm.UNREFLECTED, 0, Action.STATE_REQUEST, 2)], ALARM),
        "told": np.array([(2, Alarm.UNREFLECTED, 0, Action.STATE_REQUEST, 2)], ALARM),
        "asked": np.array([(3, Operation.OUT, 0, -1, False)], REQUEST),
    }
    for name, value in parts.items():
        object.__setattr__(recording, name, value)
    return recording, orders, np.array([1])


def judged(recording: Recording, orders: np.ndarray, ticks: np.ndarray) -> set[str]:
    """Return the kinds of rules that a story breaks."""
    violations, nothing = Violations(), np.zeros(0, np.int64)
    ways = Ways(nothing, nothing, nothing, ticks, orders, nothing)
    check_instants(recording, ways, violations)
    return set(violations.counts)


def test_the_story_is_sound() -> None:
    """Told to drop its order because it was taken out; it did; nothing followed."""
    assert judged(*story()) == set()


def other_action(recording):
    recording.reports["instant_kind"] = Action.START_PAUSE


def too_early(recording):
    recording.instant_ticks[1] = 4


def hole_in_the_numbers(recording):
    recording.instants["order"] += 1
    recording.reports["instant"] += 1


def sent_otherwise(recording):
    recording.instants["order"] = 2


def nobody_asked(recording):
    recording.asked["tick"] = 9


def done_all_along(recording):
    recording.reports["instant"], recording.reports["instant_kind"] = 1, Action.STATE_REQUEST
    recording.report_ticks[0] = 1


def never_sent(recording):
    recording.alarms["detail"] = recording.told["detail"] = Action.START_PAUSE


def waits_in_a_ring(recording):
    recording.alarms["what"] = recording.told["what"] = Alarm.CYCLE


@pytest.mark.parametrize(
    ("broken", "kind"),
    {
        other_action: "instant",
        too_early: "instant",
        hole_in_the_numbers: "instant",
        sent_otherwise: "instant",
        nobody_asked: "instant",
        done_all_along: "alarm",
        never_sent: "alarm",
        waits_in_a_ring: "cycle",
    }.items(),
)
def test_a_broken_rule_is_found(broken, kind: str) -> None:
    """The judge names the rule that was broken."""
    recording, orders, ticks = story()
    broken(recording)
    assert kind in judged(recording, orders, ticks)


def test_an_update_of_a_dropped_order_is_found() -> None:
    """Whatever is sent from the tick on in which the robot has said so."""
    recording, orders, _ = story()
    update = orders.copy()
    update["update"] = 1
    both = np.concatenate([orders, update])
    assert judged(recording, both, np.array([1, 3])) == set()
    assert judged(recording, both, np.array([1, 4])) == {"instant"}
