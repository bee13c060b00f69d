"""Command-line options that open a day: shared by `fleet run` and `fleet controller`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from fleet.day import Day
from fleet.keys import add_keys_argument
from fleet.requests import MAX_SPEED, SPEED_PARTS
from fleet.run_folder import create, resume
from fleet.scenario import Scenario, check_values, read
from fleet.store_errors import TakenError


def add_day_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options that `fleet controller` and `fleet run` share."""
    parser.add_argument("--out", metavar="RUN", help="run folder (default: runs/NAME-N)")
    parser.add_argument("--resume", metavar="RUN", help="go on with a run that was stopped")
    parser.add_argument("--speed", default=None, metavar="FACTOR|max",
                        help="simulated seconds a second; max: as fast as it goes "
                             "(default: max; of `fleet run` with a window 8)")  # fmt: skip
    parser.add_argument("--workers", type=int, default=2, metavar="N",
                        help="threads of the process that plans tours (default: 2)")  # fmt: skip
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
        If it is neither a speed that an operator may ask for nor "max".
    """
    if text is None or text == "max":
        return 0.0
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    least = 1 / SPEED_PARTS
    if not least <= speed <= MAX_SPEED:
        raise ValueError(
            f"--speed {text}: no factor; write a number from {least:g} to {MAX_SPEED:,.0f}, or max"
        )
    return speed


def open_day(
    args: argparse.Namespace,
    *,
    lockstep: bool,
    check: Callable[[Scenario], None] = lambda scenario: None,
) -> Day:
    """Return the day that a command line names: a new one, or one to go on with.

    What `check` raises about its scenario is told before a run folder is made.
    """
    if args.workers < 1:
        raise ValueError(f"--workers {args.workers}: no number of threads; choose 1 or more")
    record = Path(args.record_wire) if args.record_wire else None
    if record is not None and not record.parent.is_dir():
        raise ValueError(f"--record-wire {record}: no such folder; make it first")
    if record is not None and record.is_dir():
        raise ValueError(f"--record-wire {record}: a folder; write the name of a file")
    if args.resume:
        if args.scenario or args.out or (args.seed, args.robots) != (None, None):
            raise ValueError(
                "--resume RUN goes on as it began; leave SCENARIO, --out, --seed and --robots away"
            )
        day = resume(Path(args.resume), lockstep=lockstep)
        check(day.scenario)
        return day
    if not args.scenario:
        raise ValueError("no scenario; name a file such as maps/small.toml, or --resume RUN")
    scenario = read(args.scenario)
    if args.seed is not None:
        scenario = msgspec.structs.replace(scenario, seed=args.seed)
    if args.robots is not None:
        floor = msgspec.structs.replace(scenario.floor, robots=args.robots)
        scenario = msgspec.structs.replace(scenario, floor=floor)
    check_values(f"{args.scenario} with these options", scenario)
    check(scenario)
    if args.out:
        if Path(args.out).is_file():
            raise ValueError(f"--out {args.out}: a file; name a folder")
        return create(Path(args.out), scenario, lockstep=lockstep)
    while True:
        with suppress(TakenError):  # another day may have been faster; it has this folder
            return create(free_folder(scenario.name), scenario, lockstep=lockstep)


def free_folder(name: str) -> Path:
    """Return the first of runs/NAME-1, runs/NAME-2, ... that does not exist."""
    number = 1
    while (folder := Path("runs") / f"{name}-{number}").exists():
        number += 1
    return folder
