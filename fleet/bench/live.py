"""How long a report's way to the next order is on a real clock, commit included.

The controller is the real one, and ticks come when their time has come; robots in lanes ask for
one more cell after each that they have reached.  What is measured is what the controller needs
from the first byte of a tick's reports to the last byte of its orders: receive, decode, decide by a
stand-in, commit, encode, send.  How long reports lie there until their tick comes is told apart.
Beside it, in the same run, stands an echo of the same batches with one SQLite commit.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fleet.bench import lanes
from fleet.bench.bare import WARM_UP, echo, percentiles
from fleet.bench.lanes import Trains, check_size, controller_until, lane_day, ran
from fleet.bench.wire import GOAL_RATIO
from fleet.serve import Controller
from fleet.store import Store
from fleet.world import World

TICK_SECONDS = 0.25
KEPT_TICKS = 20  # whose bytes are echoed
BUSY_SHARE = 0.5  # of all robots have to report in a tick that counts


class Queue(Trains):
    """Every robot takes one more cell straight ahead as soon as nobody has it."""

    def move(self, world: World) -> np.ndarray:
        """Return one cell for each robot that may get one."""
        rows = super().move(world)
        return rows[world.held[rows["cell"]] < 0]


class Stopwatch:
    """Times a controller's ticks from the reports' receipt to the orders' departure.

    Parameters
    ----------
    controller
        Not yet running.
    busy
        Reports from which on a tick counts.
    """

    def __init__(self, controller: Controller, busy: int) -> None:
        self.took: list[float] = []  # milliseconds
        self.cpu: list[float] = []
        self.waited: list[float] = []
        self.batches: list[tuple[list[bytes], list[bytes]]] = []
        self.busy = busy
        self._peers = peers = controller.peers
        self._drain: Callable[[], Any] = peers.drain
        self._send: Callable[..., None] = peers.send_tick
        self._receive: Callable[..., bool] = peers.receive
        self._into: list[bytes] = []
        self._out: list[bytes] = []
        self._came = self._began = self._waited = 0.0
        self._cpu = self._cpu_began = 0.0  # of this thread: taking in, and at a tick's beginning
        peers.record = self.record
        peers.receive = self.receive  # type: ignore[method-assign]
        peers.drain = self.drain  # type: ignore[method-assign]
        peers.send_tick = self.send_tick  # type: ignore[method-assign]

    def record(self, _tick: int, topic: str, direction: str, frames: list[bytes]) -> None:
        """Keep what passes."""
        if topic == "state" and direction == "in":
            if not self._into:
                self._came = time.perf_counter()
            self._into += frames
        elif topic == "order":
            self._out += frames

    def receive(self, world: World, store: Store, wait_seconds: float) -> bool:
        """Take in what comes, and note what of the processor it takes."""
        before = time.thread_time()
        came = self._receive(world, store, wait_seconds)
        self._cpu += time.thread_time() - before
        return came

    def drain(self) -> Any:
        """Begin a tick; what it took to take its reports in counts."""
        now = time.perf_counter()
        self._began = now - self._peers.busy_seconds
        self._cpu_began = time.thread_time() - self._cpu
        self._cpu = 0.0
        self._waited = 1000 * (now - self._came)
        return self._drain()

    def send_tick(self, *args: Any, **options: Any) -> None:
        """End it once its orders are sent."""
        self._send(*args, **options)
        if min(len(self._into), len(self._out)) >= self.busy:
            self.took.append(1000 * (time.perf_counter() - self._began))
            self.cpu.append(1000 * (time.thread_time() - self._cpu_began))
            self.waited.append(self._waited)
            self.batches = [*self.batches[1 - KEPT_TICKS :], (self._into, self._out)]
        self._into, self._out = [], []


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    check_size(args)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        watch = _live(folder, args)
        counted = np.array(watch.took[WARM_UP:])
        if not len(counted):
            raise ValueError(
                f"--ticks {args.ticks}: too few in which half of the robots reported; choose more"
            )
        echoed, echo_cpu = echo(folder, watch.batches)
    latency, beside = percentiles(counted), percentiles(echoed)
    cpu = percentiles(np.array(watch.cpu[WARM_UP:]))
    return {
        "ok": latency["p99"] <= GOAL_RATIO * beside["p99"],
        "robots": args.robots,
        "ticks": len(counted),
        "hosts": args.hosts,
        "latency_ms": latency,
        "baseline_ms": beside,
        "latency_ratio": {q: latency[q] / beside[q] for q in latency},
        # The same without what other processes took from this one.
        "cpu_ms": {"latency": cpu, "baseline": percentiles(echo_cpu)},
        # Until their tick came; its period is a choice of the scenario.
        "waited_ms": percentiles(np.array(watch.waited[WARM_UP:])),
    }


def _live(folder: Path, args: argparse.Namespace) -> Stopwatch:
    """Run the controller on a real clock for so many ticks."""
    last_tick = args.ticks + WARM_UP
    day = lane_day(folder, args.robots, last_tick, TICK_SECONDS)
    controller, _ = controller_until(last_tick, day, 1.0, Queue())
    watch = Stopwatch(controller, max(1, int(BUSY_SHARE * args.robots)))
    with ran(controller, folder, args):
        pass
    return watch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet bench live`."""
    lanes.add_arguments(parser)
