"""Which waiting parcels of a station go together onto one robot, and in which order it drops them.

Two rules: OR-Tools' routing model, and a plain one to measure it against.
"""

from __future__ import annotations

import numpy as np

from routing.floor.distances import Distances

# Parcels of a station that the routing model looks at, oldest first.
POOL_PARCELS = 24
# Solutions that it looks at in one call; a count, not a time, so that a day repeats.
SOLUTIONS = 20
# Ticks that a parcel further behind in the queue must save to be taken before the one before it.
AGE_TICKS = 0.25


def by_queue(distances: Distances, station: int, goals: np.ndarray, capacity: int) -> list[int]:
    """Take the first in the queue, and go from each chute to the nearest of the others.

    Parameters
    ----------
    station
        Cell where the robot loads.
    goals
        Cells of the chutes of the parcels that it may take, oldest first (int32).
    capacity
        Parcels that it takes at most.

    Returns
    -------
    list[int]
        Indices into `goals`, in the order of the drops.
    """
    left = list(range(min(capacity, len(goals))))
    order: list[int] = []
    at = station
    while left:
        ways = distances.between(np.array([at], np.int32), goals[left])[0]
        order.append(left.pop(int(np.argmin(ways))))
        at = int(goals[order[-1]])
    return order


def by_model(
    distances: Distances,
    station: int,
    goals: np.ndarray,
    capacity: int,
    ends: np.ndarray,
    *,
    solutions: int = SOLUTIONS,
) -> list[int]:
    """Let the routing model choose parcels and order: the shortest way round full of parcels.

    The first parcel goes along in any case, so that none waits for ever; of the others as many as
    there is room for.  The way runs from the station past the chutes to the nearest of `ends`.
    The model stops after `solutions` improvements or where none is left, never by the clock.

    Parameters
    ----------
    station, goals, capacity
        As for `by_queue`.
    ends
        Cells where the robot may go when it is empty (int32).

    Returns
    -------
    list[int]
        Indices into `goals`, in the order of the drops.
    """
    goals = goals[:POOL_PARCELS]
    count = len(goals)
    if count == 1:
        return [0]
    distinct, which = np.unique(goals, return_inverse=True)
    places = np.concatenate(([station], goals)).astype(np.int32)
    # Node 0 is the station, then the chutes; the last is the end.  Whole numbers: tenths of a tick.
    matrix = np.zeros((count + 2, count + 2), np.int64)
    matrix[:-1, 1:-1] = _tenths(distances.between(places, distinct)[:, which])
    matrix[1:-1, -1] = _tenths(distances.between(goals, ends).min(axis=1))
    return _solve(matrix, min(capacity, count), solutions)


def _tenths(ticks: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(ticks), np.rint(10 * ticks), 1e6).astype(np.int64)


def _solve(matrix: np.ndarray, capacity: int, solutions: int) -> list[int]:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    nodes = len(matrix)
    parcels = nodes - 2
    index = pywrapcp.RoutingIndexManager(nodes, 1, [0], [nodes - 1])
    model = pywrapcp.RoutingModel(index)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(matrix.tolist()))
    room = model.RegisterUnaryTransitVector([0] + [1] * parcels + [0])
    model.AddDimension(room, 0, capacity, True, "parcels")
    price = int(matrix.max()) * (capacity + 2) + 1  # leaving room costs more than any way
    for parcel in range(1, parcels):
        older = round(10 * AGE_TICKS * (parcels - parcel))
        model.AddDisjunction([index.NodeToIndex(parcel + 1)], price + older)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    search.solution_limit = solutions
    answer = model.SolveWithParameters(search)
    order: list[int] = []
    at = answer.Value(model.NextVar(model.Start(0)))
    while not model.IsEnd(at):
        order.append(index.IndexToNode(at) - 1)
        at = answer.Value(model.NextVar(at))
    return order
