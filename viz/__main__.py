"""The `viz` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from routing.status_line import StatusLine
from routing.told_to_end import term_as_interrupt
from viz.options import OWN, parser

if TYPE_CHECKING:
    from viz.overlay import Overlay
    from viz.session import Session
    from viz.source import Source


os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")


def main(arguments: list[str] | None = None) -> int:
    """Show a source; bad input is one line on stderr and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        with term_as_interrupt():
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
    from viz.events import GROUPS
    from viz.refusals import refuse_missing, refuse_times
    from viz.source import open_source
    from viz.view import FLOOR, View

    refuse_times(args)
    source = open_source(args.source, args.map, args.keys)
    view = View(palette=PALETTES[args.palette], shown=args.view or FLOOR, speed=args.speed)
    view.heat = args.heat or ""
    view.heat_window = "recent" if args.heat_recent else "all"
    view.hidden = args.hide
    if args.events is not None:
        view.events_own = OWN in args.events
        named = {GROUPS.index(name) for name in args.events - {OWN}}
        view.events_hidden = set(range(len(GROUPS))) - named if named else set()
    view.errands = args.errands or ""
    view.grid = not args.no_grid
    for name in args.show:
        setattr(view, name, True)
    try:
        refuse_missing(args, source)
        if args.overlay:
            view.overlays, view.overlay = _overlays(args.overlay, source, args.source), 0
        view.robots = _there(args.robots, source)
        if args.out is not None:
            return _save(source, view, args)
        from viz.app import show

        if not _has_screen():
            raise ValueError(
                "no screen to open a window on; write a picture with --out FILE.png, or set DISPLAY"
            )
        view.paused = False
        show(
            source,
            view,
            args.size,
            unit=args.scale,
            on_open=lambda session: _open_at(session, args),
        )
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
    from viz.look import look_at_city
    from viz.save import not_found

    if args.at is not None:
        session.pause(True)
        session.go_to(args.at / session.source.scene.tick_seconds)
    if args.select is not None and not session.find(args.select):
        raise ValueError(not_found(args.select))
    city = session.view.city_camera
    if args.city_zoom is not None and city is not None:
        frame = session.source.frame(session.time)
        look_at_city(city, session.source.scene, frame, session.view, args.city_zoom)
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

    line = StatusLine()
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
        unit=args.scale,
        select=args.select,
        zoom=args.zoom,
        city_zoom=args.city_zoom,
        on_progress=None if still else _tell(line),
    )
    line.end()
    size = picture_size(args.out, size)
    kilobytes = args.out.stat().st_size / 1000
    print(
        f"{args.out}: {count} frame{'s' if count != 1 else ''}, {size[0]} x {size[1]}, "
        f"{kilobytes:,.0f} kB",
        file=sys.stderr,
    )
    return 0


def _tell(line: StatusLine) -> Callable[[int, int], None]:
    return lambda done, total: line.show(done / total, f"frame {done} of {total}")


def _has_screen() -> bool:
    if os.environ.get("SDL_VIDEODRIVER"):
        return True
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


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


if __name__ == "__main__":
    sys.exit(main())
