"""One real day whose processes are killed one after another: who kills, who brings, who watches.

Where a client brings the parcels through the door it sends again whatever was not acknowledged, and
keeps its own list of what was: each of these must come to its end exactly once.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fleet import client, summary
from fleet.check.parcels import ENDS
from fleet.check.recording import read_recording
from fleet.client import UnreachableError
from fleet.door import pack_parcels
from fleet.parcel_files import read_parcels
from fleet.parcels import Parcels, draw
from fleet.parts import Parts, host_spans
from fleet.run_folder import create
from fleet.scenario import Scenario
from fleet.store import STORE, Store

PAUSE_SECONDS = (0.05, 1.5)  # between two kills
POLL_SECONDS = 0.01
VIEWER = "viewer"
CLIENT_PARCELS = 10  # in one submission
ANSWER_SECONDS = 2.0


class _Killer(threading.Thread):
    """Kills one part after another, and sees how soon the day goes on."""

    def __init__(self, parts: Parts, folder: Path, kills: int, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.parts, self.folder, self.kills, self.chance = parts, folder, kills, chance
        self.killed: dict[str, int] = {}
        self.resume_ms: dict[str, list[float]] = {}
        self.viewer = _Viewer(parts)
        self.over = threading.Event()

    def run(self) -> None:
        """Kill until there is nothing left to kill."""
        while sum(self.killed.values()) < self.kills:
            if self.over.wait(self.chance.uniform(*PAUSE_SECONDS)):
                break
            name = self.chance.choice([*sorted(self.parts.processes), VIEWER])
            if self._tick() < 0 or not self._kill(name):
                continue
            kind = name.split()[0]
            self.killed[kind] = self.killed.get(kind, 0) + 1
        self.viewer.end()

    def _kill(self, name: str) -> bool:
        """Kill a part and wait until the day goes on; False where it is not there."""
        if name == VIEWER:
            there = self.viewer.kill()
            self._wait_for_tick(VIEWER, time.monotonic())
            return there
        process = self.parts.processes[name]
        if process.poll() is not None:
            return False
        began = self.parts.started[name]
        self.parts.deaths.forget()
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        self._wait_for_work(name, began, self._log_bytes())
        return True

    def _tick(self) -> int:
        uri = f"{(self.folder / STORE).absolute().as_uri()}?mode=ro"
        try:
            with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
                return int(db.execute("SELECT coalesce(max(tick), -1) FROM journal").fetchone()[0])
        except sqlite3.OperationalError:
            return -1

    def _log_bytes(self) -> int:
        log = self.folder / "run.log"
        return log.stat().st_size if log.exists() else 0

    def _wait_for_work(self, name: str, began: float, logged: int) -> None:
        """Wait until the part's successor is there and a further tick is committed.

        A controller is there with its first line in the log; others write none.
        """
        started = self.parts.started
        if name == "controller":
            self._wait_until(lambda: self._log_bytes() > logged)
            self._wait_for_tick(name, time.monotonic())
        else:
            self._wait_until(lambda: started[name] != began)
            self._wait_for_tick(name, started[name])

    def _wait_for_tick(self, name: str, since: float) -> None:
        tick = self._tick()
        if self._wait_until(lambda: self._tick() > tick):
            took = (time.monotonic() - since) * 1000
            self.resume_ms.setdefault(name.split()[0], []).append(round(took, 1))

    def _wait_until(self, there: Callable[[], bool]) -> bool:
        """Wait for something; False where the day is over first."""
        while not there():
            if self.over.wait(POLL_SECONDS):
                return False
        return True


class _Viewer:
    """A window that looks on, without a screen."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.process: subprocess.Popen | None = None

    def kill(self) -> bool:
        """Kill it, and open another; False where there was none to kill yet."""
        there = self.process is not None and self.process.poll() is None
        self.end()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "viz", self.parts.addresses["clients"]],
            env=os.environ | {"SDL_VIDEODRIVER": "dummy"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return there

    def end(self) -> None:
        """Kill it for good."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class _Client(threading.Thread):
    """Brings parcels to the door, again and again until they are acknowledged."""

    def __init__(self, parts: Parts, parcels: Parcels) -> None:
        super().__init__(daemon=True)
        self.parts, self.parcels = parts, parcels
        self.acknowledged: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Submit all parcels."""
        count = len(self.parcels)
        for first in range(0, count, CLIENT_PARCELS):
            part = self.parcels.take(np.arange(first, min(first + CLIENT_PARCELS, count)))
            last = first + CLIENT_PARCELS >= count
            request = {"ask": "submit", "parcels": pack_parcels(part), "last": last}
            while not self.over.is_set():
                address = self.parts.addresses.get("clients")
                try:
                    if address is not None:
                        answer = client.ask(address, request, ANSWER_SECONDS)
                        assert answer["accepted"] + answer["known"] == len(part)
                        self.acknowledged += part.names
                        break
                except UnreachableError:
                    pass
                self.over.wait(POLL_SECONDS)


def day_under_kills(
    folder: Path,
    scenario: Scenario,
    kills: int,
    chance: random.Random,
    hosts: int,
    *,
    through_door: bool = False,
) -> dict[str, Any]:
    """Run one day under kills and return what became of it.

    Raises
    ------
    KeyboardInterrupt
        If the command was told to end meanwhile; the day's parts have ended.
    """
    robots = scenario.floor.robots
    parts = Parts()
    submitter = None
    day = scenario
    if through_door:
        assert scenario.city.parcels is not None
        file = read_parcels(scenario.path(scenario.city.parcels), depot=scenario.city.depot)
        parcels = draw(file.parcels, scenario, 1)
        parcels.station[:] = -1
        city = msgspec.structs.replace(scenario.city, parcels=None)
        day = msgspec.structs.replace(scenario, city=city)
        submitter = _Client(parts, parcels)
    create(folder, day, lockstep=True).store.close()
    killer = _Killer(parts, folder, kills, chance)
    options = argparse.Namespace(workers=1, speed="max", record_wire=None, keys=None)
    helpers = [one for one in (killer, submitter) if one is not None]
    for one in helpers:
        one.start()
    try:
        code = parts.run(folder, options, host_spans(robots, hosts), window=False)
    finally:
        for one in helpers:
            one.over.set()
            one.join()
        parts.end()
    if parts.interrupted:
        raise KeyboardInterrupt
    if code:
        raise RuntimeError(f"a day under kills ended with exit code {code}; see its run.log")
    store = Store(folder / STORE)
    figures = summary.summarize(store, read_recording(store.path))
    lost = figures["parcels"]["lost"]
    if submitter is not None:
        ended = _ended(store)
        lost = sum(name not in ended for name in submitter.acknowledged)
        lost += len(submitter.parcels) - len(submitter.acknowledged)
    store.close()
    return {
        "parcels": figures["parcels"]["accepted"],
        "lost": lost,
        "doubled": figures["parcels"]["doubled"],
        "collisions": figures["collisions"],
        "hashes": [figures["events_hash"], figures["state_hash"]],
        "killed": killer.killed,
        "resume_ms": killer.resume_ms,
    }


def _ended(store: Store) -> set[str]:
    """Return the names of the parcels that have come to an end of their way."""
    rows = store.db.execute(
        "SELECT DISTINCT name FROM parcel JOIN parcel_log ON parcel = id "
        f"WHERE state IN ({', '.join(str(int(state)) for state in ENDS)})"
    )
    return {name for (name,) in rows}
