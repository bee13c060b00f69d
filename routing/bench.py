"""`routing bench` on tours: which instances are compared."""

from __future__ import annotations

import argparse
from pathlib import Path

from routing.road.problem import ProblemError

INSTANCES = (".vrp", ".txt", ".toml")
FLOORS = (".json", ".map", ".scen")


def bench(arguments: argparse.Namespace) -> int:
    """Compare solvers on the files named; 1 where an answer fails its judge."""
    files: list[Path] = []
    for path in arguments.paths:
        if path.suffix in FLOORS:
            raise ProblemError(
                f"{path}: is a floor, and other paths are tours; compare floors in a run of "
                "their own"
            )
        if path.is_dir():
            files += sorted(file for file in path.iterdir() if file.suffix in INSTANCES)
        elif path.exists():
            files.append(path)
        else:
            raise ProblemError(f"{path}: no such file or folder; name an instance")
    if not files:
        raise ProblemError(
            f"{arguments.paths[0]}: holds no instance; name {', '.join(INSTANCES)} files"
        )
    from routing.bench_tours import bench_tours

    return bench_tours(_one_a_name(files), arguments)


def _one_a_name(files: list[Path]) -> list[Path]:
    """The files, each once; two of one name are refused, as their rows could not be told apart."""
    of_name: dict[str, Path] = {}
    for file in files:
        other = of_name.setdefault(file.stem, file)
        if not file.samefile(other):
            raise ProblemError(f"{other} and {file} have one name, which rows go by; rename one")
    return list(of_name.values())
