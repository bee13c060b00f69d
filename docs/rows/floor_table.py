"""The table of docs/results-floor.md from the rows: see floor.sh."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROWS = Path(__file__).with_name("floor.jsonl")
HEAD = """# The floor planner beside plain PIBT: all rows

Made by `python docs/rows/floor_table.py` from `docs/rows/floor.jsonl`, which `sh docs/rows/floor.sh
FOLDER` fills: League problems of 2024 by the League's rules, every result judged. A plan that comes
late costs the steps it is late by. Tasks finished by the last step and by step 200, tasks a step
over the last 200 steps, and milliseconds a step of the planner. Robots other than the problem's own
are placed by seed 1; where the problem is a map alone, tasks are drawn by that seed, too: from
stations to shelves on the large ones, of two to five errands on the small one. Two cores, where
none are named; rows of one core were played beside other work on the other one.
"""
COLUMNS = ("problem", "robots", "steps", "limit, ms", "planner", "finished", "by step 200",
           "last 200, a step", "p50, p99, most ms", "late")  # fmt: skip


def main() -> None:
    """Print one line a row."""
    rows = [json.loads(line) for line in ROWS.read_text().splitlines()]
    rows.sort(key=lambda row: (row["problem"], row["robots"], row["steps"], row["tick_ms"]))
    print(HEAD)
    for cells in [COLUMNS, ["---"] * len(COLUMNS), *map(cells_of, rows)]:
        print("| " + " | ".join(cells) + " |")


def cells_of(row: dict[str, Any]) -> list[str]:
    """Return the words of one row."""
    spent = row["planner_ms"]
    return [
        row["problem"],
        f"{row['robots']:,}",
        f"{row['steps']:,}",
        f"{row['tick_ms']:g}" + (", one core" if row.get("cores") == 1 else ""),
        row["planner"],
        f"{row['finished']:,}" if row["ok"] else "refused by the judge",
        f"{row['curve'][3]:,}",
        f"{row['per_step_last_200']:.2f}",
        f"{spent['p50']:.0f}, {spent['p99']:.0f}, {spent['max']:.0f}",
        str(row["timeouts"]),
    ]


if __name__ == "__main__":
    main()
