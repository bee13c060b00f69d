"""A day without sockets, processes or the tour solver: the same core, driven tick by tick."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fleet import courier_host, flow, robot, timers
from fleet.controller import Effects, departure
from fleet.courier import Couriers
from fleet.day import Day, create, empty_parcels
from fleet.decide import Brain
from fleet.events import REPORT, Events
from fleet.requests import Request
from fleet.robot import Vehicle
from fleet.scenario import Scenario, read
from fleet.waves import plan_rows, wave_parcels

MAP = """type octile
height 8
width 10
map
E..E..E..E
..........
..........
.@S.@S.@S.
..........
..........
.@S.@S.@R.
..........
"""
TOML = """
name = "tiny"
seed = 3
[floor]
map = "tiny.map"
robots = 4
dispatch_ticks = 3
[city]
parcels = "tiny.csv"
depot = [0.0, 0.0]
couriers = 3
capacity = 3
stop_seconds = 10.0
[wave]
arrive_seconds = 20.0
first_seconds = 10.0
every_seconds = 20.0
plan_seconds = 2.0
"""
CSV = "id,x,y,size\n" + "".join(f"P{k},{100 * (k % 4)},{50 * k},1\n" for k in range(14))


def write_files(folder: Path, *, toml: str = TOML, csv: str = CSV, floor: str = MAP) -> Scenario:
    """Write a scenario's files and return the scenario."""
    (folder / "tiny.map").write_text(floor)
    (folder / "tiny.csv").write_text(csv)
    (folder / "tiny.toml").write_text(toml)
    return read(folder / "tiny.toml")


def plan_by_number(day: Day) -> np.ndarray:
    """Return a wave's tours, filled in order of parcel: good enough where tours are not tested."""
    from routing.road.plan import make_plan
    from routing.road.problem import Problem

    parcels, without = wave_parcels(day.world)
    if not len(parcels):
        return plan_rows(day.world.waves - 1, parcels, without, None)
    sizes, capacity = day.book.size[parcels], day.scenario.city.capacity
    tours: list[list[int]] = [[]]
    load = 0
    for k, size in enumerate(sizes.tolist()):
        if load + size > capacity:
            tours.append([])
            load = 0
        tours[-1].append(k + 1)
        load += size
    xy = np.zeros((len(parcels) + 1, 2))
    problem = Problem.from_coordinates(xy, np.concatenate([[0], sizes]), capacity)
    plan = make_plan(problem, [np.array(t) for t in tours])
    return plan_rows(day.world.waves - 1, parcels, without, plan)


class PureDay:
    """A day, its robots and its couriers in one place."""

    def __init__(self, folder: Path, scenario: Scenario, hosts: int = 1, run: str = "run") -> None:
        self.day = create(folder / run, scenario, lockstep=True)
        # No test pulls the plug, so none has to wait for the disk.
        self.day.store.db.execute("PRAGMA synchronous=OFF")
        self.attach(hosts)

    def attach(self, hosts: int) -> None:
        """Connect robots and couriers where the day opens."""
        world, scenario = self.day.world, self.day.scenario
        self.brain = Brain(world)
        timing = world.timing
        self.vehicle = Vehicle(
            width=world.floor.width,
            load=timing.load,
            drop=timing.drop,
            turn=timing.turn,
            seed=scenario.seed,
            missing_share=scenario.troubles.missing_share,
        )
        cuts = np.linspace(0, len(world.robots), hosts + 1).astype(int)
        self.spans = list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
        cells, headings = world.robots["cell"].copy(), world.robots["heading"].copy()
        self.robots = [robot.start(cells[a:b], headings[a:b]) for a, b in self.spans]
        self.reported = [
            robot.report(r, a) for r, (a, _) in zip(self.robots, self.spans, strict=True)
        ]
        self.couriers = Couriers(courier_host.trip(scenario, self.day.depot))
        self.inbox: Events = {}

    def tick(self, cancels: list[str] | None = None, requests: Sequence[Request] = ()) -> Effects:
        """Live the next tick."""
        day, world = self.day, self.day.world
        parcels = empty_parcels() if day.pending is None else day.pending
        day.pending = None
        events, self.inbox = self.inbox, {}
        if world.planned < world.waves and world.tick >= timers.plan_tick(world):
            events["plan"] = plan_by_number(day)
        effects = day.tick(events, self.brain, parcels, cancels or [], requests)
        for tour in effects.departures:
            self.couriers.depart(departure(world, day.book, tour))
        reports = []
        for k, (first, last) in enumerate(self.spans if not effects.quiet else []):
            mine = robot.order_rows(effects.orders.tobytes(), first, last)
            robot.take_orders(self.robots[k], first, mine)
            robot.step(self.robots[k], first, self.vehicle)
            now = robot.report(self.robots[k], first)
            reports.append(now[now != self.reported[k]])
            self.reported[k] = now
        rows = np.concatenate([np.empty(0, REPORT), *reports])
        if len(rows):
            self.inbox["report"] = rows
        news = self.couriers.news(world.tick)
        if len(news):
            self.inbox["courier"] = news
        return effects

    def next_tick(self) -> int:
        """Return the tick to live next, `timers.NEVER` where the day is over."""
        world = self.day.world
        if not flow.floor_is_quiet(world) or self.inbox:
            return world.tick + 1
        tick = timers.next_tick(world)
        courier_tick = self.couriers.next_tick()
        return min(tick, courier_tick) if courier_tick >= 0 else tick

    def live(self, until: int = 10**9) -> PureDay:
        """Live until the day is over, or a tick is reached."""
        if self.day.store.last_tick() < 0:
            self.tick()
        while (tick := self.next_tick()) < timers.NEVER and self.day.world.tick < until:
            self.day.world.tick = tick
            self.tick()
        return self

    @property
    def over(self) -> bool:
        """Whether every parcel has come to its end."""
        return flow.all_done(self.day.world)
