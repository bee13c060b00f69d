"""The hosts of a simulated run: all robots in one table, and who is cut off, dead or late."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fleet import robot
from fleet.events import ORDER
from fleet.faults import Chance, draw
from fleet.robot import Vehicle
from fleet.rows import copied, indices, select, stacked, unlike
from fleet.sim.faults import LATE
from fleet.sim.invariants import Truth
from fleet.sim.network import Network

HOSTS = 3
REPORT_TICKS = 5  # a robot reports at least so often, changed or not
HELLO_TICKS = 3  # a host that hears nothing says that it is there


class Hosts:
    """Processes that run robots; each speaks for a range of them.

    Parameters
    ----------
    robots
        As they stand at opening (dtype `robot.ROBOT`).
    vehicle
        What they have in common.
    fault_ticks
        Ticks with message faults and late robots.
    without
        Kinds of message faults left out.
    truth
        Told what robots do.
    """

    def __init__(
        self, robots: np.ndarray, vehicle: Vehicle, fault_ticks: int, without: frozenset[str],
        truth: Truth,
    ) -> None:  # fmt: skip
        self.robots, self.vehicle, self.truth = robots, vehicle, truth
        self._fault_ticks, self._without = fault_ticks, without
        n = len(robots)
        count = min(HOSTS, n)
        cuts = np.linspace(0, n, count + 1).astype(int)
        self.spans = list(pairwise(cuts.tolist()))
        self._of = np.searchsorted(cuts, np.arange(n), side="right") - 1
        self._reported = robot.report(robots, 0)
        # Until when each is out.
        self._dead_until = np.zeros(count, np.int64)
        self._cut_until = np.zeros(count, np.int64)
        self.still_until = np.zeros(n, np.int64)
        self.broken = np.zeros(n, bool)
        self.epoch = np.zeros(count, np.int64)
        self._heard = np.full(count, -HELLO_TICKS, np.int64)
        self.inward = Network(vehicle.seed, 1, n, without)
        self.outward = Network(vehicle.seed, 2, n, without)
        self.sheets = Network(vehicle.seed, 3, n, without)
        self._headers = np.zeros(n, np.uint32)
        self.late = 0

    # -- faults

    def kill(self, host: int, until: int) -> None:
        """Let a host die; its robots stand, and have forgotten their orders when it is back."""
        self._dead_until[host] = until
        self.epoch[host] = 0
        self._heard[host] = -HELLO_TICKS
        self._forget(np.arange(*self.spans[host]))

    def cut(self, host: int, until: int) -> None:
        """Cut a host's link."""
        self._cut_until[host] = until

    def stop(self, number: int, until: int) -> None:
        """Let a robot stand; it still hears and speaks."""
        self.still_until[number] = max(self.still_until[number], until)

    def reboot(self, number: int, until: int) -> None:
        """Let a robot reboot; meanwhile it neither hears nor speaks."""
        self._forget(np.array([number]))
        self.stop(number, until)

    def _forget(self, numbers: np.ndarray) -> None:
        robot.reboot(self.robots, numbers)
        self._headers[numbers] = 0

    def set_down(self, number: int, cell: int) -> None:
        """Put a robot that was off the floor on a cell, mended."""
        self.robots["cell"][number] = cell
        self.truth.on_floor[number] = True
        self.broken[number] = False
        self.still_until[number] = 0

    def calm(self) -> None:
        """End all message faults."""
        for network in (self.inward, self.outward, self.sheets):
            network.quiet = True

    def _dead(self, now: int) -> np.ndarray:
        return (now < self.still_until) | (now < self._dead_until)[self._of] | ~self.truth.on_floor

    def silent(self, now: int) -> np.ndarray:
        """Return which robots no message reaches or leaves; bool[robots]."""
        only_stands = (
            (now < self.still_until)
            & (self.robots["lost"] == 0)
            & ~self.broken
            & (now >= self._dead_until)[self._of]
        )
        return (self._dead(now) & ~only_stands) | (now < self._cut_until)[self._of]

    # -- a tick

    def up(self, host: int, now: int) -> bool:
        """Tell whether a host lives and its link does."""
        return bool(now >= self._dead_until[host] and now >= self._cut_until[host])

    def says_hello(self, host: int, now: int) -> bool:
        """Tell whether a host has heard nothing for long enough to say that it is there."""
        return self.up(host, now) and bool(now - self._heard[host] >= HELLO_TICKS)

    def welcomed(self, host: int, epoch: int, now: int) -> None:
        """A controller has answered; all robots of the host report."""
        self._hears(host, epoch, now)
        first, last = self.spans[host]
        self._reported["cell"][first:last] = -1

    def obeys(self, host: int, epoch: int) -> bool:
        """Tell whether a host takes a batch of this epoch."""
        return bool(epoch >= self.epoch[host])

    def _hears(self, host: int, epoch: int, now: int) -> None:
        self.truth.heard(host, epoch, now)
        self.epoch[host] = max(self.epoch[host], epoch)
        self._heard[host] = now

    def live(self, now: int) -> None:
        """Let orders arrive, robots drive and states leave."""
        silent = self.silent(now)
        before = copied(self.robots)
        self._deliver(now, silent)
        self.truth.orders_taken(before, self.robots, now)
        before = copied(self.robots)
        robot.step(self.robots, 0, self.vehicle, self._still(now))
        self.truth.stepped(before, self.robots, now)
        self._report(now, silent)

    def _still(self, now: int) -> np.ndarray:
        """Return which robots get nowhere in this tick; bool[robots]."""
        still = self._dead(now)
        if now < self._fault_ticks and "late" not in self._without:
            late = draw(self.vehicle.seed, Chance.LATE, now, np.arange(len(still))) < LATE
            self.late += int(late.sum())
            still |= late
        return still

    def _deliver(self, now: int, silent: np.ndarray) -> None:
        taken: list[np.ndarray] = []
        for epoch, rows in self.inward.arriving(now, silent):
            hosts = self._of[indices(rows)]
            obey = np.array([self.obeys(host, epoch) for host in range(len(self.spans))])
            if not obey.all():
                heeded = obey[hosts]
                rows, hosts = select(rows, heeded), hosts[heeded]
            for host in sorted(set(hosts.tolist())):
                self._hears(host, epoch, now)
            taken.append(rows)
        orders = stacked(taken, ORDER)
        robot.take_orders(self.robots, 0, orders)
        sheets = robot.factsheets(self.robots, 0, self.vehicle)
        self.sheets.send(now, 0, sheets, silent, after=1)
        self._reported["cell"][orders["robot"]] = -1  # who is spoken to reports

    def _report(self, now: int, silent: np.ndarray) -> None:
        rows = robot.report(self.robots, 0)
        due = (np.arange(len(rows)) + now) % REPORT_TICKS == 0
        speaks = unlike(rows, self._reported) | due
        self._reported = copied(rows)
        self._headers[speaks] += 1
        rows["header"] = self._headers
        for epoch in sorted(set(self.epoch.tolist())):
            mine = select(rows, speaks & (self.epoch[self._of] == epoch))
            if len(mine):
                self.outward.send(now, epoch, mine, silent, after=1)
