"""Which robot gets which parcel, now and next."""

from __future__ import annotations

import numpy as np

from fleet import boards, flow, operate
from fleet.battery import levels
from fleet.events import ASSIGN, RobotPhase
from fleet.world import NEXT_PARCELS, World
from routing.floor import dispatch
from routing.floor.charging import Thresholds, may_work
from routing.floor.distances import Distances
from routing.floor.station_flow import match_by_flow

# Robots that the routing model plans for in one call.
ZONE_ROBOTS = 12
# Solutions that it looks at in one call; a count, not a time, so that a day repeats.
ZONE_SOLUTIONS = 2
# Free robots from which they are matched all at once, as at opening.  With 2,000 on maps/large.map
# that takes 73 ms in place of 375, and their ways to the stations are 3 % shorter.
MANY = 1000


def assign(world: World, distances: Distances, zones: np.ndarray) -> np.ndarray:
    """Return who gets which parcel now, and who next (dtype `events.ASSIGN`).

    `zones` has a number for each cell; the routing model plans for one zone at a time.
    """
    rows: list[tuple[int, int, int]] = []
    if world.paused:
        return np.array(rows, ASSIGN)
    robots = world.robots
    open_tasks = flow.tasks(world)
    is_open = _mask(world, open_tasks)
    ahead = robots["next"].copy()
    shut = (ahead >= 0) & ~is_open[ahead]  # cancelled, or taken by another
    ahead[shut] = -1
    rows += [(robot, -1, rank + 1) for robot, rank in np.argwhere(shut).tolist()]
    free = np.flatnonzero(is_free(world))
    if world.scenario.floor.battery:
        charge = levels(world, free)
        free = free[may_work(charge, np.zeros(len(free), bool), thresholds(world))]
    free = _with_way(world, distances, free, open_tasks)
    under_way = _under_way(world)
    limit = world.scenario.floor.station_robots
    now = _with_room(world, open_tasks)
    if len(world.boards):
        open_tasks = _firsts(world, open_tasks, under_way)
        now = _firsts(world, now, under_way)
    if len(now) and len(free):
        rows += _give(world, distances, free, ahead, now, under_way, limit)
    if len(open_tasks) and world.tick % world.timing.dispatch == 0:
        rows += _plan_zone(world, distances, zones, ahead, rows, open_tasks, under_way, limit)
    # Clearing comes before giving, so that a parcel never stands twice.
    rows.sort(key=lambda row: (row[1] >= 0, row[2], row[0]))
    return np.array(rows, ASSIGN)


def _with_way(
    world: World, distances: Distances, free: np.ndarray, tasks: np.ndarray
) -> np.ndarray:
    """Return those of these robots that the floor has room for, who have rested longest first.

    Who is cut off from all stations with tasks rests longest of all, and would take that room.
    """
    robots = world.robots
    working = (robots["phase"] >= RobotPhase.TO_STATION) & (robots["phase"] <= RobotPhase.DROPPING)
    working &= operate.in_use(world)
    room = dispatch.most_under_way(world.floor) - int(np.count_nonzero(working))
    if len(free) <= room:
        return free
    stations = world.floor.stations[np.unique(world.parcels["station"][tasks])].astype(np.int32)
    left = free
    for some in (stations[:1], stations[1:]):  # nearly all robots have a way to the first
        ticks = distances.between(robots["cell"][left].astype(np.int32), some)
        left = left[np.isinf(ticks).all(axis=1)]
    free = np.setdiff1d(free, left)
    return np.sort(free[np.argsort(robots["since"][free], kind="stable")[: max(0, room)]])


def _with_room(world: World, tasks: np.ndarray) -> np.ndarray:
    """Return those tasks that may be taken now: of each chute as many as there is room for.

    Where few tours have many parcels all robots would stand before the same chutes, and who has
    been there could not get away.
    """
    chutes = boards.destinations(world, tasks)
    busy = boards.robots_by_chute(world, operate.in_use(world))
    room = world.scenario.floor.chute_robots - busy
    if (np.bincount(chutes, minlength=len(room)) <= room).all():
        return tasks
    return tasks[dispatch.rank_within(chutes) < room[chutes]]


def _give(
    world: World,
    distances: Distances,
    free: np.ndarray,
    ahead: np.ndarray,
    open_tasks: np.ndarray,
    under_way: np.ndarray,
    limit: int,
) -> list[tuple[int, int, int]]:
    """Give free robots their planned parcels, and match the others at once."""
    rows: list[tuple[int, int, int]] = []
    stations = world.parcels["station"]
    given = _mask(world, np.empty(0, np.int32))
    takes = _mask(world, open_tasks)

    def give(robot: int, parcel: int) -> None:
        rows.extend(_take(ahead, robot, parcel))
        given[parcel] = True
        under_way[stations[parcel]] += 1

    left = []
    for robot in free.tolist():
        parcel = next((int(p) for p in ahead[robot] if p >= 0), -1)
        if parcel >= 0 and takes[parcel] and under_way[stations[parcel]] < limit:
            give(robot, parcel)
        else:
            left.append(robot)
    # Parcels that nobody has planned first; then, for who is still free, the planned ones.
    for planned_too in (False, True):
        shut = given if planned_too else given | _mask(world, ahead)
        tasks = open_tasks[~shut[open_tasks]]
        if not left or not len(tasks):
            continue
        match = match_by_flow if len(left) >= MANY else dispatch.match
        chosen = match(
            world.floor,
            distances,
            world.robots["cell"][left].astype(np.int32),
            _tasks(world, tasks),
            under_way.copy(),
            limit,
        ).tolist()
        for robot, task in zip(left, chosen, strict=True):
            if task >= 0:
                give(robot, int(tasks[task]))
        left = [robot for robot, task in zip(left, chosen, strict=True) if task < 0]
    return rows


