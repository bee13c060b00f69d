"""The processes of one day: started, watched, started again where they die, and ended."""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from fleet.deaths import Deaths
from fleet.line import TOLD_EXIT
from fleet.part import start
from fleet.spare import Spares
from fleet.store import STORE, Store
from fleet.store_errors import DISK_EXIT, StoreError

POLL_SECONDS = 0.02
# Of the controller: the day is over, bad input, another has the run, the disk is full, told to end.
ORDERLY_EXITS = (0, 2, 3, DISK_EXIT, TOLD_EXIT)
# Of a window: closed, no screen or address, told to end.  Any other end was not meant.
CLOSED_EXITS = (0, 2, TOLD_EXIT)
END_SECONDS = 10.0  # for a process to end after it was told to


def progress(folder: Path) -> tuple[int, bool]:
    """Return a run's newest tick, and whether its day is over; -1 where it cannot be read."""
    try:
        with closing(Store(folder / STORE)) as store:
            return store.last_tick(), bool(store.meta("ended", ""))
    except (StoreError, sqlite3.Error):
        return -1, False


def host_spans(robots: int, hosts: int) -> list[tuple[int, int]]:
    """Return each host's robots, first to last (not included)."""
    return [(robots * k // hosts, robots * (k + 1) // hosts) for k in range(hosts)]


def check_hosts(hosts: int, robots: int) -> None:
    """See whether so many hosts can share a day's robots.

    Raises
    ------
    ValueError
        If a host would be left without one, or there would be none.
    """
    if not 1 <= hosts <= robots:
        raise ValueError(f"--hosts {hosts}: choose 1 to the {robots} robots of this day")


class Parts:
    """The processes of one day."""

    def __init__(self) -> None:
        self.processes: dict[str, subprocess.Popen] = {}
        self.commands: dict[str, list[str]] = {}
        self.window: subprocess.Popen | None = None
        self.window_words: list[str] = []  # what it is started with
        self.found = -1  # the newest tick of the run as this command found it
        self.spares = Spares(lambda: self.progress()[0] > self.found)
        self.started: dict[str, float] = {}
        self.addresses: dict[str, str] = {}
        self.deaths = Deaths()
        self.progress: Callable[[], tuple[int, bool]] = lambda: (-1, False)  # of the run
        self.interrupted = False
        self.handlers = {
            one: signal.signal(one, self._interrupt) for one in (signal.SIGINT, signal.SIGTERM)
        }  # of before, for after the day

    def _interrupt(self, *_: object) -> None:
        self.interrupted = True
        controller = self.processes.get("controller")
        if controller is not None and controller.poll() is None:
            controller.terminate()

    def run(
        self, folder: Path, args: argparse.Namespace, spans: list[tuple[int, int]], window: bool
    ) -> int:
        """Start all parts and wait until the controller ends; return its exit code.

        Parameters
        ----------
        spans
            As of `host_spans`.
        """
        self.progress = lambda: progress(folder)
        self.found = self.progress()[0]
        secured = ["--keys", str(args.keys)] if args.keys else []
        command = ["controller", "--resume", str(folder), "--workers", str(args.workers)]
        command += ["--speed", args.speed or "max", *secured]
        if args.record_wire:
            command += ["--record-wire", args.record_wire]
        code = self._await_addresses(command)
        if code is not None:
            return code
        addresses = self.addresses
        # A controller that comes back is found where the first one was.
        for option, part in (("", "hosts"), ("-clients", "clients"), ("-feed", "feed")):
            command += [f"--bind{option}", addresses[part]]
        scenario = str(folder / "scenario.toml")
        at = ["--connect", addresses["hosts"], *secured]
        for first, last in spans:
            part = f"{first}:{last}"
            self._start(f"host {part}", ["host", scenario, "--robots", part, *at])
        self._start("couriers", ["couriers", scenario, *at])
        if window:
            self.window_words = [addresses["clients"], *secured]
            self._open_window()
        return self._watch()

    def _await_addresses(self, command: list[str]) -> int | None:
        """Start the controller until it says where it is; else return with which code all ends."""
        self._start_controller(command)
        while not self.addresses:
            code = self.processes["controller"].poll()
            if self.interrupted:
                return TOLD_EXIT
            if code is not None:
                if code in ORDERLY_EXITS or self._hopeless("controller", code, self.progress()[0]):
                    return code or 1
                self._start_controller(command)
            time.sleep(POLL_SECONDS)
        return None

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
        if self._hopeless("window", code, self.progress()[0]):
            print(f"window died ({code}) again and again; it stays closed", file=sys.stderr)
            return
        print(f"window died ({code}); opening it again", file=sys.stderr)
        self._open_window()

    def _watch(self) -> int:
        """Start again whatever dies, until the controller ends by itself; return its exit code."""
        while True:
            for name, process in list(self.processes.items()):
                code = process.poll()
                end = None if code is None else self._take_death(name, code)
                if end is not None:
                    return end
            self._look_at_window()
            self.spares.refill(time.monotonic())
            time.sleep(POLL_SECONDS)

    def _take_death(self, name: str, code: int) -> int | None:
        """Start a part that has died again; return an exit code where the day ends with it."""
        controller = name == "controller"
        if controller and self.interrupted and code != 0:
            return TOLD_EXIT  # it may not have had its own handlers yet
        if controller and code in ORDERLY_EXITS:
            return code
        if not controller and (code == 0 or self.interrupted):
            return None
        tick, over = self.progress()
        if controller and over:
            return 0  # it was killed after its last word
        if self._hopeless(name, code, tick):
            print(f"{name} died ({code}); it dies again and again; giving up", file=sys.stderr)
            return 1
        print(f"{name} died ({code}); starting it again", file=sys.stderr)
        if controller:
            self._start_controller(self.commands[name])
        else:
            self._start(name, self.commands[name])
        return None

    def _hopeless(self, name: str, code: int, tick: int) -> bool:
        """Tell whether a part that has died had better not be started again."""
        return self.deaths.hopeless(name, code, time.monotonic() - self.started[name], tick)

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
        for one, handler in self.handlers.items():
            signal.signal(one, handler)
