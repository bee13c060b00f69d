"""What the rows of a comparison of solvers of tours say: as a table, CSV or picture."""

from __future__ import annotations

import csv
import math
import os
from pathlib import Path
from typing import Any

from routing.road.problem import ProblemError
from routing.version import several

KEY = ("instance", "solver", "seed", "seconds", "objective", "rounding")
BUDGETS = (1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 180.0, 300.0)
LATE = 0.5  # seconds by which a point of the curve may miss its budget

Row = dict[str, Any]


def at_budget(row: Row, seconds: float) -> float | None:
    """Gap in percent of the row's run after `seconds`; None where it had no plan yet.

    Without a best known cost: the cost itself.
    """
    costs = [point[1] for point in row.get("curve", []) if point[0] <= seconds + LATE]
    if not costs:
        return None
    gap = gap_percent(row, costs[-1])
    return float(costs[-1] if gap is None else gap)


def known_cost(row: Row) -> float | None:
    """The best known cost, None where there is none or it is 0: no share of that can be told."""
    return row.get("best_known") or None


def gap_percent(row: Row, cost: float) -> float | None:
    """How far a cost is above the best known one, None where there is none."""
    best = known_cost(row)
    return None if best is None else 100.0 * (cost / best - 1.0)


def table(rows: list[Row]) -> str:
    """One line an instance and solver (mean, best, worst over the seeds), then the means."""
    if not rows:
        return "no rows"
    longest = max(row["seconds"] for row in rows)
    budgets = [budget for budget in BUDGETS if budget < longest]
    head = ["instance", "solver", "seeds", "gap %", "best", "worst", "routes", "known"]
    head += [
        *(f"@{budget:g} s" for budget in budgets),
        "first s",
        "wall s",
        "cpu s",
        "peak MB",
        "judge",
    ]
    lines = [head]
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["instance"], row["solver"]), []).append(row)
    lines += [_line(*key, members, budgets) for key, members in groups.items()]
    lines += _means(rows, budgets)
    widths = [max(len(line[k]) for line in lines if k < len(line)) for k in range(len(head))]
    text = "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=False)).rstrip()
        for line in lines
    )
    notes = sorted({f"{row['solver']}: {row['error']}" for row in rows if row.get("error")})
    if any(known_cost(row) is None and row.get("ok") for row in rows):
        notes.append("instances without a best known cost show the cost instead of the gap")
    if any(row["objective"] == "vehicles" for row in rows):
        notes.append("where vehicles come first, compare gaps only where the counts are equal")
    over = {row["solver"] for row in rows if row["ok"] and row["wall_seconds"] > row["seconds"] + 1}
    if over:
        notes.append(f"ran longer than allowed (see wall s): {', '.join(sorted(over))}")
    notes += several(rows, "solver")
    loads = [row["load_before"] for row in rows if "load_before" in row]
    if loads and max(loads) > (os.cpu_count() or 1):
        notes.append(
            f"the machine was busy with other work (load {min(loads):.1f} to {max(loads):.1f} on "
            f"{os.cpu_count()} cores): compare columns, not with other machines"
        )
    return "\n".join([text, *notes])


def _line(instance: str, solver: str, members: list[Row], budgets: list[float]) -> list[str]:
    good = [row for row in members if row["ok"]]
    if not good:
        word = "missing" if members[0].get("missing") else "REFUSED"
        return [instance, solver, str(len(members)), "-", "-", "-", "-", "-",
                *("-" for _ in budgets), "-", "-", "-", "-", word]  # fmt: skip
    values = [value for row in good if (value := at_budget(row, math.inf)) is not None]
    known = good[0].get("best_known_routes")
    digits = 0 if known_cost(good[0]) is None else 3
    line = [
        instance,
        solver,
        str(len(good)),
        f"{sum(values) / len(values):.{digits}f}",
        f"{min(values):.{digits}f}",
        f"{max(values):.{digits}f}",
        "/".join(sorted({str(row["routes"]) for row in good})),
        "-" if known is None else str(known),
    ]
    for budget in budgets:
        there = [value for row in good if (value := at_budget(row, budget)) is not None]
        whole = len(there) == len(good)
        line.append(f"{sum(there) / len(there):.{min(2, digits)}f}" if whole else "-")
    first = sum(row["first_plan_seconds"] for row in good) / len(good)
    wall = max(row["wall_seconds"] for row in good)
    cpu = sum(row.get("cpu_seconds", 0.0) for row in good) / len(good)
    line += [f"{first:.2f}", f"{wall:.1f}", f"{cpu:.1f}"]
    line.append(f"{max(row['peak_mb'] for row in good):.0f}")
    line.append("ok" if len(good) == len(members) else f"{len(members) - len(good)} REFUSED")
    return line


