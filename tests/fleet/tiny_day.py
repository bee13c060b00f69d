"""A whole small day in one process, without sockets or planners: makes runs to judge.

The controller's own step, robots and couriers run as they do in a real run; only who decides is
simpler here: robots take the oldest parcel and the shortest free way, tours are cut by row.
"""

from collections import deque
from pathlib import Path

import numpy as np

from fleet import flow, robot, timers, traffic
from fleet.controller import departure
from fleet.courier import Couriers, Trip
from fleet.day import Day, create, empty_parcels
from fleet.events import ASSIGN, MOVE, PLAN, ParcelState, RobotPhase
from fleet.scenario import CityPart, FloorPart, Scenario, TroublesPart, WavePart

MAP = """type octile
height 6
width 8
map
E......E
........
..S..S..
........
..S..S.R
........
"""


class Simple:
    """Decides: the oldest task to any idle robot, the shortest way round held cells."""

    def assign(self, world):
        idle = np.flatnonzero(world.robots["phase"] == RobotPhase.IDLE)
        idle = idle[world.robots["closed"][idle] == 0]
        pairs = zip(idle.tolist(), flow.tasks(world).tolist(), strict=False)
        return np.array([(who, parcel, 0) for who, parcel in pairs], ASSIGN)

    def move(self, world):
        rows = []
        held = world.held.copy()
        cells, _ = traffic.origins(world)
        for who in np.flatnonzero(traffic.movable(world)).tolist():
            here, goal = int(cells[who]), int(world.robots["goal"][who])
            if here == goal:
                if world.robots["ahead"][who] == 0 and self._may_act(world, who):
                    rows.append((who, here))
                continue
            step = _first_step(world.floor, held, here, goal, 97 * world.tick + who)
            if step >= 0:
                held[step] = who
                rows.append((who, step))
        return np.array(rows, MOVE)

    def _may_act(self, world, who):
        if world.robots["phase"][who] != RobotPhase.TO_CHUTE:
            return world.robots["phase"][who] == RobotPhase.TO_STATION
        return bool(traffic.chute_open(world, np.array([who]))[0])


def _first_step(floor, held, here, goal, turn):
    """Return the first cell on a shortest free way; without a goal, off stations and chutes."""
    if goal < 0 and floor.letters[here] == ord("."):
        return -1
    came = {here: -1}
    queue = deque([here])
    while queue:
        cell = queue.popleft()
        if cell == goal or (goal < 0 and floor.letters[cell] == ord(".")):
            while came[cell] != here:
                cell = came[cell]
            return cell
        for heading in range(4):
            there = int(floor.successors[cell, (heading + turn) % 4])
            if there >= 0 and held[there] < 0 and there not in came:
                came[there] = cell
                queue.append(there)
    # No way at all: make room by chance, so that two in each other's way get apart.
    free = [c for c in floor.successors[here].tolist() if c >= 0 and held[c] < 0]
    chance = np.random.default_rng(turn).random()
    return free[int(chance * 2 * len(free))] if chance < 0.5 and free else -1


def scenario(folder: Path, *, robots=3, parcels=14, seed=1, **troubles) -> Scenario:
    """Write a map and a parcel file, and return the scenario of them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.map").write_text(MAP)
    rows = [f"p{k},{k % 5 * 30},{k // 5 * 40},{1 + k % 2}" for k in range(parcels)]
    (folder / "tiny.csv").write_text("id,x,y,size\n" + "\n".join(rows) + "\n")
    return Scenario(
        name="tiny",
        seed=seed,
        floor=FloorPart(map="tiny.map", robots=robots, load_seconds=0.5, drop_seconds=0.5),
        city=CityPart(
            parcels="tiny.csv",
            depot=(0, 0),
            couriers=3,
            capacity=6,
            stop_seconds=5,
            best_known=1500,
        ),
        wave=WavePart(arrive_seconds=5, first_seconds=2, every_seconds=10, plan_seconds=1),
        troubles=TroublesPart(found_seconds=5, blocked_seconds=5, **troubles),
        folder=str(folder),
    )


def tours(world):
    """Return the tours of the wave that closed last (dtype `events.PLAN`), cut by row."""
    rows = world.parcels
    mine = (rows["wave"] == world.waves - 1) & (rows["state"] == ParcelState.AT_STATION)
    parcels = np.flatnonzero(mine)
    without = timers.untoured(world, parcels)
    plan = [(world.waves - 1, -1, -1, p) for p in parcels[without].tolist()]
    tour, load, position = 0, 0, 0
    for parcel in parcels[~without].tolist():
        size = int(rows["size"][parcel])
        if load + size > world.scenario.city.capacity:
            tour, load, position = tour + 1, 0, 0
        plan.append((world.waves - 1, tour, position, parcel))
        load, position = load + size, position + 1
    return np.array(plan, PLAN)


class TinyDay:
    """A day and what a real run has in other processes."""

    def __init__(self, day: Day):
        world, city = day.world, day.scenario.city
        self.day, self.brain = day, Simple()
        day.store.db.execute("PRAGMA synchronous=OFF")  # these runs need not outlive a power cut
        floor, troubles = day.scenario.floor, day.scenario.troubles
        self.robots = robot.start(world.robots["cell"], world.robots["heading"])
        self.vehicle = robot.vehicle_of(day.scenario, day.floor.width)
        self.couriers = Couriers(
            Trip(day.depot, city.metres_per_unit, city.courier_metres_per_second, city.stop_seconds,
                 city.depart_seconds, floor.tick_seconds, day.scenario.seed, troubles.failed_share)
        )  # fmt: skip

    def live(self, cancels=()) -> None:
        """Live one tick, or jump over the time in which the floor is quiet."""
        day, world = self.day, self.day.world
        world.tick = self._next_tick()
        events = {"report": robot.report(self.robots, 0)}
        sheets = robot.factsheets(self.robots, 0, self.vehicle)
        if len(sheets):
            events["factsheet"] = sheets
        news = self.couriers.news(world.tick)
        if len(news):
            events["courier"] = news
        if world.planned < world.waves and world.tick >= timers.plan_tick(world):
            events["plan"] = tours(world)
        parcels, day.pending = day.pending or empty_parcels(), None
        effects = day.tick(events, self.brain, parcels, list(cancels))
        robot.take_orders(self.robots, 0, effects.orders)
        for tour in effects.departures:
            self.couriers.depart(departure(world, day.book, tour))
        robot.step(self.robots, 0, self.vehicle)

    def _next_tick(self) -> int:
        world = self.day.world
        if not flow.floor_is_quiet(world) or self.day.pending is not None:
            return world.tick + 1
        tick, back = timers.next_tick(world), self.couriers.next_tick()
        return max(world.tick + 1, tick if back < 0 else min(tick, back))

    def run(self, ticks=20_000) -> None:
        """Live until the day is over."""
        self.day.door_closed = True
        for _ in range(ticks):
            self.live()
            if flow.all_done(self.day.world):
                break
        else:
            raise AssertionError("the day does not end")
        events_hash, state_hash = self.day.hashes()
        self.day.store.set_meta(events_hash=events_hash, state_hash=state_hash, ended=1)


def record(folder: Path, **how) -> Path:
    """Run a small day and return its run folder."""
    run = folder / "run"
    day = create(run, scenario(folder, **how), lockstep=True)
    TinyDay(day).run()
    day.store.close()
    return run
