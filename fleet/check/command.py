"""`fleet check`: the judges over a recorded run, or what is wrong with a scenario."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from fleet.check.batteries import check_batteries
from fleet.check.clearances import with_clearances
from fleet.check.loads import check_loads
from fleet.check.parcels import check_parcels
from fleet.check.recording import Recording, read_recording
from fleet.check.robots import check_robots
from fleet.check.tours import check_tours
from fleet.check.violations import Violations

JUDGES: tuple[Callable[[Recording, Violations], None], ...] = (
    check_robots,
    check_batteries,
    check_parcels,
    check_loads,
    check_tours,
)


SQLITE = b"SQLite format 3\0"  # what a store begins with


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet check`."""
    parser.add_argument("what", metavar="SCENARIO|RUN", help="scenario file, or run folder")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run `fleet check`; 1 where something is wrong.

    Raises
    ------
    ValueError
        In one line, for what is neither scenario nor run.
    """
    path = Path(args.what)
    if path.suffix == ".toml":
        from fleet.check.scenario import check_scenario

        return check_scenario(path, as_json=args.json)
    if not path.exists():
        raise ValueError(f"{path}: no such run or scenario; name a run folder or a .toml file")
    if path.is_file() and not _is_store(path):
        raise ValueError(f"{path}: neither a scenario (.toml) nor a run folder; name one of these")
    recording = read_recording(path)
    violations = judge(recording)
    plain = violations.plain()
    robots = recording.cells.shape[1]
    size = {
        "robots": robots,
        "ticks": len(recording.ticks),
        "parcels": len(recording.parcels["id"]),
    }
    if args.json:
        print(json.dumps({"ok": not plain, "violations": plain, "ended": recording.ended, **size}))
    elif plain:
        for one in plain:
            print(f"{one['what']}: {one['where']}: {one['detail']}", file=sys.stderr)
        print(f"{path}: {sum(violations.counts.values())} violations", file=sys.stderr)
    else:
        state = "" if recording.ended else " so far (the day has not ended)"
        counted = ", ".join(f"{number:,} {name}" for name, number in size.items())
        print(f"{path}: all is well{state}: {counted}; no collision, nothing lost or doubled")
    return 1 if plain else 0


def _is_store(path: Path) -> bool:
    """Tell whether a file is a run's store, a backup for example."""
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def judge(recording: Recording) -> Violations:
    """Return all that is wrong with a run."""
    violations = Violations()
    recording = with_clearances(recording)
    for check in JUDGES:
        check(recording, violations)
    return violations
