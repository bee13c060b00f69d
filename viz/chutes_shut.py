"""When the bag of a full chute was changed, and the chute shut meanwhile."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState
from viz.frame import Scene
from viz.stored.parcel_log import ParcelLog
from viz.stored.rows import longer

TICKS = 1 << 32  # more than a run has; a chute and a tick are one number


class BagChanges:
    """Counts each tour's parcels in its chute; further rows of the log cost what they are."""

    def __init__(self) -> None:
        self._counts = np.zeros(0, np.int64)  # of each tour
        self._read = 0
        self._changes = np.zeros((0, 3), np.int64)  # chute, from tick, until tick

    def read_on(self, scene: Scene, log: ParcelLog) -> None:
        """Take in what the log has more than the last time."""
        rows = slice(self._read, len(log.tick))
        self._read = len(log.tick)
        tours, scenario = scene.tours, scene.scenario
        there = np.flatnonzero(log.state[rows] == ParcelState.IN_CHUTE)
        if scenario is None or not len(there) or not len(tours):
            return
        chutes, ticks = (column[rows][there].astype(np.int64) for column in (log.place, log.tick))
        # The tour of a parcel's chute is the one that got the chute last.
        starts = tours.chute.astype(np.int64) * TICKS + np.maximum(tours.chute_tick, 0)
        order = np.argsort(starts, kind="stable")
        at = np.searchsorted(starts[order], chutes * TICKS + ticks, side="right") - 1
        tour = order[np.maximum(at, 0)]
        known = (at >= 0) & (tours.chute[tour] == chutes)
        self._count(tour[known], chutes[known], ticks[known],
                    len(tours), scenario.floor.chute_parcels,
                    scenario.ticks(scenario.floor.chute_empty_seconds))  # fmt: skip

    def _count(
        self, tour: np.ndarray, chutes: np.ndarray, ticks: np.ndarray,
        tours: int, full: int, empty: int,
    ) -> None:  # fmt: skip
        """Count parcels, and note a change for each that fills a bag."""
        self._counts = longer(self._counts, tours, 0)
        order = np.argsort(tour, kind="stable")
        own = tour[order]
        nth = np.arange(1, len(own) + 1) - np.searchsorted(own, own) + self._counts[own]
        filled = np.sort(order[nth % full == 0])
        self._counts += np.bincount(tour, minlength=tours)
        fresh = np.column_stack([chutes[filled], ticks[filled], ticks[filled] + empty])
        self._changes = np.concatenate([self._changes, fresh])

    def shut(self, tick: int) -> np.ndarray:
        """Return the chutes that are shut at a tick."""
        _, first, last = self._changes.T
        return self._changes[(first <= tick) & (tick < last), 0]
