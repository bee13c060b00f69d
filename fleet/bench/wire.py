"""How much work a tick is for the controller when every robot reports and is commanded in it.

The controller is the real one: sockets, codecs, step, commit and feed.  Only the planner is a
stand-in: robots drive straight on in lanes, so that each gets one more cell in every tick.  Hosts
are processes of their own.  Beside it, in the same run, stands what cannot be avoided: a bare loop
that receives the same bytes, decodes and encodes them with the same codec, and sends; and an echo
of the same batches with one SQLite commit and no codec.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import zmq

from fleet import message_states, messages, scenario, wire
from fleet.day import Day, create
from fleet.events import ASSIGN, CHARGE, LOAD, MOVE
from fleet.progress import Progress
from fleet.serve import Controller
from fleet.traffic import movable, origins
from fleet.world import World

GOAL_MS_PER_ROBOT = 0.03  # p99 of a tick: 300 ms for 10,000 robots, 30 ms for 1,000
GOAL_RATIO = 1.5  # or so many times the bare loop
LANE_ROBOTS = 200
KEPT_TICKS = 20  # whose bytes the bare loop goes through again
TRIPS = 5  # times over
WARM_UP = 5  # ticks and rounds that are not counted: caches, first allocations


class Trains:
    """Every robot takes one more cell straight ahead, in every tick."""

    def assign(self, world: World) -> np.ndarray:
        """Return no tasks."""
        return np.empty(0, ASSIGN)

    def charge(self, world: World) -> np.ndarray:
        """Return nothing; these robots need no batteries."""
        return np.empty(0, CHARGE)

    def load(self, world: World) -> np.ndarray:
        """Return nothing; these robots carry no parcels."""
        return np.empty(0, LOAD)

    def move(self, world: World) -> np.ndarray:
        """Return one cell for each robot that may get one."""
        ids = np.flatnonzero(movable(world))
        rows = np.zeros(len(ids), MOVE)
        rows["robot"] = ids
        rows["cell"] = origins(world)[0][ids] + 1
        return rows


class Until(Progress):
    """Ends a controller after so many ticks."""

    def __init__(self, ticks: int) -> None:
        super().__init__(None)
        self.ticks = ticks
        self.end_it: Callable[[], None] = lambda: None
        self.cpu: list[float] = []  # seconds of this thread so far, after each tick

    def show(self, world: World, tick: int) -> None:
        """Look at the tick."""
        self.cpu.append(time.thread_time())
        if tick >= self.ticks:
            self.end_it()


def lanes(folder: Path, robots: int, ticks: int, tick_seconds: float = 1.0) -> Day:
    """Return a day in which robots stand in lanes, every second cell, with room ahead."""
    per_lane = min(robots, LANE_ROBOTS)
    count = -(-robots // per_lane)
    width = 2 * per_lane + ticks + 2
    rows = ["." * width] * count + ["E" + "." * (width - 2) + "S"]
    text = "\n".join(["type octile", f"height {count + 1}", f"width {width}", "map", *rows, ""])
    (folder / "lanes.map").write_text(text)
    (folder / "lanes.toml").write_text(
        f'name = "lanes"\n[floor]\nmap = "lanes.map"\nrobots = {robots}\n'
        f"tick_seconds = {tick_seconds}\n"
    )
    day = create(folder / "run", scenario.read(folder / "lanes.toml"), lockstep=True)
    number = np.arange(robots)
    cells = (number // per_lane) * width + 2 * (number % per_lane)
    world = day.world
    world.robots["cell"] = cells
    world.robots["heading"] = 0
    world.held[:] = -1
    world.held[cells] = number
    day.store.set_meta(
        opening_cells=cells.astype(np.int32).tobytes().hex(),
        opening_headings=world.robots["heading"].tobytes().hex(),
    )
    return day


def check_size(args: argparse.Namespace) -> None:
    """Raise `ValueError` unless the robots, ticks and hosts asked for make a benchmark."""
    if not 1 <= args.robots <= scenario.MAX_ROBOTS or args.ticks < 1 or args.hosts < 1:
        raise ValueError(
            f"--robots {args.robots} --ticks {args.ticks} --hosts {args.hosts}: choose 1 to "
            f"{scenario.MAX_ROBOTS} robots, and at least one tick and host"
        )


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    check_size(args)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work, cpu, batches = _controller(folder, args)
        (bare, bare_cpu), (echoed, _) = _bare(folder, batches)
    p99 = float(np.percentile(work, 99))
    baseline = float(np.percentile(bare, 99))
    return {
        "ok": p99 < GOAL_MS_PER_ROBOT * args.robots or p99 <= GOAL_RATIO * baseline,
        "robots": args.robots,
        "ticks": args.ticks,
        "hosts": args.hosts,
        "connections": args.robots if args.per_robot else args.hosts,
        "tick_ms": percentiles(work),
        "baseline_ms": percentiles(bare),
        "echo_commit_ms": percentiles(echoed),
        "ratio": {q: percentiles(work)[q] / percentiles(bare)[q] for q in ("p50", "p99")},
        # The wait for the next tick apart, this is a report's way to the next order.
        "latency_ms": percentiles(work),
        "latency_ratio": {q: percentiles(work)[q] / percentiles(echoed)[q] for q in ("p50", "p99")},
        # The same without what other processes took from this one.
        "cpu_ms": {"tick": percentiles(cpu), "baseline": percentiles(bare_cpu)},
        "cpu_ratio": {q: percentiles(cpu)[q] / percentiles(bare_cpu)[q] for q in ("p50", "p99")},
    }


def percentiles(milliseconds: np.ndarray) -> dict[str, float]:
    """Return median and 99th percentile, by name."""
    return {f"p{q}": round(float(np.percentile(milliseconds, q)), 3) for q in (50, 99)}


def _controller(
    folder: Path, args: argparse.Namespace
) -> tuple[np.ndarray, np.ndarray, list[tuple[list[bytes], list[bytes]]]]:
    """Return each tick's milliseconds, wall and CPU, and the last ticks' messages, in and out."""
    last_tick = args.ticks + WARM_UP
    day = lanes(folder, args.robots, last_tick)
    until = Until(last_tick)
    anywhere = "tcp://127.0.0.1:*"
    controller = Controller(
        day,
        speed=0,
        bind=(anywhere, anywhere, anywhere),
        workers=0,
        wire_record=None,
        progress=until,
        brain=Trains(),
    )
    until.end_it = controller.stop
    kept: dict[int, tuple[list[bytes], list[bytes]]] = {}

    def keep(tick: int, topic: str, direction: str, frames: list[bytes]) -> None:
        if tick > last_tick - KEPT_TICKS and topic in ("state", "order"):
            kept.setdefault(tick, ([], []))[direction == "out"].extend(frames)

    controller.peers.record = keep
    parts = start_parts(controller, folder, args.robots, args.hosts, per_robot=args.per_robot)
    try:
        controller.run()
        rows = day.store.db.execute(
            "SELECT tick_ms - planner_ms FROM wall WHERE tick > ? ORDER BY tick", (WARM_UP,)
        ).fetchall()
    finally:
        controller.close()
        for part in parts:
            part.terminate()
            part.wait()
    whole = [pair for tick, pair in sorted(kept.items()) if len(pair[0]) == len(pair[1])]
    cpu = np.diff(np.array(until.cpu) * 1000)[WARM_UP:]
    return np.array(rows)[:, 0], cpu, whole


def start_parts(
    controller: Controller, folder: Path, robots: int, hosts: int, *, per_robot: bool = False
) -> list[subprocess.Popen]:
    """Start hosts and couriers of the day in a folder."""
    path = str(folder / "run" / "scenario.toml")
    at = ["--connect", controller.hosts_address]
    module = "fleet.bench.host" if per_robot else "fleet"
    parts = [subprocess.Popen([sys.executable, "-m", "fleet", "couriers", path, *at])]
    for k in range(hosts):
        span = f"{robots * k // hosts}:{robots * (k + 1) // hosts}"
        words = [path, "--robots", span, *at]
        words = words if per_robot else ["host", *words]
        parts.append(subprocess.Popen([sys.executable, "-m", module, *words]))
    return parts


def _bare(
    folder: Path, batches: list[tuple[list[bytes], list[bytes]]]
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return each round's milliseconds, wall and CPU, of the codec loop, and of the echo."""
    (folder / "batches").write_bytes(msgspec.msgpack.encode([into for into, _ in batches]))
    orders = [messages.decode_orders(out) for _, out in batches]
    time_text = "2017-11-11T00:00:00.000Z"
    headers = np.zeros(max(int(o["robot"].max()) for o in orders) + 1, np.int64)

    def codec(k: int, frames: list[bytes]) -> list[bytes]:
        message_states.decode_states(frames)
        return messages.encode_orders(orders[k], headers, time_text)

    return _loop(folder, len(batches), codec), echo(folder, batches)


