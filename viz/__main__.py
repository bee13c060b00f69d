"""The `viz` command."""

from __future__ import annotations

import argparse
import math
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from viz.camera import MAX_PIXELS
from viz.view import SPEEDS

if TYPE_CHECKING:
    from viz.overlay import Overlay
    from viz.session import Session
    from viz.source import Source

EXTRAS = ("collided", "driven", "goals", "names", "numbers", "starts")  # of a `view.View`

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

EPILOG = """\
SOURCE is one of: a run folder; tcp://HOST:PORT, the clients' address of a running controller;
a League of Robot Runners result or problem (.json); a plan of the MAPF Tracker (.csv with its
.scen beside it); tours (.sol with its .vrp beside it); a .map.
`viz bench RUN` measures frames, seeks and start.  In the window, ? shows the keys."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of `viz SOURCE`."""
    result = argparse.ArgumentParser(
        prog="viz",
        description="Shows a floor and its city: live, replayed, or as a picture.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("--version", action="version", version=f"peakday {version('peakday')}")
    result.add_argument("source", metavar="SOURCE", help="what to show; see below")
    result.add_argument("--keys", metavar="FOLDER", type=Path, help="of a controller with keys")
    result.add_argument("--map", metavar="FILE.map", help="the map of a League result")
    result.add_argument(
        "--view", choices=("floor", "city", "both"), default="floor", help="(default: floor)"
    )
    result.add_argument(
        "--palette", choices=("dark", "light"), default="dark", help="(default: dark)"
    )
    result.add_argument(
        "--size", type=_size, metavar="WxH", help="pixels (default: 1280x800; a GIF 800x450)"
    )
    result.add_argument(
        "--speed", type=_speed, default=8.0, help="simulated seconds a second (default: 8)"
    )
    result.add_argument("--heat", choices=("visits", "waiting"), help="show a heat map")
    result.add_argument(
        "--overlay", action="append", type=Path, metavar="FILE", default=[],
        help="lay a file over the floor (several: key X): a heuristic, highways, a search tree, "
        "values, or a League result's visits",
    )  # fmt: skip
    result.add_argument(
        "--robots", type=_robots, metavar="A:B", help="show only robots A to B (:99, the first 100)"
    )
    result.add_argument(
        "--show", type=_extras, default=(), metavar="LIST",
        help="of collided,driven,goals,names,numbers,starts: keys C, Shift P, G, Shift I, I, S",
    )  # fmt: skip
    result.add_argument("--no-grid", action="store_true", help="no lines between cells")
    result.add_argument(
        "--errands", choices=("next", "taken", "open", "all"), help="of a League result: key E"
    )
    result.add_argument(
        "--at", metavar="TIME", type=_time, help="seconds (of a League result: steps) or h:mm:ss"
    )
    result.add_argument(
        "--select", metavar="NAME", help="a robot's number (several: 3,17), a parcel, t7, c3, s1"
    )
    result.add_argument(
        "--zoom", type=_pixels, metavar="PIXELS", help="pixels per cell, about what is selected"
    )
    out = result.add_argument_group("pictures without a window")
    out.add_argument("--out", type=Path, metavar="FILE", help="write .png, .gif or .mp4")
    out.add_argument("--from", dest="first", metavar="TIME", type=_time, help="of a .gif or .mp4")
    out.add_argument("--to", dest="last", metavar="TIME", type=_time, help="of a .gif or .mp4")
    out.add_argument("--fps", type=_frames, default=10, help="frames a second (default: 10)")
    return result


def main(arguments: list[str] | None = None) -> int:
    """Show a source; bad input is one line on stderr and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments[:1] == ["bench"]:
            from viz.bench import main as bench

            return bench(arguments[1:])
        return _show(parser().parse_args(arguments))
    except (ValueError, OSError) as error:
        print(f"viz: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _show(args: argparse.Namespace) -> int:
    from viz.colours import PALETTES
    from viz.source import open_source
    from viz.view import View

    source = open_source(args.source, args.map, args.keys)
    view = View(palette=PALETTES[args.palette], shown=args.view, speed=args.speed)
    view.heat = args.heat or ""
    view.errands = args.errands or ""
    view.grid = not args.no_grid
    for name in args.show:
        setattr(view, name, True)
    try:
        if view.errands and not source.scene.league:
            raise ValueError(
                f"--errands {view.errands}: {args.source} is no League result; leave it out"
            )
        if args.overlay:
            view.overlays, view.overlay = _overlays(args.overlay, source, args.source), 0
        view.robots = _there(args.robots, source)
        if args.out is not None:
            return _save(source, view, args)
        if args.first is not None or args.last is not None:
            raise ValueError(
                "--from and --to are the ends of a moving picture; name it with --out FILE.gif, "
                "or open the window at a time with --at TIME"
            )
        from viz.app import show

        if not _has_screen():
            raise ValueError(
                "no screen to open a window on; write a picture with --out FILE.png, or set DISPLAY"
            )
        view.paused = False
        show(source, view, args.size, on_open=lambda session: _open_at(session, args))
    finally:
        source.close()
    return 0


def _overlays(files: list[Path], source: Source, name: str) -> tuple[Overlay, ...]:
    from viz.overlay import read_overlay

    floor = source.scene.floor
    if floor is None:
        raise ValueError(f"--overlay {files[0]}: {name} has no floor; leave it out")
    return tuple(read_overlay(path, floor) for path in files)


def _open_at(session: Session, args: argparse.Namespace) -> None:
    """Begin a window's session where the command says: a moment, what is selected, how near."""
    from viz.save import not_found

    if args.at is not None:
        session.pause(True, ask=False)
        session.go_to(args.at / session.source.scene.tick_seconds)
    if args.select is not None and not session.find(args.select):
        raise ValueError(not_found(args.select))
    camera = session.view.floor_camera
    if args.zoom is not None and camera is not None:
        camera.scale = args.zoom
        camera.centre(camera.x, camera.y)


def _save(source: Source, view: object, args: argparse.Namespace) -> int:
    from viz.save import picture_size, save
    from viz.view import View

    assert isinstance(view, View)
    seconds = source.scene.tick_seconds
    still = args.out.suffix.lower() == ".png"
    size = args.size or ((1280, 800) if still else (800, 450))

    def ticks(time: float | None) -> float | None:
        return None if time is None else time / seconds

    count = save(
        source,
        view,
        args.out,
        size=size,
        at=ticks(args.at),
        first=ticks(args.first),
        last=ticks(args.last),
        frames_per_second=args.fps,
        speed=args.speed,
        select=args.select,
        zoom=args.zoom,
        on_progress=_progress if sys.stderr.isatty() and not still else None,
    )
    size = picture_size(args.out, size)
    kilobytes = args.out.stat().st_size / 1000
    print(
        f"{args.out}: {count} frame{'s' if count != 1 else ''}, {size[0]} x {size[1]}, "
        f"{kilobytes:,.0f} kB",
        file=sys.stderr,
    )
    return 0


def _progress(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\rframe {done} of {total}", end=end, file=sys.stderr, flush=True)


def _has_screen() -> bool:
    if os.environ.get("SDL_VIDEODRIVER"):
        return True
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write WIDTHxHEIGHT, 1280x800")
    size = int(width), int(height)
    if not (240 <= size[0] <= 8192 and 160 <= size[1] <= 8192):
        raise argparse.ArgumentTypeError(f"{text!r} is out of range; choose 240x160 to 8192x8192")
    return size


def _robots(text: str) -> tuple[int, int | None]:
    """Return the first and last robot of A:B; either may be left out, and None is the last."""
    first, colon, last = text.partition(":")
    fine = colon and all(
        part == "" or (part.isascii() and part.isdigit()) for part in (first, last)
    )
    if not fine or (first and last and int(last) < int(first)):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no range of robots; write A:B with A no larger than B, as 10:19 or :99"
        )
    return int(first or 0), int(last) if last else None


def _there(robots: tuple[int, int | None] | None, source: Source) -> tuple[int, int] | None:
    """Return the range asked for, where the source has such robots."""
    if robots is None:
        return None
    first, last = robots
    count = len(source.frame(float(source.span()[1])).cells)
    if first >= count and not source.live:
        raise ValueError(
            f"--robots {first}:{'' if last is None else last} begins beyond the robots: "
            f"{source.scene.name} has "
            + (f"0 to {count - 1}; choose of these" if count else "none; leave the option out")
        )
    return first, sys.maxsize - 1 if last is None else last


def _extras(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    for name in names:
        if name not in EXTRAS:
            raise argparse.ArgumentTypeError(
                f"{name!r} cannot be shown; choose from {', '.join(EXTRAS)}"
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


def _pixels(text: str) -> float:
    value = _positive(text)
    if not 1 <= value <= MAX_PIXELS:
        raise argparse.ArgumentTypeError(f"{text} is out of range; choose 1 to {MAX_PIXELS:g}")
    return value


def _speed(text: str) -> float:
    value = _positive(text)
    if not SPEEDS[0] <= value <= SPEEDS[-1]:
        raise argparse.ArgumentTypeError(
            f"{text} is out of range; choose {SPEEDS[0]:g} to {SPEEDS[-1]:g}"
        )
    return value


def _frames(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 60:
        raise argparse.ArgumentTypeError(f"{text!r} is out of range; choose 1 to 60")
    return int(text)


def _time(text: str) -> float:
    """Return seconds from seconds, m:ss or h:mm:ss."""
    try:
        seconds = 0.0
        for part in text.split(":"):
            seconds = seconds * 60 + float(part)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write seconds, m:ss or h:mm:ss")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
