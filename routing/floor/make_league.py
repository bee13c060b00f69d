"""`routing make league`: a League problem drawn for a map, as a benchmark of the map draws it."""

from __future__ import annotations

import argparse
from pathlib import Path

from routing.arguments import MOST_SEED, errands, whole
from routing.floor.generate import ERRANDS, MOST_TASKS, ROBOTS, TASKS, generate
from routing.floor.grid import Floor, FloorError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of drawn League problems."""
    parser.add_argument("kind", choices=["league"], help="a League problem of 2024")
    parser.add_argument("file", metavar="MAP", help="floor (.map)")
    parser.add_argument("--robots", type=whole(1), default=ROBOTS, help="on the map")
    parser.add_argument("--tasks", type=whole(1, MOST_TASKS), default=TASKS, help="in the file")
    parser.add_argument(
        "--errands", type=errands, default=ERRANDS, metavar="A:B",
        help="fewest and most errands of a task (default: {}:{})".format(*ERRANDS),
    )  # fmt: skip
    parser.add_argument("--seed", type=whole(0, MOST_SEED), default=0, help="of places and tasks")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.json",
        help="problem; its .agents, .tasks and .map are written beside it",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Write the problem that the command asks for; return the exit code.

    Raises
    ------
    FloorError
        Where the map cannot be used, or something else lies where the files would.
    """
    out: Path = args.out
    if out.suffix != ".json":
        raise FloorError(f"--out {out}: a League problem is JSON; name a .json file")
    floor = Floor.read(args.file)
    problem = generate(
        floor, args.robots, args.tasks, args.seed, errands=args.errands, name=out.stem
    )
    _require_free(out, floor)
    problem.write(out.parent)
    return 0


def _require_free(out: Path, floor: Floor) -> None:
    """Refuse to write over a map of something else, or over files that no problem there names."""
    beside = out.with_suffix(".map")
    if beside.exists() and not floor.is_at(beside):
        raise FloorError(f"--out {out}: {beside} is another map; name another file")
    for beside in (out.with_suffix(".agents"), out.with_suffix(".tasks")):
        if beside.exists() and not out.exists():
            raise FloorError(
                f"--out {out}: {beside} would be written over; move it or name another file"
            )
