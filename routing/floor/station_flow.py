"""Robots to stations all at once: a sparse minimum-cost flow, where there are thousands."""

from __future__ import annotations

import numpy as np

from routing.compiled import loop
from routing.floor.dispatch import BACKLOG_CAP, BACKLOG_TICKS, QUEUE_TICKS, Tasks
from routing.floor.distances import Distances
from routing.floor.grid import Floor

STAY = 100_000  # cost of leaving a robot without a parcel, above that of any way


def match_by_flow(
    floor: Floor,
    distances: Distances,
    cells: np.ndarray,
    tasks: Tasks,
    under_way: np.ndarray,
    queue_limit: int,
    *,
    nearest: int = 16,
) -> np.ndarray:
    """Give free robots parcels so that the sum of their costs is least (OR-Tools' flow solver).

    Costs and limits are those of `dispatch.match`, which takes the cheapest pair again and again;
    each robot looks at its `nearest` stations with room.  Returns indices into `tasks`, or -1.
    """
    from ortools.graph.python import min_cost_flow

    chosen = np.full(len(cells), -1, dtype=np.int32)
    if not len(cells) or not len(tasks.parcels):
        return chosen
    backlog = np.bincount(tasks.stations, minlength=len(floor.stations))
    room = np.minimum(backlog, np.maximum(0, queue_limit - under_way)).astype(np.int64)
    with_room = np.flatnonzero(room)
    if not len(with_room):
        return chosen
    ways = distances.between(cells, floor.stations[with_room])
    ways -= np.minimum(BACKLOG_CAP, BACKLOG_TICKS * backlog[with_room])
    few = np.empty((len(cells), min(nearest, len(with_room))), np.int64)
    nearest_columns(ways, few)
    robot = np.repeat(np.arange(len(cells)), few.shape[1])
    station = few.ravel()
    cost = ways[robot, station]
    reachable = np.isfinite(cost)
    robot, station, cost = robot[reachable], station[reachable], cost[reachable]
    # Nodes: robots, stations with room, and the sink; a station's places cost more one by one.
    robots, sink = len(cells), len(cells) + len(with_room)
    place_station = np.repeat(np.arange(len(with_room)), room[with_room])
    rank = np.concatenate([np.arange(n) for n in room[with_room]])
    place_cost = QUEUE_TICKS * (under_way[with_room][place_station] + rank)
    tails = np.concatenate((robot, robots + place_station, np.arange(robots)))
    heads = np.concatenate((robots + station, np.full(len(rank), sink), np.full(robots, sink)))
    costs = np.concatenate((cost + BACKLOG_CAP, place_cost, np.full(robots, STAY)))
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        tails, heads, np.ones(len(tails), dtype=np.int64), np.rint(4 * costs).astype(np.int64)
    )
    supply = np.zeros(sink + 1, dtype=np.int64)
    supply[:robots], supply[sink] = 1, -robots
    flow.set_nodes_supplies(np.arange(sink + 1), supply)
    if flow.solve() != flow.OPTIMAL:
        return chosen
    used = flow.flows(arcs[: len(robot)]) > 0
    order = np.argsort(tasks.stations, kind="stable")
    begins = np.concatenate(([0], np.cumsum(backlog)))
    taken = np.zeros(len(floor.stations), dtype=np.int64)
    for who, where in zip(robot[used].tolist(), with_room[station[used]].tolist(), strict=True):
        chosen[who] = order[begins[where] + taken[where]]
        taken[where] += 1
    return chosen


@loop
def nearest_columns(ways: np.ndarray, found: np.ndarray) -> None:
    """Fill each row of `found` with the columns of its least values, the first of equal ones.

    To sort whole rows takes half a second with ten thousand robots.
    """
    number = found.shape[1]
    for row in range(ways.shape[0]):
        count = 0
        for column in range(ways.shape[1]):
            at = count
            while at > 0 and ways[row, column] < ways[row, found[row, at - 1]]:
                at -= 1
            if at == number:
                continue
            count = min(count + 1, number)
            for later in range(count - 1, at, -1):
                found[row, later] = found[row, later - 1]
            found[row, at] = column
