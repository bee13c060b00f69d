"""In which order tours take the chutes of a floor: near the stations, but apart from each other."""

from __future__ import annotations

import numpy as np

from routing.floor.dispatch import rank_within, zones
from routing.floor.grid import Floor

# Free cells that a robot needs to drive well.  On maps/platform.map it has 11 with 350 robots.
CELLS_A_ROBOT = 12
# Chutes are taken one from each of so many zones in turn, the nearest first.
ZONES = 256


def chute_order(floor: Floor, robots: int) -> np.ndarray:
    """Return indices into `floor.chutes` in the order in which tours should take them (int32).

    Those with the shortest mean way from all stations come first.  But a large floor that has few
    tours would send all its robots to the middle, where no more can pass than stand there.  So the
    chutes that are nearest on an area with room for all robots are taken first, from all over it.
    """
    row, column = np.divmod(floor.chutes, floor.width)
    station_row, station_column = np.divmod(floor.stations, floor.width)
    way = np.abs(row[:, None] - station_row) + np.abs(column[:, None] - station_column)
    nearest = np.argsort(way.mean(axis=1), kind="stable").astype(np.int32)
    if len(nearest) <= ZONES:  # each is a zone of its own
        return nearest
    share = min(1.0, robots * CELLS_A_ROBOT / np.count_nonzero(floor.free))
    near = nearest[: max(ZONES, round(share * len(nearest)))]
    zone = zones(floor, ZONES, floor.chutes[near])[floor.chutes[near]]
    rank = rank_within(zone)  # of a chute in its zone
    spread = near[np.lexsort((np.arange(len(near)), rank))]
    return np.concatenate((spread, nearest[len(near) :]))
