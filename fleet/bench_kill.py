"""kill -9 at random instants, across all parts of real days, until so many processes have died.

Days come in turns.  In one, parcels come from the scenario's file, and the day must end with the
hashes of a twin that nobody disturbed.  In the next, a client brings them through the door, sends
again whatever was not acknowledged, and keeps its own list of what was: each of these must come to
its end exactly once.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fleet import client, summary
from fleet.client import UnreachableError
from fleet.day import STORE, create
from fleet.door import pack_parcels
from fleet.events import ParcelState
from fleet.parcels import Parcels, draw, read_parcels
from fleet.run import Parts
from fleet.scenario import Scenario, read
from fleet.store import Store

GOAL_RESUME_MS = 2000.0
PAUSE_SECONDS = (0.05, 1.5)  # between two kills
POLL_SECONDS = 0.01
CLIENT_PARCELS = 10  # in one submission
ANSWER_SECONDS = 2.0


class _Killer(threading.Thread):
    """Kills one part after another, and sees how soon the day goes on."""

    def __init__(self, parts: Parts, folder: Path, kills: int, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.parts, self.folder, self.kills, self.chance = parts, folder, kills, chance
        self.killed: dict[str, int] = {}
        self.resume_ms: list[float] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Kill until there is nothing left to kill."""
        while sum(self.killed.values()) < self.kills:
            if self.over.wait(self.chance.uniform(*PAUSE_SECONDS)):
                return
            name = self.chance.choice(sorted(self.parts.processes))
            process = self.parts.processes[name]
            if self._tick() < 0 or process.poll() is not None:
                continue
            began = self.parts.spoke[name]
            self.parts.stillborn = 0  # these deaths are nobody's fault
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            kind = name.split()[0]
            self.killed[kind] = self.killed.get(kind, 0) + 1
            self._wait_for_work(name, began)

    def _tick(self) -> int:
        try:
            with contextlib.closing(
                sqlite3.connect(f"file:{self.folder / STORE}?mode=ro", uri=True)
            ) as db:
                return int(db.execute("SELECT coalesce(max(tick), -1) FROM journal").fetchone()[0])
        except sqlite3.OperationalError:
            return -1

    def _wait_for_work(self, name: str, began: float) -> None:
        """Wait until the part's successor is there and a further tick is committed."""
        while self.parts.spoke[name] == began:
            if self.over.wait(POLL_SECONDS):
                return
        there, tick = self.parts.spoke[name], self._tick()
        while self._tick() <= tick:
            if self.over.wait(POLL_SECONDS):
                return
        self.resume_ms.append((time.monotonic() - there) * 1000)


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


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    if args.kills < 1:
        raise ValueError(f"--kills {args.kills}: choose at least one")
    scenario = read(args.scenario)
    chance = random.Random(args.seed)
    killed: dict[str, int] = {}
    resume: list[float] = []
    totals = {"days": 0, "parcels": 0, "lost": 0, "doubled": 0, "collisions": 0, "other_hashes": 0}
    with tempfile.TemporaryDirectory() as name:
        calm = _day(Path(name) / "calm", scenario, 0, chance, args.hosts)
        while (left := args.kills - sum(killed.values())) > 0:
            through_door = totals["days"] % 2 == 1
            folder = Path(name) / f"day-{totals['days']}"
            day = _day(folder, scenario, left, chance, args.hosts, through_door=through_door)
            totals["days"] += 1
            for key in ("parcels", "lost", "doubled", "collisions"):
                totals[key] += day[key]
            totals["other_hashes"] += not through_door and day["hashes"] != calm["hashes"]
            for kind, count in day["killed"].items():
                killed[kind] = killed.get(kind, 0) + count
            resume += day["resume_ms"]
    faults = sum(totals[key] for key in ("lost", "doubled", "collisions", "other_hashes"))
    resumed = {f"p{q}": round(float(np.percentile(resume, q))) for q in (50, 99)} if resume else {}
    longest = round(max(resume, default=0.0))
    return {
        "ok": faults == 0 and longest <= GOAL_RESUME_MS,
        "kills": sum(killed.values()),
        "killed": killed,
        **totals,
        "resume_ms": {**resumed, "max": longest},
        "resumed_in_time": sum(ms <= GOAL_RESUME_MS for ms in resume),
        "resumed": len(resume),
    }


def _day(
    folder: Path,
    scenario: Scenario,
    kills: int,
    chance: random.Random,
    hosts: int,
    *,
    through_door: bool = False,
) -> dict[str, Any]:
    """Run one day under kills and return what became of it."""
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
        code = parts.run(folder, options, hosts, robots, window=False)
    finally:
        for one in helpers:
            one.over.set()
            one.join()
        parts.end()
    if code:
        raise RuntimeError(f"a day under kills ended with exit code {code}; see its run.log")
    store = Store(folder / STORE)
    figures = summary.summarize(store)
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
        "hashes": (figures["events_hash"], figures["state_hash"]),
        "killed": killer.killed,
        "resume_ms": killer.resume_ms,
    }


def _ended(store: Store) -> set[str]:
    """Return the names of the parcels that have come to an end of their way."""
    ends = [int(state) for state in (ParcelState.DELIVERED, ParcelState.REJECTED,
                                     ParcelState.CANCELLED, ParcelState.RETURNED)]  # fmt: skip
    rows = store.db.execute(
        "SELECT DISTINCT name FROM parcel JOIN parcel_log ON parcel = id "
        f"WHERE state IN ({', '.join(map(str, ends))})"
    )
    return {name for (name,) in rows}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet bench kill`."""
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--scenario", default="maps/small.toml", help="with a file of parcels")
    parser.add_argument("--hosts", type=int, default=2, help="processes that run robots")
    parser.add_argument("--seed", type=int, default=1)
