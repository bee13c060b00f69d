"""`routing bench` on tours: which instances are compared."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path

from routing.road.problem import ProblemError

INSTANCES = (".vrp", ".txt", ".toml", ".csv", ".parquet")
FLOORS = (".json", ".map", ".scen")


def bench(arguments: argparse.Namespace) -> int:
    """Compare solvers on the files named; 1 where an answer fails its judge."""
    files: list[Path] = []
    found: set[Path] = set()  # in folders
    named: set[Path] = set()
    for path in arguments.paths:
        if path.suffix in FLOORS:
            raise ProblemError(
                f"{path}: is a floor, and other paths are tours; compare floors in a run of "
                "their own"
            )
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix in INSTANCES)
            files += inside
            found |= set(inside)
        elif path.exists():
            files.append(path)
            named.add(path)
        else:
            raise ProblemError(f"{path}: no such file or folder; name an instance")
    found -= named  # what is named is an instance, or refused
    tables = _tables_of(files)
    files = [file for file in files if file not in found or file.resolve() not in tables]
    if not files:
        raise ProblemError(
            f"{arguments.paths[0]}: holds no instance; name {', '.join(INSTANCES)} files"
        )
    from routing.road.bench_tours import bench_tours

    return bench_tours(files, arguments, found)


def _tables_of(files: list[Path]) -> set[Path]:
    """The tables of stops that described problems name, which are no instances of their own."""
    from routing.road.formats.described import read_description

    tables = set()
    for file in files:
        if file.suffix == ".toml":
            with suppress(ProblemError):  # whoever reads the whole tells it better
                tables.add((file.parent / read_description(file).stops).resolve())
    return tables
