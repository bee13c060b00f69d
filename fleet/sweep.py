"""`fleet sweep`: a sizing study, the same day with different numbers of robots, side by side.

Each day is lived whole in one process, to the same hashes as by `fleet run`.  Its row is written
when it ends, and a study that was broken off goes on with the rows that are missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fleet import flow, sizing, summary
from fleet.check.recording import read_recording
from fleet.check.scenario import require_floor
from fleet.day import Day
from fleet.events import PLAN
from fleet.run_folder import create
from fleet.scenario import MAX_ROBOTS, Scenario, read, write
from fleet.sizing import Row
from fleet.solo import SoloDay
from fleet.waves import plan_wave, wave_parcels
from routing.arguments import seeds
from routing.first_run import announce
from routing.floor.grid import Floor
from routing.kept_rows import kept_rows
from routing.parent import end_with_parent
from routing.picture import plot_fault
from routing.places import require_places
from routing.status_line import StatusLine

STEPS = 8
LOOK_SECONDS = 0.5
# Simulated seconds of a busy floor without news of any parcel, after which a day is given up.
STALL_SECONDS = 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet sweep`."""
    parser.add_argument("scenario", help="scenario file")
    parser.add_argument("--robots", required=True, metavar="A:B|N,N,...",
                        help="from A to B, both lived, or each number")  # fmt: skip
    parser.add_argument("--steps", type=int, help=f"days from A to B (default: {STEPS})")
    parser.add_argument("--seeds", type=seeds, metavar="A:B",
                        help="days of each number of robots: from A to before B, or one seed, "
                             "instead of the scenario's")  # fmt: skip
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1,
                        help="days lived side by side (default: one a core)")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE.jsonl",
                        help="rows; a broken-off study goes on here "
                             "(default: runs/NAME-sweep.jsonl)")  # fmt: skip
    parser.add_argument("--csv", type=Path, metavar="FILE", help="the same rows as a table")
    parser.add_argument("--plot", type=Path, metavar="FILE.png",
                        help="picture (needs the plots extra)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run `fleet sweep`; 1 where a day did not end, lost or doubled a parcel, or had a collision.

    Raises
    ------
    ValueError
        In one line, for bad input.
    """
    numbers = parse_robots(args.robots, args.steps)
    if args.workers < 1:
        raise ValueError(f"--workers {args.workers}: no day could be lived; give 1 or more")
    if args.plot and (fault := plot_fault(args.plot)):
        raise ValueError(fault)
    scenario = read(args.scenario)
    if scenario.city.parcels is None:
        raise ValueError(f"{args.scenario}: city.parcels is not set; a study needs a file of them")
    most = with_robots(scenario, numbers[-1])
    require_floor(most, Floor.read(scenario.path(scenario.floor.map)), f"--robots {args.robots}")
    require_places(args)
    if args.out is None:  # whose folder alone is made
        args.out = Path("runs") / f"{scenario.name}-sweep.jsonl"
        args.out.parent.mkdir(exist_ok=True)
        require_places(args)
    out = args.out
    drawn = [msgspec.structs.replace(scenario, seed=seed) for seed in args.seeds or [scenario.seed]]
    studies = {fingerprint(one): one for one in drawn}
    rows = {(row["robots"], row["day"]): row for row in kept_rows(out, "robots", "day")}
    wanted = [(n, day) for n in numbers for day in studies]
    missing = [key for key in wanted if key not in rows]
    if missing:
        announce()
        with out.open("a", encoding="utf-8") as file:

            def keep(number: int, row: Row) -> None:
                _, day = key = missing[number]
                rows[key] = {**row, "seed": studies[day].seed, "day": day}
                file.write(json.dumps(rows[key]) + "\n")
                file.flush()

            try:
                live_days([with_robots(studies[day], n) for n, day in missing], args.workers, keep)
            except KeyboardInterrupt:
                print(f"stopped; the same command goes on with {out}", file=sys.stderr)
                return 130
    return _finish(args, scenario, [rows[key] for key in wanted], out)


def _finish(args: argparse.Namespace, scenario: Scenario, rows: list[Row], out: Path) -> int:
    if args.csv:
        sizing.write_csv(rows, args.csv)
    means = sizing.means(rows)
    if args.plot:
        sizing.plot(means, args.plot, f"{scenario.name}: how many robots?")
    if args.json:
        print(json.dumps({"rows": rows, "means": means, "knee": sizing.knee(means)}))
    else:
        print(sizing.table(means))
        print(f"\nknee: {sizing.knee_words(means)}; rows in {out}")
    return 0 if all(map(sizing.sound, rows)) else 1


def parse_robots(text: str, steps: int | None) -> list[int]:
    """Return the numbers of robots of a study, ascending.

    Raises
    ------
    ValueError
        In one line, for what is neither A:B nor numbers.
    """
    remedy = "write A:B with 1 <= A < B, or numbers with commas"
    first, colon, last = text.partition(":")
    try:
        numbers = [int(word) for word in ((first, last) if colon else text.split(","))]
    except ValueError:
        raise ValueError(f"--robots {text}: not numbers; {remedy}") from None
    if min(numbers) < 1 or max(numbers) > MAX_ROBOTS:
        raise ValueError(f"--robots {text}: choose 1 to {MAX_ROBOTS:,} robots")
    if not colon:
        if steps is not None:
            raise ValueError(f"--steps {steps}: only for --robots A:B; leave it out")
        return sorted(set(numbers))
    steps = STEPS if steps is None else steps
    low, high = numbers
    if low >= high:
        raise ValueError(f"--robots {text}: nothing lies between; {remedy}")
    if steps < 2:
        raise ValueError(f"--steps {steps}: A and B alone are 2; give 2 or more")
    return np.unique(np.linspace(low, high, steps).round().astype(int)).tolist()


def with_robots(scenario: Scenario, robots: int) -> Scenario:
    """Return the scenario with another number of robots."""
    floor = msgspec.structs.replace(scenario.floor, robots=robots)
    return msgspec.structs.replace(scenario, floor=floor)


def fingerprint(scenario: Scenario) -> str:
    """Return a hash of all that makes a day but the number of its robots."""
    digest = hashlib.blake2b(digest_size=8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.toml"
        write(with_robots(scenario, 1), path)
        digest.update(path.read_bytes())
    for name in (scenario.floor.map, scenario.city.parcels):
        if name is not None:
            digest.update(scenario.path(name).read_bytes())
    return digest.hexdigest()


def live_days(days: list[Scenario], workers: int, keep: Callable[[int, Row], None]) -> None:
    """Live days, the last first, and hand on each row as it comes.

    Parameters
    ----------
    days
        Those with most robots last, as they take longest.
    workers
        Processes.
    keep
        Takes the place of each day and its row when it has ended.
    """
    context = multiprocessing.get_context("spawn")
    shares = context.Array("d", len(days), lock=False)
    began = time.monotonic()
    progress = _Progress(shares)
    with tempfile.TemporaryDirectory(prefix="sweep-") as folder:
        pool = ProcessPoolExecutor(
            min(workers, len(days)), context, initializer=_begin, initargs=(shares,)
        )
        try:
            left: dict[Future[Row], int] = {
                pool.submit(live_day, days[k], folder, k): k for k in reversed(range(len(days)))
            }
            while left:
                done, _ = wait(left, LOOK_SECONDS, FIRST_COMPLETED)
                for future in sorted(done, key=left.__getitem__):
                    row = future.result()
                    keep(left.pop(future), row)
                    progress.row(row)
                progress.show(time.monotonic() - began)
        finally:
            progress.line.end()
            for process in (pool._processes or {}).values():
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)


_shares: Any = None  # of this process's days that are done, by day


def _begin(shares: Any) -> None:
    global _shares
    _shares = shares
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its days in order


def live_day(scenario: Scenario, folder: str, number: int) -> Row:
    """Return the row of one whole day.

    Parameters
    ----------
    scenario
        The day.
    folder
        Where it may write: its run while it lasts, and tours that other days can use too.
    number
        Of the day in its study.
    """
    began = time.perf_counter()
    run = Path(folder) / f"day-{number}"
    day = create(run, scenario, lockstep=True)
    try:
        # A study that loses power lives the day again; it need not wait for the disk.
        day.store.db.execute("PRAGMA synchronous=OFF")
        watch = _Watch(day, number)
        solo = SoloDay(day, lambda day: shared_tours(day, Path(folder))).live(seen=watch)
        solo.close(time.perf_counter() - began)
        return sizing.row_of(summary.summarize(day.store, read_recording(day.store.path)))
    finally:
        day.store.close()
        for file in run.iterdir():
            file.unlink()
        run.rmdir()


class _Watch:
    """Says how far a day is, and stops one that stands still."""

    def __init__(self, day: Day, number: int) -> None:
        self.number, self.news = number, 0
        self.stall = day.scenario.ticks(STALL_SECONDS)

    def __call__(self, day: Day) -> bool:
        world = day.world
        if world.log or flow.floor_is_quiet(world):
            self.news = world.tick
        if _shares is not None and world.tick % 64 == 0:
            sorted_share = (world.parcels["sorted_tick"] >= 0).mean()
            _shares[self.number] = 0.0 if np.isnan(sorted_share) else sorted_share
        return world.tick - self.news <= self.stall


def shared_tours(day: Day, folder: Path) -> np.ndarray:
    """Return a wave's tours (dtype `events.PLAN`), planned once for all days of this seed that have
    this wave.

    How many robots sort a wave changes its tours only where it changes what is in it.
    """
    world = day.world
    parcels, without = wave_parcels(world)
    key = hashlib.blake2b(digest_size=12)
    key.update(f"{day.scenario.seed} {world.waves} {world.wave_tick} {len(without)}".encode())
    key.update(parcels.tobytes() + without.tobytes())
    path = folder / f"tours-{key.hexdigest()}"
    if path.exists():
        return np.frombuffer(path.read_bytes(), PLAN)
    tours = plan_wave(world, day.book, day.depot)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(tours.tobytes())
    part.replace(path)
    return tours


class _Progress:
    """How much of all days is done; a line for each that has ended."""

    def __init__(self, shares: Any) -> None:
        self.shares, self.done = shares, 0
        self.line = StatusLine()

    def row(self, row: Row) -> None:
        """Say what a day came to."""
        self.done += 1
        self.line.say(
            f"{self.done} of {len(self.shares)} days: {row['robots']:,} robots, "
            f"{row['parcels_per_hour'] or 0.0:,.0f} parcels an hour, "
            f"took {row['wall_seconds']:.0f} s" + ("" if sizing.sound(row) else ", NOT SOUND")
        )

    def show(self, seconds: float) -> None:
        """Show how much of all days' parcels is sorted."""
        share, days = sum(self.shares) / len(self.shares), len(self.shares)
        words = f"{share:.0%} sorted, {self.done} of {days} days, {seconds:.0f} s"
        self.line.show(share, words)
