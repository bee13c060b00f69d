"""The controller's process in a simulation: the real day, store and step between simulated lines.

It does what `serve` does with sockets: drains its inbox, lives a tick, commits it, answers, sends.
It can be killed between any two of these writes.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

import numpy as np

from fleet import timers
from fleet.controller import Effects, departure
from fleet.courier import Departure
from fleet.day import Day
from fleet.decide import Brain
from fleet.events import COURIER, LINK, PLAN, SHEET, Events, Link, TourState
from fleet.intake import newest
from fleet.parcels import Parcels
from fleet.requests import Request
from fleet.rows import select, stacked
from fleet.sim.disk import Disk
from fleet.sim.faults import CrashPoint
from fleet.waves import wave_parcels
from fleet.world import World

SILENT_TICKS = 3  # without a word until a host's robots count as unreachable
RESEND_TICKS = 3  # between two rounds in which unreflected orders are sent again


class Killed(Exception):  # noqa: N818 - not an error, an end
    """The process is gone; whatever it had in memory is lost."""


@dataclass
class Line:
    """One host as this process knows it."""

    first: int
    last: int
    heard: int
    online: bool
    connected: bool = False  # it has been welcomed by this process
    gap: bool = False  # some of its batches never came


@dataclass
class Inbox:
    """What has come for a controller and is not drained yet."""

    reports: list[np.ndarray] = field(default_factory=list)
    sheets: list[np.ndarray] = field(default_factory=list)
    news: list[np.ndarray] = field(default_factory=list)
    parcels: list[tuple[int, Parcels]] = field(default_factory=list)  # number, parcels
    cancels: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


@dataclass
class Outbox:
    """What one tick sends, as far as it came."""

    answers: list[tuple[int, int]] = field(default_factory=list)  # number, parcels taken in
    told: list[tuple[str, bool]] = field(default_factory=list)  # request's id, whether it was done
    orders: list[np.ndarray] = field(default_factory=list)  # one a host
    departures: list[Departure] = field(default_factory=list)


class SimController:
    """One process that runs a day.

    Parameters
    ----------
    day
        Opened from the store a moment ago.
    brain
        The planners; they remember nothing but caches.
    spans
        First and last robot (exclusive) of each host.
    now
        Tick of the simulation.
    """

    acknowledge_first = False  # defects turn these on
    send_first = False

    def __init__(
        self, day: Day, brain: Brain, disk: Disk, spans: list[tuple[int, int]], now: int
    ) -> None:
        self.day, self.brain, self.disk = day, brain, disk
        disk.limit(day.store)
        self.epoch = self.take_over(day)
        online = day.world.robots["online"]
        self.lines = [Line(a, b, now, bool(online[a])) for a, b in spans]
        self.inbox = Inbox()
        self.lived = 0

    def take_over(self, day: Day) -> int:
        """Raise the store's epoch; from here on an earlier controller is fenced off."""
        day.world.epoch = day.store.claim()
        return day.world.epoch

    @property
    def world(self) -> World:
        """Return the state."""
        return self.day.world

    def hear(self, host: int, now: int) -> None:
        """A batch of a host has come."""
        line = self.lines[host]
        line.gap = line.gap or now - line.heard > 1
        line.heard = now

    def out(self) -> list[tuple[Departure, int]]:
        """Return the tours that are out and how many of their reports are known."""
        world = self.world
        tours = np.flatnonzero(world.tours["state"] == TourState.OUT).tolist()
        reported = world.tours["reported"]
        return [(departure(world, self.day.book, t), int(reported[t])) for t in tours]

    def live(
        self, now: int, outbox: Outbox, *, jump: int = 0, crash: CrashPoint | None = None,
        chance: float = 0.0,
    ) -> Effects | None:  # fmt: skip
        """Live one tick; `outbox` has what was sent, even where the process dies half way.

        Parameters
        ----------
        jump
            Ticks that the clock jumps ahead by.
        crash
            Where it is killed in this tick.
        chance
            A draw in [0, 1): how far the transaction comes.

        Raises
        ------
        Killed
            Where `crash` says so, or because the disk is full.
        """
        if crash == CrashPoint.BEFORE_STEP:
            raise Killed
        day, world = self.day, self.world
        inbox, self.inbox = self.inbox, Inbox()
        world.tick += 1 + jump
        events = self._events(now, inbox)
        parcels, counts = day.submitted([some for _, some in inbox.parcels])
        answers = [
            (number, len(some))
            for (number, some), count in zip(inbox.parcels, counts, strict=True)
            if count["refused"] == 0
        ]
        if self.acknowledge_first:
            outbox.answers += answers
        if crash == CrashPoint.IN_TRANSACTION:
            self._stop_within_transaction(chance)
        again = self.lived % RESEND_TICKS == 0
        self.lived += 1
        try:
            effects = day.tick(
                events, self.brain, parcels, inbox.cancels, inbox.requests, resend=again
            )
        except sqlite3.OperationalError as error:
            # The disk is full, or the kill hits: a process without its store ends.
            raise Killed(str(error)) from error
        if crash == CrashPoint.COMMITTED:
            raise Killed
        if not self.acknowledge_first:
            outbox.answers += answers
        outbox.told += [(r.id, "ok" in day.answer(r)) for r in inbox.requests]
        if crash == CrashPoint.ANSWERED:
            raise Killed
        for k, line in enumerate(self.lines):
            if crash == CrashPoint.HALF_SENT and k == len(self.lines) // 2:
                raise Killed
            robots = effects.orders["robot"]
            rows = select(effects.orders, (robots >= line.first) & (robots < line.last))
            if line.connected and len(rows):
                outbox.orders.append(rows)
        outbox.departures += [departure(world, day.book, tour) for tour in effects.departures]
        return effects

    def has_committed(self) -> bool:
        """Tell whether the tick lived last is in the store; nothing is lived after this."""
        db = self.day.store.db
        db.set_progress_handler(None, 0)
        if db.in_transaction:
            self.day.store.rollback()
        return self.day.store.last_tick() == self.world.tick

    def _stop_within_transaction(self, chance: float) -> None:
        left = [int(10 ** (1 + 4 * chance))]  # a tick's transaction has some thousands

        def count() -> int:
            left[0] -= 1
            return left[0] < 0

        self.day.store.db.set_progress_handler(count, 1)

    def _events(self, now: int, inbox: Inbox) -> Events:
        events: Events = {}
        if inbox.reports:
            # As on the wire: of several of one robot the last to come counts.
            events["report"] = newest(inbox.reports)
        if inbox.sheets:
            events["factsheet"] = newest(inbox.sheets, SHEET)
        if inbox.news:
            events["courier"] = stacked(inbox.news, COURIER)
        links = self._links(now)
        if len(links):
            events["link"] = links
        world = self.world
        if world.planned < world.waves and world.tick >= timers.plan_tick(world):
            events["plan"] = sweep(self.day)
        return events

    def _links(self, now: int) -> np.ndarray:
        rows = []
        for line in self.lines:
            online = now - line.heard <= SILENT_TICKS
            if online != line.online:
                line.online = online
                rows.append((line.first, line.last, Link.ONLINE if online else Link.SILENT))
            elif line.gap:
                rows.append((line.first, line.last, Link.GAP))
            line.gap = False
        return np.array(rows, LINK)


def sweep(day: Day) -> np.ndarray:
    """Return a wave's tours (dtype `events.PLAN`) by Gillett and Miller's sweep, unimproved.

    Parcels are taken by their angle seen from the depot, a van's load at a time: cheap, the same
    each time, and good enough where tours are not what is tried.
    """
    world, book = day.world, day.book
    parcels, without = wave_parcels(world)
    angle = np.arctan2(book.y[parcels] - day.depot[1], book.x[parcels] - day.depot[0])
    parcels = parcels[np.argsort(angle, kind="stable")]
    tours = np.zeros(len(parcels), np.int64)
    positions = np.zeros(len(parcels), np.int64)
    load = tour = first = 0
    for k, size in enumerate(book.size[parcels].tolist()):
        if load + size > day.scenario.city.capacity:
            tour, load, first = tour + 1, 0, k
        load += size
        tours[k], positions[k] = tour, k - first
    rows = np.zeros(len(without) + len(parcels), PLAN)
    rows["wave"] = world.waves - 1
    rows["tour"] = np.concatenate([np.full(len(without), -1), tours])
    rows["position"] = np.concatenate([np.full(len(without), -1), positions])
    rows["parcel"] = np.concatenate([without, parcels])
    return rows
