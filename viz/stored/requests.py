"""Operators' requests of a recorded run: what was closed and paused as of any tick."""

from __future__ import annotations

import numpy as np

from fleet.events import Operation
from viz.alarms import ALARM, request_alarm


class Requests:
    """Rows of (tick, what, robot, cell) that were done, in order; int[requests, 4]."""

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows

    def _until(self, tick: int) -> list[list[int]]:
        end = np.searchsorted(self._rows[:, 0], tick, side="right")
        return self._rows[:end, 1:].tolist()

    def closed(self, tick: int) -> np.ndarray:
        """Return the cells that are closed, or are to be once they are left; int32."""
        cells: set[int] = set()
        for what, _, cell in self._until(tick):
            if what == Operation.CLOSE:
                cells.add(cell)
            elif what == Operation.OPEN:
                cells.discard(cell)
        return np.array(sorted(cells), np.int32)

    def floor_paused(self, tick: int) -> bool:
        """Tell whether the whole floor is paused."""
        paused = False
        for what, robot, _ in self._until(tick):
            if robot < 0 and what in (Operation.PAUSE, Operation.RESUME):
                paused = what == Operation.PAUSE
        return paused

    def alarms(self) -> np.ndarray:
        """Return all as events (dtype `alarms.ALARM`)."""
        return np.array([request_alarm(*row) for row in self._rows.tolist()], ALARM)
