"""The judge of instant actions: who was told what, who said to have done it, and the alarms."""

from __future__ import annotations

import numpy as np

from fleet.check.lookup import ENDED, NEVER, find, keys
from fleet.check.orders import Ways, order_name
from fleet.check.recording import Recording
from fleet.check.violations import Violations
from fleet.events import Action, ActionState, Alarm, Operation


def check_instants(recording: Recording, ways: Ways, violations: Violations) -> None:
    """Numbers rise, states reflect what was sent, dropped orders stay so, alarms are true."""
    sent, first = _check_numbers(recording, violations)
    _check_reflections(recording, sent, first, violations)
    _check_cancels(recording, ways, sent, first, violations)
    _check_alarms(recording, sent, first, violations)


def _check_numbers(recording: Recording, violations: Violations) -> tuple[np.ndarray, np.ndarray]:
    """Return each instant action once, by robot, then number, and the tick it was first sent in."""
    rows, ticks = recording.instants, recording.instant_ticks
    _, first, which = np.unique(
        keys(rows["robot"], rows["order"]), return_index=True, return_inverse=True
    )
    differs = rows["action"] != rows["action"][first[which]]
    violations.add_where("instant", differs, lambda k: (
        f"tick {ticks[k]}, robot {rows['robot'][k]}, instant action {rows['order'][k]}",
        "it was another one before",
    ))  # fmt: skip
    sent, sent_ticks = rows[first], ticks[first]
    same = np.zeros(len(sent), bool)
    same[1:] = sent["robot"][1:] == sent["robot"][:-1]
    before = np.where(same, np.roll(sent["order"], 1), 0)
    earlier = same & (sent_ticks < np.roll(sent_ticks, 1))
    violations.add_where("instant", (sent["order"] != before + 1) | earlier, lambda k: (
        f"tick {sent_ticks[k]}, robot {sent['robot'][k]}",
        f"instant action {sent['order'][k]} follows {before[k]}",
    ))  # fmt: skip
    return sent, sent_ticks


def _check_reflections(
    recording: Recording, sent: np.ndarray, first: np.ndarray, violations: Violations
) -> None:
    """A state reflects only what was sent before it, and as what it was sent."""
    told = recording.reports["instant"] > 0
    reports, ticks = recording.reports[told], recording.report_ticks[told]
    k, known = find(keys(sent["robot"], sent["order"]), keys(reports["robot"], reports["instant"]))
    if len(sent):
        known &= (first[k] < ticks) & (sent["action"][k] == reports["instant_kind"])
    violations.add_where("instant", ~known, lambda k: (
        f"tick {ticks[k]}, robot {reports['robot'][k]}",
        f"reflects instant action {reports['instant'][k]}, which it was not sent",
    ))  # fmt: skip


def _check_cancels(
    recording: Recording, ways: Ways, sent: np.ndarray, first: np.ndarray, violations: Violations
) -> None:
    """Only who is taken out is told to drop its order, and a dropped order is never updated."""
    out = recording.requests[recording.requests["what"] == Operation.OUT]
    cycles = recording.alarms[recording.alarms["what"] == Alarm.CYCLE]
    since: dict[int, int] = {}
    for tick, robot in [*out[["tick", "robot"]].tolist(), *cycles[["tick", "robot"]].tolist()]:
        since[robot] = min(since.get(robot, tick), tick)
    robots = sent["robot"].tolist()
    allowed = np.array([since.get(r, NEVER) for r in robots], np.int64) <= first
    violations.add_where("instant", (sent["action"] == Action.CANCEL_ORDER) & ~allowed, lambda k: (
        f"tick {first[k]}, robot {sent['robot'][k]}",
        "it was told to drop its order, though nobody had taken it out",
    ))  # fmt: skip
    reports = recording.reports
    dropped = (reports["instant_kind"] == Action.CANCEL_ORDER) & (reports["order"] >= 0)
    dropped &= reports["instant_state"] == ActionState.FINISHED
    reports, ticks = reports[dropped], recording.report_ticks[dropped]
    names, at = np.unique(keys(reports["robot"], reports["order"]), return_index=True)
    orders = ways.orders
    k, known = find(names, keys(orders["robot"], orders["order"]))
    late = known & (ways.order_ticks >= ticks[at[k]]) if len(names) else known
    violations.add_where("instant", late, lambda k: (
        order_name(ways.order_ticks, orders, k), "the robot had dropped this order"
    ))  # fmt: skip


def _check_alarms(
    recording: Recording, sent: np.ndarray, first: np.ndarray, violations: Violations
) -> None:
    """Robots never waited for each other's cells, and who was said not to obey did not."""
    alarms = recording.alarms
    if alarms.tolist() != recording.told.tolist():
        violations.add(
            "alarm",
            "alarm table",
            f"says otherwise than the journal, which has {len(alarms)} alarms",
        )
    violations.add_where("cycle", alarms["what"] == Alarm.CYCLE, lambda k: (
        f"tick {alarms['tick'][k]}, robot {alarms['robot'][k]}",
        f"its base needed a cell of robot {alarms['detail'][k]}, which waited for it in turn",
    ))  # fmt: skip
    reports = recording.reports
    ended = np.isin(reports["instant_state"], ENDED)
    for tick, robot, action, ticks in alarms[alarms["what"] == Alarm.UNREFLECTED][
        ["tick", "robot", "detail", "ticks"]
    ].tolist():
        mine = (sent["robot"] == robot) & (first == tick - ticks) & (sent["action"] == action)
        numbers = sent["order"][mine]
        done = ended & (reports["robot"] == robot) & (recording.report_ticks <= tick)
        if not len(numbers) or (reports["instant"][done] == numbers[0]).any():
            violations.add(
                "alarm",
                f"tick {tick}, robot {robot}",
                f"said not to have done {Action(action).name} for {ticks} ticks, but it was "
                + ("done" if len(numbers) else "not sent then"),
            )
