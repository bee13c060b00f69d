"""Command-line options that open a day: shared by `fleet run` and `fleet controller`."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from fleet.day import Day
from fleet.keys import add_keys_argument
from fleet.run_folder import create, resume
from fleet.scenario import Scenario, read


def add_day_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options that `fleet controller` and `fleet run` share."""
    parser.add_argument("--out", metavar="RUN", help="run folder (default: runs/NAME-N)")
    parser.add_argument("--resume", metavar="RUN", help="go on with a run that was stopped")
    parser.add_argument("--speed", default=None, metavar="FACTOR|max",
                        help="simulated seconds a second; max: as fast as it goes")  # fmt: skip
    parser.add_argument("--workers", type=int, default=2, help="processes that plan tours")
    parser.add_argument("--seed", type=int, help="instead of the scenario's")
    parser.add_argument("--robots", type=int, help="instead of the scenario's")
    parser.add_argument("--record-wire", metavar="FILE.jsonl",
                        help="write every VDA 5050 message there")  # fmt: skip
    add_keys_argument(parser)


def parse_speed(text: str | None) -> float:
    """Return the speed factor, 0 for max.

    Raises
    ------
    ValueError
        If it is neither a number above 0 nor "max".
    """
    if text is None or text == "max":
        return 0.0
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 < speed <= 10_000:
        raise ValueError(f"--speed {text}: no factor; write a number above 0, or max")
    return speed


def open_day(args: argparse.Namespace, *, lockstep: bool, hosts: int | None = None) -> Day:
    """Return the day that a command line names: a new one, or one to go on with.

    A number of hosts that its robots cannot be split among is refused before it is made.
    """
    if args.resume:
        if args.scenario or args.out:
            raise ValueError("--resume RUN needs nothing else; leave SCENARIO and --out away")
        day = resume(Path(args.resume), lockstep=lockstep)
        _check_hosts(hosts, day.scenario)
        return day
    if not args.scenario:
        raise ValueError("no scenario; name a file such as maps/small.toml, or --resume RUN")
    scenario = read(args.scenario)
    if args.seed is not None:
        scenario = msgspec.structs.replace(scenario, seed=args.seed)
    if args.robots is not None:
        floor = msgspec.structs.replace(scenario.floor, robots=args.robots)
        scenario = msgspec.structs.replace(scenario, floor=floor)
    _check_hosts(hosts, scenario)
    folder = Path(args.out) if args.out else free_folder(scenario.name)
    return create(folder, scenario, lockstep=lockstep)


def _check_hosts(hosts: int | None, scenario: Scenario) -> None:
    robots = scenario.floor.robots
    if hosts is not None and not 1 <= hosts <= robots:
        raise ValueError(f"--hosts {hosts}: choose 1 to the {robots} robots of this day")


def free_folder(name: str) -> Path:
    """Return the first of runs/NAME-1, runs/NAME-2, ... that does not exist."""
    number = 1
    while (folder := Path("runs") / f"{name}-{number}").exists():
        number += 1
    return folder
