"""Parcels from a CVRPLIB file with Euclidean distances (`EUC_2D`): one parcel a stop."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fleet.parcel_files import ParcelFile
from fleet.parcel_tables import ParcelError
from fleet.parcels import Parcels
from fleet.scenario import MAX_COORDINATE
from routing.road.formats import read_problem
from routing.road.problem import ProblemError


def read_vrp(path: Path) -> ParcelFile:
    """Read parcels, depot and van capacity; a parcel's name is its node number in the file.

    Raises
    ------
    ParcelError
        In one line: file, line, value and what to do.
    """
    try:
        problem = read_problem(path)
    except ProblemError as error:
        raise ParcelError(str(error)) from None
    if problem.distances is not None:
        raise ParcelError(f"{path}: EDGE_WEIGHT_TYPE is EXPLICIT, but parcels need places; "
                          "name a file with EUC_2D")  # fmt: skip
    far = np.abs(problem.xy) > MAX_COORDINATE
    if far.any():
        row, axis = np.argwhere(far)[0].tolist()
        raise ParcelError(
            f"{path}: node {row + 1}: {'xy'[axis]} {problem.xy[row, axis]:g} is out of range; "
            f"give -{MAX_COORDINATE:.0f} to {MAX_COORDINATE:.0f}"
        )
    stops = slice(problem.depots, problem.rows)
    n = problem.stops
    (capacity,) = problem.vehicles[0].capacity
    parcels = Parcels(
        names=[str(node) for node in range(problem.depots + 1, problem.rows + 1)],
        x=problem.xy[stops, 0].copy(),
        y=problem.xy[stops, 1].copy(),
        size=problem.demand[stops, 0].astype(np.int32),
        station=np.full(n, -1, np.int32),
        ready_seconds=np.full(n, np.nan),
        due_open=np.full(n, np.nan),
        due_close=np.full(n, np.nan),
        paid=np.ones(n, bool),
    )
    return ParcelFile(parcels, (float(problem.xy[0, 0]), float(problem.xy[0, 1])), capacity)