def echo(
    folder: Path, batches: list[tuple[list[bytes], list[bytes]]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return each round's milliseconds, wall and CPU, of batches with one commit and no codec."""
    (folder / "batches").write_bytes(msgspec.msgpack.encode([into for into, _ in batches]))
    db = sqlite3.connect(folder / "echo.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE batch (body BLOB)")

    def keep(k: int, frames: list[bytes]) -> list[bytes]:
        db.execute("INSERT INTO batch VALUES (?)", (b"".join(frames),))
        return batches[k][1]

    try:
        return _loop(folder, len(batches), keep)
    finally:
        db.close()


def _loop(
    folder: Path, count: int, answer: Callable[[int, list[bytes]], list[bytes]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return milliseconds of each round trip's work on this side, wall and CPU."""
    context = zmq.Context()
    socket, address = wire.bind_router(context, "tcp://127.0.0.1:*", "hosts")
    command = [sys.executable, "-m", "fleet.bench.host", "--echo", str(folder / "batches")]
    part = subprocess.Popen([*command, str(TRIPS), "--connect", address])
    took, cpu = [], []
    try:
        for k in range(count * TRIPS):
            if not socket.poll(60_000):
                raise TimeoutError("the bare loop's other side does not answer")
            began, cpu_began = time.perf_counter(), time.thread_time()
            batch = wire.receive(socket)
            assert batch is not None
            wire.send(socket, [batch[0], *answer(k % count, batch[2])])
            cpu.append((time.thread_time() - cpu_began) * 1000)
            took.append((time.perf_counter() - began) * 1000)
    finally:
        part.wait(60)
        context.destroy(linger=0)
    return np.array(took[WARM_UP:]), np.array(cpu[WARM_UP:])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet bench wire`."""
    parser.add_argument("--robots", type=int, default=1000)
    parser.add_argument("--ticks", type=int, default=300)
    parser.add_argument("--hosts", type=int, default=2, help="processes that run robots")
    parser.add_argument("--per-robot", action="store_true", help="a connection for each robot")
