"""The judge of batteries: each test takes a sound story and breaks one rule of it."""

from __future__ import annotations

import numpy as np
import pytest

from fleet.check.batteries import check_batteries
from fleet.check.recording import REQUEST, SAID, SENT, Recording, read_map
from fleet.check.violations import Violations
from fleet.events import ORDER, REPORT, Action, ActionState, Operation

MAP = "type octile\nheight 1\nwidth 4\nmap\nC.C.\n"


def story() -> Recording:
    """Robot 0 charges on cell 0 from tick 2 to 4, goes, and robot 1 charges there from 7 on."""
    recording = object.__new__(Recording)
    orders = np.array(
        [(0, 1, 0, 0, 0, 0, [-1, -1, -1], Action.START_CHARGING, -1),
         (0, 1, 1, 0, 0, 0, [-1, -1, -1], Action.STOP_CHARGING, -1)], ORDER)  # fmt: skip
    reports = np.zeros(2, REPORT)
    reports["order"], reports["action"] = [0, 1], ActionState.FINISHED
    parts = {
        "map": read_map(MAP),
        "ticks": np.arange(9),
        "cells": np.array([[0, 2]] * 5 + [[1, 2], [2, 1], [2, 0], [2, 0]]),
        "orders": orders,
        "reports": reports,
        "report_ticks": np.array([2, 4]),
        "batteries": np.array(
            [(2, 0, 20, 1), (3, 0, 60, 1), (4, 0, 90, 0), (7, 1, 20, 1)], SAID
        ),
        "sent": np.array([(0, 0, 0), (3, 0, -1), (4, 1, 0)], SENT),
        "asked": np.zeros(0, REQUEST),
    }  # fmt: skip
    for name, value in parts.items():
        object.__setattr__(recording, name, value)
    return recording


def judged(recording: Recording) -> set[str]:
    """Return the kinds of rules that a story breaks."""
    violations = Violations()
    check_batteries(recording, violations)
    return set(violations.counts)


def test_the_story_is_sound() -> None:
    """Two robots on one charger, one after the other."""
    assert judged(story()) == set()


def empty(recording):
    recording.batteries["charge"][0] = 0


def no_charger(recording):
    recording.cells[:5, 0] = 3


def two_at_one(recording):
    recording.batteries["charging"][2] = 1
    recording.cells[:, 0] = 0


def moves(recording):
    recording.cells[3, 0] = 1


def moves_on(recording):
    recording.batteries["charging"][2] = 1


def sent_too_early(recording):
    recording.sent["tick"][2] = 3


def sent_to_no_charger(recording):
    recording.sent["charger"][0] = 2


@pytest.mark.parametrize(
    ("broken", "kind"),
    {
        empty: "battery",
        no_charger: "charger",
        two_at_one: "charger",
        moves: "charge",
        moves_on: "charge",
        sent_too_early: "charger",
        sent_to_no_charger: "charger",
    }.items(),
)
def test_a_broken_rule_is_found(broken, kind: str) -> None:
    """The judge names the rule that was broken."""
    recording = story()
    broken(recording)
    assert kind in judged(recording)


@pytest.mark.parametrize("what", [Operation.CLEAR, Operation.OUT])
def test_a_robot_that_was_taken_off_its_charger_has_it_no_more(what: Operation) -> None:
    """Another may be sent there at once."""
    recording = story()
    sent_too_early(recording)
    request = np.array([(3, what, 0, -1, False)], REQUEST)
    object.__setattr__(recording, "asked", request)
    assert judged(recording) == set()


def test_a_robot_that_was_put_elsewhere_by_hand_charges_no_more() -> None:
    """What it said before it was switched off does not count."""
    recording = story()
    moves_on(recording)
    object.__setattr__(recording, "asked", np.array([(4, Operation.CLEAR, 0, 1, False)], REQUEST))
    assert judged(recording) == set()
