"""The controller's process: drains the sockets, lives a tick, commits it, sends what follows.

In lockstep a tick ends when every host and the couriers have reported it, and the clock jumps
over times in which nothing is on the floor.  On a real clock a tick comes when its time has come.
"""

from __future__ import annotations

import gc
import logging
import math
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import IO

import msgspec
import numpy as np

from fleet import alarms, battery, flow, timers
from fleet.controller import Decides, Effects, departure
from fleet.day import Day
from fleet.decide import Brain
from fleet.door import Door, Inbox, with_refused
from fleet.entrance import Entrance
from fleet.events import ALARM, Events
from fleet.feeder import Feeder
from fleet.links import SUSPECT_SECONDS, absent
from fleet.messages import opening_time, timestamp
from fleet.parcels import joined
from fleet.peers import Peers
from fleet.progress import Progress
from fleet.refusals import Refusals
from fleet.requests import asked_speed
from fleet.waves import TourPlanner
from fleet.wire_record import nowhere, write_messages

log = logging.getLogger("fleet")

NO_ALARMS = np.empty(0, ALARM)
GC_OBJECTS = 200_000
RECONCILE_SECONDS = 1.0  # a controller that was started again waits for hosts on a real clock
# Until a robot is told of that does not do what it should: if its host is away, that comes first.
PATIENCE_SECONDS = SUSPECT_SECONDS + 1.0
RESEND_SECONDS = 0.5  # until an order that no report reflects is sent again