def _means(rows: list[Row], budgets: list[float]) -> list[list[str]]:
    """The mean gap of each solver over the instances that all of them planned, an objective each.

    Where vehicles come first their sums are shown: a gap says little where counts differ.
    """
    out = []
    for objective in dict.fromkeys(row["objective"] for row in rows):
        mine = [r for r in rows if r["objective"] == objective]
        out += _means_of([r for r in mine if r["ok"] and known_cost(r) is not None], budgets)
    return out


def _means_of(gapped: list[Row], budgets: list[float]) -> list[list[str]]:
    solvers = list(dict.fromkeys(row["solver"] for row in gapped))
    planned = [{row["instance"] for row in gapped if row["solver"] == name} for name in solvers]
    common = set.intersection(*planned) if planned else set()
    if len(common) < 2:
        return []
    out = []
    for name in solvers:
        mine = [row for row in gapped if row["solver"] == name and row["instance"] in common]
        line = [f"mean of {len(common)}, {mine[0]['objective']}", name, str(len(mine))]
        values = [at_budget(row, math.inf) or 0.0 for row in mine]
        line += [f"{sum(values) / len(values):.3f}", f"{min(values):.3f}", f"{max(values):.3f}"]
        line.append(str(sum(row["routes"] for row in mine)))
        known = [row["best_known_routes"] for row in mine if row.get("best_known_routes")]
        line.append(str(sum(known)) if len(known) == len(mine) else "-")
        for budget in budgets:
            there = [value for row in mine if (value := at_budget(row, budget)) is not None]
            line.append(f"{sum(there) / len(there):.2f}" if len(there) == len(mine) else "-")
        out.append(line)
    return out


def write_csv(path: Path, rows: list[Row]) -> None:
    """Write the rows without their curves."""
    columns = [*KEY, "cost", "routes", "unserved", "savings_cost", "best_known",
               "best_known_routes", "gap_percent", "wall_seconds", "cpu_seconds",
               "first_plan_seconds", "compile_seconds", "peak_mb", "load_before",
               "version", "ok", "error"]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def plot(rows: list[Row], path: Path) -> None:
    """Draw the gap over time: one panel an instance, one line a solver, its seeds thin."""
    from matplotlib.figure import Figure

    instances = list(dict.fromkeys(row["instance"] for row in rows if row["ok"]))
    if not instances:
        raise ProblemError("--plot: no row passed its judge; there is nothing to draw")
    solvers = list(dict.fromkeys(row["solver"] for row in rows))
    across = min(3, len(instances))
    down = math.ceil(len(instances) / across)
    figure = Figure(figsize=(5 * across, 3.6 * down), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for panel, instance in zip(panels, instances, strict=False):
        for row in (row for row in rows if row["instance"] == instance and row["ok"]):
            points = row["curve"]
            values = [at_budget({**row, "curve": [point]}, math.inf) for point in points]
            colour = f"C{solvers.index(row['solver'])}"
            label = row["solver"] if row["seed"] == min(r["seed"] for r in rows) else None
            times = [point[0] for point in points] + [row["wall_seconds"]]
            values.append(values[-1])
            panel.step(times, values, where="post", color=colour, label=label, linewidth=1.2)
            panel.plot(times[-1:], values[-1:], "o", color=colour, markersize=3)
        known = next(known_cost(r) for r in rows if r["instance"] == instance and r["ok"])
        panel.set(
            title=instance, xlabel="seconds", ylabel="cost" if known is None else "gap, %",
        )  # fmt: skip
        panel.set_xlim(0, 1.2 * max(row["seconds"] for row in rows))
        if known is not None:
            panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
        panel.legend(fontsize=8)
    for panel in panels[len(instances) :]:
        panel.set_visible(False)
    figure.savefig(path, dpi=150)
