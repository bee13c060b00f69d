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
        Robots (dtype `store.ROBOT_FRAME`) at a tick, and at those before it through which a late
        one has not stirred, the newest first.  A robot on its way that has no cell ahead is said to
        be waiting, so one that is not could go.
    """
    status = np.asarray(now["status"])
    ids = np.flatnonzero((status == RobotStatus.EMPTY) | (status == RobotStatus.LOADED))
    seen = False
    for frame in before:
        if len(frame) != len(now):
            return status
        seen = True
        for name in ("cell", "heading", "status"):  # few have stood for a tick, fewer for two
            ids = ids[frame[name][ids] == now[name][ids]]
        if not len(ids):
            return status
    if not seen:
        return status
    status = status.copy()
    status[ids] |= LATE_FLAG
    return status
