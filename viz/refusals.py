"""What one asked of the `viz` command that it would have to pass over, refused in one line."""

from __future__ import annotations

import argparse

from viz.source import Source
from viz.view import FLOOR

MOVING = (".gif", ".mp4")


def refuse_times(args: argparse.Namespace) -> None:
    """Refuse a moment of a moving picture, and the ends of a still or of a window.

    Raises
    ------
    ValueError
        In one line.
    """
    ends = args.first is not None or args.last is not None
    ending = "" if args.out is None else args.out.suffix.lower()
    if args.at is not None and ending in MOVING:
        raise ValueError(
            f"--at is one moment; {args.out} has a stretch of time, name its ends with --from and "
            "--to"
        )
    if ends and (args.out is None or ending == ".png"):
        other = "open the window" if args.out is None else f"draw {args.out}"
        raise ValueError(
            "--from and --to are the ends of a moving picture; name it with --out FILE.gif, or "
            f"{other} at a time with --at TIME"
        )


def refuse_missing(args: argparse.Namespace, source: Source) -> None:
    """Refuse what a source has not: errands, a floor, a city, anything that moves.

    Raises
    ------
    ValueError
        In one line.
    """
    scene, to_come = source.scene, source.live or source.under_way
    if args.errands and not scene.league:
        raise ValueError(
            f"--errands {args.errands}: {args.source} is no League result; leave it out"
        )
    if args.view == FLOOR and scene.floor is None and not to_come:
        raise ValueError(f"--view {args.view}: {args.source} has no floor; leave it out")
    if args.view not in (None, FLOOR) and not (scene.has_city or to_come):
        raise ValueError(f"--view {args.view}: {args.source} has no city; leave it out")
    if args.heat and source.span()[0] == source.span()[1] and not to_come:
        raise ValueError(f"--heat {args.heat}: nothing moves in {args.source}; leave it out")
    if args.city_zoom is not None and not (scene.has_city and args.view not in (None, FLOOR)):
        raise ValueError(
            f"--city-zoom {args.city_zoom:g}: no city is shown; add --view city or both to a "
            "source that has one"
        )
