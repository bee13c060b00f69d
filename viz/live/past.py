"""The last minutes of a live run: its moments, and the parcels' states as of each."""

from __future__ import annotations

from collections import deque

import numpy as np

from viz.live.moment import Moment
from viz.stored.parcel_log import UNKNOWN

KEPT_TICKS = 1200
KEPT_BYTES = 96 << 20

Undo = list[tuple[int, int, int]]  # parcel, its state before, since when it had been in that


class Past:
    """Moments in order of ticks.  Parcels' states are kept once; looking back undoes changes."""

    def __init__(self) -> None:
        self.moments: deque[Moment] = deque()
        self.states = np.zeros(0, np.uint8)
        self.since = np.zeros(0, np.int32)
        self._undo: deque[Undo] = deque()  # what each moment changed
        self._changed: Undo = []  # since the newest moment

    def __len__(self) -> int:
        return len(self.moments)

    def set_states(self, states: np.ndarray, tick: int) -> None:
        """Take all parcels' states from a snapshot."""
        known = len(self.states)
        old, since = np.full(len(states), UNKNOWN, np.uint8), np.full(len(states), -1, np.int32)
        old[:known], since[:known] = self.states[: len(states)], self.since[: len(states)]
        changed = np.flatnonzero(old != states)
        self._changed += zip(
            changed.tolist(), old[changed].tolist(), since[changed].tolist(), strict=True
        )
        since[changed] = tick
        self.states, self.since = states.copy(), since

    def change(self, tick: int, parcel: int, state: int) -> bool:
        """Take in one parcel's new state; return whether that parcel is known."""
        if parcel >= len(self.states):
            return False
        self._changed.append((parcel, int(self.states[parcel]), int(self.since[parcel])))
        self.states[parcel], self.since[parcel] = state, tick
        return True

    def add(self, moment: Moment) -> bool:
        """Append a moment; one that is not newer than the last only adds to what changed."""
        if self.moments and moment.tick <= self.moments[-1].tick:
            return False
        self.moments.append(moment)
        self._undo.append(self._changed)
        self._changed = []
        most = min(KEPT_TICKS, KEPT_BYTES // max(moment.bytes, 1))
        while len(self.moments) > max(most, 2):
            self.moments.popleft()
            self._undo.popleft()
        return True

    def index(self, time: float) -> int:
        """Return which moment is the newest not later than a time; 0 before the first."""
        low, high = 0, len(self.moments) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.moments[middle].tick <= time:
                low = middle
            else:
                high = middle - 1
        return low

    def robots_since(self, index: int, ticks: int) -> list[np.ndarray]:
        """Return the robots of the moments before one, so many ticks back, newest first.

        None where the first of them is not known.
        """
        begin = self.moments[index].tick - ticks
        first = self.index(begin)
        if self.moments[first].tick > begin:
            return []
        return [self.moments[k].robots for k in range(index - 1, first - 1, -1)]

    def parcels(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the parcels' states at a moment, and since when each was in it."""
        states, since = self.states.copy(), self.since.copy()
        for changes in [self._changed, *(self._undo[k] for k in range(len(self) - 1, index, -1))]:
            for parcel, state, tick in reversed(changes):
                states[parcel], since[parcel] = state, tick
        return states, since
