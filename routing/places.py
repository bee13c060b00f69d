"""Places where a command will write: tried before its work, not after hours of it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from routing.road.problem import ProblemError


def require_places(arguments: argparse.Namespace) -> None:
    """Refuse an option that names a file which cannot be written.

    Raises
    ------
    ProblemError
        In one line; no file has been made or changed.
    """
    for name in ("out", "csv", "plot"):
        path = getattr(arguments, name, None)
        if path is None:
            continue
        if not path.parent.is_dir():
            raise ProblemError(f"--{name} {path}: there is no folder {path.parent}; make it first")
        if path.is_dir():
            raise ProblemError(f"--{name} {path}: is a folder; name a file in it")
        try:
            _try(path)
        except OSError as error:
            raise ProblemError(f"--{name} {path}: {error.strerror}; name another file") from None


def _try(path: Path) -> None:
    """Open a file as for adding to it; pipes and devices are not touched."""
    place = Path(os.path.realpath(path))  # a link to nowhere stays, and what it names is removed
    there = place.exists()
    if there and not place.is_file():
        return
    place.open("ab").close()
    if not there:
        place.unlink()
