"""The decisions of a tick: which robot gets which parcel, cell and charger, and what it loads.

This is where fleet asks `routing.floor`.  The answers become events like any other, so that a
replay needs no planner.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fleet import assignment, boards, flow, operate
from fleet.assignment import ZONE_ROBOTS, is_free, thresholds
from fleet.bases import going, late, may_be_told, movable, origins, ready
from fleet.battery import AT_CHARGER, levels
from fleet.events import CHARGE, LOAD, MOVE, Barred, Out, RobotPhase
from fleet.rows import select, stacked
from fleet.traffic import chute_open
from fleet.world import World
from routing.floor import dispatch, loads
from routing.floor.charging import may_work, to_chargers
from routing.floor.distances import Distances
from routing.floor.granting import GrantPlanner
from routing.floor.guidance import against_with
from routing.floor.planner import FloorState

# Chutes whose ways are worked out before a day, at most: as many as couriers may need at a time.
# 5 ms each on maps/large.map.
WARM_CHUTES = 1000


class Brain:
    """The planners of one floor; what they remember are caches, never anything decided."""

    def __init__(self, world: World) -> None:
        self.planner = GrantPlanner(
            world.floor,
            turn_ticks=world.timing.turn,
            seed=world.scenario.seed,
            against=against_with(world.floor, len(world.robots), world.timing.turn),
            executor=ThreadPoolExecutor(thread_name_prefix="floor"),
        )
        # By chutes, for it is there that busy robots become free.
        count = max(1, -(-len(world.robots) // ZONE_ROBOTS))
        self._zones = dispatch.zones(world.floor, count, world.chute_cells)

    def warm(self, world: World) -> None:
        """Load the planners' compiled code, as the first decisions would; nothing is decided.

        At opening the ways to where nearly all robots will go are worked out as well: on a large
        floor that takes seconds, by which ticks would be late.  Who goes on with a day has no time.
        """
        if not world.tick:
            floor = world.floor
            chutes = floor.chutes[world.chute_order[: min(len(world.couriers), WARM_CHUTES)]]
            goals = np.concatenate([floor.stations, floor.rejects, floor.chargers, chutes, [-1]])
            goals = goals.astype(np.int32)
            self.distances.slots(goals[self.distances.fit(goals, 0)])
        dispatch.load()
        self.planner.warm()
        self.move(world)  # first, for it goes round what is closed, and `assign` by the same ways
        self.assign(world)

    @property
    def distances(self) -> Distances:
        """Return the planner's distances, so that both decisions see the same ways."""
        return self.planner.distances

    def assign(self, world: World) -> np.ndarray:
        """Return who gets which parcel now, and who next (dtype `events.ASSIGN`)."""
        return assignment.assign(world, self.distances, self._zones)

    def charge(self, world: World) -> np.ndarray:
        """Return who goes to which charger, and who leaves one (dtype `events.CHARGE`)."""
        robots, limits = world.robots, thresholds(world)
        charging = np.flatnonzero((robots["phase"] == RobotPhase.CHARGING) & may_be_told(world))
        full = charging[may_work(levels(world, charging), np.ones(len(charging), bool), limits)]
        at_charger = np.isin(robots["phase"], AT_CHARGER)
        barred = world.barred[world.floor.chargers] != Barred.NO
        free = np.flatnonzero(is_free(world) | _charger_closed(world))
        chargers = to_chargers(
            world.floor,
            self.distances,
            robots["cell"][free].astype(np.int32),
            levels(world, free),
            barred | np.isin(world.floor.chargers, robots["goal"][at_charger]),
            limits,
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

    def move(self, world: World) -> np.ndarray:
        """Return who gets which cell (dtype `events.MOVE`), by robot.

        A row whose cell is where the robot stands lets it act there.
        """
        robots = world.robots
        cells, headings = origins(world)
        cells[cells < 0] = np.argmin(world.floor.free)  # off the floor: any wall does
        # Where a ring was broken up (`waits`) somebody else may have got the end of a base.
        own = world.held[cells] == np.arange(len(robots))
        free, closed = movable(world) & own, _closed_ways(world)
        unplugging = robots["phase"] == RobotPhase.UNPLUGGING
        # These stand where they are until that is done.
        at_once = (unplugging | _next_here(world)) & free
        told = np.flatnonzero(at_once)
        free &= ~at_once
        slow = late(world)
        state = FloorState(
            cells=cells,
            headings=headings,
            goals=operate.planner_goals(world, closed),
            since=robots["since"].astype(np.int32),
            movable=free,
            held=world.held,
            tick=world.tick,
            blocked=closed,
            late=slow,
            ready=ready(world),
            going=going(world) & own & ~at_once & ~slow,
            stood=world.tick - robots["sent"],
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


def _charger_closed(world: World) -> np.ndarray:
    """Return which robots are on their way to a charger that has been closed meanwhile; bool."""
    robots = world.robots
    mine = (robots["phase"] == RobotPhase.TO_CHARGER) & (robots["closed"] == 0)
    mine &= operate.in_use(world)
    return mine & (world.barred[np.where(mine, robots["goal"], 0)] != Barred.NO)


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
