"""What the rows of a comparison of floor planners say: as a table, CSV or picture."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from routing.version import several

Row = dict[str, Any]

# What a row is for: the same key is the same run.
KEY = ("problem", "planner", "robots", "steps", "tick_ms", "tries", "following", "seed")


def table(rows: list[Row]) -> str:
    """Return one line a row, then what went wrong."""
    wide = max([28, *(len(row["problem"]) for row in rows)])
    name = max([10, *(len(row["planner"]) for row in rows)])
    lines = [
        f"{'problem':<{wide}} {'planner':<{name}} {'robots':>6} {'seed':>4} "
        f"{'steps':>5} {'limit':>9} {'mode':<10} {'finished':>8} {'last 200':>8} {'p50 ms':>7} "
        f"{'p99':>7} {'max':>7} {'late':>4}  judge"
    ]
    for row in rows:
        limit = f"{row['tick_ms']:g} ms" if row["tries"] is None else f"{row['tries']} t"
        line = (
            f"{row['problem']:<{wide}} {row['planner']:<{name}} {row['robots']:>6} "
            f"{row['seed']:>4} {row['steps']:>5} {limit:>9} "
            f"{'following' if row['following'] else 'grants':<10} "
        )
        if "finished" in row:
            times = row["planner_ms"]
            line += (
                f"{row['finished']:>8} {row['per_step_last_200']:>8.2f} {times['p50']:>7.1f} "
                f"{times['p99']:>7.1f} {times['max']:>7.1f} {row['timeouts']:>4}  "
            )
        else:
            line += f"{'-':>8} {'-':>8} {'-':>7} {'-':>7} {'-':>7} {'-':>4}  "
        lines.append(line + ("ok" if row["ok"] else "REFUSED" if "finished" in row else "ERROR"))
    notes = [
        f"{row['planner']} on {row['problem']}: {words}" for row in rows if (words := _note(row))
    ]
    return "\n".join([*lines, *dict.fromkeys(notes), *several(rows, "planner")])


def _note(row: Row) -> str:
    if row.get("error"):
        return str(row["error"])
    if row.get("violations"):
        first = row["violations"][0]
        return f"{first['where']}: {first['what']}: {first['detail']}"
    if "makespan" in row:
        costs = f"sum of costs {row['sum_of_costs']:,}"
        if row["makespan"] is not None:
            return f"all {row['robots']} robots at their goals at step {row['makespan']}, {costs}"
        return f"{row['finished']} of {row['robots']} robots at their goals, {costs} so far"
    return ""


def write_csv(path: Path, rows: list[Row]) -> None:
    """Write the rows without their curves."""
    columns = [*KEY, "finished", "per_step_last_200", "sum_of_costs", "makespan",
               "p50_ms", "p99_ms", "max_ms", "late", "compile_seconds", "version", "ok",
               "error"]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            times = {f"{name}_ms": ms for name, ms in row.get("planner_ms", {}).items()}
            writer.writerow(row | times | {"late": row.get("timeouts")})


def points(row: Row) -> tuple[list[int], list[int]]:
    """Return the steps of which a row knows the tasks finished, and these: each fiftieth step and
    the last; none where the planner erred."""
    finished = list(row.get("curve", []))
    steps = [50 * number for number in range(1, len(finished) + 1)]
    last = row["steps"] if row.get("makespan") is None else row["makespan"]
    if "finished" in row and last not in steps:
        return [*steps, last], [*finished, row["finished"]]
    return steps, finished


def plot(rows: list[Row], path: Path) -> None:
    """Draw tasks finished over the steps."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5))
    axes = figure.subplots()
    for row in rows:
        steps, finished = points(row)
        label = f"{row['problem']} {row['planner']} seed {row['seed']}"
        axes.plot(steps, finished, label=label, marker="." if len(steps) == 1 else None)
    axes.set(xlabel="step", ylabel="tasks finished")
    axes.legend()
    figure.savefig(path, dpi=150)
