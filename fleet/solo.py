"""A whole day in one process: the same core, robots and couriers, without sockets or a clock.

In lockstep a day's hashes are those of `fleet run` on the same scenario, whatever ran it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from fleet import battery, courier_host, flow, robot, timers
from fleet.battery import opening_charge
from fleet.controller import Decides, Effects, departure
from fleet.courier import Couriers
from fleet.day import Day
from fleet.decide import Brain
from fleet.events import BATTERY, REPORT, SHEET, Events
from fleet.parcels import empty_parcels
from fleet.requests import Request


class SoloDay:
    """A day, its robots and its couriers in one place.

    Parameters
    ----------
    day
        The run, at its opening or where it stopped before its first order.
    tours
        Returns the tours of the wave that closed last (dtype `events.PLAN`).
    hosts
        Parts that the robots are cut into, as hosts would be.
    brain
        Decides in the place of our own.
    """

    def __init__(
        self,
        day: Day,
        tours: Callable[[Day], np.ndarray],
        hosts: int = 1,
        brain: Decides | None = None,
    ) -> None:
        self.day, self.tours = day, tours
        world = day.world
        self.brain = brain or Brain(world)
        self.vehicle = robot.vehicle_of(day.scenario, world.floor.width)
        cuts = np.linspace(0, len(world.robots), hosts + 1).astype(int)
        self.spans = list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
        cells, headings = world.robots["cell"].copy(), world.robots["heading"].copy()
        charge = opening_charge(day.scenario, 0, len(cells))
        self.robots = [robot.start(cells[a:b], headings[a:b], charge[a:b]) for a, b in self.spans]
        self.reported = [
            robot.report(r, a) for r, (a, _) in zip(self.robots, self.spans, strict=True)
        ]
        self.charges = [
            robot.batteries(r, a, self.vehicle)
            for r, (a, _) in zip(self.robots, self.spans, strict=True)
        ]
        self.couriers = Couriers(courier_host.trip(day.scenario, day.depot))
        self.inbox: Events = {}

    def tick(self, cancels: list[str] | None = None, requests: Sequence[Request] = ()) -> Effects:
        """Live the next tick."""
        began = time.perf_counter()
        day, world = self.day, self.day.world
        parcels = empty_parcels() if day.pending is None else day.pending
        day.pending = None
        events, self.inbox = self.inbox, {}
        if world.planned < world.waves and world.tick >= timers.plan_tick(world):
            events["plan"] = self.tours(day)
        marks: dict[str, float] = {}
        effects = day.tick(
            events,
            self.brain,
            parcels,
            cancels or [],
            requests,
            timed=lambda part: marks.__setitem__(part, time.perf_counter()),
        )
        for tour in effects.departures:
            self.couriers.depart(departure(world, day.book, tour))
        reports, charges, sheets = [], [], []
        for k, (first, last) in enumerate(self.spans if not effects.quiet else []):
            mine = robot.order_rows(effects.orders.tobytes(), first, last)
            robot.take_orders(self.robots[k], first, mine)
            robot.step(self.robots[k], first, self.vehicle)
            sheets.append(robot.factsheets(self.robots[k], first, self.vehicle))
            now = robot.report(self.robots[k], first)
            level = robot.batteries(self.robots[k], first, self.vehicle)
            # A state tells both, whichever of them has changed.
            changed = (now != self.reported[k]) | (level != self.charges[k])
            reports.append(now[changed])
            charges.append(level[changed])
            self.reported[k], self.charges[k] = now, level
        if self.vehicle.capacity:
            said = battery.news(world, np.concatenate([np.empty(0, BATTERY), *charges]))
            if len(said):
                self.inbox["battery"] = said
        told = np.concatenate([np.empty(0, SHEET), *sheets])
        if len(told):
            self.inbox["factsheet"] = told
        rows = np.concatenate([np.empty(0, REPORT), *reports])
        if len(rows):
            self.inbox["report"] = rows
        news = self.couriers.news(world.tick)
        if len(news):
            self.inbox["courier"] = news
        planner_ms = (marks["decided"] - marks["taken in"]) * 1000
        day.wall.append((world.tick, (time.perf_counter() - began) * 1000, planner_ms))
        return effects

    def next_tick(self) -> int:
        """Return the tick to live next, `timers.NEVER` where the day is over."""
        world = self.day.world
        if not flow.floor_is_quiet(world) or self.inbox:
            return world.tick + 1
        tick = timers.next_tick(world)
        courier_tick = self.couriers.next_tick()
        return min(tick, courier_tick) if courier_tick >= 0 else tick

    def live(
        self, until: int = timers.NEVER, seen: Callable[[Day], bool] = lambda day: True
    ) -> SoloDay:
        """Live until the day is over, or a tick is reached, or `seen`, asked each tick, says no."""
        if self.day.store.last_tick() < 0:
            self.tick()
        while (tick := self.next_tick()) < timers.NEVER and self.day.world.tick < until:
            self.day.world.tick = tick
            self.tick()
            if not seen(self.day):
                break
        return self

    def close(self, wall_seconds: float) -> None:
        """Write how the day ended, and close its store."""
        day = self.day
        day.store.begin()
        day.keep_wall_times()
        day.store.set_meta(wall_seconds=wall_seconds)
        if self.over:
            events_hash, state_hash = day.hashes()
            day.store.set_meta(events_hash=events_hash, state_hash=state_hash, ended=1)
        day.store.commit()

    @property
    def over(self) -> bool:
        """Whether every parcel has come to its end."""
        return flow.all_done(self.day.world)
