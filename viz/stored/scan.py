"""One pass over a run's robots in the background: waiting share, faults, and where they stood.

Heat maps of a stretch come as differences of sums that are kept every few ticks.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable

import numpy as np

from fleet.events import RobotStatus
from viz.alarms import ALARM, collisions, robot_alarms, walls_entered

LEAST_SUMS, MOST_SUMS, SUM_BYTES = 48, 1024, 24 << 20  # how many are kept
LEAST_EVERY = 16  # frames from one to the next

# What reading a broken run ends with: rows that cannot be read, of a wrong length or kind, or that
# name what there is none of.
DAMAGE = (sqlite3.DatabaseError, zlib.error, ValueError, IndexError, TypeError)
# So many frames are read in one go: a long read holds up whoever tidies the store's log.
STEP_FRAMES = 1024

FramesFrom = Callable[[int, int], Iterable[tuple[int, np.ndarray]]]  # first, last -> (tick, robots)


class Scan:
    """What a pass over all frames has found so far; complete when `done`.

    `walls`: bool of each cell, where robots may drive into them.
    """

    def __init__(self, cells: int, ticks: np.ndarray, walls: np.ndarray | None = None) -> None:
        self.cells = cells
        self.ticks, self._walls = ticks, walls
        self.waiting = np.full(len(ticks), np.nan, np.float32)
        self.alarms: list[tuple[int, int, int, int, int]] = []  # ALARM rows
        self.stopped = False
        self.failure = ""  # why the pass could not go on
        # On a small floor they are small, and so there may be many.
        self._most = min(max(SUM_BYTES // (8 * max(cells, 1)), LEAST_SUMS), MOST_SUMS)
        self._every = max(LEAST_EVERY, -(-max(len(ticks), 1) // self._most))
        self._sums: list[tuple[int, np.ndarray, np.ndarray]] = []  # frames so far, visits, waits
        self._end: list[tuple[int, np.ndarray, np.ndarray]] = []  # the same at the end of a pass
        self._visits, self._waits = np.zeros(cells, np.int32), np.zeros(cells, np.int32)
        self._index = 0  # of the frame that comes next
        self._before = np.zeros(0, np.int32)
        self._status: np.ndarray | None = None
        self._lock = threading.Lock()  # `waiting` is replaced where it grows
        self._thread: threading.Thread | None = None

    @property
    def done(self) -> bool:
        """Whether every frame has been seen, and the last sums are there."""
        return bool(self._end) and self._end[0][0] >= len(self.ticks)

    def has_seen(self, tick: float) -> bool:
        """Tell whether every frame not later than a tick has been seen."""
        index, ticks = self._index, self.ticks
        return self.done or (index < len(ticks) and bool(ticks[index] > tick))

    def start(self, open_frames: Callable[[], tuple[FramesFrom, Callable[[], None]]]) -> None:
        """Run in a thread of its own, on frames that the thread opens itself."""

        def work() -> None:
            try:
                frames, close = open_frames()
                try:
                    self._run_in_steps(frames)
                finally:
                    close()
                self.failure = ""
            except DAMAGE as error:
                self.failure = f"frames cannot be read ({error}); look with `fleet check`"

        self._thread = threading.Thread(target=work, daemon=True, name="scan")
        self._thread.start()

    def grow(
        self,
        ticks: np.ndarray,
        open_frames: Callable[[], tuple[FramesFrom, Callable[[], None]]],
    ) -> None:
        """Go on where a run has more frames than before; a pass under way is let end first."""
        with self._lock:
            more = np.full(len(ticks) - len(self.ticks), np.nan, np.float32)
            self.waiting, self.ticks = np.append(self.waiting, more), ticks
        again = not self.failure or len(more)  # what is damaged stays so
        if again and not self.done and (self._thread is None or not self._thread.is_alive()):
            self.start(open_frames)

    def join(self) -> None:
        """Wait until the pass has come to its end."""
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """End the thread."""
        self.stopped = True
        if self._thread is not None:
            self._thread.join()

    def _run_in_steps(self, frames: FramesFrom) -> None:
        while self._index < len(self.ticks) and not self.stopped:
            first, ticks = self._index, self.ticks
            last = min(first + STEP_FRAMES, len(ticks)) - 1
            self.run(frames(int(ticks[first]), int(ticks[last])))
            if self._index == first:
                return

    def run(self, frames: Iterable[tuple[int, np.ndarray]]) -> None:
        """Go over the frames that have not been seen yet."""
        for tick, robots in frames:
            if self.stopped or self._index >= len(self.ticks):
                break
            self._take(tick, robots["status"], robots["cell"])
        self._end = [(self._index, self._visits.copy(), self._waits.copy())]

    def _take(self, tick: int, status: np.ndarray, cells: np.ndarray) -> None:
        """Count one frame."""
        if (farthest := int(cells.max(initial=-1))) >= self.cells:
            raise ValueError(f"tick {tick}: cell {farthest} of a floor of {self.cells}")
        waiting = (status & RobotStatus.WAITING) != 0
        with self._lock:
            self.waiting[self._index] = waiting.mean() if len(waiting) else 0.0
        before = self._before
        self.alarms += collisions(tick, before if len(before) else None, cells)
        if len(before) != len(cells):
            before = np.full(len(cells), -1, np.int32)
        if self._walls is not None:
            self.alarms += walls_entered(tick, before, cells, self._walls)
        entered, waited = cells[cells != before], cells[waiting]
        for sums, where in ((self._visits, entered), (self._waits, waited)):
            sums += np.bincount(where[where >= 0], minlength=self.cells).astype(np.int32)
        self.alarms += robot_alarms(tick, self._status, status, cells)
        self._status, self._before = status, cells.copy()
        self._index += 1
        if self._index % self._every == 0:
            self._sums.append((self._index, self._visits.copy(), self._waits.copy()))
            if len(self._sums) > 2 * self._most:  # a run that goes on and on
                self._sums, self._every = self._sums[1::2], 2 * self._every

    def alarm_rows(self) -> np.ndarray:
        """Return what was found so far; dtype `alarms.ALARM`."""
        return np.array(list(self.alarms), ALARM)

    def heat(self, kind: str, first: int, last: int) -> np.ndarray | None:
        """Return how often each cell was entered (visits) or waited on between two frame indices.

        Ends are the nearest at which sums are kept; None while the pass has not come that far.
        """
        sums = sorted(self._sums + self._end, key=lambda row: row[0])
        if not sums:
            return None
        counts = np.array([0, *(count for count, _, _ in sums)])
        begin, end = (int(np.argmin(np.abs(counts - index))) for index in (first, last))
        if begin == end and last - first >= LEAST_EVERY:  # short, in a long run
            begin = max(begin - 1, 0)
            end = begin + 1
        if begin >= end:
            return None
        place = 1 if kind == "visits" else 2
        before = sums[begin - 1][place] if begin else 0
        return np.maximum(sums[end - 1][place] - before, 0)
