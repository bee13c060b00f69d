"""One simulated run: the real core and robots on a clock, a network and a disk of our own.

A tick: the client speaks, the controller lives its tick, its orders arrive, robots drive, their
states leave.  Faults come from `sim_faults`; after each step the rules of `invariants` are checked.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from fleet import courier_host, flow, invariants, robot, sim_scenario
from fleet.courier import Couriers, Departure
from fleet.day import create, resume
from fleet.decide import Brain
from fleet.events import ORDER
from fleet.faults import draw
from fleet.robot import Vehicle
from fleet.sim_controller import Killed, Outbox, SimController
from fleet.sim_disk import Disk
from fleet.sim_faults import KINDS, LATE, CrashPoint, Fault, schedule
from fleet.sim_network import Network
from fleet.store import StoreError
from fleet.violations import Violation
from fleet.world import state_hash

HOSTS = 3
REPORT_TICKS = 5  # a robot reports at least so often, changed or not
HELLO_TICKS = 3  # a host that hears nothing says that it is there
RESYNC_TICKS = 20  # a courier process asks what is out
CLIENT_TICKS = 10  # between two batches of parcels; and until an unanswered one is sent again
SNAPSHOT_TICKS = 64
AFTER_TICKS = 4000  # in which everything must end after the last fault


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
    """

    seed: int
    robots: int = 200
    minutes: float = 30.0
    only: tuple[int, ...] | None = None
    without: frozenset[str] = frozenset()


@dataclass
class Result:
    """What came of a run."""

    robot_hours: float
    ticks: int
    faults: dict[str, int]
    violations: list[Violation]
    timed: list[Fault] = field(default_factory=list)
    parcels: int = 0


@lru_cache(maxsize=2)
def _planners(robots: int) -> dict[str, Brain]:
    return {}  # one brain a process and floor: what it remembers are distances


