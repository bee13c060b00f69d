"""The tables of docs/results.md from the rows: python docs/rows/table.py > docs/results.md"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from statistics import mean

from routing.road.bench_table import Row, at_budget

ROWS = Path(__file__).with_name("road.jsonl")
FAMILIES = (
    ("X, under 500 stops", r"X-n[1-4]\d\d-", (5, 10, 30)),
    ("X, 500 to 1,000 stops", r"X-n(?:[5-9]\d\d|1\d\d\d)-", (5, 10, 60)),
    ("Belgium", r"(?:Leuven|Antwerp|Ghent|Brussels|Flanders)\d", (5, 10, 120)),
    ("1,000 stops with windows, distance", r"(?:R|C|RC)[12]_10_", (5, 10, 60)),
    ("200 and 600 stops with windows, fewest vehicles first", r"(?:r|c|rc)[12]_", (5, 10, 60)),
    ("100 stops with windows, fewest vehicles first", r"(?:R|C|RC)\d\d\d$", (5, 10, 60)),
    ("Pickup and delivery, fewest vehicles first", r"(?:LR|LC|LRC|lr|lc|lrc)\d", (5, 10, 60)),
    ("Road matrices", r"Loggi|ORTEC", (5, 10, 30)),
    ("Mixed fleet with windows, by `routing make mixed`", r"mixed-", (5, 10, 30)),
    ("Four depots, by `routing make depots`", r"depots-", (5, 10, 30)),
    ("Optional stops, by `routing make optional`", r"optional-", (5, 10, 30)),
    ("Skills and rests, and the same without them", r"(?:skills|windows)-", (5, 10, 60)),
)
BESIDE = 10  # seconds of the runs beside VROOM and OR-Tools
HEAD = """# Tours beside other solvers: all rows

Made by `python docs/rows/table.py` from `docs/rows/road.jsonl`, which `sh docs/rows/bench.sh
FOLDER` fills: each run a process of its own, solvers in turns, every answer judged. Gap to the
best known cost in percent, a mean over the seeds; the figures at earlier times are read from the
same runs (up to half a second later). Tours at the end in brackets, then those of the best known
solution. Without a best known cost: the cost. Where the fewest vehicles come first a gap says
little unless the tours are equal in number. A mean is over the instances that every solver had
planned at every time named.
"""


def main() -> None:
    """Print all families that have rows."""
    rows = [json.loads(line) for line in ROWS.read_text().splitlines()]
    print(HEAD)
    for title, pattern, budgets in FAMILIES:
        mine = [row for row in rows if re.match(pattern, row["instance"])]
        mine = [row for row in mine if row["seconds"] == budgets[-1]]
        if mine:
            print(f"## {title}\n\n{family(mine, budgets)}\n")
    if mine := [row for row in rows if row["seconds"] == BESIDE]:
        print(f"## Beside VROOM and OR-Tools, {BESIDE} s\n\n{beside(mine)}\n")
    if mine := [row for row in rows if row["instance"].startswith("clustered-") and row["ok"]]:
        print(f"## Very many stops, by `routing make clustered`\n\n{very_many(mine)}\n")


def family(rows: list[Row], budgets: tuple[int, ...]) -> str:
    """One line an instance, a column a solver and time; then the means over what all planned."""
    solvers = sorted({row["solver"] for row in rows}, key=lambda name: (name != "peakday", name))
    head = ["instance"]
    for solver in solvers:
        seeds = sorted({row["seed"] for row in rows if row["solver"] == solver})
        name = f"{solver}, seed" + (f"s {seeds[0]} to {seeds[-1]}" if seeds[1:] else f" {seeds[0]}")
        head += [f"{name}, {budgets[0]} s", *(f"{budget} s" for budget in budgets[1:])]
    lines = [head, ["---"] * len(head)]
    whole: list[list[float]] = []  # of the instances with a gap of every solver at every time
    for instance in dict.fromkeys(row["instance"] for row in rows):
        line, gaps = [instance], []
        for solver in solvers:
            runs = [r for r in rows if (r["instance"], r["solver"]) == (instance, solver)]
            good = [run for run in runs if run["ok"]]
            for budget in budgets:
                value = mean_at(good, budget) if good and len(good) == len(runs) else None
                word = "" if value is None else words(value, good[0])
                if value is not None and budget == budgets[-1]:
                    word += tours(good)
                line.append(word or ("" if not runs else "no plan" if good else "cannot state it"))
                if value is not None and good[0]["best_known"]:
                    gaps.append(value)
        lines.append(line)
        if len(gaps) == len(head) - 1:
            whole.append(gaps)
    if len(whole) > 1:
        means = [f"**{mean(column):.2f}**" for column in zip(*whole, strict=True)]
        lines.append([f"mean of {len(whole)}", *means])
    return as_table(lines)


def beside(rows: list[Row]) -> str:
    """One line an instance, a column a solver: what it came to, and when if not at the limit."""
    solvers = sorted({row["solver"] for row in rows}, key=lambda name: (name != "peakday", name))
    lines = [["instance", *solvers], ["---"] * (1 + len(solvers))]
    for instance in dict.fromkeys(row["instance"] for row in rows):
        line = [instance]
        for solver in solvers:
            runs = [r for r in rows if (r["instance"], r["solver"]) == (instance, solver)]
            line.append(at_end(runs[-1]) if runs else "")  # the newest: others had failed
        lines.append(line)
    return as_table(lines)


def at_end(run: Row) -> str:
    """What a run came to, and its wall clock where that is not the limit."""
    if not run["ok"]:
        return "cannot state it" if run.get("missing") else "no plan"
    value = at_budget(run, math.inf)
    assert value is not None
    late = abs(run["wall_seconds"] - run["seconds"]) > 1.0
    when = f" in {run['wall_seconds']:.0f} s" if late else ""
    return words(value, run) + tours([run]) + when


def very_many(rows: list[Row]) -> str:
    """One line a run: its first plan, its end beside savings, and its memory."""
    lines = [["instance", "seconds", "first plan after", "cost", "under savings", "memory"]]
    lines.append(["---"] * len(lines[0]))
    for row in rows:
        saved = 100.0 * (1.0 - row["cost"] / row["savings_cost"])
        lines.append(
            [row["instance"], f"{row['seconds']:g}", f"{row['first_plan_seconds']:.0f} s",
             f"{row['cost']:,.0f}", f"{saved:.2f} %", f"{row['peak_mb'] / 1000:.2f} GB"]
        )  # fmt: skip
    return as_table(lines)


def as_table(lines: list[list[str]]) -> str:
    """Cells as Markdown."""
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def mean_at(runs: list[Row], budget: int) -> float | None:
    """Mean gap (or cost) of the runs after so many seconds; None where one had no plan."""
    values = [at_budget(run, budget) for run in runs]
    there = [value for value in values if value is not None]
    return mean(there) if len(there) == len(values) else None


def words(value: float, row: Row) -> str:
    """A gap with two decimals, or a cost."""
    return f"{value:.2f}" if row["best_known"] else f"{value:,.0f}"


def tours(runs: list[Row]) -> str:
    """How many tours the plans have, and the best known one."""
    counts = sorted({run["routes"] for run in runs})
    known = runs[0]["best_known_routes"]
    return f" ({'/'.join(map(str, counts))}{f' of {known}' if known else ''})"


if __name__ == "__main__":
    main()