def _plan_zone(
    world: World,
    distances: Distances,
    zones: np.ndarray,
    ahead: np.ndarray,
    given: list[tuple[int, int, int]],
    open_tasks: np.ndarray,
    under_way: np.ndarray,
    limit: int,
) -> list[tuple[int, int, int]]:
    """Let the routing model plan the next parcels of one zone's busy robots."""
    robots = world.robots
    turn = (world.tick // world.timing.dispatch) % (zones.max() + 1)
    busy = np.flatnonzero(
        np.isin(robots["phase"], (RobotPhase.TO_CHUTE, RobotPhase.DROPPING)) & operate.in_use(world)
    )
    if world.scenario.floor.battery:  # who goes to charge next needs no plan
        busy = busy[levels(world, busy) >= world.scenario.battery.go_at]
    busy = busy[~boards.several(world, busy)]  # the others are not free for long
    busy = busy[zones[robots["goal"][busy]] == turn][:ZONE_ROBOTS]
    cells, goals = robots["cell"][busy], robots["goal"][busy]
    ways = distances.between(cells.astype(np.int32), goals.astype(np.int32)).diagonal()
    reached = np.isfinite(ways)  # silent robots may stand in the only way
    busy, ways = busy[reached], ways[reached]
    others = ahead.copy()
    others[busy] = -1
    now = [parcel for _, parcel, rank in given if rank == 0]
    shut = _mask(world, others) | _mask(world, np.array(now, np.int32))
    tasks = open_tasks[~shut[open_tasks]]
    if not len(busy) or not len(tasks):
        return []
    goals = robots["goal"][busy].astype(np.int32)
    chosen = dispatch.plan_next(
        world.floor,
        distances,
        goals,
        (ways + world.timing.drop).astype(np.int32),
        _tasks(world, tasks),
        under_way.copy(),
        limit,
        world.timing.load,
        world.timing.drop,
        per_robot=NEXT_PARCELS,
        solutions=ZONE_SOLUTIONS,
    )
    rows = []
    for robot, choice in zip(busy.tolist(), chosen.tolist(), strict=True):
        for rank, task in enumerate(choice):
            parcel = int(tasks[task]) if task >= 0 else -1
            if parcel != ahead[robot, rank]:
                rows.append((robot, parcel, rank + 1))
    return rows


def is_free(world: World) -> np.ndarray:
    """Return which robots have nothing to do; bool[robots]."""
    robots = world.robots
    return np.asarray(
        (robots["phase"] == RobotPhase.IDLE) & (robots["closed"] == 0) & operate.in_use(world)
    )


def thresholds(world: World) -> Thresholds:
    """Return the battery levels of the scenario."""
    battery = world.scenario.battery
    return Thresholds(battery.go_at, battery.stop_at, battery.leave_at)


def _firsts(world: World, tasks: np.ndarray, under_way: np.ndarray) -> np.ndarray:
    """Return those tasks that a further robot may come for: one for each load that waits."""
    most = world.scenario.robots.parcels
    stations = world.parcels["station"][tasks]
    backlog = np.bincount(stations, minlength=len(under_way))
    wanted = np.maximum(0, -(-(backlog + under_way) // most) - under_way)
    return tasks[dispatch.rank_within(stations) < wanted[stations]]


def _under_way(world: World) -> np.ndarray:
    """Return how many robots are on their way to each station or loading there; int32.

    Those not in use count as none: they may be so for good.
    """
    robots = world.robots
    phase = robots["phase"]
    mine = (phase == RobotPhase.TO_STATION) | (phase == RobotPhase.LOADING)
    mine &= operate.in_use(world)
    stations = world.parcels["station"][robots["parcel"][mine]]
    return np.bincount(stations, minlength=len(world.floor.stations)).astype(np.int32)


def _take(ahead: np.ndarray, robot: int, parcel: int) -> list[tuple[int, int, int]]:
    """Return the rows that give a robot its parcel, out of whosever plan it stood in."""
    rows = [(robot, parcel, 0)]
    for place in np.flatnonzero(ahead == parcel).tolist():  # a tenth of what argwhere takes
        other, rank = divmod(place, NEXT_PARCELS)
        ahead[other, rank] = -1
        if (other, rank) != (robot, 0):  # `traffic.assign` takes it off its own plan's head
            rows.append((other, -1, rank + 1))
    return rows


def _tasks(world: World, parcels: np.ndarray) -> dispatch.Tasks:
    return dispatch.Tasks(
        parcels=parcels,
        stations=world.parcels["station"][parcels].astype(np.int32),
        goals=world.chute_cells[boards.destinations(world, parcels)].astype(np.int32),
    )


def _mask(world: World, parcels: np.ndarray) -> np.ndarray:
    """Return bool[parcels + 1], true for these parcels; -1 falls on the last, spare place."""
    mask = np.zeros(len(world.parcels) + 1, bool)
    mask[parcels] = True
    mask[-1] = False
    return mask
