"""What one can ask of the `viz` command."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from routing.arguments import Help, Parser
from viz.camera import MAX_PIXELS, MAX_TIMES
from viz.colours import CATEGORIES
from viz.events import GROUPS
from viz.view import SPEEDS

EXTRAS = ("collided", "driven", "goals", "keys", "names", "numbers", "starts")  # of a `view.View`

OWN = "own"
_TIME = re.compile(r"(\d+:){0,2}\d+(\.\d*)?", re.ASCII)
SCALES = (0.5, 8.0)  # of type and marks

EPILOG = """\
SOURCE is one of: a run folder; tcp://HOST:PORT, the clients' address of a running controller;
a League of Robot Runners result or problem (.json); a plan of the MAPF Tracker (.csv with its
.scen beside it); tours (.sol with its .vrp beside it), or the .vrp or .txt itself; a .map.
`viz bench RUN` measures frames, seeks and start.  In the window, ? shows the keys."""


class _Help(Help, argparse.RawDescriptionHelpFormatter):
    """Leaves the list of sources as it is."""


def parser() -> Parser:
    """Return the parser of `viz SOURCE`."""
    result = Parser(
        prog="viz",
        description="Shows a floor and its city: live, replayed, or as a picture.",
        epilog=EPILOG,
        formatter_class=_Help,
    )
    result.add_argument("--version", action="version", version=f"peakday {version('peakday')}")
    result.add_argument("source", metavar="SOURCE", help="what to show; see below")
    result.add_argument("--keys", metavar="FOLDER", type=Path, help="of a controller with keys")
    result.add_argument("--map", metavar="FILE.map", help="the map of a League result")
    result.add_argument(
        "--view", choices=("floor", "city", "both"), help="(default: floor, where there is one)"
    )
    result.add_argument("--palette", choices=("dark", "light"), default="dark", help="colours")
    result.add_argument(
        "--size", type=_size, metavar="WxH", help="pixels (default: 1280x800; a GIF 800x450)"
    )
    result.add_argument(
        "--scale", type=_within(*SCALES), metavar="FACTOR",
        help="of type and marks (default: 1 up to 1920x1080, and more in larger pictures)",
    )  # fmt: skip
    result.add_argument(
        "--speed",
        type=_within(SPEEDS[0], SPEEDS[-1]),
        default=8.0,
        help="simulated seconds a second",
    )
    result.add_argument("--heat", choices=("visits", "waiting"), help="show a heat map")
    result.add_argument(
        "--heat-recent", action="store_true", help="of the last five minutes, not of the whole run"
    )
    result.add_argument(
        "--hide",
        type=_states,
        metavar="LIST",
        default=set(),
        help=f"hide robots that are of these, with commas: {', '.join(CATEGORIES)}",
    )
    result.add_argument(
        "--events",
        type=_events,
        metavar="LIST",
        help=f"list only these: of {','.join(GROUPS)}; {OWN}: only those of what is selected",
    )
    result.add_argument(
        "--overlay", action="append", type=Path, metavar="FILE", default=[],
        help="lay a file over the floor (several: key X): a heuristic, highways, a search tree, "
        "values, or a League result's visits",
    )  # fmt: skip
    result.add_argument(
        "--robots", type=_robots, metavar="A:B",
        help="show only robots A to B, B too (:99, the first 100)",
    )  # fmt: skip
    result.add_argument(
        "--show", type=_extras, default=(), metavar="LIST",
        help="of collided,driven,goals,keys,names,numbers,starts: C, Shift P, G, ?, Shift I, I, S",
    )  # fmt: skip
    result.add_argument("--no-grid", action="store_true", help="no lines between cells")
    result.add_argument(
        "--errands", choices=("next", "taken", "open", "all"), help="of a League result: key E"
    )
    result.add_argument(
        "--at", metavar="TIME", type=_time,
        help="seconds (of a League result: steps), m:ss or h:mm:ss",
    )  # fmt: skip
    result.add_argument(
        "--select", metavar="NAME", help="a robot's number (several: 3,17), a parcel, t7, c3, s1"
    )
    result.add_argument(
        "--zoom",
        type=_within(1, MAX_PIXELS),
        metavar="PIXELS",
        help="pixels per cell, about what is selected",
    )
    result.add_argument(
        "--city-zoom", type=_within(1, MAX_TIMES), metavar="TIMES",
        help="so many times nearer than the whole city, about what is selected or the depot",
    )  # fmt: skip
    out = result.add_argument_group("pictures without a window")
    out.add_argument("--out", type=Path, metavar="FILE", help="write .png, .gif or .mp4")
    out.add_argument("--from", dest="first", metavar="TIME", type=_time, help="of a .gif or .mp4")
    out.add_argument("--to", dest="last", metavar="TIME", type=_time, help="of a .gif or .mp4")
    out.add_argument("--fps", type=_frames, default=10, help="frames a second")
    return result


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write WIDTHxHEIGHT, 1280x800")
    size = int(width), int(height)
    if not (320 <= size[0] <= 8192 and 200 <= size[1] <= 8192):
        raise argparse.ArgumentTypeError(f"{text!r} is out of range; choose 320x200 to 8192x8192")
    return size


def _robots(text: str) -> tuple[int, int | None]:
    """Return the first and last robot of A:B; either may be left out, and None is the last."""
    first, colon, last = text.partition(":")
    fine = colon and all(
        part == "" or (part.isascii() and part.isdecimal()) for part in (first, last)
    )
    if not fine or (first and last and int(last) < int(first)):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no range of robots; write A:B with A no larger than B, as 10:19 or :99"
        )
    return int(first or 0), int(last) if last else None


def _extras(text: str) -> tuple[str, ...]:
    return _names(text, EXTRAS)


def _states(text: str) -> set[int]:
    """Return the robot categories of a list."""
    return {CATEGORIES.index(name) for name in _names(text, CATEGORIES)}


def _events(text: str) -> set[str]:
    return set(_names(text, (*GROUPS, OWN)))


def _names(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(filter(None, (name.strip() for name in text.split(","))))
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(
                f"there is no {name!r}; choose from {', '.join(known)}"
            )
    return names


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is out of range; give a number above 0")
    return value


def _within(low: float, high: float) -> Callable[[str], float]:
    """Return what reads a number from `low` to `high`."""

    def read(text: str) -> float:
        value = _positive(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is out of range; choose {low:g} to {high:g}")
        return value

    return read


def _frames(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 60:
        raise argparse.ArgumentTypeError(f"{text!r} is out of range; choose 1 to 60")
    return int(text)


def _time(text: str) -> float:
    """Return seconds from seconds, m:ss or h:mm:ss."""
    seconds = math.inf
    if _TIME.fullmatch(text):
        seconds = 0.0
        for part in text.split(":"):
            seconds = seconds * 60 + float(part)
    if seconds == math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write seconds, m:ss or h:mm:ss")
    return seconds
