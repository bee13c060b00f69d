"""Of which version rows of a comparison are: of ours also which sources, as these change."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from hashlib import blake2b
from pathlib import Path

PACKAGES = {"ortools": "ortools", "pyvrp": "pyvrp", "vroom": "pyvroom"}
OURS = ("peakday", "pibt")


def version_of(name: str) -> str | None:
    """Return the version of a solver or planner of that name; None of one that a user brings, or
    that is not installed."""
    if name in OURS:
        return _own()
    try:
        return importlib.metadata.version(PACKAGES[name])
    except (KeyError, importlib.metadata.PackageNotFoundError):
        return None


def several(rows: list[dict[str, object]], column: str) -> list[str]:
    """Return a line for each solver or planner, named by that column, whose rows are of several
    versions; those that name none are of one that is older."""
    versions: dict[object, set[str]] = {}
    for row in rows:
        versions.setdefault(row[column], set()).add(str(row.get("version") or "older"))
    return [
        f"{name}: rows are of several versions ({', '.join(sorted(found))})"
        for name, found in versions.items()
        if len(found) > 1
    ]


@cache
def _own() -> str:
    folder = Path(__file__).parent
    digest = blake2b(digest_size=4)
    for path in sorted(folder.rglob("*.py")):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(source)} ".encode())
        digest.update(source)
    return f"{importlib.metadata.version('peakday')}+{digest.hexdigest()}"