class Simulation:
    """One run."""

    def __init__(self, setting: Setting, root: Path) -> None:
        self.setting = setting
        (root / "sim.map").write_text(sim_scenario.floor_map(setting.robots))
        scenario = sim_scenario.scenario(setting.seed, setting.robots, str(root))
        self.disk = Disk(root)
        day = create(self.disk.folder, scenario, lockstep=False)
        day.store.db.execute("PRAGMA synchronous=OFF")  # the simulated disk decides what survives
        self.scenario, self.depot = scenario, day.depot
        kept = _planners(setting.robots)
        if "brain" not in kept:
            kept["brain"] = Brain(day.world)
        self.brain = kept["brain"]
        self.brain.planner.seed = setting.seed
        self.fault_ticks = round(setting.minutes * 60 / scenario.floor.tick_seconds)
        n = setting.robots
        hosts = min(HOSTS, n)
        cuts = np.linspace(0, n, hosts + 1).astype(int)
        self.spans = list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
        self.host_of = np.searchsorted(cuts, np.arange(n), side="right") - 1
        timing = day.world.timing
        self.vehicle = Vehicle(
            width=day.world.floor.width, load=timing.load, drop=timing.drop, turn=timing.turn,
            seed=setting.seed, missing_share=scenario.troubles.missing_share,
        )  # fmt: skip
        self.robots = robot.start(day.world.robots["cell"], day.world.robots["heading"])
        self.reported = robot.report(self.robots, 0)
        # Until when each is out: hosts, links and couriers, robots that stand, a stalled clock.
        self.host_until = np.zeros(hosts, np.int64)
        self.link_until = np.zeros(hosts, np.int64)
        self.still_until = np.zeros(n, np.int64)
        self.off_until = np.zeros(n, np.int64)
        self.courier_until = self.controller_until = self.stall_until = self.full_until = 0
        self.host_epoch = np.zeros(hosts, np.int64)
        self.host_heard = np.full(hosts, -HELLO_TICKS, np.int64)
        self.to_robots = Network(setting.seed, 1, n, setting.without)
        self.to_controller = Network(setting.seed, 2, n, setting.without)
        self.chance = np.random.default_rng([setting.seed, 0xC11E])
        self.couriers = Couriers(courier_host.trip(scenario, self.depot))
        self.counts = dict.fromkeys(KINDS, 0)
        every = schedule(setting.seed, n, hosts, self.fault_ticks, scenario.floor.tick_seconds)
        only = range(len(every)) if setting.only is None else setting.only
        self.timed = every
        self.planned = [every[k] for k in sorted(only) if k < len(every)]
        self.crash: tuple[CrashPoint | None, Fault] | None = None
        self.jump = 0
        self.clears: dict[int, tuple[int, int, int]] = {}  # unanswered clearances by robot
        book = sim_scenario.parcels(setting.seed, n, setting.minutes)
        self.batches = self._cut(book)
        self.tried: dict[int, int] = {}  # batches that are not answered yet: tick of the last try
        self.answered: list[str] = []
        self.truth = invariants.Truth(day.world)
        day.snapshot_ticks = SNAPSHOT_TICKS
        self.controller: SimController | None = None
        self.zombie: SimController | None = None
        self._start(day, 0)

    def _cut(self, book) -> list:  # noqa: ANN001
        """Cut the day's parcels into one batch each `CLIENT_TICKS`, over nine tenths of it."""
        count = max(1, int(self.fault_ticks * 0.9) // CLIENT_TICKS)
        cuts = np.linspace(0, len(book), count + 1).astype(int)
        return [book.take(np.arange(a, b)) for a, b in zip(cuts[:-1], cuts[1:], strict=True)]

    # -- the run

    def run(self) -> Result:
        """Live until everything has come to its end, a rule is broken, or time is up."""
        now = 0
        violations = self.truth.violations
        while not violations.found:
            self.tick(now)
            now += 1
            if now > self.fault_ticks and self._over():
                self.truth.ended(
                    self.controller.world, self.answered, self.controller.day.names, now
                )  # type: ignore[union-attr]
                break
            if now > self.fault_ticks + AFTER_TICKS:
                violations.add("end", f"tick {now}", self._what_is_open())
        hours = now * self.scenario.floor.tick_seconds / 3600
        counts = self.counts
        for network in (self.to_robots, self.to_controller):
            for kind, count in network.counts.items():
                counts[kind] += count
        parcels = len(self.truth.lies)
        return Result(
            hours * self.setting.robots, now, counts, violations.found, self.timed, parcels
        )

    def _over(self) -> bool:
        controller = self.controller
        return (
            controller is not None
            and not self.tried
            and not self.batches
            and not self.clears
            and flow.all_done(controller.world)
        )

    def _what_is_open(self) -> str:
        if self.controller is None:
            return "no controller runs"
        world = self.controller.world
        open_parcels = np.flatnonzero(~np.isin(world.parcels["state"], flow.FINAL))
        shown = [
            (p, int(world.parcels["state"][p]), int(world.parcels["robot"][p]))
            for p in open_parcels[:5].tolist()
        ]
        return (
            f"{len(open_parcels)} parcels open, first (parcel, state, robot): {shown}; "
            f"{len(self.tried) + len(self.batches)} batches not accepted"
        )

    def tick(self, now: int) -> None:
        """Let one tick pass for everybody."""
        if now == self.fault_ticks:
            self.to_robots.quiet = self.to_controller.quiet = True
        while self.planned and self.planned[0].tick <= now:
            self._begin(self.planned.pop(0), now)
        if self.disk.full and now >= self.full_until:
            self.disk.full = False
            if self.controller is not None:
                self.disk.limit(self.controller.day.store)
        if self.controller is None and now >= self.controller_until:
            self._restart(now)
        self._client(now)
        self._operator(now)
        cut = self._cut_robots(now)
        if self.controller is not None and now >= self.stall_until:
            self._hear(now, cut)
            self._live(now, cut)
        elif self.controller is not None:
            self._hear(now, cut)
        before = self.robots.copy()
        self._deliver(now, cut)
        self.truth.orders_taken(before, self.robots, now)
        before = self.robots.copy()
        robot.step(self.robots, 0, self.vehicle, self._still(now))
        self.truth.stepped(before, self.robots, now)
        self._report(now, cut)

    # -- faults

    def _begin(self, fault: Fault, now: int) -> None:
        kind = fault.kind
        self.counts[kind] += 1
        if kind in ("controller_kill", "torn_write"):
            point = None if kind == "torn_write" else CrashPoint(fault.who)
            self.crash = (point, fault)
        elif kind == "second_controller":
            self._second_controller(now, fault.ticks)
        elif kind == "host_kill":
            self.host_until[fault.who] = now + fault.ticks
            self.host_epoch[fault.who] = 0
            self.host_heard[fault.who] = -HELLO_TICKS
            first, last = self.spans[fault.who]
            robot.reboot(self.robots, np.arange(first, last))
        elif kind == "link_cut":
            self.link_until[fault.who] = now + fault.ticks
        elif kind == "courier_kill":
            self.courier_until = now + fault.ticks
            self.couriers = Couriers(self.couriers.trip)
        elif kind == "disk_full":
            self.disk.full, self.full_until = True, now + fault.ticks
            if self.controller is not None:
                self.disk.limit(self.controller.day.store)
        elif kind == "clock_jump":
            self.jump = fault.ticks
        elif kind == "controller_stall":
            self.stall_until = now + fault.ticks
        elif kind == "robot_stop":
            self._stand(fault.who, now + fault.ticks)
        elif kind == "robot_reboot":
            robot.reboot(self.robots, np.array([fault.who]))
            self._stand(fault.who, now + fault.ticks)
        elif kind == "robot_broken" and self.truth.on_floor[fault.who]:
            # It stands until an operator takes it away, and comes back later.
            robot.reboot(self.robots, np.array([fault.who]))
            self._stand(fault.who, now + 4 * fault.ticks)
            self.off_until[fault.who] = now + fault.ticks

    def _stand(self, number: int, until: int) -> None:
        self.still_until[number] = max(self.still_until[number], until)

    def _still(self, now: int) -> np.ndarray:
        """Return which robots get nowhere in this tick; bool[robots]."""
        still = self._dead(now)
        if now < self.fault_ticks and "late" not in self.setting.without:
            robots = np.arange(len(self.robots))
            late = draw(self.setting.seed, 79, np.int64(now), robots) < LATE  # type: ignore[arg-type]
            self.counts["late"] += int(late.sum())
            still = still | late
        return still

    def _dead(self, now: int) -> np.ndarray:
        """Return which robots stand and neither hear nor speak; bool[robots]."""
        return (
            (now < self.still_until) | (now < self.host_until)[self.host_of] | ~self.truth.on_floor
        )

    def _cut_robots(self, now: int) -> np.ndarray:
        """Return which robots no message reaches or leaves; bool[robots]."""
        stopped_only = (now < self.still_until) & (self.off_until == 0) & (self.robots["lost"] == 0)
        return (self._dead(now) & ~stopped_only) | (now < self.link_until)[self.host_of]

    # -- client and operator

    def _lost(self, now: int) -> bool:
        return now < self.fault_ticks and self.chance.random() < 0.01

    def _client(self, now: int) -> None:
        """Send a new batch now and then, and again what has not been answered."""
        if now % CLIENT_TICKS == 0 and self.batches:
            number = len(self.tried_ever)
            self.tried_ever.append(self.batches.pop(0))
            self.tried[number] = -CLIENT_TICKS
        for number, last in list(self.tried.items()):
            if now - last < CLIENT_TICKS:
                continue
            self.tried[number] = now
            if self.controller is None or self._lost(now):
                continue
            inbox = self.controller.inbox
            copies = 2 if now < self.fault_ticks and self.chance.random() < 0.05 else 1
            inbox.parcels += [(number, self.tried_ever[number])] * copies
        if now % 50 == 49 and self.answered and self.controller is not None:
            name = self.answered[int(self.chance.integers(len(self.answered)))]
            self.controller.inbox.cancels.append(name)

    @property
    def tried_ever(self) -> list:
        """Every batch sent so far, by number."""
        return self.__dict__.setdefault("_tried_ever", [])

    def _operator(self, now: int) -> None:
        """Take broken robots off the floor, and set them down again where a cell is free."""
        for number in np.flatnonzero(self.off_until > 0).tolist():
            if now < self.off_until[number]:
                continue
            if self.truth.on_floor[number]:
                load = int(self.robots["load"][number])
                self.truth.taken_off(number, load)
                self.robots["load"][number] = -1
                self.clears[number] = (number, -1, load)
                self.off_until[number] = now + 60
            elif number not in self.clears and self.controller is not None:
                free = np.flatnonzero(self.controller.world.floor.letters == ord("."))
                free = free[(self.truth.held[free] < 0)]
                cell = int(free[int(self.chance.integers(len(free)))])
                self.clears[number] = (number, cell, -1)
        if self.controller is not None:
            for row in self.clears.values():
                self.controller.inbox.clears.append(row)

    def _confirmed(self) -> None:
        """See which clearances are in the books; only then is a robot set down."""
        for number, (_, cell, _) in list(self.clears.items()):
            known = int(self.controller.world.robots["cell"][number])  # type: ignore[union-attr]
            if cell < 0 and known < 0:
                del self.clears[number]
            elif cell >= 0 and known == cell:
                del self.clears[number]
                self.robots["cell"][number] = cell
                self.truth.on_floor[number] = True
                self.off_until[number] = self.still_until[number] = 0
            elif cell >= 0:
                del self.clears[number]  # the cell was taken meanwhile: another one

    # -- the controller

    def _start(self, day, now: int) -> None:  # noqa: ANN001
        day.snapshot_ticks = SNAPSHOT_TICKS
        day.store.db.execute("PRAGMA synchronous=OFF")
        self.controller = SimController(day, self.brain, self.disk, self.spans, now)
        self.truth.new_epoch(self.controller.epoch, now)

    def _restart(self, now: int) -> None:
        """Start the controller again from its store."""
        day = resume(self.disk.folder, lockstep=False)
        world = day.world
        if self.kept_hash and state_hash(world) != self.kept_hash:
            self.truth.violations.add(
                "replay", f"tick {now}", "the store leads to another state than was committed"
            )
        for name in self.answered:
            if day.names.get(name, -1) < 0:
                self.truth.violations.add(
                    "order", f"tick {now}, parcel {name}", "answered for, but lost"
                )
        try:
            self._start(day, now)
        except Exception as error:
            if "full" not in str(error):
                raise
            day.store.close()
            self.controller, self.controller_until = None, now + 5

    kept_hash = ""

    def _second_controller(self, now: int, ticks: int) -> None:
        """Start another controller on the store while the first still runs, unaware of it."""
        if self.controller is None or self.disk.full or self.zombie is not None:
            return
        self.zombie = self.controller
        self.kept_hash = state_hash(self.zombie.world)
        self._restart(now)

    def _live(self, now: int, cut: np.ndarray) -> None:
        controller = self.controller
        assert controller is not None
        if self.zombie is not None:
            self._zombie_lives(now, cut)
        outbox = Outbox()
        crash, self.crash = self.crash, None
        jump, self.jump = self.jump, 0
        store = controller.day.store
        point = chance = None
        if crash is not None:
            point, chance = crash[0], crash[1].chance
            self.kept_hash = state_hash(controller.world)
            store.db.execute("PRAGMA wal_autocheckpoint=0")
        wal = self.disk.wal_bytes()
        before = store.db.total_changes
        try:
            effects = controller.live(now, outbox, jump=jump, crash=point, chance=chance or 0.0)
        except Killed:
            effects = None
        durable = effects is not None or (point is not None and point >= CrashPoint.COMMITTED)
        durable = durable and store.db.total_changes > before
        if crash is not None and point is None:  # a torn write: the process never saw it done
            whole = self.disk.wal_bytes()
            keep = wal + int((whole - wal) * (chance or 0.0))
            durable = keep == whole
            outbox = Outbox(answers=outbox.answers if controller.acknowledge_first else [])
        if durable:
            self.truth.committed(controller.world, now)
            if self.clears:
                self._confirmed()
            if crash is not None:
                self.kept_hash = state_hash(controller.world)
        self._send(now, outbox, controller.epoch, cut)
        if effects is None or crash is not None:
            if crash is None:
                self.kept_hash = ""
            self.disk.crash(store, keep if crash is not None and point is None else None)
            self.controller = None
            lasts = crash[1].ticks if crash is not None else 5
            self.controller_until = now + lasts

    def _zombie_lives(self, now: int, cut: np.ndarray) -> None:
        """Let the controller that was taken over try its next tick: it must not get through."""
        zombie, self.zombie = self.zombie, None
        assert zombie is not None
        outbox = Outbox()
        try:
            zombie.live(now, outbox)
        except StoreError:
            zombie.day.store.rollback()
        except Killed:
            pass
        else:
            self.truth.violations.add(
                "fence", f"tick {now}", f"two controllers wrote to one store, epoch {zombie.epoch}"
            )
        self._send(now, outbox, zombie.epoch, cut)
        zombie.day.store.close()

    def _send(self, now: int, outbox: Outbox, epoch: int, cut: np.ndarray) -> None:
        for number, _ in outbox.answers:
            if number in self.tried and not self._lost(now):
                del self.tried[number]
                self.answered += self.tried_ever[number].names
        for rows in outbox.orders:
            self.to_robots.send(now, epoch, rows, cut, after=0)
        for departure in outbox.departures:
            self._depart(departure, 0, now)

    def _depart(self, departure: Departure, reported: int, now: int) -> None:
        if now >= self.courier_until and not self._lost(now):
            self.couriers.depart(departure, reported)

    def _hear(self, now: int, cut: np.ndarray) -> None:
        """Let the controller's inbox take in what has come, and welcome hosts and couriers."""
        controller = self.controller
        assert controller is not None
        for host, (first, _) in enumerate(self.spans):
            line = controller.lines[host]
            up = now >= self.host_until[host] and now >= self.link_until[host]
            silent = now - self.host_heard[host] >= HELLO_TICKS
            if up and silent and self.host_epoch[host] != controller.epoch:
                if self._lost(now):
                    continue
                line.connected = True
                self._host_hears(host, controller.epoch, now)
                self.reported["cell"][first : self.spans[host][1]] = -1  # all of them report
            elif up and self.host_epoch[host] == controller.epoch:
                controller.hear(host, now)
        for epoch, rows in self.to_controller.arriving(now, cut):
            if epoch == controller.epoch:
                controller.inbox.reports.append(rows)
        if now >= self.courier_until:
            if now % RESYNC_TICKS == 0:
                self.couriers = Couriers(self.couriers.trip)
                for departure, reported in controller.out():
                    self._depart(departure, reported, now)
            news = self.couriers.news(now)
            if len(news) and not self._lost(now):
                controller.inbox.news.append(news)

    # -- hosts

    def obeys(self, host: int, epoch: int) -> bool:
        """Tell whether a host takes a batch of this epoch."""
        return epoch >= self.host_epoch[host]

    def _host_hears(self, host: int, epoch: int, now: int) -> None:
        self.truth.heard(host, epoch, now)
        self.host_epoch[host] = max(self.host_epoch[host], epoch)
        self.host_heard[host] = now

    def _deliver(self, now: int, cut: np.ndarray) -> None:
        for epoch, rows in self.to_robots.arriving(now, cut):
            for host in np.unique(self.host_of[rows["robot"]]).tolist():
                if not self.obeys(host, epoch):
                    continue
                self._host_hears(host, epoch, now)
                mine = rows[self.host_of[rows["robot"]] == host]
                robot.take_orders(self.robots, 0, mine.astype(ORDER))
                self.reported["cell"][mine["robot"]] = -1  # who is spoken to reports

    def _report(self, now: int, cut: np.ndarray) -> None:
        rows = robot.report(self.robots, 0)
        due = (np.arange(len(rows)) + now) % REPORT_TICKS == 0
        speaks = (rows != self.reported) | due
        self.reported = rows
        for host in range(len(self.spans)):
            mine = rows[speaks & (self.host_of == host)]
            if len(mine):
                self.to_controller.send(now, int(self.host_epoch[host]), mine, cut, after=1)


def simulate(setting: Setting) -> Result:
    """Run one seed from beginning to end."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        root = Path(folder)
        simulation = Simulation(setting, root)
        try:
            return simulation.run()
        finally:
            if simulation.controller is not None:
                simulation.controller.day.store.close()
            shutil.rmtree(root, ignore_errors=True)
            root.mkdir(exist_ok=True)
