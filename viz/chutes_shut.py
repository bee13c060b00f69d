"""When the bag of a full chute was changed, and the chute shut meanwhile."""

from __future__ import annotations

import itertools

import numpy as np

from fleet.events import ParcelState
from viz.frame import Scene
from viz.stored.parcel_log import ParcelLog


def bag_changes(scene: Scene, log: ParcelLog) -> np.ndarray:
    """Return (chute, from tick, until tick) of every change; int64[changes, 3]."""
    scenario, tours = scene.scenario, scene.tours
    if scenario is None:
        return np.zeros((0, 3), np.int64)
    rows = np.flatnonzero(log.state == ParcelState.IN_CHUTE)
    chute, tick = log.place[rows], log.tick[rows]
    result = []
    full = scenario.floor.chute_parcels
    empty = scenario.ticks(scenario.floor.chute_empty_seconds)
    order = np.argsort(chute, kind="stable")
    chute, tick = chute[order], tick[order]
    for k in np.unique(chute).tolist():
        ticks = tick[np.searchsorted(chute, k) : np.searchsorted(chute, k, "right")]
        starts = np.append(np.sort(tours.chute_tick[tours.chute == k]), 2**31 - 1)
        for first, end in itertools.pairwise(starts):
            own = ticks[(ticks >= first) & (ticks < end)]
            result += [(k, int(t), int(t) + empty) for t in own[full - 1 :: full]]
    return np.array(result, np.int64).reshape(-1, 3)
