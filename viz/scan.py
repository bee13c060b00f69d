"""One pass over a run's robots in the background: waiting share, faults, and where they stood.

Heat maps of any stretch come as differences of sums that are kept at some ticks, plus the frames
between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from fleet.events import RobotStatus
from viz.alarms import ALARM, collisions, robot_alarms

SUMS = 48  # kept at most

FramesFrom = Callable[[int, int], Iterable[tuple[int, np.ndarray]]]  # first, last -> (tick, robots)


class Scan:
    """What a pass over all frames has found so far; complete when `done`."""

    def __init__(self, cells: int, ticks: np.ndarray) -> None:
        self.cells = cells
        self.ticks = ticks
        self.waiting = np.full(len(ticks), np.nan, np.float32)
        self.alarms: list[tuple[int, int, int, int, int]] = []  # ALARM rows
        self.done = False
        self.stopped = False
        self._every = max(64, -(-max(len(ticks), 1) // SUMS))
        self._sums: list[tuple[int, np.ndarray, np.ndarray]] = []  # frames so far, visits, waits
        self._thread: threading.Thread | None = None

    def start(self, open_frames: Callable[[], tuple[FramesFrom, Callable[[], None]]]) -> None:
        """Run in a thread of its own, on frames that the thread opens itself."""

        def work() -> None:
            frames, close = open_frames()
            try:
                self.run(frames(0, 2**31 - 1))
            finally:
                close()

        self._thread = threading.Thread(target=work, daemon=True, name="scan")
        self._thread.start()

    def join(self) -> None:
        """Wait until the pass has come to its end."""
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """End the thread."""
        self.stopped = True
        if self._thread is not None:
            self._thread.join()

    def run(self, frames: Iterable[tuple[int, np.ndarray]]) -> None:
        """Go over all frames."""
        visits = np.zeros(self.cells, np.int32)
        waits = np.zeros(self.cells, np.int32)
        before = np.zeros(0, np.int32)
        previous: np.ndarray | None = None
        for index, (tick, robots) in enumerate(frames):
            if self.stopped or index >= len(self.ticks):
                return
            status, cells = robots["status"], robots["cell"]
            waiting = (status & RobotStatus.WAITING) != 0
            self.waiting[index] = waiting.mean() if len(waiting) else 0.0
            self.alarms += collisions(tick, before if len(before) else None, cells)
            if len(before) != len(cells):
                before = np.full(len(cells), -1, np.int32)
            entered = cells[cells != before]
            visits += np.bincount(entered, minlength=self.cells).astype(np.int32)
            waits += np.bincount(cells[waiting], minlength=self.cells).astype(np.int32)
            self.alarms += robot_alarms(tick, previous, status, cells)
            previous, before = status, cells.copy()
            if (index + 1) % self._every == 0:
                self._sums.append((index + 1, visits.copy(), waits.copy()))
        self._sums.append((len(self.ticks), visits, waits))
        self.done = True

    def alarm_rows(self) -> np.ndarray:
        """Return what was found so far; dtype `frame.ALARM`."""
        return np.array(list(self.alarms), ALARM)

    def heat(self, kind: str, first: int, last: int) -> np.ndarray | None:
        """Return how often each cell was entered (visits) or waited on between two frame indices.

        Ends are rounded to the sums that are kept; None while the pass has not come that far.
        """
        sums = list(self._sums)
        if not sums:
            return None
        counts = [0, *(count for count, _, _ in sums)]
        place = 1 if kind == "visits" else 2

        def until(index: int, side: str) -> np.ndarray | int:
            k = int(np.searchsorted(counts, index, side=side))  # type: ignore[call-overload]
            k = min(k if side == "left" else k - 1, len(sums))
            return sums[k - 1][place] if k > 0 else 0

        result = until(last, "left") - until(first, "right")
        return np.maximum(result, 0) if isinstance(result, np.ndarray) else None


def held_frames(frames: np.ndarray, ticks: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (tick, robots) of frames in memory."""
    yield from zip(ticks.tolist(), frames, strict=True)
