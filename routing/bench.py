"""`routing bench`: what is compared depends on the files: instances of tours, or of floors."""

from __future__ import annotations

import argparse
from pathlib import Path

from routing.road.problem import ProblemError

TOURS = (".vrp", ".txt", ".toml")


def bench(arguments: argparse.Namespace) -> int:
    """Compare solvers on the files named; 1 where an answer fails its judge."""
    files: list[Path] = []
    for path in arguments.paths:
        if path.is_dir():
            files += sorted(file for file in path.iterdir() if file.suffix in TOURS)
        elif path.exists():
            files.append(path)
        else:
            raise ProblemError(f"{path}: no such file or folder; name an instance")
    if not files:
        raise ProblemError(f"{arguments.paths[0]}: holds no instance; name .vrp or .txt files")
    from routing.bench_tours import bench_tours

    return bench_tours(files, arguments)
