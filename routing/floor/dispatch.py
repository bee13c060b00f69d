"""Which robot takes which parcel: at once for those just freed, and ahead by OR-Tools."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from routing.floor.distances import Distances
from routing.floor.grid import Floor

# Ticks of way that one robot already under way to a station is worth, and that one waiting parcel
# of the station's backlog is worth (capped).  A station with more parcels than the others must be
# served sooner, or at the end all robots wait for it: on maps/platform.map with 350 robots the
# share of waiting and idle robots falls from 0.36 (0.5 ticks a parcel) to 0.26 (2).
QUEUE_TICKS = 8.0
BACKLOG_TICKS = 2.0
BACKLOG_CAP = 200.0
# Free cells a robot under way, at least, where there are more than a hundred.  On 70 x 250 cells
# drawn as maps/large.map is, 2,500 robots (5.4) sort 176,000 parcels an hour for good; 3,000 sort
# 193,000 for two minutes, and then fewer and fewer, as jams grow that do not dissolve.  3,000 of
# which 2,400 are under way sort 166,000.
CELLS_UNDER_WAY = 5.5
FEW_UNDER_WAY = 100


@dataclass(frozen=True)
class Tasks:
    """Parcels that may be taken now, oldest first: arrays of one length.

    Attributes
    ----------
    parcels
        The caller's names for them (int32).
    stations
        Where each waits: an index into `floor.stations` (int32).
    goals
        The cell of its chute (int32).
    """

    parcels: np.ndarray
    stations: np.ndarray
    goals: np.ndarray


def match(
    floor: Floor,
    distances: Distances,
    cells: np.ndarray,
    tasks: Tasks,
    under_way: np.ndarray,
    queue_limit: int,
) -> np.ndarray:
    """Give each free robot a parcel at once, nearest pairs first.

    A robot's cost at a station is its way there, plus what the queue of robots under way costs,
    less what the station's backlog is worth.  At each station the oldest parcel goes first.

    Parameters
    ----------
    cells
        Where the free robots stand (int32).
    under_way
        By station, robots on the way to it, waiting or loading there.
    queue_limit
        No station gets more robots than this.

    Returns
    -------
    np.ndarray
        By robot, an index into `tasks`, or -1 (int32).
    """
    chosen = np.full(len(cells), -1, dtype=np.int32)
    if not len(cells) or not len(tasks.parcels):
        return chosen
    backlog = np.bincount(tasks.stations, minlength=len(floor.stations))
    taking = np.flatnonzero((under_way < queue_limit) & (backlog > 0))
    if not len(taking):
        return chosen
    # The oldest parcels of each station, in order.
    by_station = np.argsort(tasks.stations, kind="stable")
    begins = np.concatenate(([0], np.cumsum(backlog)))[taking]
    backlog = backlog[taking]
    taken = np.zeros(len(taking), dtype=np.int64)
    queue = under_way[taking].astype(np.int64)
    ways = distances.between(cells, floor.stations[taking])
    worth = np.minimum(BACKLOG_CAP, BACKLOG_TICKS * backlog)
    cost = ways + (QUEUE_TICKS * queue - worth)[None, :]
    for _ in range(len(cells)):
        robot, station = divmod(int(np.argmin(cost)), len(taking))
        if not np.isfinite(cost[robot, station]):
            break
        chosen[robot] = by_station[begins[station] + taken[station]]
        taken[station] += 1
        queue[station] += 1
        cost[robot] = np.inf
        if taken[station] == backlog[station] or queue[station] >= queue_limit:
            cost[:, station] = np.inf
        else:
            cost[:, station] += QUEUE_TICKS
    return chosen


def most_under_way(floor: Floor) -> int:
    """Return how many robots may have work at a time: more of them would sort fewer parcels."""
    return max(FEW_UNDER_WAY, int(np.count_nonzero(floor.free) / CELLS_UNDER_WAY))


def load() -> None:
    """Load OR-Tools' routing model, which takes longer than a tick."""
    import_module("ortools.constraint_solver.pywrapcp")


