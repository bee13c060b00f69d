"""One simulated run: the real core and robots on a clock, a network and a disk of our own.

A tick: the client speaks, the controller lives its tick, its orders arrive, robots drive, their
states leave.  Faults come from `sim_faults`; after each step the rules of `invariants` are checked.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fleet import courier_host, flow, robot
from fleet.check.violations import Violation
from fleet.courier import Couriers, Departure
from fleet.day import Day
from fleet.decide import Brain
from fleet.events import ORDER
from fleet.rows import stacked
from fleet.run_folder import create, resume
from fleet.sim import scenario as sim_scenario
from fleet.sim.client import Client
from fleet.sim.controller import Killed, Outbox, SimController
from fleet.sim.disk import Disk
from fleet.sim.faults import KINDS, WHIMS, CrashPoint, Fault, schedule
from fleet.sim.hosts import Hosts
from fleet.sim.invariants import Truth
from fleet.sim.operator import Operator
from fleet.store_errors import FencedError
from fleet.world import state_hash

RESYNC_TICKS = 20  # a courier process asks what is out
SNAPSHOT_TICKS = 64
FULL_TICKS = 5  # until a controller that ended on a full disk is tried again
AFTER_TICKS = 4000  # in which everything must end after the last fault
PARCEL_TICKS = 500  # more for each further parcel on a robot, as then there are as many more
NEWS_LOST, NEWS_DOUBLED = 0.01, 0.05


@dataclass(frozen=True)
class Setting:
    """What makes a run: the same setting, the same run.

    Attributes
    ----------
    seed, robots, minutes
        Minutes of the floor with faults; what is open then is brought to its end without.
    only
        Numbers of the timed faults that happen; None: all.
    without
        Kinds of message faults left out.
    parcels
        What a robot carries at once.
    """

    seed: int
    robots: int = 200
    minutes: float = 30.0
    only: tuple[int, ...] | None = None
    without: frozenset[str] = frozenset()
    parcels: int = 1


@dataclass
class Result:
    """What came of a run."""

    robot_hours: float  # with faults; the calm time after the last one does not count
    ticks: int
    faults: dict[str, int]
    violations: list[Violation]
    timed: list[Fault] = field(default_factory=list)
    parcels: int = 0


# Of this process, by robots and parcels a robot: what a brain remembers are distances.
_brains: dict[tuple[int, int], Brain] = {}


class Simulation:
    """One run."""

    def __init__(self, setting: Setting, root: Path) -> None:
        self.setting = setting
        seed, n = setting.seed, setting.robots
        (root / "sim.map").write_text(sim_scenario.floor_map(n))
        scenario = sim_scenario.scenario(seed, n, str(root), setting.parcels)
        self.disk = Disk(root)
        day = create(self.disk.folder, scenario, lockstep=False)
        world = day.world
        floor = (n, setting.parcels)
        if floor not in _brains:
            _brains[floor] = Brain(world)
        self.brain = _brains[floor]
        self.brain.planner.seed = seed
        self.tick_seconds = scenario.floor.tick_seconds
        self.fault_ticks = round(setting.minutes * 60 / self.tick_seconds)
        vehicle = robot.vehicle_of(scenario, world.floor.width)
        self.floor = world.floor
        self.truth = Truth(world)
        robots = robot.start(world.robots["cell"], world.robots["heading"])
        self.hosts = Hosts(robots, vehicle, self.fault_ticks, setting.without, self.truth)
        self.chance = np.random.default_rng([seed, 0xC11E])
        book = sim_scenario.parcels(seed, n, setting.minutes, setting.parcels)
        self.client = Client(book, self.fault_ticks, self.chance)
        self.operator = Operator(self.hosts, self.fault_ticks, seed, self._label)
        self.couriers = Couriers(courier_host.trip(scenario, day.depot))
        self.counts = dict.fromkeys(KINDS, 0)
        count = len(self.hosts.spans)
        self.timed = schedule(seed, n, count, self.fault_ticks, self.tick_seconds)
        only = range(len(self.timed)) if setting.only is None else setting.only
        self.coming = [self.timed[k] for k in sorted(only) if k < len(self.timed)]
        # Ticks until which the couriers, the controller, its clock and the disk are out.
        self.courier_until = self.controller_until = self.stall_until = self.full_until = 0
        self.crash: Fault | None = None  # for the controller's next tick
        self.jump = 0
        self.kept_hash = ""  # of the state that the last controller left, where it is known
        self.controller: SimController | None = None
        self.zombie: SimController | None = None
        self._start(day, 0)

    # -- the run

    def run(self) -> Result:
        """Live until everything has come to its end, a rule is broken, or time is up."""
        now = 0
        violations = self.truth.violations
        while not violations.found:
            self.tick(now)
            now += 1
            controller = self.controller
            if now > self.fault_ticks and controller is not None and self._over(controller):
                self.truth.ended(controller.world, self.client.answered, controller.day.names, now)
                break
            if now > self.fault_ticks + AFTER_TICKS + PARCEL_TICKS * (self.setting.parcels - 1):
                violations.add("end", f"tick {now}", self._what_is_open())
        hosts = self.hosts
        self.counts["late"] = hosts.late
        for network in (hosts.inward, hosts.outward, hosts.sheets):
            for kind, count in network.counts.items():
                self.counts[kind] += count
        hours = min(now, self.fault_ticks) * self.tick_seconds / 3600 * self.setting.robots
        parcels = len(self.truth.lies)
        return Result(hours, now, self.counts, violations.found, self.timed, parcels)

    def _over(self, controller: SimController) -> bool:
        return self.client.done and self.operator.done and flow.all_done(controller.world)

    def _what_is_open(self) -> str:
        if self.controller is None:
            return "no controller runs"
        rows = self.controller.world.parcels
        left = np.flatnonzero(~np.isin(rows["state"], flow.FINAL))
        shown = [(p, int(rows["state"][p]), int(rows["robot"][p])) for p in left[:5].tolist()]
        return (
            f"{len(left)} parcels open, the first (parcel, state, robot): {shown}; "
            f"client {'done' if self.client.done else 'waits'}, "
            f"operator {'done' if self.operator.done else 'waits'}"
        )

    def tick(self, now: int) -> None:
        """Let one tick pass for everybody."""
        if now == self.fault_ticks:
            self.hosts.calm()
        while self.coming and self.coming[0].tick <= now:
            self._begin(self.coming.pop(0), now)
        if self.disk.full and now >= self.full_until:
            self.disk.full = False
            if self.controller is not None:
                self.disk.limit(self.controller.day.store)
        if self.controller is None and now >= self.controller_until:
            self._restart(now)
        controller = self.controller
        inbox = None if controller is None else controller.inbox
        self.client.speak(now, inbox)
        self.operator.act(now, inbox, None if controller is None else controller.world)
        if controller is not None:
            self._hear(controller, now)
            if now >= self.stall_until:
                self._live(controller, now)
        self.hosts.live(now)

    def _begin(self, fault: Fault, now: int) -> None:
        kind, who, until = fault.kind, fault.who, now + fault.ticks
        self.counts[kind] += 1
        if kind in WHIMS:
            self.operator.whim(kind, who, until, fault.chance, self.floor)
        elif kind in ("controller_kill", "torn_write"):
            self.crash = fault
        elif kind == "second_controller":
            self._second_controller(now)
        elif kind == "host_kill":
            self.hosts.kill(who, until)
        elif kind == "link_cut":
            self.hosts.cut(who, until)
        elif kind == "courier_kill":
            self.courier_until = until
            self.couriers = Couriers(self.couriers.trip)
        elif kind == "disk_full":
            self.disk.full, self.full_until = True, until
            if self.controller is not None:
                self.disk.limit(self.controller.day.store)
        elif kind == "clock_jump":
            self.jump = fault.ticks
        elif kind == "controller_stall":
            self.stall_until = until
        elif kind == "robot_stop":
            self.hosts.stop(who, until)
        elif kind == "robot_reboot":
            self.hosts.reboot(who, until)
        elif kind == "robot_broken" and not self.hosts.broken[who]:
            # It stands until an operator takes it away, and comes back later.
            self.hosts.reboot(who, 2**62)
            self.hosts.broken[who] = True
            self.operator.call(who, until)

    def _label(self, parcel: int) -> str:
        """Return what is written on a parcel; only one that was accepted is ever on a robot."""
        assert self.controller is not None  # who asks has just had an answer
        return self.controller.day.book.names[parcel]

    def _happens(self, now: int, share: float) -> bool:
        return now < self.fault_ticks and bool(self.chance.random() < share)

    # -- the controller

    def _start(self, day: Day, now: int) -> None:
        day.snapshot_ticks = SNAPSHOT_TICKS
        # The simulated disk decides what survives, and when.
        day.store.db.execute("PRAGMA synchronous=OFF")
        self.controller = SimController(day, self.brain, self.disk, self.hosts.spans, now)
        self.truth.new_epoch(self.controller.epoch, now)

    def _restart(self, now: int) -> None:
        """Start the controller again from its store."""
        day = resume(self.disk.folder, lockstep=False)
        violations = self.truth.violations
        if self.kept_hash and state_hash(day.world) != self.kept_hash:
            violations.add(
                "replay", f"tick {now}", "the store leads to another state than was committed"
            )
        for name in self.client.answered:
            if day.names.get(name, -1) < 0:
                violations.add("order", f"tick {now}, parcel {name}", "answered for, but lost")
        try:
            self._start(day, now)
        except Exception as error:
            if "full" not in str(error):
                raise
            day.store.close()
            self.controller, self.controller_until = None, now + FULL_TICKS

    def _second_controller(self, now: int) -> None:
        """Start another controller on the store while the first still runs, unaware of it."""
        if self.controller is None or self.disk.full or self.zombie is not None:
            return
        self.zombie = self.controller
        self.zombie.day.store.unlock()  # as between machines, where a lock does not reach
        self.kept_hash = state_hash(self.zombie.world)
        self._restart(now)

    def _hear(self, controller: SimController, now: int) -> None:
        """Let the controller's inbox take in what has come; welcome hosts and couriers."""
        hosts = self.hosts
        for host, line in enumerate(controller.lines):
            if hosts.epoch[host] == controller.epoch:
                if hosts.up(host, now):
                    controller.hear(host, now)
            elif hosts.says_hello(host, now) and not self._happens(now, NEWS_LOST):
                line.connected = True
                hosts.welcomed(host, controller.epoch, now)
        silent = hosts.silent(now)
        for epoch, rows in hosts.outward.arriving(now, silent):
            if epoch == controller.epoch:
                controller.inbox.reports.append(rows)
        controller.inbox.sheets += [rows for _, rows in hosts.sheets.arriving(now, silent)]
        if now < self.courier_until:
            return
        if now % RESYNC_TICKS == 0:
            self.couriers = Couriers(self.couriers.trip)
            for departure, reported in controller.out():
                self._depart(departure, reported, now)
        news = self.couriers.news(now)
        if len(news) and not self._happens(now, NEWS_LOST):
            copies = 2 if self._happens(now, NEWS_DOUBLED) else 1
            controller.inbox.news += [news] * copies

    def _live(self, controller: SimController, now: int) -> None:
        """Let the controller live a tick, and die in it where a fault says so."""
        if self.zombie is not None:
            self._zombie_lives(self.zombie, now)
        outbox, store = Outbox(), controller.day.store
        crash, self.crash = self.crash, None
        jump, self.jump = self.jump, 0
        torn = crash is not None and crash.kind == "torn_write"
        point = CrashPoint(crash.who) if crash is not None and not torn else None
        if crash is not None:
            self.kept_hash = state_hash(controller.world)
            store.db.execute("PRAGMA wal_autocheckpoint=0")
        whole = self.disk.wal_bytes() if torn else 0
        chance = 0.0 if crash is None else crash.chance
        effects, tick = None, controller.world.tick
        with contextlib.suppress(Killed):
            effects = controller.live(now, outbox, jump=jump, crash=point, chance=chance)
        keep = None
        durable = effects is not None
        if crash is not None:
            durable = controller.world.tick > tick and controller.has_committed()
        if torn:  # the process never saw its write done
            grown = self.disk.wal_bytes()
            keep = whole + int((grown - whole) * chance)
            durable = durable and keep == grown
            outbox = Outbox(
                answers=outbox.answers if controller.acknowledge_first else [],
                orders=outbox.orders if controller.send_first else [],
            )
        if durable:
            self.truth.committed(controller.world, now)
        self._send(now, outbox, controller.epoch)
        if effects is not None and crash is None:
            return
        if crash is None:  # it ended by itself: the disk is full
            self.kept_hash = ""
        elif durable:
            self.kept_hash = state_hash(controller.world)
        self.disk.crash(store, keep)
        self.controller = None
        self.controller_until = now + (FULL_TICKS if crash is None else crash.ticks)

    def _zombie_lives(self, zombie: SimController, now: int) -> None:
        """Let the controller that was taken over try its next tick: it must not get through."""
        self.zombie = None
        outbox = Outbox()
        try:
            zombie.live(now, outbox)
        except (FencedError, Killed):
            if zombie.day.store.db.in_transaction:
                zombie.day.store.rollback()
        else:
            self.truth.violations.add(
                "fence", f"tick {now}", f"two controllers wrote to one store, epoch {zombie.epoch}"
            )
        self._send(now, outbox, zombie.epoch)
        zombie.day.store.close()

    def _send(self, now: int, outbox: Outbox, epoch: int) -> None:
        for number, _ in outbox.answers:
            self.client.hear(number, now)
        for name, done in outbox.told:
            self.operator.hear(name, done, now)
        if outbox.orders:
            rows = stacked(outbox.orders, ORDER)
            self.hosts.inward.send(now, epoch, rows, self.hosts.silent(now), after=0)
        for departure in outbox.departures:
            self._depart(departure, 0, now)

    def _depart(self, departure: Departure, reported: int, now: int) -> None:
        if now >= self.courier_until and not self._happens(now, NEWS_LOST):
            self.couriers.depart(departure, reported)


def simulate(setting: Setting) -> Result:
    """Run one seed from beginning to end."""
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=where, prefix="peakday-") as folder:
        simulation = Simulation(setting, Path(folder))
        try:
            return simulation.run()
        finally:
            for controller in (simulation.controller, simulation.zombie):
                if controller is not None:
                    controller.day.store.close()
