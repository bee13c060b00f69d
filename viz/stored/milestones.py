"""When parcels of a recorded run were first sorted and delivered, and how long that took."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState
from viz.stored.parcel_log import ParcelLog
from viz.stored.rows import longer

Took = tuple[np.ndarray, np.ndarray]  # ticks, and how many after the parcel came to its station


class First:
    """How many parcels had come to some states for the first time by each frame's tick."""

    def __init__(self, *states: ParcelState) -> None:
        self._states = states
        self._seen = np.zeros(0, bool)  # of each parcel
        self._ticks = np.zeros(0, np.int64)  # in order
        self.counts = np.zeros(0, np.int64)

    def read_on(self, log: ParcelLog, rows: slice, ticks: np.ndarray) -> None:
        """Take in further rows of the log, and the ticks of all frames."""
        self._seen = longer(self._seen, len(log.states), False)
        parcel, state = log.parcel[rows], log.state[rows]
        fresh = np.flatnonzero(np.isin(state, self._states) & ~self._seen[parcel])
        _, first = np.unique(parcel[fresh], return_index=True)
        fresh = np.sort(fresh[first])
        self._seen[parcel[fresh]] = True
        self._ticks = np.append(self._ticks, log.tick[rows][fresh])
        counts = np.searchsorted(self._ticks, ticks[len(self.counts) :], side="right")
        self.counts = np.append(self.counts, counts)


class Milestones:
    """What follows from the log of parcels for the curves; further rows cost what they are."""

    def __init__(self) -> None:
        self._sorted = First(ParcelState.IN_CHUTE, ParcelState.REJECTED)
        self._delivered = First(ParcelState.DELIVERED)
        self._arrived = np.zeros(0, np.int64)  # when each parcel came to its station, -1: not yet
        self._read = 0
        none = np.zeros(0, np.int64)
        self.to_chute: Took = (none, none)
        self.to_door: Took = (none, none)

    @property
    def sorted(self) -> np.ndarray:
        """Return how many parcels had been sorted by each frame's tick."""
        return self._sorted.counts

    @property
    def delivered(self) -> np.ndarray:
        """Return how many parcels had been delivered by each frame's tick."""
        return self._delivered.counts

    def read_on(self, log: ParcelLog, ticks: np.ndarray) -> None:
        """Take in what the log has more than the last time; `ticks` are those of all frames."""
        rows = slice(self._read, len(log.tick))
        self._read = len(log.tick)
        self._sorted.read_on(log, rows, ticks)
        self._delivered.read_on(log, rows, ticks)
        self._arrived = longer(self._arrived, len(log.states), -1)
        came = np.flatnonzero(log.state[rows] == ParcelState.AT_STATION)[::-1]
        parcel = log.parcel[rows]
        came = came[self._arrived[parcel[came]] < 0]
        self._arrived[parcel[came]] = log.tick[rows][came]  # the first time stays
        self.to_chute = self._further(self.to_chute, log, rows, ParcelState.IN_CHUTE)
        self.to_door = self._further(self.to_door, log, rows, ParcelState.DELIVERED)

    def _further(self, took: Took, log: ParcelLog, rows: slice, state: ParcelState) -> Took:
        there = np.flatnonzero(log.state[rows] == state)
        began, ticks = self._arrived[log.parcel[rows][there]], log.tick[rows][there]
        known = began >= 0
        fresh = ticks[known], (ticks - began)[known]
        return np.append(took[0], fresh[0]), np.append(took[1], fresh[1])
