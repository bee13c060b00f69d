"""The command `routing`: plan tours, judge tours, compare solvers."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0: done, 1: a check failed, 2: bad input."""
    arguments = _parser().parse_args(argv)
    from routing.road.check import CheckError
    from routing.road.problem import ProblemError

    try:
        return int(arguments.run(arguments))
    except (ProblemError, CheckError) as error:
        print(f"routing: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="routing", description="Plan tours, judge, compare.")
    parser.add_argument("--version", action="version", version=f"peakday {version('peakday')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    solve = commands.add_parser("solve", help="one instance -> tours")
    solve.add_argument("file", type=Path, help="CVRPLIB, Solomon/Homberger or Li and Lim")
    solve.add_argument("--seconds", type=float, help="wall clock to search (default 10)")
    solve.add_argument("--iterations", type=int, help="instead: search steps; repeatable")
    solve.add_argument("--seed", type=int, default=0)
    solve.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    solve.add_argument("--cluster", metavar="ADDRESS", help="improve pieces on a Dask cluster")
    _conventions(solve)
    solve.add_argument("--start", type=Path, metavar="FILE.sol", help="tours to start from")
    solve.add_argument("--out", type=Path, metavar="FILE.sol")
    solve.add_argument("--json", action="store_true", help="one JSON object on stdout")
    solve.set_defaults(run=_solve)

    check = commands.add_parser("check", help="judge a solution file")
    check.add_argument("file", type=Path)
    check.add_argument("solution", type=Path)
    check.add_argument("--rounding", choices=["exact", "nearest", "dimacs"])
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_check)

    bench = commands.add_parser("bench", help="instances x solvers x seeds -> table with gaps")
    bench.add_argument("paths", nargs="+", type=Path, help="instance files or folders")
    bench.add_argument("--solvers", default="peakday,ortools", help="names, or module:function")
    bench.add_argument("--seconds", type=float, default=10.0)
    bench.add_argument("--seeds", default="0:1", metavar="A:B", help="from A to before B")
    bench.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    _conventions(bench)
    bench.add_argument("--out", type=Path, help="rows (.jsonl); a broken-off run goes on here")
    bench.add_argument("--csv", type=Path)
    bench.add_argument("--plot", type=Path, help="gap over time (needs the plots extra)")
    bench.add_argument("--json", action="store_true")
    bench.set_defaults(run=_bench)
    return parser


def _conventions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--objective", choices=["distance", "vehicles", "cost"])
    parser.add_argument("--rounding", choices=["exact", "nearest", "dimacs"])


def _solve(arguments: argparse.Namespace) -> int:
    from routing.road import Limit
    from routing.road.formats import read_problem, read_solution, write_solution
    from routing.road.plan import make_plan
    from routing.road.solve import solve
    from routing.road.workers import workers

    problem = read_problem(
        arguments.file, rounding=arguments.rounding, objective=arguments.objective
    )
    start = None
    if arguments.start is not None:
        tours, _ = read_solution(arguments.start)
        start = make_plan(problem, [tour + problem.depots - 1 for tour in tours])
    seconds = arguments.seconds
    if seconds is None and arguments.iterations is None:
        seconds = 10.0
    began = time.perf_counter()
    with workers(arguments.workers, arguments.cluster) as executor:
        plan = solve(
            problem,
            Limit(seconds, arguments.iterations),
            arguments.seed,
            executor,
            Progress() if sys.stderr.isatty() else None,
            start,
        )
    if arguments.out is not None:
        write_solution(arguments.out, problem, plan)
    facts: dict[str, Any] = {
        "instance": problem.name,
        "objective": problem.objective,
        "rounding": problem.rounding,
        "cost": plan.cost,
        "routes": len(plan.tours),
        "unserved": [int(row) - problem.depots + 1 for row in plan.unserved],
        "iterations": plan.iterations,
        "seconds": round(time.perf_counter() - began, 3),
        "notes": list(plan.notes),
    }
    if arguments.json:
        print(json.dumps(facts))
    else:
        print(
            f"{problem.name}: {problem.objective} {plan.cost:.10g} ({problem.rounding}), "
            f"{len(plan.tours)} tours, {len(plan.unserved)} stops left out, {facts['seconds']} s"
        )
        for note in plan.notes:
            print(note)
    return 0


class Progress:
    """One line on a terminal, rewritten: cost, tours and share of the limit."""

    def __init__(self) -> None:
        self.began = time.perf_counter()

    def __call__(self, plan: Any, share: float) -> None:
        """Show how far the search is."""
        bar = "#" * int(20 * share)
        seconds = time.perf_counter() - self.began
        end = "\n" if share >= 1.0 else ""
        print(
            f"\r[{bar:20}] {share:4.0%} {seconds:6.1f} s  cost {plan.cost:.10g}  "
            f"tours {len(plan.tours)}",
            end=end,
            file=sys.stderr,
            flush=True,
        )


def _check(arguments: argparse.Namespace) -> int:
    from routing.road.check import check

    verdict = check(arguments.file, arguments.solution, arguments.rounding)
    if arguments.json:
        print(
            json.dumps(
                {
                    "ok": verdict.ok,
                    "violations": verdict.violations,
                    "cost": verdict.cost,
                    "routes": verdict.routes,
                }
            )
        )
    else:
        for violation in verdict.violations:
            print(f"{violation['where']}: {violation['what']}: {violation['detail']}")
        word = "ok" if verdict.ok else f"{len(verdict.violations)} violations"
        print(f"{word}: cost {verdict.cost:.10g}, {verdict.routes} routes")
    return 0 if verdict.ok else 1


def _bench(arguments: argparse.Namespace) -> int:
    from routing.bench import bench

    return bench(arguments)


if __name__ == "__main__":
    sys.exit(main())
