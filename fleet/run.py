"""`fleet run`: the whole day in one command, each part a process of its own.

Starts the controller, then hosts and couriers with the addresses that it prints, then the window
where there is a screen; ends them all when the day is over, or on Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fleet import manifests, report, summary
from fleet.check.recording import read_recording
from fleet.day_options import add_day_arguments, open_day, parse_speed
from fleet.keys import server_curve
from fleet.part import start
from fleet.spare import Spares
from fleet.store import DISK_EXIT, STORE, Store, StoreError
from routing.first_run import announce

POLL_SECONDS = 0.02
TOLD_EXIT = 130
# Of the controller: the day is over, bad input, another has the run, the disk is full, told to end.
ORDERLY_EXITS = (0, 2, 3, DISK_EXIT, 130)
# Of a window: closed, no screen or address, told to end.  Any other end was not meant.
CLOSED_EXITS = (0, 2, 130)
# A part that dies so often so soon after its start will do so again.
MAX_STILLBORN = 3
STILLBORN_SECONDS = 3.0
MAX_BARREN = 5  # deaths of a part by one cause, however long each life, without a tick between them
END_SECONDS = 10.0  # for a process to end after it was told to
ROBOTS_PER_HOST = 1000
WINDOW_SPEED = "8"  # simulated seconds a second that one can follow with one's eyes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet run`."""
    parser.add_argument("scenario", nargs="?", help="scenario file (not with --resume)")
    add_day_arguments(parser)
    parser.add_argument("--hosts", type=int, help="processes that run robots (default: by number)")
    parser.add_argument("--no-view", action="store_true", help="no window")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Run `fleet run`."""
    window = not args.no_view and has_screen()
    if args.speed is None and window:
        args.speed = WINDOW_SPEED
    lockstep = parse_speed(args.speed) == 0
    # Opened here first, so that bad input is told before any process starts.
    if args.keys:
        server_curve(args.keys)
    day = open_day(args, lockstep=lockstep, hosts=args.hosts)
    folder, robots = day.folder, day.scenario.floor.robots
    day.store.close()
    announce()
    hosts = args.hosts or -(-robots // ROBOTS_PER_HOST)
    parts = Parts()
    try:
        code = parts.run(folder, args, hosts, robots, window)
    finally:
        parts.end()
    if code == 130:
        print(f"stopped; `fleet run --resume {folder}` goes on where it stands", file=sys.stderr)
        return 130
    if code == DISK_EXIT:  # the controller has told it
        return DISK_EXIT
    if code:
        see = f"; see {folder}/run.log" if (folder / "run.log").exists() else ""
        print(f"the controller ended with exit code {code}{see}", file=sys.stderr)
        return 1
    return finish(folder, as_json=args.json)


def finish(folder: Path, *, as_json: bool) -> int:
    """Write summary and manifests of a day that is over, and show the summary."""
    store = Store(folder / STORE)
    recording = read_recording(store.path)
    figures = summary.summarize(store, recording)
    manifests.write(store, recording, folder)
    store.close()
    (folder / "summary.json").write_text(json.dumps(figures, indent=1) + "\n")
    if as_json:
        print(json.dumps(figures))
    else:
        print(report.table([(folder.name, figures)]))
        print(f"\n{folder}: store, manifests, summary and log")
    return 0


def has_screen() -> bool:
    """Tell whether a window could open."""
    if os.environ.get("SDL_VIDEODRIVER") == "dummy":
        return False
    return sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def last_tick(folder: Path) -> int:
    """Return the newest tick in a run's store, -1 where it cannot be read."""
    try:
        store = Store(folder / STORE)
        tick = store.last_tick()
        store.close()
    except (StoreError, sqlite3.Error):
        return -1
    return tick


