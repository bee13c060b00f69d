"""Lanes: which way it costs less to go, fitted to any floor by rule."""

from __future__ import annotations

import numpy as np

from routing.floor.grid import ARROWS, CHARGER, CHUTE, REJECT, STATION, Floor

# Share of a move's cost added against a lane.  Measured on maps/platform.map with 350 robots.
AGAINST = 1.0


def lane_costs(floor: Floor, unit: int, against: float = AGAINST) -> np.ndarray:
    """Return what it costs to leave each cell by each heading (int32, shape (cells, 4)).

    Rows alternate between east and west, columns between south and north, where the floor draws
    no arrows itself; a move against the lane costs `1 + against` moves.
    """
    costs = np.full((floor.cells, 4), unit, dtype=np.int32)
    row, column = np.divmod(np.arange(floor.cells), floor.width)
    drawn = np.isin(floor.letters, [ord(letter) for letter in ARROWS])
    dear = round(unit * (1 + against))
    for heading, wrong in enumerate((row % 2 == 1, column % 2 == 1, row % 2 == 0, column % 2 == 0)):
        costs[wrong & ~drawn, heading] = dear
    return costs


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
