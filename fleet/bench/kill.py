"""kill -9 at random instants, across all parts of real days, until so many processes have died.

Days come in turns.  In one, parcels come from the scenario's file, and the day must end with the
hashes of a twin that nobody disturbed.  In the next, a client brings them through the door.  Each
day is a row of its own; with `--out` rows are kept, and the same command goes on behind them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fleet.bench.kill_day import day_under_kills
from fleet.parts import check_hosts
from fleet.scenario import MAX_SEED, Scenario, read
from routing.arguments import whole
from routing.kept_rows import kept_rows
from routing.places import require_places

GOAL_RESUME_MS = 2000.0
FAULTS = ("lost", "doubled", "collisions", "other_hashes")

Row = dict[str, Any]


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run the days that are missing and return the figures of all."""
    if args.kills < 1:
        raise ValueError(f"--kills {args.kills}: choose at least one")
    scenario = read(args.scenario)
    check_hosts(args.hosts, scenario.floor.robots)
    if scenario.city.parcels is None:
        raise ValueError(f"{args.scenario}: city.parcels is not set; name one with a file of them")
    require_places(args)
    try:
        return figures(_rows(args, scenario))
    except KeyboardInterrupt:
        if args.out is not None:
            print(f"stopped; the same command goes on with {args.out}", file=sys.stderr)
        raise


def _rows(args: argparse.Namespace, scenario: Scenario) -> list[Row]:
    """Return the rows that are kept, and behind them those of the days that were missing."""
    key = {"scenario": _digest(scenario), "hosts": args.hosts, "seed": args.seed}
    rows = [row for row in kept_rows(args.out, *key) if all(row.get(k) == key[k] for k in key)]
    with tempfile.TemporaryDirectory() as name:
        while not rows or _kills(rows) < args.kills:
            number = len(rows)  # the first is the calm twin of the others
            day = day_under_kills(
                Path(name) / f"day-{number}",
                scenario,
                args.kills - _kills(rows) if number else 0,
                random.Random(f"{args.seed} {number}"),
                args.hosts,
                through_door=number > 0 and number % 2 == 0,
            )
            row: Row = key | {"day": number, **day}
            with_file = number % 2 == 1
            row["other_hashes"] = int(with_file and row["hashes"] != rows[0]["hashes"])
            rows.append(row)
            if args.out is not None:
                with args.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(row) + "\n")
            print(f"day {number}: {_kills(rows)} of {args.kills} kills", file=sys.stderr)
    return rows


def figures(rows: list[Row]) -> dict[str, Any]:
    """Return what all days together say."""
    killed: dict[str, int] = {}
    resume: dict[str, list[float]] = {}
    for row in rows:
        for part, count in row["killed"].items():
            killed[part] = killed.get(part, 0) + count
        for part, took in row["resume_ms"].items():
            resume.setdefault(part, []).extend(took)
    totals = {what: sum(row[what] for row in rows) for what in ("parcels", *FAULTS)}
    every = [ms for took in resume.values() for ms in took]
    return {
        "ok": not any(totals[what] for what in FAULTS) and max(every, default=0) <= GOAL_RESUME_MS,
        "kills": sum(killed.values()),
        "killed": killed,
        "days": len(rows),
        **totals,
        "resume_ms": _spread(every),
        "resume_ms_by_part": {part: _spread(took) for part, took in resume.items()},
        "resumed_in_time": sum(ms <= GOAL_RESUME_MS for ms in every),
        "resumed": len(every),
    }


def _spread(took: list[float]) -> dict[str, int]:
    if not took:
        return {}
    return {f"p{q}": round(float(np.percentile(took, q))) for q in (50, 99)} | {
        "max": round(max(took))
    }


def _kills(rows: list[Row]) -> int:
    return sum(sum(row["killed"].values()) for row in rows)


def _digest(scenario: Scenario) -> str:
    plain = msgspec.structs.replace(scenario, folder="")
    return hashlib.sha256(msgspec.json.encode(plain)).hexdigest()[:16]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet bench kill`."""
    parser.add_argument("--kills", type=int, default=20, help="of processes, in all days")
    parser.add_argument("--scenario", default="maps/small.toml", help="with a file of parcels")
    parser.add_argument("--hosts", type=int, default=2, help="processes that run robots")
    parser.add_argument("--seed", type=whole(0, MAX_SEED), default=1, help="of the kills")
    parser.add_argument("--out", type=Path, metavar="FILE.jsonl",
                        help="keep a row a day, and go on behind those that it has")  # fmt: skip