class Parts:
    """The processes of one day."""

    def __init__(self) -> None:
        self.processes: dict[str, subprocess.Popen] = {}
        self.commands: dict[str, list[str]] = {}
        self.window: subprocess.Popen | None = None
        self.window_words: list[str] = []  # what it is started with
        self.spares = Spares(time.monotonic())
        self.started: dict[str, float] = {}
        self.addresses: dict[str, str] = {}
        self.stillborn: dict[str, int] = {}  # part: deaths in a row, each soon after its start
        self.barren: dict[str, tuple[int, int, int]] = {}  # part: exit code, last tick, deaths
        self.last_tick: Callable[[], int] = lambda: -1  # in the store
        self.interrupted = False
        signal.signal(signal.SIGINT, self._interrupt)
        signal.signal(signal.SIGTERM, self._interrupt)

    def _interrupt(self, *_: object) -> None:
        self.interrupted = True
        controller = self.processes.get("controller")
        if controller is not None and controller.poll() is None:
            controller.terminate()

    def run(
        self, folder: Path, args: argparse.Namespace, hosts: int, robots: int, window: bool
    ) -> int:
        """Start all parts and wait until the controller ends; return its exit code."""
        self.last_tick = lambda: last_tick(folder)
        command = ["controller", "--resume", str(folder), "--workers", str(args.workers)]
        command += ["--speed", args.speed or "max"]
        if args.record_wire:
            command += ["--record-wire", args.record_wire]
        secured = ["--keys", str(args.keys)] if args.keys else []
        command += secured
        self._start_controller(command)
        while not self.addresses:
            code = self.processes["controller"].poll()
            if self.interrupted:
                return TOLD_EXIT
            if code is not None:
                if code in ORDERLY_EXITS or self._hopeless("controller", code):
                    return code or 1
                self._start_controller(command)
            time.sleep(POLL_SECONDS)
        addresses = self.addresses
        # A controller that comes back is found where the first one was.
        for option, part in (("", "hosts"), ("-clients", "clients"), ("-feed", "feed")):
            command += [f"--bind{option}", addresses[part]]
        scenario = str(folder / "scenario.toml")
        at = ["--connect", addresses["hosts"], *secured]
        for k in range(hosts):
            part = f"{robots * k // hosts}:{robots * (k + 1) // hosts}"
            self._start(f"host {part}", ["host", scenario, "--robots", part, *at])
        self._start("couriers", ["couriers", scenario, *at])
        if window:
            self.window_words = [addresses["clients"], *secured]
            self._open_window()
        return self._watch()

    def _start_controller(self, command: list[str]) -> None:
        """Start the controller, and let a thread wait for its addresses: it may come to hang."""
        process = self._start("controller", command, stdout=subprocess.PIPE)
        threading.Thread(target=self._hear, args=(process,), daemon=True).start()

    def _hear(self, process: subprocess.Popen) -> None:
        """Take in the addresses that a controller prints as its first line."""
        assert process.stdout is not None
        line = process.stdout.readline()
        if line.endswith(b"\n") and process is self.processes["controller"]:
            self.addresses = json.loads(line)

    def _open_window(self) -> None:
        words = [sys.executable, "-m", "viz", *self.window_words]
        self.window = subprocess.Popen(words, start_new_session=True)
        self.started["window"] = time.monotonic()

    def _look_at_window(self) -> None:
        """Open the window again if it was killed; one that was closed stays closed."""
        code = None if self.window is None else self.window.poll()
        if code is None:
            return
        self.window = None
        if code in CLOSED_EXITS or self.interrupted:
            return
        if self._hopeless("window", code):
            print(f"window died ({code}) again and again; it stays closed", file=sys.stderr)
            return
        print(f"window died ({code}); opening it again", file=sys.stderr)
        self._open_window()

    def _watch(self) -> int:
        """Start again whatever dies, until the controller ends by itself; return its exit code."""
        while True:
            for name, process in list(self.processes.items()):
                code = process.poll()
                if code is None or (name != "controller" and (code == 0 or self.interrupted)):
                    continue
                if name == "controller" and self.interrupted and code != 0:
                    return TOLD_EXIT  # it may not have had its own handlers yet
                if name == "controller" and code in ORDERLY_EXITS:
                    return code
                if self._hopeless(name, code):
                    print(
                        f"{name} died ({code}); it dies again and again; giving up", file=sys.stderr
                    )
                    return 1
                print(f"{name} died ({code}); starting it again", file=sys.stderr)
                if name == "controller":
                    self._start_controller(self.commands[name])
                else:
                    self._start(name, self.commands[name])
            self._look_at_window()
            self.spares.refill(time.monotonic())
            time.sleep(POLL_SECONDS)

    def _hopeless(self, name: str, code: int) -> bool:
        """Tell whether a part that has died had better not be started again.

        It dies as soon as it is started; or it has died in the same way several times and the day
        has not come a tick further.
        """
        young = time.monotonic() - self.started[name] < STILLBORN_SECONDS
        self.stillborn[name] = self.stillborn.get(name, 0) + 1 if young else 0
        tick = self.last_tick()
        same = self.barren.get(name, (code, tick, 0))
        deaths = same[2] + 1 if same[:2] == (code, tick) else 1
        self.barren[name] = (code, tick, deaths)
        return self.stillborn[name] > MAX_STILLBORN or deaths > MAX_BARREN

    def _start(self, name: str, command: list[str], **how: Any) -> subprocess.Popen:
        self.commands[name] = command
        process = self.spares.take(name, command, time.monotonic())
        if process is None:
            process = start("fleet.part", *command, **how)
        self.processes[name] = process
        self.started[name] = time.monotonic()
        if self.interrupted:  # while it was being started
            process.terminate()
        return process

    def end(self) -> None:
        """End what still runs, first asked, then made to; a finished day's window stays open."""
        self.spares.end()
        ends = list(self.processes.values())
        if self.window is not None and self.interrupted:
            ends.append(self.window)
        for process in ends:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + END_SECONDS
        for process in ends:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
