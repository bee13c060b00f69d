"""In which order tours take the chutes of a floor: near the stations, but apart from each other."""

from __future__ import annotations

import numpy as np

from routing.floor.grid import Floor

# Free cells that a robot needs to drive well.  On maps/platform.map it has 14 with 350 robots.
CELLS_A_ROBOT = 12


def chute_order(floor: Floor, robots: int) -> np.ndarray:
    """Return indices into `floor.chutes` in the order in which tours should take them (int32).

    Those with the shortest mean way from all stations would come first.  But where there are many
    more chutes than tours, all robots would crowd in the middle, where no more can pass than stand
    there.  So the nearest on an area with room for all robots come first, and of these however few
    are taken lie all over it.
    """
    row, column = np.divmod(floor.chutes, floor.width)
    station_row, station_column = np.divmod(floor.stations, floor.width)
    way = np.abs(row[:, None] - station_row) + np.abs(column[:, None] - station_column)
    nearest = np.argsort(way.mean(axis=1), kind="stable").astype(np.int32)
    share = min(1.0, robots * CELLS_A_ROBOT / np.count_nonzero(floor.free))
    near = nearest[: max(1, round(share * len(nearest)))]
    return np.concatenate((near[_spread(row[near], column[near])], nearest[len(near) :]))


def _spread(row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return the order of places in which halves of the area, of these halves and so on take turns.

    Halves have equally many places and lie across the longer side.
    """
    if len(row) < 2:
        return np.zeros(len(row), np.int64)
    across = row if np.ptp(row) > np.ptp(column) else column
    by_side = np.argsort(across, kind="stable")
    middle = (len(row) + 1) // 2
    order = np.empty(len(row), np.int64)
    for first, half in enumerate((by_side[:middle], by_side[middle:])):
        order[first::2] = half[_spread(row[half], column[half])]
    return order
