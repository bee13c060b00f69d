"""`fleet report`: the key figures of a run as a table, or of two side by side."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from fleet.check.recording import read_recording
from fleet.store import STORE, Store
from fleet.summary import is_number, summarize

# Where a figure stands in the summary, what it is called, and its unit.
ROWS: list[tuple[str, str, str] | None] = [
    ("parcels.accepted", "parcels accepted", ""),
    ("parcels.sorted", "sorted", ""),
    ("parcels.delivered", "delivered", ""),
    ("parcels.rejected", "rejected", ""),
    ("parcels.cancelled", "cancelled", ""),
    ("parcels.returned", "returned", ""),
    ("parcels.late", "late", ""),
    ("parcels.lost", "lost", ""),
    ("parcels.doubled", "doubled", ""),
    ("collisions", "collisions", ""),
    None,
    ("first_delivery_seconds", "first delivery", "s"),
    ("lead_time_seconds.p50", "lead time, median", "s"),
    ("lead_time_seconds.p95", "lead time, 95 %", "s"),
    ("lead_time_seconds.p99", "lead time, 99 %", "s"),
    ("sort_time_seconds.p95", "to the chute, 95 %", "s"),
    None,
    ("floor.robots", "robots", ""),
    ("floor.ticks", "ticks", ""),
    ("floor.parcels_per_hour", "parcels per hour", ""),
    ("floor.parcels_per_robot_hour", "parcels per robot-hour", ""),
    ("floor.jobs_per_robot_day", "jobs per robot-day", ""),
    ("floor.share.loaded", "robots loaded", "%"),
    ("floor.share.empty", "robots empty", "%"),
    ("floor.share.waiting", "robots waiting", "%"),
    ("floor.share.idle", "robots idle", "%"),
    ("floor.share.charging", "robots charging", "%"),
    ("floor.planner_ms.p50", "planner, median", "ms"),
    ("floor.planner_ms.p99", "planner, 99 %", "ms"),
    ("floor.planner_ms.max", "planner, longest", "ms"),
    None,
    ("city.couriers", "couriers", ""),
    ("city.tours", "tours", ""),
    ("city.distance", "distance", "units"),
    ("city.gap_percent", "gap to best known", "%"),
    None,
    ("wall_seconds", "took", "s"),
    ("events_hash", "events", ""),
    ("state_hash", "state", ""),
]
HASH_LETTERS = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet report`."""
    parser.add_argument("runs", nargs="+", metavar="RUN", help="run folder; one or two")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run `fleet report`.

    Raises
    ------
    ValueError
        In one line, for what is no run.
    """
    if len(args.runs) > 2:
        raise ValueError(f"{len(args.runs)} runs; name one, or two to set side by side")
    runs = [_folder(run) for run in args.runs]
    columns = list(zip(names(runs), map(_figures, map(Path, runs)), strict=True))
    if not args.json:
        print(table(columns))
    elif len(columns) == 1:
        print(json.dumps(columns[0][1]))
    else:
        print(json.dumps({"runs": [{"run": name, **figures} for name, figures in columns]}))
    return 0


def _folder(run: str) -> str:
    """Return the run that is meant, also where a file of it is named."""
    path = Path(run)
    return str(path.parent) if path.is_file() and path.name in (STORE, "summary.json") else run


def names(runs: list[str]) -> list[str]:
    """Return what each run is called: its folder, or all that was typed where two share that."""
    short = [Path(run).name or run for run in runs]
    return short if len(set(short)) == len(runs) else runs


def _figures(folder: Path) -> dict[str, Any]:
    store = Store(folder / STORE)
    try:
        return summarize(store, read_recording(store.path))
    finally:
        store.close()


def table(columns: list[tuple[str, dict[str, Any]]]) -> str:
    """Return the figures of runs, (name, summary) each, as a table; of two with the difference."""
    head = ["", *(name for name, _ in columns)]
    if len(columns) == 2:
        head.append("difference")
    lines = [head]
    for row in ROWS:
        if row is None:
            lines.append([])
            continue
        path, label, unit = row
        values = [_value(figures, path, unit) for _, figures in columns]
        line = [f"{label} [{unit}]" if unit else label, *map(_text, values)]
        if len(values) == 2:
            line.append(_difference(*values))
        lines.append(line)
    if any(not figures.get("ended", True) for _, figures in columns):
        lines.append(["ended", *("yes" if f.get("ended", True) else "no" for _, f in columns)])
    return _aligned(lines)


def _value(figures: dict[str, Any], path: str, unit: str) -> Any:
    value: Any = figures
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if unit == "%" and ".share." in path and is_number(value):
        return value * 100
    return value


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value[:HASH_LETTERS]
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{int(value):,}"


def _difference(one: Any, two: Any) -> str:
    if isinstance(one, str) and isinstance(two, str):
        return "same" if one == two else "differs"
    if not (is_number(one) and is_number(two)):
        return ""
    if one == two:
        return "="
    text = _text(two - one)
    sign = "+" if two > one else ""
    return f"{sign}{text}" + (f" ({(two / one - 1) * 100:+.1f} %)" if one else "")


def _aligned(lines: list[list[str]]) -> str:
    width = max(map(len, lines))
    sizes = [
        max((len(line[k]) for line in lines if len(line) > k), default=0) for k in range(width)
    ]
    return "\n".join(
        "  ".join(
            cell.ljust(size) if k == 0 else cell.rjust(size)
            for k, (cell, size) in enumerate(zip(line, sizes, strict=False))
        ).rstrip()
        for line in lines
    )
