"""Plans of the MAPF Tracker (tracker.pathfinding.ai): a table with one plan a line.

Each robot has one way and one goal, which stand in the scenario file (`.scen`) beside the plan.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from viz.league.letters import MOST_STEPS
from viz.source import SourceError

PLANS = ("solution_plan", "path")  # what the column of the moves is called
MOST_DIGITS, SHOWN = 18, 20  # of a count, that are read and that are shown
_RUN = re.compile(r"(\d*)([udlrw])")


def read_tracker(path: Path) -> tuple[dict[str, Any], str]:
    """Return the first plan of a table as a League result, and its map's name, "" if not named.

    Raises
    ------
    SourceError
        If it is no such table, or its scenario is not there or does not fit.
    """
    csv.field_size_limit(2**31 - 1)  # a plan is one field
    try:
        with path.open(encoding="utf-8", newline="") as file:
            row = next(csv.DictReader(file), None) or {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read as a table ({error}); check the file") from error
    column = next((name for name in PLANS if row.get(name)), None)
    if column is None:
        raise SourceError(
            f"{path}: no plan of the MAPF Tracker (a column {' or '.join(PLANS)}); viz reads no "
            "other .csv, but lays some over a floor with --overlay"
        )
    lines = str(row[column]).strip().splitlines()
    ways = [_moves(path, robot, line) for robot, line in enumerate(lines)]
    name = row.get("map_name") or ""
    scenario = _scenario_of(path, row)
    ends = _ends(scenario)
    if len(ends) < len(ways):
        raise SourceError(
            f"{path}: {len(ways)} robots, but {scenario.name} has {len(ends)}; is it another's?"
        )
    ends = ends[: len(ways)]
    return {
        "actionModel": "MAPF",
        "start": [[row, column, "E"] for column, row, _, _ in ends],
        "actualPaths": [",".join(way) for way in ways],
        "tasks": [[k, row, column] for k, (_, _, column, row) in enumerate(ends)],
        "events": [
            [[k, 0, "assigned"], [k, len(way.rstrip("W")), "finished"]]
            for k, way in enumerate(ways)
        ],
    }, name


def _moves(path: Path, robot: int, line: str) -> str:
    """Return one robot's moves, a letter each; counts may stand before letters."""
    line = line.strip().lower()
    if _RUN.sub("", line):
        wrong = _RUN.sub("", line)[0]
        raise SourceError(f"{path}: a plan has {wrong!r}; moves are u, d, l, r and w")
    way, steps = [], 0
    for count, letter in _RUN.findall(line):
        many = int(count or 1) if len(count) <= MOST_DIGITS else MOST_STEPS + 1
        steps += many
        if many > 1 and steps > MOST_STEPS:
            shown = count if len(count) <= SHOWN else count[:SHOWN] + "..."
            raise SourceError(
                f"{path}: robot {robot} has {shown + letter!r}; viz plays at most {MOST_STEPS:,} "
                "steps"
            )
        way.append(letter * many)
    return "".join(way).upper()


def _scenario_of(path: Path, row: dict[str, str]) -> Path:
    parts = [row.get(name) or "" for name in ("map_name", "scen_type", "type_id")]
    named = path.with_name("-".join(parts) + ".scen")
    beside = sorted(path.parent.glob("*.scen"))
    if all(parts) and named.exists():
        return named
    if len(beside) != 1:
        wanted = named.name if all(parts) else "the plan's scenario (.scen)"
        raise SourceError(
            f"{path}: its robots' starts and goals are not beside it; put {wanted} there"
            + (f", and no other of the {len(beside)}" if beside else "")
        )
    return beside[0]


def _ends(path: Path) -> list[tuple[int, int, int, int]]:
    """Return start column and row, goal column and row, of each line of a scenario."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
        words = [line.split() for line in lines if line.strip()]
        return [(int(w[4]), int(w[5]), int(w[6]), int(w[7])) for w in words]
    except (OSError, UnicodeDecodeError, ValueError, IndexError) as error:
        raise SourceError(
            f"{path}: cannot be read as a scenario ({error}); its lines are bucket, map, width, "
            "height, start column and row, goal column and row"
        ) from error