class Controller:
    """One controller process.

    Parameters
    ----------
    day
        The run.
    speed
        Simulated seconds a real second; 0: as fast as it goes, in lockstep.
    bind
        Loopback addresses for hosts, clients and viewers; port * is any free one.
    workers
        Threads of the process that plans tours; 0 is 1, and its code is not loaded beforehand.
    wire_record
        Where every VDA 5050 message is written, one JSON object a line; None: nowhere.
    progress
        Shows how far the day is.
    keys
        A folder that `fleet keys` made: only its parties get in, and all is encrypted.
    brain
        Decides in the place of our own.
    """

    def __init__(
        self,
        day: Day,
        *,
        speed: float,
        bind: tuple[str, str, str],
        workers: int,
        wire_record: IO[str] | None,
        progress: Progress,
        keys: Path | None = None,
        brain: Decides | None = None,
    ) -> None:
        self.day, self.progress, self.wire_record = day, progress, wire_record
        self.lockstep = speed == 0
        self.speed = speed
        self.stopped = False
        world, store, scenario = day.world, day.store, day.scenario
        # From here on any earlier controller of this run can write nothing more.
        # Once a day has run on a real clock robots go by their own.
        world.epoch = store.claim(lockstep=int(self.lockstep))
        self.opening = opening_time(scenario.opening)
        self.refusals = Refusals()
        self.refused_before = Counter(msgspec.json.decode(store.meta("refused", "{}")))
        self.entrance = Entrance(bind, keys)
        self.feeder = Feeder(
            self.entrance.feed,
            self.entrance.feed_address,
            day,
            lockstep=self.lockstep,
            speed=speed,
        )
        self.peers = Peers(
            self.entrance.hosts,
            len(world.robots),
            lockstep=self.lockstep,
            epoch=world.epoch,
            depot=day.depot,
            time_of=self._time_of,
            departure_of=lambda tour: departure(world, day.book, tour),
            record=nowhere if wire_record is None else partial(write_messages, wire_record),
            refusals=self.refusals,
            parties=self.entrance.parties,
        )
        self.door = Door(
            self.entrance.clients,
            self.feeder.snapshot,
            lockstep=self.lockstep,
            is_known=lambda name: day.names.get(name, -1) >= 0,
            refusals=self.refusals,
            parties=self.entrance.parties,
        )
        self.door.closed = day.door_closed
        log.info("controller %d begins at tick %d", world.epoch, store.last_tick())
        self.tours = TourPlanner(scenario, day.depot, workers)
        self.workers = workers
        if world.planned < world.waves:
            self.tours.start(world, day.book)
        if brain is None:
            # Hosts find the sockets meanwhile, so that work goes on as soon as this is ready.
            brain = Brain(world)
            brain.warm(world)
        self.brain = brain

    # -- the loop

    def run(self) -> bool:
        """Run until the day is over (True) or the controller is told to end (False)."""
        started = time.monotonic()
        day = self.day
        before = float(day.store.meta("wall_seconds"))
        day.figures = lambda: {
            "wall_seconds": before + time.monotonic() - started,
            "refused": msgspec.json.encode(self._refused()).decode(),
        }
        # What is there now stays; a collector that looks through ten thousand fresh messages
        # several times a tick finds nothing, for they hold no cycles.
        gc.freeze()
        gc.set_threshold(GC_OBJECTS)
        first = day.store.last_tick() < 0
        self._wait_for_peers()
        # Only now, for before that the hosts need the processors to catch up.
        if self.workers and day.world.planned == day.world.waves:
            self.tours.warm()
        over = False
        if not self.stopped and first:
            self._live(day.world.tick)
        if self.lockstep:
            over = self._run_lockstep()
        else:
            over = self._run_live()
        day.store.begin()
        if day.store.last_tick() >= 0:  # else a start would take the first tick for lived
            day.keep_snapshot()
        day.keep_wall_times()
        if over:
            events_hash, state_hash = day.hashes()
            day.store.set_meta(events_hash=events_hash, state_hash=state_hash, ended=1)
        day.store.commit()
        return over

    def _wait_for_peers(self) -> None:
        """Wait for all hosts and the couriers; of a day under way on a real clock not for long.

        Robots whose host has not come then are taken for silent: the others go on.
        """
        began = said = time.monotonic()
        waits = self.lockstep or self.day.store.last_tick() < 0
        while not self.stopped and not self.peers.complete():
            self._serve(0.1)
            if not waits and time.monotonic() - began > RECONCILE_SECONDS:
                break
            if time.monotonic() - said > 5:
                said = time.monotonic()
                log.warning(
                    "waiting for hosts of robots %s at %s",
                    ", ".join(f"{a}:{b}" for a, b in self.peers.missing()) or "none, but couriers",
                    self.entrance.hosts_address,
                )
        if not self.lockstep:
            self.peers.set_period(self._period())

    def _run_lockstep(self) -> bool:
        world = self.day.world
        while not self.stopped:
            while not self.stopped and not self.peers.all_answered(world.tick):
                self._serve(0.1)
                self.peers.links.look()
            if self.stopped:
                return False
            tick = self._next_tick()
            if tick == timers.NEVER:
                if self._over():
                    return True
                self._serve(0.1)
                continue
            self._live(tick)
        return False

    def _next_tick(self) -> int:
        world = self.day.world
        self.door.receive()
        if not flow.floor_is_quiet(world) or self.door.inbox or self.day.pending is not None:
            return world.tick + 1
        if world.paused:  # the clock stands, too
            return timers.NEVER
        tick = timers.next_tick(world)
        courier_tick = self.peers.courier_tick()
        if courier_tick >= 0:
            tick = min(tick, courier_tick)
        if self.peers.intake.has_news():
            tick = world.tick + 1
        return max(tick, world.tick + 1) if tick < timers.NEVER else tick

    def _run_live(self) -> bool:
        deadline = time.monotonic()
        resent = deadline
        told = False  # who is absent
        while not self.stopped:
            if not self.speed:
                self._serve(0.1)
                deadline = time.monotonic()
                if self.door.inbox:  # who asks is answered while the clock stands
                    self._live(self.day.world.tick + 1)
                continue
            period = self._period()
            deadline = max(deadline + period, time.monotonic() - 10 * period)
            # Where the asked speed is more than this machine can do, the sockets come first.
            self._serve(0.0)
            while not self.stopped and (left := deadline - time.monotonic()) > 0:
                self._serve(left)
            now = time.monotonic()
            events: Events = {}
            links = self.peers.links.look()
            if not told:  # only now: a host that has come meanwhile is there
                links, told = np.concatenate((absent(self.peers.missing()), links)), True
            if len(links):
                events["link"] = links
            again = now - resent >= RESEND_SECONDS
            if again:
                resent = now
            self._live(self.day.world.tick + 1, events, resend=again)
            if self._over():
                return True
        return False

    def _over(self) -> bool:
        return self.day.pending is None and self.door.closed and flow.all_done(self.day.world)

    def _live(self, tick: int, events: Events | None = None, *, resend: bool = False) -> None:
        """Live one tick: take in, decide, commit; then answer, send and show."""
        # What it took to take in since the last tick counts too.
        began = time.perf_counter() - self.peers.busy_seconds
        day, world = self.day, self.day.world
        events = dict(events or {})
        if world.planned < world.waves and self._plan_is_due(tick):
            rows = self._awaited_tours()
            if rows is None:  # told to end: this tick has not been
                return
            events["plan"] = rows
        world.tick = tick
        events |= self._news()
        self.door.receive()
        inbox = self.door.take()
        day.door_closed = self.door.closed
        parcels, counts = day.submitted([some for _, some, _ in inbox.parcels])
        if day.pending is not None:
            parcels, day.pending = joined([day.pending, parcels]), None
        cancels = [name for _, names, _ in inbox.cancels for name in names]
        gone = day.cancelled(cancels)
        waves = world.waves
        marks: dict[str, float] = {}
        effects = day.tick(
            events,
            self.brain,
            parcels,
            cancels,
            [request for _, request in inbox.requests],
            resend=resend,
            patience=self._patience(),
            timed=lambda part: marks.__setitem__(part, time.perf_counter()),
        )
        planner_ms = (marks["decided"] - marks["taken in"]) * 1000
        if "operate" in effects.events:
            speed = asked_speed(effects.events["operate"], effects.answers)
            if speed is not None:
                self._set_speed(speed)
        if world.waves > waves:
            self.tours.start(world, day.book)
        self._answer(inbox, counts, gone)
        self._send(effects, planner_ms)
        tick_ms = (time.perf_counter() - began) * 1000
        day.wall.append((tick, tick_ms, planner_ms))
        self.progress.show(world, tick)

    def _answer(self, inbox: Inbox, counts: list[dict[str, object]], gone: set[str]) -> None:
        """Tell clients what came of what they asked, now that it is committed."""
        day, answer = self.day, self.door.answer
        for (route, _, refused), count in zip(inbox.parcels, counts, strict=True):
            answer(route, with_refused(count, refused))
        for route, names, refused in inbox.cancels:
            answer(route, with_refused(day.cancel_answer(names, gone), refused))
        for route, request in inbox.requests:
            answer(route, day.answer(request))

    def _send(self, effects: Effects, planner_ms: float) -> None:
        """Send what a committed tick decided, and show it."""
        day, world = self.day, self.day.world
        departures = [departure(world, day.book, tour) for tour in effects.departures]
        self.peers.send_tick(world.tick, effects.orders, departures, quiet=effects.quiet)
        for line in alarms.lines(world, effects.events.get("alarm", NO_ALARMS)):
            log.warning("%s", line)
        self.feeder.publish(
            effects,
            speed=self.speed,
            planner_ms=planner_ms,
            refused=self._refused(),
            silent=self.peers.links.not_online(),
        )

    def _news(self) -> Events:
        """Return what hosts and couriers have said since the last tick, where they have."""
        reports, couriers = self.peers.drain()
        intake = self.peers.intake
        news = {
            "report": reports,
            "courier": couriers,
            "battery": battery.news(self.day.world, intake.batteries()),
            "factsheet": intake.factsheets(),
        }
        return {kind: rows for kind, rows in news.items() if len(rows)}

    def _plan_is_due(self, tick: int) -> bool:
        if self.lockstep:
            return tick >= timers.plan_tick(self.day.world)
        return self.tours.ready()

    def _awaited_tours(self) -> np.ndarray | None:
        """Return the wave's tours; the clock stands, the sockets do not.

        In lockstep a host that comes meanwhile is asked for the last tick again, and is waited for:
        what it says belongs to this tick, not to the next one.
        """
        last = self.day.world.tick
        while not self.tours.ready() or (self.lockstep and not self.peers.all_answered(last)):
            self._serve(0.02)
            if self.stopped:
                return None
        return self.tours.take()

    # -- the sockets

    def _serve(self, seconds: float) -> None:
        """Take in what hosts and clients send, waiting at most so long for the first of it."""
        self.door.receive()
        self.peers.receive(self.day.world, self.day.store, seconds)

    def _refused(self) -> dict[str, int]:
        """Return what was not let in or not taken in since the day began, by kind."""
        now = Counter({**self.refusals.plain(), **self.entrance.turned_away()})
        return dict(self.refused_before + now)

    def _set_speed(self, speed: float) -> None:
        self.speed = speed
        self.peers.set_period(self._period())

    def _period(self) -> float:
        return self.day.scenario.floor.tick_seconds / self.speed if self.speed else 0.0

    def _patience(self) -> int:
        """Return the ticks until a host that says nothing would be known to be silent."""
        period = self._period()
        return math.ceil(PATIENCE_SECONDS / period) if period else 0

    def _time_of(self, tick: int) -> str:
        return timestamp(self.opening, tick * self.day.scenario.floor.tick_seconds)

    def stop(self, *_: object) -> None:
        """End after this tick; a signal's handler too."""
        self.stopped = True

    def close(self, *, say: bool = True) -> None:
        """Tell the others, where they are to end too, and leave nothing behind."""
        if say:
            self.peers.stop()
        self.tours.close()
        self.day.store.close()
        if self.wire_record is not None:
            self.wire_record.close()
        self.entrance.close()
