"""Lanes: which way it costs less to go, fitted to any floor by rule."""

from __future__ import annotations

import numpy as np

from routing.floor.distances import Distances
from routing.floor.grid import (
    ARROWS,
    CHARGER,
    CHUTE,
    EAST,
    NORTH,
    REJECT,
    SOUTH,
    STATION,
    WEST,
    Floor,
)

UNIT = 4  # cost units a tick under grants, so that lanes may cost quarters of one

# Share of a move's cost added against a lane.  Measured on maps/platform.map with 350 robots, where
# 8 costs 3 % of the parcels.  With five free cells a robot that little lets robots meet head-on in
# the streets until nobody gets on, on maps/large.map within minutes; and in aisles one cell wide,
# with any number of robots, half as many parcels are sorted as with 8.
AGAINST = 0.25
AGAINST_STRICT = 8.0
AGAINST_LONG = 2.0  # the same where that leaves ways too long to be told
CROWDED = 8.0  # free cells a robot, below which lanes are strict
SWEEPS = 4  # rows looked at for the longest way
AISLES = 0.1  # share of the free cells in such aisles, above which they are


def lane_costs(floor: Floor, unit: int, against: float = AGAINST) -> np.ndarray:
    """Return what it costs to leave each cell by each heading (int32, shape (cells, 4)).

    Streets are the rows and columns with a long free run.  One after the other, they alternate
    between east and west, south and north; a move against its street costs `1 + against` moves.
    Where the floor draws arrows, they decide alone.  The floor's own costs come on top.
    """
    costs = np.full((floor.height, floor.width, 4), unit, dtype=np.int32)
    free = floor.free.reshape(floor.height, floor.width)
    drawn = np.isin(floor.letters, [ord(letter) for letter in ARROWS])
    dear = round(unit * (1 + against))
    for number, row in enumerate(_streets(free)):
        costs[row, :, (WEST, EAST)[number % 2]] = dear
    for number, column in enumerate(_streets(free.T)):
        costs[:, column, (NORTH, SOUTH)[number % 2]] = dear
    costs.reshape(-1, 4)[drawn] = unit
    by_cell: np.ndarray = costs.reshape(-1, 4)
    if floor.costs is not None:
        by_cell = by_cell + np.rint(unit * floor.costs).astype(np.int32) - unit
    return by_cell


def against_with(floor: Floor, robots: int, turn_ticks: int = 1) -> float:
    """Return what share to add against a lane where so many robots drive.

    Strict lanes are less so, or not at all, where else a way would be longer than rows can tell
    (`distances.FAR`), as in one long aisle.
    """
    free = np.count_nonzero(floor.free)
    if free >= CROWDED * robots and np.count_nonzero(aisles(floor)) <= AISLES * free:
        return AGAINST
    strict = (AGAINST_STRICT, AGAINST_LONG)
    return next((share for share in strict if _can_be_told(floor, turn_ticks, share)), AGAINST)


def _can_be_told(floor: Floor, turn_ticks: int, against: float) -> bool:
    """Return whether no way is too long for rows: of those to four cells, each the farthest from
    the one before."""
    rows, plain = (
        Distances(floor, turn_ticks, costs=lane_costs(floor, UNIT, share), unit=UNIT, memory_mb=0)
        for share in (against, AGAINST)
    )
    goal = int(np.flatnonzero(floor.free)[0])
    for _ in range(SWEEPS):
        row = rows.row(goal)
        if (np.isinf(row) & np.isfinite(plain.row(goal))).any():
            return False
        goal = int(np.where(np.isinf(row), 0, row).argmax()) // rows.headings
    return True


def aisles(floor: Floor) -> np.ndarray:
    """Return which cells lie in an aisle where two robots cannot pass: one cell wide, and three
    or more long (bool, by cell)."""
    free = np.pad(floor.free.reshape(floor.height, floor.width), 1)
    inside = free[1:-1, 1:-1]
    north, south, west, east = free[:-2, 1:-1], free[2:, 1:-1], free[1:-1, :-2], free[1:-1, 2:]
    down, across = inside & ~(west | east), inside & ~(north | south)
    return (_long(down.T).T | _long(across)).ravel()


def _long(cells: np.ndarray, least: int = 3) -> np.ndarray:
    """Return which of these cells stand in a row of at least so many of them."""
    long = np.zeros_like(cells)
    for first in range(cells.shape[1] - least + 1):
        whole = cells[:, first : first + least].all(axis=1, keepdims=True)
        long[:, first : first + least] |= whole
    return long


def _streets(free: np.ndarray, share: float = 0.3) -> list[int]:
    """Return the rows whose longest free run is at least `share` of their length."""
    found = []
    for row, cells in enumerate(free):
        walls = np.flatnonzero(~np.concatenate(([False], cells, [False])))
        if (np.diff(walls) - 1).max() >= max(3, share * free.shape[1]):
            found.append(row)
    return found


def quiet_cells(floor: Floor, distance: int = 2) -> np.ndarray:
    """Return the plain cells at least `distance` cells away from where parcels change hands.

    A robot without a goal stands there.  Where a floor has none, any plain cell will do.
    """
    letters = floor.letters.reshape(floor.height, floor.width)
    busy = np.isin(letters, [ord(letter) for letter in (STATION, CHUTE, REJECT, CHARGER)])
    busy |= np.isin(letters, [ord(letter) for letter in ARROWS])
    near = busy.copy()
    for _ in range(distance - 1):
        grown = near.copy()
        grown[1:] |= near[:-1]
        grown[:-1] |= near[1:]
        grown[:, 1:] |= near[:, :-1]
        grown[:, :-1] |= near[:, 1:]
        near = grown
    plain = floor.free & ~busy.ravel()
    quiet = plain & ~near.ravel()
    chosen = quiet if quiet.any() else plain if plain.any() else floor.free
    return np.flatnonzero(chosen).astype(np.int32)
