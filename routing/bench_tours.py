"""Compare solvers of tours side by side: one child process a run, judged, rows kept in a file."""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from routing.road.problem import ProblemError

KEY = ("instance", "solver", "seed", "seconds", "objective", "rounding")
BUDGETS = (1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 180.0, 300.0)


def bench_tours(files: list[Path], arguments: argparse.Namespace) -> int:
    """Run what is missing in `--out`, then show all of it; 1 where an answer failed its judge."""
    solvers = arguments.solvers.split(",")
    seeds = seed_range(arguments.seeds)
    rows = _kept(arguments.out)
    have = {tuple(row[key] for key in KEY) for row in rows}
    todo = [(file, name, seed) for file in files for seed in seeds for name in solvers]
    shown = []
    for number, (file, name, seed) in enumerate(todo, 1):
        task = {
            "file": str(file),
            "solver": name,
            "seed": seed,
            "seconds": arguments.seconds,
            "workers": arguments.workers,
            "objective": arguments.objective,
            "rounding": arguments.rounding,
        }
        facts = _conventions(task)
        key = tuple(facts[key] for key in KEY)
        if key not in have:
            print(f"[{number}/{len(todo)}] {facts['instance']} {name} seed {seed}", file=sys.stderr)
            row = _in_child(task)
            rows.append(row)
            have.add(key)
            if arguments.out is not None:
                with arguments.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(row) + "\n")
        shown.append(key)
    rows = [row for row in rows if tuple(row[key] for key in KEY) in set(shown)]
    if arguments.csv is not None:
        _write_csv(arguments.csv, rows)
    if arguments.plot is not None:
        from routing.bench_plot import plot

        plot(rows, arguments.plot)
    if arguments.json:
        print(json.dumps({"machine": machine(), "rows": rows}))
    else:
        print(table(rows))
    return 0 if all(row["ok"] or row.get("missing") for row in rows) else 1


def seed_range(text: str) -> range:
    """Seeds A to B - 1 of "A:B"."""
    first, colon, last = text.partition(":")
    try:
        return range(int(first), int(last)) if colon else range(int(first), int(first) + 1)
    except ValueError:
        raise ProblemError(f"--seeds: {text!r} is no range; write A:B, such as 0:3") from None