def plan_next(
    floor: Floor,
    distances: Distances,
    cells: np.ndarray,
    free_ticks: np.ndarray,
    tasks: Tasks,
    under_way: np.ndarray,
    queue_limit: int,
    load_ticks: int,
    drop_ticks: int,
    *,
    per_robot: int = 2,
    capacity: int = 1,
    solutions: int = 40,
) -> np.ndarray:
    """Plan the next parcels of one zone's robots as pickup-and-delivery pairs with OR-Tools.

    The routing model minimises the ticks driven plus the ticks until each parcel is in its chute;
    parcels that fit nobody are left.  It stops after `solutions` improvements or where none is
    left, never by the clock, so that the same call gives the same answer.

    Parameters
    ----------
    cells, free_ticks
        By robot, where and in how many ticks it will be free (int32).
    under_way
        By station, robots on the way to it, waiting or loading there.
    queue_limit
        No station gets more of these parcels than twice this less the robots under way: by the
        time that the later ones arrive, the first have gone.
    per_robot
        Parcels planned for each robot at most.
    capacity
        Parcels a robot carries at once.

    Returns
    -------
    np.ndarray
        By robot and rank, an index into `tasks`, or -1 (int32, shape (robots, per_robot)), in the
        order of loading.
    """
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    robots = len(cells)
    chosen = np.full((robots, per_robot), -1, dtype=np.int32)
    picks = _candidates(
        floor, distances, cells, tasks, under_way, 2 * queue_limit, 2 * robots * per_robot
    )
    if not robots or not len(picks):
        return chosen
    pairs = len(picks)
    pickups = floor.stations[tasks.stations[picks]]
    places = np.concatenate((cells, pickups, tasks.goals[picks]))
    distinct, position = np.unique(places[robots:], return_inverse=True)
    ticks = distances.between(places, distinct)[:, position]
    ticks = np.where(np.isfinite(ticks), np.rint(ticks), 1e6).astype(np.int64)
    ticks[robots : robots + pairs] += load_ticks
    ticks[robots + pairs :] += drop_ticks
    # Node 0 is the common end, then starts, pickups, deliveries.
    nodes = 1 + robots + 2 * pairs
    matrix = np.zeros((nodes, nodes), dtype=np.int64)
    matrix[1:, 1 + robots :] = ticks
    matrix[1 + robots + pairs :, 0] = drop_ticks
    # Stations with a long backlog look nearer, as in `match`.
    backlog = np.bincount(tasks.stations, minlength=len(floor.stations))[tasks.stations[picks]]
    worth = np.minimum(BACKLOG_CAP, BACKLOG_TICKS * backlog)
    matrix[1:, 1 + robots : 1 + robots + pairs] += np.rint(worth.max() - worth).astype(np.int64)
    index = pywrapcp.RoutingIndexManager(nodes, robots, list(range(1, robots + 1)), [0] * robots)
    settings = pywrapcp.DefaultRoutingModelParameters()
    model = pywrapcp.RoutingModel(index, settings)
    transit = model.RegisterTransitMatrix(matrix.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(transit)
    horizon = int(free_ticks.max(initial=0) + matrix.max() * 2 * (per_robot + 1))
    model.AddDimension(transit, 0, horizon, False, "ticks")
    time = model.GetDimensionOrDie("ticks")
    first_pickup, first_delivery = 1 + robots, 1 + robots + pairs
    demand = [0] * first_pickup + [1] * pairs + [-1] * pairs
    load = model.RegisterUnaryTransitVector(demand)
    model.AddDimension(load, 0, capacity, True, "load")
    number = model.RegisterUnaryTransitVector([0] * first_pickup + [1] * pairs + [0] * pairs)
    model.AddDimension(number, 0, per_robot, True, "number")
    for robot in range(robots):
        start = time.CumulVar(model.Start(robot))
        start.SetRange(int(free_ticks[robot]), int(free_ticks[robot]))
    price = 4 * horizon
    solver = model.solver()
    for pair in range(pairs):
        pickup = index.NodeToIndex(first_pickup + pair)
        delivery = index.NodeToIndex(first_delivery + pair)
        model.AddPickupAndDelivery(pickup, delivery)
        solver.Add(model.VehicleVar(pickup) == model.VehicleVar(delivery))
        solver.Add(time.CumulVar(pickup) <= time.CumulVar(delivery))
        time.SetCumulVarSoftUpperBound(delivery, 0, 1)
        # The older a parcel, the dearer it is to leave it.
        model.AddDisjunction([pickup, delivery], price + pairs - pair, 2)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    search.solution_limit = solutions
    answer = model.SolveWithParameters(search)
    if answer is None:
        return chosen
    for robot in range(robots):
        rank = 0
        at = model.Start(robot)
        while not model.IsEnd(at):
            node = index.IndexToNode(at)
            if first_pickup <= node < first_delivery:
                chosen[robot, rank] = picks[node - first_pickup]
                rank += 1
            at = answer.Value(model.NextVar(at))
    return chosen


def _candidates(
    floor: Floor,
    distances: Distances,
    cells: np.ndarray,
    tasks: Tasks,
    under_way: np.ndarray,
    queue_limit: int,
    at_most: int,
) -> np.ndarray:
    """Return the tasks worth a look, oldest first: those at the nearest stations with a backlog."""
    if not len(cells) or not len(tasks.parcels):
        return np.empty(0, dtype=np.int32)
    backlog = np.bincount(tasks.stations, minlength=len(floor.stations))
    room = np.maximum(0, queue_limit - under_way)
    by_station = np.argsort(tasks.stations, kind="stable")
    begins = np.concatenate(([0], np.cumsum(backlog)))
    nearest = distances.between(cells, floor.stations).min(axis=0)
    value = nearest - np.minimum(BACKLOG_CAP, BACKLOG_TICKS * backlog)
    found: list[np.ndarray] = []
    count = 0
    for station in np.argsort(value, kind="stable"):
        if count >= at_most or not np.isfinite(nearest[station]):
            break
        number = min(int(backlog[station]), int(room[station]), at_most - count)
        found.append(by_station[begins[station] : begins[station] + number])
        count += number
    return np.sort(np.concatenate(found)).astype(np.int32) if found else np.empty(0, np.int32)


def zones(floor: Floor, count: int, places: np.ndarray | None = None) -> np.ndarray:
    """Cut a floor into `count` zones with about equally many places; return each cell's zone.

    Cut again and again at the middle place of the zone with the most places, across the side
    along which they are spread more (int32, one a cell, blocked cells included).  Places are
    cells; the stations where none are given.
    """
    places = floor.stations if places is None else places
    zone = np.zeros(floor.cells, dtype=np.int32)
    row, column = np.divmod(np.arange(floor.cells), floor.width)
    for new in range(1, min(count, max(1, len(places)))):
        old = int(np.argmax(np.bincount(zone[places], minlength=new)))
        members = places[zone[places] == old]
        across = max((row, column), key=lambda axis: int(np.ptp(axis[members])))
        middle = np.sort(across[members])[len(members) // 2]
        zone[(zone == old) & (across >= middle)] = new
    return zone


def rank_within(groups: np.ndarray) -> np.ndarray:
    """Return by member how many before it are of the same group (int64)."""
    order = np.argsort(groups, kind="stable")
    counts = np.bincount(groups)
    rank = np.empty(len(groups), np.int64)
    rank[order] = np.arange(len(groups)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rank
