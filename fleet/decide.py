"""The decisions of a tick: which robot gets which parcel, cell and charger, and what it loads.

This is where fleet asks `routing.floor`.  The answers become events like any other, so that a
replay needs no planner.
"""

from __future__ import annotations

import numpy as np

from fleet import boards, flow, operate
from fleet.battery import AT_CHARGER
from fleet.events import ASSIGN, CHARGE, LOAD, MOVE, Barred, Out, RobotPhase
from fleet.rows import select, stacked
from fleet.traffic import chute_open, may_be_told, movable, origins
from fleet.world import NEXT_PARCELS, World
from routing.floor import dispatch, loads
from routing.floor.charging import Thresholds, may_work, to_chargers
from routing.floor.distances import Distances
from routing.floor.planner import FloorState, Planner
from routing.floor.station_flow import match_by_flow

# Robots that the routing model plans for in one call.
ZONE_ROBOTS = 12
# Solutions that it looks at in one call; a count, not a time, so that a day repeats.
ZONE_SOLUTIONS = 2
# Free robots from which they are matched all at once, as at opening.  With 2,000 on maps/large.map
# that takes 73 ms in place of 375, and their ways to the stations are 3 % shorter.
MANY = 1000


class Brain:
    """The planners of one floor; what they remember are caches, never anything decided."""

    def __init__(self, world: World) -> None:
        self.planner = Planner(
            world.floor,
            following=False,
            turn_ticks=world.timing.turn,
            seed=world.scenario.seed,
        )
        # By chutes, for it is there that busy robots become free.
        count = max(1, -(-len(world.robots) // ZONE_ROBOTS))
        self._zones = dispatch.zones(world.floor, count, world.chute_cells)

    def warm(self, world: World) -> None:
        """Load the planners' compiled code, as the first decisions would; nothing is decided."""
        self.assign(world)
        self.move(world)

    @property
    def distances(self) -> Distances:
        """Return the planner's distances, so that both decisions see the same ways."""
        return self.planner.distances

    def assign(self, world: World) -> np.ndarray:
        """Return who gets which parcel now, and who next (dtype `events.ASSIGN`)."""
        rows: list[tuple[int, int, int]] = []
        if world.paused:
            return np.array(rows, ASSIGN)
        robots = world.robots
        open_tasks = flow.tasks(world)
        is_open = _mask(world, open_tasks)
        ahead = robots["next"].copy()
        for robot, rank in np.argwhere(ahead >= 0).tolist():
            if not is_open[ahead[robot, rank]]:  # cancelled, or taken by another
                ahead[robot, rank] = -1
                rows.append((robot, -1, rank + 1))
        free = np.flatnonzero(_is_free(world))
        if world.scenario.floor.battery:
            levels = _levels(world, free)
            free = free[may_work(levels, np.zeros(len(free), bool), self._thresholds(world))]
        under_way = _under_way(world)
        limit = world.scenario.floor.station_robots
        if len(world.boards):
            open_tasks = _firsts(world, open_tasks, under_way)
        if len(open_tasks) and len(free):
            rows += self._give(world, free, ahead, open_tasks, under_way, limit)
        if len(open_tasks) and world.tick % world.timing.dispatch == 0:
            rows += self._plan_zone(world, ahead, rows, open_tasks, under_way, limit)
        # Clearing comes before giving, so that a parcel never stands twice.
        rows.sort(key=lambda row: (row[1] >= 0, row[2], row[0]))
        return np.array(rows, ASSIGN)

    def charge(self, world: World) -> np.ndarray:
        """Return who goes to which charger, and who leaves one (dtype `events.CHARGE`)."""
        robots, thresholds = world.robots, self._thresholds(world)
        charging = np.flatnonzero((robots["phase"] == RobotPhase.CHARGING) & may_be_told(world))
        full = charging[
            may_work(_levels(world, charging), np.ones(len(charging), bool), thresholds)
        ]
        at_charger = np.isin(robots["phase"], AT_CHARGER)
        barred = world.barred[world.floor.chargers] != Barred.NO
        free = np.flatnonzero(_is_free(world) | _charger_closed(world))
        chargers = to_chargers(
            world.floor,
            self.distances,
            robots["cell"][free].astype(np.int32),
            _levels(world, free),
            barred | np.isin(world.floor.chargers, robots["goal"][at_charger]),
            thresholds,
        )
        sent = chargers >= 0
        rows = np.zeros(int(sent.sum()) + len(full), CHARGE)
        rows["robot"] = np.concatenate([free[sent], full])
        rows["charger"] = np.concatenate([chargers[sent], np.full(len(full), -1)])
        return rows[np.argsort(rows["robot"])]

    def load(self, world: World) -> np.ndarray:
        """Return what robots with their first parcel on board take along (`events.LOAD`)."""
        robots = world.robots
        waiting = np.empty(0, np.int32) if world.paused else boards.undecided(world)
        rows = np.zeros(len(waiting), LOAD)
        rows["parcels"] = -1
        if not len(rows):
            return rows
        open_tasks = flow.tasks(world)
        stations = world.parcels["station"]
        able = operate.in_use(world)
        for row, robot in zip(rows, waiting.tolist(), strict=True):
            first = robots["parcel"][robot]
            cell = int(world.floor.stations[stations[first]])
            pool = np.array([first], np.int32)
            if able[robot] and robots["cell"][robot] == cell:
                pool = np.append(pool, open_tasks[stations[open_tasks] == stations[first]])
            goals = world.chute_cells[boards.destinations(world, pool)].astype(np.int32)
            order = self._order(world, cell, goals)
            row["robot"], row["parcels"][: len(order)] = robot, pool[order]
        return rows

    def _order(self, world: World, station: int, goals: np.ndarray) -> list[int]:
        """Return which of the parcels for these cells go along, in the order of their drops."""
        part = world.scenario.robots
        if part.loads == "queue":
            return loads.by_queue(self.distances, station, goals, part.parcels)
        stations = world.floor.stations.astype(np.int32)
        return loads.by_model(self.distances, station, goals, part.parcels, stations)

    def _thresholds(self, world: World) -> Thresholds:
        battery = world.scenario.battery
        return Thresholds(battery.go_at, battery.stop_at, battery.leave_at)

    def _give(
        self,
        world: World,
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

        def give(robot: int, parcel: int) -> None:
            rows.extend(_take(ahead, robot, parcel))
            given[parcel] = True
            under_way[stations[parcel]] += 1

        left = []
        for robot in free.tolist():
            parcel = next((int(p) for p in ahead[robot] if p >= 0), -1)
            if parcel >= 0 and under_way[stations[parcel]] < limit:
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
                self.distances,
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
        self,
        world: World,
        ahead: np.ndarray,
        given: list[tuple[int, int, int]],
        open_tasks: np.ndarray,
        under_way: np.ndarray,
        limit: int,
    ) -> list[tuple[int, int, int]]:
        """Let the routing model plan the next parcels of one zone's busy robots."""
        robots = world.robots
        turn = (world.tick // world.timing.dispatch) % (self._zones.max() + 1)
        busy = np.flatnonzero(
            np.isin(robots["phase"], (RobotPhase.TO_CHUTE, RobotPhase.DROPPING))
            & operate.in_use(world)
        )
        if world.scenario.floor.battery:  # who goes to charge next needs no plan
            busy = busy[_levels(world, busy) >= world.scenario.battery.go_at]
        busy = busy[~boards.several(world, busy)]  # the others are not free for long
        busy = busy[self._zones[robots["goal"][busy]] == turn][:ZONE_ROBOTS]
        cells, goals = robots["cell"][busy], robots["goal"][busy]
        ways = self.distances.between(cells.astype(np.int32), goals.astype(np.int32)).diagonal()
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
            self.distances,
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

    def move(self, world: World) -> np.ndarray:
        """Return who gets which cell (dtype `events.MOVE`), by robot.

        A row whose cell is where the robot stands lets it act there.
        """
        robots = world.robots
        cells, headings = origins(world)
        cells[cells < 0] = np.argmin(world.floor.free)  # off the floor: any wall does
        free, closed = movable(world), _closed_ways(world)
        unplugging = robots["phase"] == RobotPhase.UNPLUGGING
        # These stand where they are until that is done.
        at_once = (unplugging | _next_here(world)) & free
        told = np.flatnonzero(at_once)
        free &= ~at_once
        state = FloorState(
            cells=cells,
            headings=headings,
            goals=operate.planner_goals(world, closed),
            since=robots["since"].astype(np.int32),
            movable=free,
            held=world.held,
            tick=world.tick,
            blocked=closed,
        )
        to = self.planner.step(state)
        rows = np.zeros(int(free.sum()), MOVE)
        ids = np.flatnonzero(free)
        rows["robot"] = ids
        rows["cell"] = to[ids]
        stays = rows["cell"] == cells[ids]
        acts = (
            stays
            & (robots["goal"][ids] == cells[ids])
            & (robots["phase"][ids] != RobotPhase.IDLE)
            & (robots["ahead"][ids] == 0)
            & (robots["out"][ids] == Out.NO)
        )
        carrying = np.flatnonzero(acts & (robots["phase"][ids] == RobotPhase.TO_CHUTE))
        if len(carrying):
            acts[carrying] = chute_open(world, ids[carrying])
        rows = select(rows, ~stays | acts)
        if len(told):
            there = np.zeros(len(told), MOVE)
            there["robot"], there["cell"] = told, robots["cell"][told]
            rows = stacked([rows, there], MOVE)
            rows = rows[np.argsort(rows["robot"])]
        return rows


def _is_free(world: World) -> np.ndarray:
    """Return which robots have nothing to do; bool[robots]."""
    robots = world.robots
    return np.asarray(
        (robots["phase"] == RobotPhase.IDLE) & (robots["closed"] == 0) & operate.in_use(world)
    )


def _charger_closed(world: World) -> np.ndarray:
    """Return which robots are on their way to a charger that has been closed meanwhile; bool."""
    robots = world.robots
    mine = (robots["phase"] == RobotPhase.TO_CHARGER) & (robots["closed"] == 0)
    mine &= operate.in_use(world)
    return mine & (world.barred[np.where(mine, robots["goal"], 0)] != Barred.NO)


def _levels(world: World, robots: np.ndarray) -> np.ndarray:
    """Return how full these robots' batteries are, of 1; float64."""
    return np.asarray(world.batteries["charge"][robots] / 100)


def _closed_ways(world: World) -> np.ndarray:
    """Return the cells that others go round; int32.

    Those that are closed, and those that robots hold who are silent or faulty, or stand there
    because an operator wants it, or while they charge.
    """
    robots = world.robots
    stays = (robots["online"] == 0) | (robots["fault"] == 1) | operate.stands(world)
    phase = robots["phase"]
    stays |= (phase == RobotPhase.CHARGING) | (phase == RobotPhase.UNPLUGGING)
    closed = world.barred == Barred.CLOSED
    if stays.any():
        closed |= np.append(stays, False)[world.held]  # -1, nobody, is the last
    return np.flatnonzero(closed).astype(np.int32)


def _next_here(world: World) -> np.ndarray:
    """Return which robots pick or drop a further parcel on the cell where they stand; bool."""
    robots = world.robots
    if not len(world.boards):
        return np.zeros(len(robots), bool)
    here = (robots["cell"] == robots["goal"]) & (robots["ahead"] == 0) & (robots["out"] == Out.NO)
    picks = here & (robots["phase"] == RobotPhase.TO_STATION)
    drops = np.flatnonzero(here & (robots["phase"] == RobotPhase.TO_CHUTE))
    picks[drops] = chute_open(world, drops)
    return np.asarray(picks)


def _firsts(world: World, tasks: np.ndarray, under_way: np.ndarray) -> np.ndarray:
    """Return those tasks that a further robot may come for: one for each load that waits."""
    most = world.scenario.robots.parcels
    stations = world.parcels["station"][tasks]
    backlog = np.bincount(stations, minlength=len(under_way))
    wanted = np.maximum(0, -(-(backlog + under_way) // most) - under_way)
    by_station = np.argsort(stations, kind="stable")
    begins = np.concatenate(([0], np.cumsum(backlog)))
    rank = np.empty(len(tasks), np.int64)
    rank[by_station] = np.arange(len(tasks)) - begins[stations[by_station]]
    return tasks[rank < wanted[stations]]


def _under_way(world: World) -> np.ndarray:
    """Return how many robots are on their way to each station or loading there; int32."""
    robots = world.robots
    phase = robots["phase"]
    mine = (phase == RobotPhase.TO_STATION) | (phase == RobotPhase.LOADING)
    stations = world.parcels["station"][robots["parcel"][mine]]
    return np.bincount(stations, minlength=len(world.floor.stations)).astype(np.int32)


def _take(ahead: np.ndarray, robot: int, parcel: int) -> list[tuple[int, int, int]]:
    """Return the rows that give a robot its parcel, out of whosever plan it stood in."""
    rows = [(robot, parcel, 0)]
    for other, rank in np.argwhere(ahead == parcel).tolist():
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
