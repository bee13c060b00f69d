"""`fleet run`: the whole day in one command, each part a process of its own.

Starts the controller, then hosts and couriers with the addresses that it prints, then the window
where there is a screen; ends them all when the day is over, or on Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from fleet import manifests, report, summary
from fleet.check.recording import read_recording
from fleet.day_options import add_day_arguments, open_day, parse_speed
from fleet.keys import check_keys
from fleet.line import TOLD_EXIT
from fleet.parts import Parts, check_hosts, host_spans
from fleet.scenario import Scenario
from fleet.store import STORE, Store
from fleet.store_errors import DISK_EXIT, EndedError
from routing.first_run import announce

SUMMARY = "summary.json"
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
    try:
        day = open_day(args, lockstep=lockstep, check=lambda scenario: check_parts(args, scenario))
    except EndedError:
        if (Path(args.resume) / SUMMARY).exists():
            raise
        # Killed after its last tick, or run by `fleet controller` alone.
        return finish(Path(args.resume), as_json=args.json)
    folder = day.folder
    day.store.close()
    announce()
    parts = Parts()
    try:
        code = parts.run(folder, args, spans_of(args, day.scenario), window)
    finally:
        parts.end()
    if code == TOLD_EXIT:
        print(f"stopped; `fleet run --resume {folder}` goes on where it stands", file=sys.stderr)
        return TOLD_EXIT
    if code == DISK_EXIT:  # the controller has told it
        return DISK_EXIT
    if code:
        see = f"; see {folder}/run.log" if (folder / "run.log").exists() else ""
        print(f"the controller ended with exit code {code}{see}", file=sys.stderr)
        return 1
    return finish(folder, as_json=args.json)


def check_parts(args: argparse.Namespace, scenario: Scenario) -> None:
    """See whether a day's hosts and couriers could start.

    Raises
    ------
    ValueError
        For a number of hosts that its robots cannot be split among.
    KeyFileError
        If there are to be keys, and some are missing.
    """
    if args.hosts is not None:
        check_hosts(args.hosts, scenario.floor.robots)
    if args.keys:
        check_keys(args.keys, spans_of(args, scenario))


def spans_of(args: argparse.Namespace, scenario: Scenario) -> list[tuple[int, int]]:
    """Return each host's robots, by the number of hosts that is asked for or that it takes."""
    robots = scenario.floor.robots
    return host_spans(robots, args.hosts or -(-robots // ROBOTS_PER_HOST))


def finish(folder: Path, *, as_json: bool) -> int:
    """Write summary and manifests of a day that is over, and show the summary."""
    store = Store(folder / STORE)
    recording = read_recording(store.path)
    figures = summary.summarize(store, recording)
    manifests.write(store, recording, folder)
    store.close()
    fresh = folder / f"{SUMMARY}.new"
    fresh.write_text(json.dumps(figures, indent=1) + "\n")
    fresh.replace(folder / SUMMARY)  # the last of all, and whole: where it is, nothing is missing
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
