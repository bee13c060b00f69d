"""A floor of lanes for benchmarks: robots drive straight on, one more cell in every tick."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from fleet import scenario
from fleet.bases import movable, origins
from fleet.day import Day
from fleet.events import ASSIGN, CHARGE, LOAD, MOVE
from fleet.parts import host_spans
from fleet.progress import Progress
from fleet.run_folder import create
from fleet.serve import Controller
from fleet.world import World

LANE_ROBOTS = 200
YIELDING = 5  # added to the nice value of processes that stand for other machines


def check_size(args: argparse.Namespace) -> None:
    """Raise `ValueError` unless the robots, ticks and hosts asked for make a benchmark."""
    if not 1 <= args.robots <= scenario.MAX_ROBOTS or args.ticks < 1 or args.hosts < 1:
        raise ValueError(
            f"--robots {args.robots} --ticks {args.ticks} --hosts {args.hosts}: choose 1 to "
            f"{scenario.MAX_ROBOTS} robots, and at least one tick and host"
        )


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


def lane_day(folder: Path, robots: int, ticks: int, tick_seconds: float = 1.0) -> Day:
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


def controller_until(
    last_tick: int, day: Day, speed: float, brain: Trains
) -> tuple[Controller, Until]:
    """Return a controller that ends after a tick, and what sees to that."""
    until = Until(last_tick)
    anywhere = "tcp://127.0.0.1:*"
    controller = Controller(
        day,
        speed=speed,
        bind=(anywhere, anywhere, anywhere),
        workers=0,
        wire_record=None,
        progress=until,
        brain=brain,
    )
    until.end_it = controller.stop
    return controller, until


@contextmanager
def ran(
    controller: Controller, folder: Path, args: argparse.Namespace, *, per_robot: bool = False
) -> Iterator[None]:
    """Run a controller to its end, hosts and couriers beside it; its store is still open."""
    parts = start_parts(controller, folder, args.robots, args.hosts, per_robot=per_robot)
    try:
        controller.run()
        yield
    finally:
        controller.close()
        for part in parts:
            part.terminate()
            part.wait()


def start_parts(
    controller: Controller, folder: Path, robots: int, hosts: int, *, per_robot: bool = False
) -> list[subprocess.Popen]:
    """Start hosts and couriers of the day in a folder."""
    path = str(folder / "run" / "scenario.toml")
    at = ["--connect", controller.entrance.hosts_address]
    module = "fleet.bench.host" if per_robot else "fleet"
    parts = [start_part(["fleet", "couriers", path, *at])]
    for first, last in host_spans(robots, hosts):
        words = [path, "--robots", f"{first}:{last}", *at]
        words = words if per_robot else ["host", *words]
        parts.append(start_part([module, *words]))
    return parts


def start_part(words: list[str]) -> subprocess.Popen:
    """Start a module as another process, which yields to this one where processors are few.

    It stands for another machine: what it takes is no work of the controller's.
    """
    part = subprocess.Popen([sys.executable, "-m", *words])
    if hasattr(os, "setpriority"):  # not on Windows
        os.setpriority(os.PRIO_PROCESS, part.pid, os.getpriority(os.PRIO_PROCESS, 0) + YIELDING)
    return part


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options that say how large a benchmark is."""
    parser.add_argument("--robots", type=int, default=1000, help="on the floor")
    parser.add_argument("--ticks", type=int, default=300, help="that are measured")
    parser.add_argument("--hosts", type=int, default=2, help="processes that run robots")
