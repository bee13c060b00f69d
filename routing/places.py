"""Places where a command will write: tried before its work, not after hours of it."""

from __future__ import annotations

import argparse
import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from routing.road.problem import ProblemError


def require_places(arguments: argparse.Namespace) -> None:
    """Refuse an option (`out`, `csv`, `plot`) that names a file which cannot be written, or read
    from: what the command's arguments name, and what is named in there.

    Raises
    ------
    ProblemError
        In one line; no file has been made or changed.
    """
    given = {name: getattr(arguments, name, None) for name in ("out", "csv", "plot")}
    wanted = {name: path for name, path in given.items() if path is not None}
    read = _read(arguments) if wanted else []
    taken = {os.path.realpath(path): "read" for one in read for path in (one, *_named(one))}
    for name, path in wanted.items():
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


def _named(path: Path) -> list[Path]:
    """Return the files that a problem or scenario names, a map or a table; none where it cannot be
    read, which whoever reads it tells better."""
    try:
        if path.suffix == ".json":
            words = _strings(json.loads(path.read_text("utf-8")))
        elif path.suffix == ".toml":
            words = _strings(tomllib.loads(path.read_text("utf-8")))
        elif path.suffix == ".scen":
            words = iter(path.read_text("utf-8").split()[:5])  # "version 1", a number and the map
        else:
            return []
        beside = [path.parent / place for word in words for place in (word, Path(word).name)]
        return [place for place in beside if os.path.isfile(place)]
    except (OSError, ValueError, RecursionError):
        return []


def _strings(value: Any) -> Iterator[str]:
    """All strings within lists and tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def _try(path: Path) -> None:
    """Open a file as for adding to it; pipes and devices are not touched."""
    place = Path(os.path.realpath(path))  # a link to nowhere stays, and what it names is removed
    there = place.exists()
    if there and not place.is_file():
        return
    place.open("ab").close()
    if not there:
        place.unlink()
