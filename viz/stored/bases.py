"""Cells released ahead of robots, as a run's orders have them.

A robot holds the cell where it was last reported and its whole base; both are its own until it
reports that it has left them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fleet.events import BASE_CELLS, HORIZON_CELLS, INSTANT, RobotStatus

NO_BASES = np.zeros((0, HORIZON_CELLS), np.int32)
# Such a robot has nothing ahead of it: it stands, acts, or waits for its next cell.
_DRIVES = np.array([RobotStatus.EMPTY, RobotStatus.LOADED, RobotStatus.FAULT])


def bases(orders: Iterable[np.ndarray], cells: np.ndarray, status: np.ndarray) -> np.ndarray:
    """Return the cells that robots may enter without asking, next first, -1 behind.

    Parameters
    ----------
    orders
        What was sent (dtype `events.ORDER`), a tick each, the newest first.  As many are read as
        it takes.
    cells, status
        Where each robot was last reported, and its `events.RobotStatus`.

    Returns
    -------
    int32[robots, HORIZON_CELLS]; nothing where the orders do not lead back to the robot's cell.
    """
    n = len(cells)
    found = np.full((n, HORIZON_CELLS), -1, np.int32)
    count = np.zeros(n, np.int64)
    kind = status & 15
    open_ = np.isin(kind, _DRIVES) & ((status & RobotStatus.WAITING) == 0) & (cells >= 0)
    seen = np.full((n, 2), 2**31 - 1, np.int64)  # order and update read last: repeats say nothing
    for rows in orders:
        if not open_.any():
            break
        rows = rows[(rows["action"] < INSTANT) & (rows["robot"] < n)]
        rows = rows[open_[rows["robot"]]]
        last = seen[rows["robot"]]
        older = (rows["order"] < last[:, 0]) | (
            (rows["order"] == last[:, 0]) & (rows["update"] < last[:, 1])
        )
        rows = rows[older]
        ids = rows["robot"]
        seen[ids] = np.column_stack([rows["order"], rows["update"]])
        ahead = np.full((len(rows), HORIZON_CELLS), -1, np.int32)
        ahead[:, :BASE_CELLS] = rows["cells"]
        here = cells[ids]
        passed = ahead == here[:, None]
        begins = np.where(passed.any(axis=1), passed.argmax(axis=1) + 1, 0)
        fresh = (ahead >= 0).sum(axis=1) - begins
        arrived = (begins > 0) | (rows["start"] == here)
        # Orders that do not lead here from where they began are not the ones that did.
        strange = (count[ids] + fresh > HORIZON_CELLS) | (~arrived & (rows["update"] == 0))
        columns = np.arange(HORIZON_CELLS)
        before = np.take_along_axis(ahead, _inside(columns + begins[:, None]), axis=1)
        after = np.take_along_axis(found[ids], _inside(columns - fresh[:, None]), axis=1)
        found[ids] = np.where(columns < fresh[:, None], before, after)
        found[ids[strange]] = -1
        count[ids] += fresh
        open_[ids] = ~(arrived | strange)
    found[open_] = -1
    return found


def _inside(columns: np.ndarray) -> np.ndarray:
    return np.clip(columns, 0, HORIZON_CELLS - 1)
