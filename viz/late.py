"""Robots that are late: they may go on, and do not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fleet.events import RobotStatus
from fleet.scenario import Scenario
from viz.colours import LATE_FLAG

ANSWER_TICKS = 4  # between a robot's report, the next cell that it gets, and its leaving


def late_after(scenario: Scenario | None) -> int:
    """Return the ticks that a robot may stand before it is late: it turns back and gets a cell."""
    return ANSWER_TICKS + (2 * scenario.ticks(scenario.floor.turn_seconds) if scenario else 2)


def status_with_late(now: np.ndarray, before: Iterable[np.ndarray]) -> np.ndarray:
    """Return robots' status, with `LATE_FLAG` on those that stand with cells released ahead.

    Parameters
    ----------
    now, before
        Robots (dtype `store.ROBOT_FRAME`) at a tick, and at the ticks through which a late one has
        not stirred.  A robot on its way that has no cell ahead is said to be waiting, so one that
        is not could go.
    """
    late = (now["status"] == RobotStatus.EMPTY) | (now["status"] == RobotStatus.LOADED)
    seen = False
    for frame in before:
        if len(frame) != len(now):
            return np.asarray(now["status"])
        seen = True
        for name in ("cell", "heading", "status"):
            late &= frame[name] == now[name]
    if not seen or not late.any():
        return np.asarray(now["status"])
    return np.where(late, now["status"] | LATE_FLAG, now["status"]).astype(np.uint8)
