"""`fleet operate`: what an operator asks of a running floor.

A request has an id, and is asked again under it until it is answered: a controller that dies and
comes back does it once.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import uuid
from pathlib import Path

import msgspec

from fleet import wire
from fleet.client import UnreachableError, ask
from fleet.events import Operation
from fleet.keys import add_keys_argument, curve_of
from fleet.requests import (
    EMPTY,
    MAX_SPEED,
    OF_CELLS,
    SPEED_PARTS,
    Request,
    describe,
    speed_request,
)
from fleet.store import ADDRESSES, STORE, Store
from routing.arguments import MOST_SECONDS, number

ANSWER_SECONDS = 60.0
TRY_SECONDS = 5.0  # until a request is asked again
HELP = {
    Operation.PAUSE: "the floor, or robots: they end what is granted, and get no further cell",
    Operation.RESUME: "go on",
    Operation.OUT: "robots get no more parcels, go aside, and stand there",
    Operation.IN: "robots that are out go on",
    Operation.CLOSE: "cells are entered no more; one that a robot holds, once it is left",
    Operation.OPEN: "closed cells are entered again",
    Operation.CLEAR: "confirm where a lost robot is, and that its other cells are clear",
    Operation.SPEED: "the clock runs at so many times real time; at 0 it stands",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet operate`."""
    parser.add_argument("where", metavar="RUN|ADDRESS",
                        help="run folder, or its controller's address for clients")  # fmt: skip
    # RUN alone, so that a shell takes no help that is named for a pipe.
    verbs = parser.add_subparsers(
        dest="what", metavar="WHAT", required=True, prog=f"{parser.prog} RUN"
    )
    for what, text in HELP.items():
        verb = verbs.add_parser(what.name.lower(), help=text, description=text)
        if what in OF_CELLS:
            verb.add_argument("cells", nargs="+", metavar="CELL", help="number, or ROW,COLUMN")
        elif what == Operation.SPEED:
            verb.add_argument("speed", type=float, metavar="FACTOR")
        elif what == Operation.CLEAR:
            verb.add_argument("robots", nargs=1, type=int, metavar="ROBOT",
                              help="it is switched off, and somebody has looked")  # fmt: skip
            place = verb.add_mutually_exclusive_group(required=True)
            place.add_argument(
                "--at", metavar="CELL", help="where it stands; number, or ROW,COLUMN"
            )
            place.add_argument("--off", action="store_true", help="it was taken off the floor")
            found = verb.add_mutually_exclusive_group()
            found.add_argument("--parcel", default="", metavar="ID", help="what was found on it")
            found.add_argument("--empty", dest="parcel", action="store_const", const=EMPTY,
                               help="nothing was found on it")  # fmt: skip
        else:
            floor = what in (Operation.PAUSE, Operation.RESUME)
            verb.add_argument("robots", nargs="*" if floor else "+", type=int, metavar="ROBOT",
                              help="none: the whole floor" if floor else None)  # fmt: skip
        verb.add_argument("--id", help="its own name, so that asking again does nothing twice")
        verb.add_argument("--seconds", type=number(0, MOST_SECONDS), default=ANSWER_SECONDS,
                          help="time to wait for each answer (default: %(default)g)")  # fmt: skip
        add_keys_argument(verb)
        verb.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run `fleet operate`; 1 where the controller refused something."""
    curve = curve_of(args.keys, "operator") if args.keys else None
    line = Line(args.where, args.seconds, curve)
    done = []
    for request in requests(args, line):
        answer = line.ask(request)
        text = describe(request.what, request.robot, request.cell)
        if "error" in answer:
            print(f"fleet operate: {text}: refused: {answer['error']}", file=sys.stderr)
        elif not args.json:
            print(f"{text}: done, tick {answer['tick']}")
        done.append({**request.plain(), "ok": "error" not in answer, **answer})
    ok = all(one["ok"] for one in done)
    if args.json:
        print(json.dumps({"ok": ok, "requests": done}))
    return 0 if ok else 1


class Line:
    """The way to a controller that may die and come back meanwhile."""

    def __init__(self, where: str, seconds: float, curve: wire.Curve | None) -> None:
        self.where, self.seconds, self.curve = where, seconds, curve

    def ask(self, request: Request) -> dict:
        """Return the controller's answer to a request, asking again until there is one."""
        plain = {"ask": "operate", **request.plain()}
        deadline = time.monotonic() + self.seconds
        while True:
            left = max(deadline - time.monotonic(), 0.0)
            try:
                return ask(self.address(), plain, min(left, TRY_SECONDS), self.curve, refused=True)
            except UnreachableError:
                if left <= TRY_SECONDS:
                    raise

    def address(self) -> str:
        """Return the controller's address for clients."""
        if self.where.startswith("tcp://"):
            return self.where
        path = Path(self.where) / ADDRESSES
        try:
            return str(msgspec.json.decode(path.read_bytes(), type=dict)["clients"])
        except (OSError, msgspec.DecodeError, KeyError) as error:
            raise ValueError(
                f"{self.where}: no controller runs there; name the folder of a run that is under "
                "way, or the clients' address that `fleet controller` prints"
            ) from error

    def width(self) -> int:
        """Return the floor's width in cells, which ROW,COLUMN needs."""
        if not self.where.startswith("tcp://"):
            store = Store(Path(self.where) / STORE)
            text = store.meta("map")
            store.close()
        else:
            text = ask(self.where, {"ask": "snapshot"}, TRY_SECONDS, self.curve)["map"]
        head = dict(line.split() for line in text.splitlines()[:3])
        return int(head["width"])


def requests(args: argparse.Namespace, line: Line) -> list[Request]:
    """Return what a command line asks for, each with an id.

    Raises
    ------
    ValueError
        For what is no cell.
    """
    what = Operation[args.what.upper()]
    name = args.id or uuid.uuid4().hex
    if what == Operation.SPEED:
        least = 1 / SPEED_PARTS  # a slower one would be told as 0
        if args.speed != 0 and not least <= args.speed <= MAX_SPEED:
            raise ValueError(
                f"speed {args.speed:g}: no such speed; choose 0 (the clock stands), or {least:g} "
                f"to {MAX_SPEED:,.0f}"
            )
        return [speed_request(name, args.speed)]
    if what in OF_CELLS:
        targets = [(-1, _cell(text, line)) for text in args.cells]
    elif what == Operation.CLEAR:
        targets = [(args.robots[0], -1 if args.off else _cell(args.at, line))]
    else:
        targets = [(robot, -1) for robot in args.robots] or [(-1, -1)]
    for robot in () if what in OF_CELLS else args.robots:
        if robot < 0:
            raise ValueError(f"robot {robot}: no such robot; they are numbered from 0")
    ids = [name] if len(targets) == 1 else [f"{name}-{k}" for k in range(len(targets))]
    parcel = args.parcel if what == Operation.CLEAR else ""
    return [
        Request(one, what, robot, cell, parcel)
        for one, (robot, cell) in zip(ids, targets, strict=True)
    ]


def _cell(text: str, line: Line) -> int:
    parts = text.split(",")
    if len(parts) > 2 or not all(part.strip().isdecimal() for part in parts):
        raise ValueError(f"cell {text}: no cell; write its number, or ROW,COLUMN such as 3,17")
    if len(parts) == 1:
        return int(text)
    row, column = map(int, parts)
    width = line.width()
    if column >= width:
        raise ValueError(f"cell {text}: the floor has {width} columns, 0 to {width - 1}")
    return row * width + column
