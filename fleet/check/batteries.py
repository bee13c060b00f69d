"""The judge of batteries: none runs empty, and robots charge on chargers, alone and standing.

What a robot says of its battery comes with its state, so the frame of that tick shows where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fleet.check.anchors import is_anchor
from fleet.check.lookup import ENDED, NEVER, keys
from fleet.check.recording import Recording
from fleet.check.violations import Violations
from fleet.events import Action, ActionState, Operation


@dataclass(frozen=True)
class Charge:
    """A robot says from `first` on that it charges on `cell`, and from `last` on no more."""

    robot: int
    cell: int
    first: int
    last: int


def check_batteries(recording: Recording, violations: Violations) -> None:
    """Judge what robots said of their batteries, and who was sent to which charger."""
    rows = recording.batteries
    violations.add_where(
        "battery",
        rows["charge"] == 0,
        lambda k: (f"tick {rows['tick'][k]}, robot {rows['robot'][k]}", "its battery is empty"),
    )
    charges = _charges(recording)
    _check_places(recording, charges, violations)
    _check_alone(charges, violations)
    _check_still(recording, charges, violations)
    _check_sent(recording, violations)


def _charges(recording: Recording) -> list[Charge]:
    """Return every charge, by robot, then tick; one that is moved by hand charges no more."""
    cleared = recording.requests[recording.requests["what"] == Operation.CLEAR]
    said = recording.batteries[["tick", "robot", "charging"]].tolist()
    said += [(tick, robot, 0) for tick, robot in cleared[["tick", "robot"]].tolist()]
    since: dict[int, int] = {}
    spans = []
    for tick, robot, charging in sorted(said, key=lambda one: one[0]):
        if charging:
            since.setdefault(robot, tick)
        elif robot in since:
            spans.append((robot, since.pop(robot), tick))
    spans += [(robot, first, NEVER) for robot, first in since.items()]
    frames = np.searchsorted(recording.ticks, [first for _, first, _ in spans], "right") - 1
    return [
        Charge(robot, int(recording.cells[max(frame, 0), robot]), first, last)
        for (robot, first, last), frame in sorted(zip(spans, frames.tolist(), strict=True))
    ]


def _name(charge: Charge) -> str:
    return f"tick {charge.first}, robot {charge.robot}"


def _check_places(recording: Recording, charges: list[Charge], violations: Violations) -> None:
    """A charge begins where a charger is."""
    letters = recording.map.letters
    for one in charges:
        if not (0 <= one.cell < len(letters) and letters[one.cell] == ord("C")):
            violations.add("charger", _name(one), f"it charges on cell {one.cell}: no charger")


def _check_alone(charges: list[Charge], violations: Violations) -> None:
    """No two robots charge on one charger at once."""
    longest: dict[int, Charge] = {}  # by cell, of those that began before
    for one in sorted(charges, key=lambda one: one.first):
        other = longest.setdefault(one.cell, one)
        if other is not one and one.first < other.last:
            violations.add(
                "charger", _name(one), f"it charges on cell {one.cell}, as robot {other.robot} does"
            )
        if one.last > other.last:
            longest[one.cell] = one


def _check_still(recording: Recording, charges: list[Charge], violations: Violations) -> None:
    """A robot stands while it charges."""
    for one in charges:
        rows = slice(*np.searchsorted(recording.ticks, [one.first, one.last]))
        moved = np.flatnonzero(recording.cells[rows, one.robot] != one.cell)
        if len(moved):
            k = int(moved[0])
            violations.add(
                "charge",
                f"tick {recording.ticks[rows][k]}, robot {one.robot}",
                f"it moved from cell {one.cell} to cell {recording.cells[rows][k, one.robot]} "
                "while it charged",
            )


def _check_sent(recording: Recording, violations: Violations) -> None:
    """Nobody is sent to a charger that another robot has, from being sent there to unplugged."""
    chargers = int((recording.map.letters == ord("C")).sum())
    ends = _ends(recording)
    holders: dict[int, tuple[int, int]] = {}  # by charger: its robot, and until when
    for tick, robot, charger in recording.sent[["tick", "robot", "charger"]].tolist():
        where = f"tick {tick}, robot {robot}"
        if charger < 0:
            continue
        if charger >= chargers:
            violations.add("charger", where, f"it was sent to charger {charger} of {chargers}")
        holder, until = holders.get(charger, (robot, 0))
        if holder != robot and tick < until:
            violations.add(
                "charger", where, f"it was sent to charger {charger}, which robot {holder} has"
            )
        # Sent elsewhere, it has left the one before.
        holders = {c: held for c, held in holders.items() if held[0] != robot}
        mine = ends.get(robot, np.empty(0, np.int64))
        later = mine[mine > tick]
        holders[charger] = (robot, int(later[0]) if len(later) else NEVER)


def _ends(recording: Recording) -> dict[int, np.ndarray]:
    """Return by robot the ticks in which it may have given up a charger, in order.

    It could not plug in, or it unplugged, or was taken out or moved by hand, or it rebooted.
    """
    orders, reports = recording.orders, recording.reports
    names = keys(orders["robot"], orders["order"])
    said = keys(reports["robot"], reports["order"])
    starts = np.isin(said, names[orders["action"] == Action.START_CHARGING])
    stops = np.isin(said, names[orders["action"] == Action.STOP_CHARGING])
    given_up = np.isin(said, names[is_anchor(orders)])
    given_up |= starts & (reports["action"] == ActionState.FAILED)
    given_up |= stops & np.isin(reports["action"], ENDED)
    freed = np.isin(recording.requests["what"], (Operation.OUT, Operation.CLEAR))
    robots = np.concatenate([reports["robot"][given_up], recording.requests["robot"][freed]])
    ticks = np.concatenate([recording.report_ticks[given_up], recording.requests["tick"][freed]])
    return {robot: np.unique(ticks[robots == robot]) for robot in np.unique(robots).tolist()}
