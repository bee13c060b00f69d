"""Places where a command will write: tried before its work, not after hours of it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from routing.road.problem import ProblemError


def require_places(arguments: argparse.Namespace, reads: Iterable[Path] = ()) -> None:
    """Refuse an option that names a file which cannot be written.

    Parameters
    ----------
    arguments
        Those of a command; `out`, `csv` and `plot` are looked at.
    reads
        What it reads beside the files that its arguments name.

    Raises
    ------
    ProblemError
        In one line; no file has been made or changed.
    """
    taken = {os.path.realpath(path): "read" for path in (*_read(arguments), *reads)}
    for name in ("out", "csv", "plot"):
        path = getattr(arguments, name, None)
        if path is None:
            continue
        use = taken.setdefault(os.path.realpath(path), f"written by --{name}")
        if use != f"written by --{name}":
            raise ProblemError(f"--{name} {path}: is {use}, too; name another file")
        if not path.parent.is_dir():
            raise ProblemError(f"--{name} {path}: there is no folder {path.parent}; make it first")
        if path.is_dir():
            raise ProblemError(f"--{name} {path}: is a folder; name a file in it")
        try:
            _try(path)
        except OSError as error:
            raise ProblemError(f"--{name} {path}: {error.strerror}; name another file") from None


def _read(arguments: argparse.Namespace) -> list[Path]:
    """What a command reads, without what it may well write anew: rows, and tours to start from."""
    read = [getattr(arguments, name, None) for name in ("file", "problem", "scenario", "settings")]
    read += [*getattr(arguments, "paths", []), *getattr(arguments, "problems", [])]
    return [Path(path) for path in read if path is not None]


def _try(path: Path) -> None:
    """Open a file as for adding to it; pipes and devices are not touched."""
    place = Path(os.path.realpath(path))  # a link to nowhere stays, and what it names is removed
    there = place.exists()
    if there and not place.is_file():
        return
    place.open("ab").close()
    if not there:
        place.unlink()
