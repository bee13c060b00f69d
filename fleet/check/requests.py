"""The judge of operators' requests: what was paused, taken out or closed stayed so."""

from __future__ import annotations

import numpy as np

from fleet.check.anchors import is_anchor
from fleet.check.clearances import is_placed
from fleet.check.lookup import NEVER
from fleet.check.orders import Ways, order_name
from fleet.check.recording import Recording
from fleet.check.violations import Violations
from fleet.events import Action, Operation

UNTIL = {
    Operation.PAUSE: Operation.RESUME,
    Operation.OUT: Operation.IN,
    Operation.CLOSE: Operation.OPEN,
}


def check_requests(recording: Recording, ways: Ways, violations: Violations) -> None:
    """Judge what was released while requests were in force, and that the journal has them all."""
    _check_journal(recording, violations)
    orders, ticks = ways.orders, ways.order_ticks
    regular = ~is_anchor(orders) & ~is_placed(orders)
    acts = np.isin(orders["action"], (Action.PICK, Action.DROP))
    placed = np.zeros(len(ways.cells), bool)
    placed[ways.ends[is_placed(orders)]] = True
    for what, robot, cell, first, last in in_force(recording.requests):
        if what == Operation.CLOSE:
            entered = (ways.cells == cell) & (ways.ticks >= first) & (ways.ticks < last) & ~placed
            violations.add_where("closed", entered, lambda k: (
                f"tick {ways.ticks[k]}, cell {ways.cells[k]}",
                f"released to robot {np.searchsorted(ways.first, k, 'right') - 1} while closed",
            ))  # fmt: skip
            continue
        wrong = regular & (ticks >= first) & (ticks < last)
        if robot >= 0:
            wrong &= orders["robot"] == robot
        if what == Operation.OUT:
            wrong &= acts
        detail = "it was to do something while out" if what == Operation.OUT else (
            "it was sent on while paused"
        )  # fmt: skip
        violations.add_where(
            "paused" if what == Operation.PAUSE else "out",
            wrong,
            lambda k, detail=detail: (order_name(ticks, orders, k), detail),  # type: ignore[misc]
        )


def in_force(requests: np.ndarray) -> list[tuple[int, int, int, int, int]]:
    """Return (what, robot, cell, first tick, tick from which on no more) of each that lasts."""
    spans = []
    since: dict[tuple[int, int, int], int] = {}
    ends = {end: what for what, end in UNTIL.items()}
    for tick, what, robot, cell in requests[["tick", "what", "robot", "cell"]].tolist():
        if what in UNTIL:
            since.setdefault((what, robot, cell), tick)
        elif what in ends:
            first = since.pop((ends[what], robot, cell), None)
            if first is not None:
                spans.append((int(ends[what]), robot, cell, first, tick))
    return spans + [(*key, first, NEVER) for key, first in since.items()]


def _check_journal(recording: Recording, violations: Violations) -> None:
    """The request table says what the journal says, in the same order."""
    names = ["tick", "what", "robot", "cell"]
    table, journal = recording.asked[names].tolist(), recording.journalled[names].tolist()
    if table != journal:
        k = next(
            (k for k, (a, b) in enumerate(zip(table, journal, strict=False)) if a != b),
            min(len(table), len(journal)),
        )
        violations.add(
            "request", f"request {k}", f"{len(table)} in the table, {len(journal)} in the journal"
        )