def machine() -> str:
    """What the figures were measured on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _kept(path: Path | None) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue  # the line at which a run was broken off
    return rows


def _conventions(task: dict[str, Any]) -> dict[str, Any]:
    from routing.road.formats import read_problem

    problem = read_problem(task["file"], rounding=task["rounding"], objective=task["objective"])
    return task | {
        "instance": problem.name.strip('"').strip(),
        "objective": problem.objective,
        "rounding": problem.rounding,
    }


def _in_child(task: dict[str, Any]) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(task, there))
    child.start()
    there.close()
    try:
        row: dict[str, Any] = here.recv()
    except EOFError:
        row = _conventions(task) | {"ok": False, "error": "the solver's process died"}
    child.join()
    return row


def _run(task: dict[str, Any], pipe: Any) -> None:
    """One run, in a process of its own: its memory and its first call are its own."""
    from routing.road.check import check
    from routing.road.formats import read_problem, write_solution
    from routing.road.plan import Limit, make_plan
    from routing.road.savings import fits_savings, savings
    from routing.road.solvers import MissingError, solver
    from routing.road.workers import workers

    facts = _conventions(task)
    problem = read_problem(task["file"], rounding=task["rounding"], objective=task["objective"])
    curve: list[tuple[float, float]] = []
    try:
        plan_it = solver(task["solver"])
        began = time.perf_counter()

        def on_progress(plan: Any, share: float) -> None:
            if not len(plan.unserved) and (not curve or plan.cost < curve[-1][1] - 1e-9):
                curve.append((round(time.perf_counter() - began, 3), plan.cost))

        with workers(task["workers"]) as executor:
            plan = plan_it(problem, Limit(task["seconds"]), task["seed"], executor, on_progress)
        wall = time.perf_counter() - began
    except MissingError as error:
        pipe.send(facts | {"ok": False, "missing": True, "error": str(error)})
        return
    except Exception as error:  # a user's or a peer's solver may fail in any way
        pipe.send(facts | {"ok": False, "error": f"{type(error).__name__}: {error}"})
        return
    curve.append((round(wall, 3), plan.cost))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.sol"
        write_solution(path, problem, plan)
        verdict = check(Path(task["file"]), path, task["rounding"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    base = None
    if fits_savings(problem):
        from routing.road.neighbours import neighbours

        base = make_plan(problem, savings(problem, neighbours(problem, 100))).cost
    best, best_routes = best_known(Path(task["file"]), problem.name, problem.objective)
    gap = None if best is None else 100.0 * (plan.cost / best - 1.0)
    pipe.send(
        facts
        | {
            "cost": plan.cost,
            "routes": len(plan.tours),
            "savings_cost": base,
            "best_known": best,
            "best_known_routes": best_routes,
            "gap_percent": gap,
            "curve": curve,
            "wall_seconds": round(wall, 3),
            "first_plan_seconds": curve[0][0],
            "compile_seconds": 0.0,  # compiled code is read from its cache, within the wall time
            "peak_mb": round(peak, 1),
            "ok": verdict.ok,
            "error": "" if verdict.ok else str(verdict.violations[0]),
        }
    )


def best_known(path: Path, name: str, objective: str) -> tuple[float | None, int | None]:
    """Best known cost and routes: a `.sol` or a `best_known.json` beside the instance."""
    beside = path.with_suffix(".sol")
    if beside.exists():
        from routing.road.formats import read_solution

        tours, cost = read_solution(beside)
        return cost, len(tours)
    catalogue = path.with_name("best_known.json")
    if catalogue.exists():
        known = json.loads(catalogue.read_text(encoding="utf-8"))
        entry = known.get(path.stem + ("_distance" if objective == "distance" else ""))
        if entry is not None:
            return entry["best_known_cost"], entry["solved_with_vehicles"]
    return None, None


def at_budget(row: dict[str, Any], seconds: float) -> float | None:
    """Gap (or cost, without a best known) of the row's run after `seconds`."""
    costs = [cost for moment, cost in row.get("curve", []) if moment <= seconds + 0.5]
    if not costs:
        return None
    best = row.get("best_known")
    cost = costs[-1] if best is None else 100.0 * (costs[-1] / best - 1.0)
    return float(cost)


def table(rows: list[dict[str, Any]]) -> str:
    """One line an instance and solver: gap in percent (mean, best, worst over the seeds)."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["instance"], row["solver"]), []).append(row)
    longest = max((row["seconds"] for row in rows), default=0.0)
    budgets = [b for b in BUDGETS if b < longest]
    head = ["instance", "solver", "gap %", "best", "worst", "routes", "known",
            *(f"@{b:g} s" for b in budgets), "first s", "peak MB", "ok"]  # fmt: skip
    lines = [head]
    for (instance, name), members in groups.items():
        good = [row for row in members if "cost" in row]
        if not good:
            lines.append([instance, name, members[0].get("error", "failed")])
            continue
        values = [at_budget(row, 1e9) or 0.0 for row in good]
        known = good[0]["best_known_routes"]
        line = [
            instance,
            name,
            f"{sum(values) / len(values):.3f}",
            f"{min(values):.3f}",
            f"{max(values):.3f}",
            "/".join(str(row["routes"]) for row in good),
            "-" if known is None else str(known),
        ]
        for budget in budgets:
            there = [v for row in good if (v := at_budget(row, budget)) is not None]
            line.append(f"{sum(there) / len(there):.2f}" if len(there) == len(good) else "-")
        first = sum(row["first_plan_seconds"] for row in good) / len(good)
        line += [f"{first:.2f}", f"{max(row['peak_mb'] for row in good):.0f}",
                 "yes" if all(row["ok"] for row in good) else "NO"]  # fmt: skip
        lines.append(line)
    widths = [max(len(line[k]) for line in lines if k < len(line)) for k in range(len(head))]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=False)).rstrip()
        for line in lines
    )


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    columns = [*KEY, "cost", "routes", "savings_cost", "best_known", "gap_percent",
               "first_plan_seconds", "compile_seconds", "peak_mb", "ok"]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
