"""The parcels' ways: a log of changes, and every parcel's state as of any tick."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState
from viz.stored.rows import longer

UNKNOWN = 255  # not accepted yet
ENDS = (
    ParcelState.DELIVERED,
    ParcelState.REJECTED,
    ParcelState.CANCELLED,
    ParcelState.RETURNED,
)


class ParcelLog:
    """Rows of (tick, parcel, state, place) in order, and the columns that they add up to.

    Going forward applies only the rows between; going back begins anew, which for a hundred
    thousand rows is a millisecond.
    """

    states: np.ndarray  # uint8
    places: np.ndarray  # int32
    since: np.ndarray  # int32 tick

    def __init__(
        self,
        parcels: int,
        tick: np.ndarray,
        parcel: np.ndarray,
        state: np.ndarray,
        place: np.ndarray,
    ) -> None:
        self.tick, self.parcel, self.state, self.place = tick, parcel, state, place
        self._parcels = parcels
        self._reset()

    def grow(self, parcels: int, columns: np.ndarray) -> None:
        """Take rows (tick, parcel, state, place) that begin with those that there are."""
        self.tick, self.parcel, self.state, self.place = columns
        self._parcels = parcels
        self.states = longer(self.states, parcels, UNKNOWN)
        self.places = longer(self.places, parcels, -1)
        self.since = longer(self.since, parcels, -1)

    def _reset(self) -> None:
        self._done = 0
        self.states = np.full(self._parcels, UNKNOWN, np.uint8)
        self.places = np.full(self._parcels, -1, np.int32)
        self.since = np.full(self._parcels, -1, np.int32)

    def rows_until(self, tick: float) -> int:
        """Return how many rows are not later than a tick."""
        return int(np.searchsorted(self.tick, tick, side="right"))

    def go_to(self, tick: float) -> None:
        """Set `states`, `places` and `since` as of a tick."""
        target = self.rows_until(tick)
        if target < self._done:
            self._reset()
        elif target > self._done:
            # Old columns may be held by frames that were handed out.
            self.states, self.places = self.states.copy(), self.places.copy()
            self.since = self.since.copy()
        rows = slice(self._done, target)
        # Where a parcel stands twice among the rows, the last assignment stays.
        parcel = self.parcel[rows]
        self.states[parcel] = self.state[rows]
        self.places[parcel] = self.place[rows]
        self.since[parcel] = self.tick[rows]
        self._done = target
