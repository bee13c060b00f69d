"""The command `routing`: plan tours, judge them, compare solvers, make instances, tune."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from routing.arguments import MOST_ITERATIONS, MOST_SECONDS, MOST_SEED, Parser, number, seeds, whole
from routing.closed_pipe import end_quietly
from routing.kept_rows import RowsError
from routing.status_line import StatusLine
from routing.told_to_end import term_as_interrupt

INSTANCE = (
    "CVRPLIB, Solomon/Homberger, Li and Lim, .toml, or .csv/.parquet with --depot, --capacity"
)


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0: done, 1: a check failed, 2: bad input."""
    words = sys.argv[1:] if argv is None else argv
    arguments = _parser(words).parse_args(words)
    try:
        with term_as_interrupt():
            return _run(arguments)
    except KeyboardInterrupt:  # also while all the rest is loaded
        return 130


def _run(arguments: argparse.Namespace) -> int:
    from routing.floor.grid import FloorError
    from routing.places import require_places
    from routing.road.check import CheckError
    from routing.road.problem import ProblemError

    try:
        require_places(arguments)
        code = int(arguments.run(arguments))
        sys.stdout.flush()
        return code
    except (ProblemError, CheckError, RowsError, FloorError) as error:
        print(f"routing: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return end_quietly()
    except OSError as error:
        said = f"{error.strerror or error}; make room or name another file"
        if error.filename is not None:
            said = f"{error.filename}: {error.strerror}; name another file"
        print(f"routing: {said}", file=sys.stderr)
        return 2


def _parser(words: list[str]) -> Parser:
    parser = Parser(prog="routing", description="Plan tours, judge, compare.")
    parser.add_argument("--version", action="version", version=f"peakday {version('peakday')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    solve = commands.add_parser("solve", help="one instance -> tours")
    solve.add_argument("file", type=Path, help=INSTANCE)
    solve.add_argument(
        "--seconds",
        type=number(0, MOST_SECONDS, above=True),
        help="wall clock to search (default: 10)",
    )
    solve.add_argument(
        "--iterations",
        type=whole(0, MOST_ITERATIONS),
        help="in place of --seconds; the same seed gives the same tours",
    )
    solve.add_argument("--seed", type=whole(0, MOST_SEED), default=0, help="of the search")
    solve.add_argument("--workers", type=whole(1), help="threads here (default: one a core)")
    solve.add_argument("--cluster", metavar="ADDRESS", help="improve pieces on a Dask cluster")
    _conventions(solve)
    _table_options(solve)
    solve.add_argument("--start", type=Path, metavar="FILE.sol", help="tours to start from")
    solve.add_argument("--out", type=Path, metavar="FILE", help=".sol, .csv or .geojson")
    solve.add_argument("--json", action="store_true", help="one JSON object on stdout")
    solve.set_defaults(run=_solve)

    check = commands.add_parser(
        "check",
        help="judge a solution file, or a League result",
        epilog="A League result (.json) is judged by the League's rules: see "
        "`routing check x.json -h`.",
    )
    if "check" in words[:1] and any(word.endswith(".json") for word in words):
        from routing.floor.check_file import add_arguments, run

        add_arguments(check)
        check.set_defaults(run=run)
    else:
        _check_options(check)

    bench = commands.add_parser(
        "bench",
        help="compare solvers on instances, or planners on floors",
        epilog="With a League problem (.json), a floor (.map) or a MovingAI scenario (.scen) "
        "planners are compared: see `routing bench x.map -h`.",
    )
    if "bench" in words[:1] and _all_floors(words):
        from routing.floor.bench import add_arguments, run

        add_arguments(bench)
        bench.set_defaults(run=run)
    else:
        _bench_options(bench)

    make = commands.add_parser(
        "make",
        help="write an instance by rule and seed",
        epilog="For floors: `routing make league x.map` draws a League problem, see "
        "`routing make league -h`.",
    )
    if "make" in words[:1] and "league" in words:
        from routing.floor.make_league import add_arguments, run

        add_arguments(make)
        make.set_defaults(run=run)
    else:
        _make_options(make)

    tune = commands.add_parser("tune", help="find a floor planner's settings for a League problem")
    if "tune" in words[:1]:
        from routing.floor.tune import add_arguments, run

        add_arguments(tune)
        tune.set_defaults(run=run)
    return parser


def _check_options(check: argparse.ArgumentParser) -> None:
    check.add_argument("file", type=Path, help=INSTANCE)
    check.add_argument("solution", type=Path, help=".sol")
    _conventions(check)
    _table_options(check)
    check.add_argument("--json", action="store_true", help="one JSON object on stdout")
    check.set_defaults(run=_check)


def _all_floors(words: list[str]) -> bool:
    """Whether all paths of a command are floors or League problems; options' values count not."""
    from routing.bench import FLOORS

    alone = ("--json", "--no-following", "--help")  # options without a value
    short = {"-h"} | {name[:end] for name in alone for end in range(2, len(name) + 1)}
    paths = [
        word
        for before, word in pairwise(words)
        if not word.startswith("-")
        and (not before.startswith("-") or "=" in before or before in short)
    ]
    return bool(paths) and all(path.endswith(FLOORS) for path in paths)


def _conventions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--objective", choices=["distance", "vehicles", "cost"])
    parser.add_argument("--rounding", choices=["exact", "nearest", "dimacs"])


def _table_options(parser: argparse.ArgumentParser) -> None:
    where = "of a table, or LAT,LON (below 0: --depot=-1,2)"
    parser.add_argument("--depot", type=_place, metavar="X,Y", help=where)
    parser.add_argument("--capacity", type=int, help="of each vehicle, for a table")


def _place(text: str) -> tuple[float, float]:
    try:
        x, y = (float(word) for word in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no place; write X,Y") from None
    return x, y


def _bench_options(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("paths", nargs="+", type=Path, help=f"folders, or {INSTANCE}")
    bench.add_argument(
        "--solvers", default="peakday,ortools",
        help="peakday, ortools, pyvrp, vroom, or module:function; with commas",
    )  # fmt: skip
    bench.add_argument(
        "--seconds",
        type=number(0, MOST_SECONDS, above=True),
        default=10.0,
        help="of each run",
    )
    bench.add_argument(
        "--seeds", type=seeds, default=range(1), metavar="A:B",
        help="A:B, from A to before B, or one seed (default: 0)",
    )  # fmt: skip
    bench.add_argument(
        "--workers", type=whole(1), default=os.cpu_count() or 1,
        help="threads of each run (default: one a core)",
    )  # fmt: skip
    _conventions(bench)
    _table_options(bench)
    bench.add_argument("--out", type=Path, help="rows (.jsonl); a broken-off run goes on here")
    bench.add_argument("--csv", type=Path, help="rows without curves")
    bench.add_argument("--plot", type=Path, help="gap over time (needs the plots extra)")
    bench.add_argument("--json", action="store_true", help="one JSON object on stdout")
    bench.set_defaults(run=_bench)


def _make_options(make: argparse.ArgumentParser) -> None:
    make.add_argument("kind", help="clustered, windows, mixed, depots, optional or skills")
    make.add_argument("--stops", type=whole(1, 100_000_000), default=1000, help="how many")
    make.add_argument(
        "--per-tour", type=whole(1), help="stops a vehicle, of clustered (default: 20)"
    )
    make.add_argument("--seed", type=whole(0, MOST_SEED), default=0, help="of all that is drawn")
    make.add_argument("--out", type=Path, required=True, metavar="FILE", help=".vrp or .toml")
    make.set_defaults(run=_make)


def _solve(arguments: argparse.Namespace) -> int:
    from routing.first_run import announce
    from routing.road import Limit, solve
    from routing.road.formats import read_problem
    from routing.road.formats.solution import read_start
    from routing.road.formats.tours_out import (
        check_places,
        check_suffix,
        write_tours,
    )
    from routing.road.problem import ProblemError
    from routing.road.solve import explained
    from routing.road.solved import facts, vehicle_names, with_note_on_prices
    from routing.road.workers import workers

    if arguments.out is not None:
        check_suffix(arguments.out)
    if arguments.cluster is not None and arguments.workers is not None:
        raise ProblemError(
            f"--workers {arguments.workers}: counts threads here, and --cluster "
            f"{arguments.cluster} works there; give one of them"
        )
    seconds = arguments.seconds
    if seconds is None and arguments.iterations is None:
        seconds = 10.0
    limit = Limit(seconds, arguments.iterations)
    problem = read_problem(
        arguments.file,
        rounding=arguments.rounding,
        objective=arguments.objective,
        depot=arguments.depot,
        capacity=arguments.capacity,
    )
    names = vehicle_names(arguments.file)  # now, for the file may go while it is planned
    if arguments.out is not None:
        check_places(arguments.out, problem)
    start = None if arguments.start is None else read_start(arguments.start, problem)
    progress = Progress()
    announce()
    interrupted = False
    try:
        count = arguments.workers or os.cpu_count() or 1
        with workers(count, arguments.cluster) as executor:
            plan = solve(problem, limit, arguments.seed, executor, progress, start)
    except KeyboardInterrupt:
        if progress.plan is None:
            raise
        plan = progress.plan
        interrupted = True
        progress.line.say("routing: interrupted; this is the best plan so far")
    progress.line.end()
    if arguments.out is not None:
        write_tours(arguments.out, problem, plan, names)
    if interrupted:  # only now, so that a second one takes no tours along
        plan = explained(problem, plan)
    if arguments.objective is None:
        plan = with_note_on_prices(problem, plan)
    took = time.perf_counter() - progress.began
    if arguments.json:
        print(json.dumps(facts(problem, plan, took, names)))
    else:
        word = "cost" if problem.objective == "cost" else "distance"
        print(
            f"{problem.name}: {word} {plan.cost:.10g} ({problem.rounding}), "
            f"{len(plan.tours)} tours, {len(plan.unserved)} stops left out, {round(took, 3)} s"
        )
        for note in plan.notes:
            print(note)
    return 0


class Progress:
    """The best plan so far, shown on a terminal: cost, tours, share of the limit."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.plan: Any = None
        self.line = StatusLine()

    def __call__(self, plan: Any, share: float) -> None:
        """Show how far the search is."""
        self.plan = plan
        seconds = time.perf_counter() - self.began
        cost, tours = f"cost {plan.cost:.10g}", f"tours {len(plan.tours)}"
        self.line.show(share, f"{share:4.0%} {seconds:6.1f} s  {cost}  {tours}")


def _check(arguments: argparse.Namespace) -> int:
    from routing.road.check import check

    verdict = check(
        arguments.file,
        arguments.solution,
        rounding=arguments.rounding,
        objective=arguments.objective,
        depot=arguments.depot,
        capacity=arguments.capacity,
    )
    if arguments.json:
        facts = {"ok": verdict.ok, "violations": verdict.violations}
        print(json.dumps(facts | {"cost": verdict.cost, "routes": verdict.routes}))
    else:
        for violation in verdict.violations:
            print(f"{violation['where']}: {violation['what']}: {violation['detail']}")
        word = "ok" if verdict.ok else f"{len(verdict.violations)} violations"
        print(f"{word}: cost {verdict.cost:.10g}, {verdict.routes} routes")
    return 0 if verdict.ok else 1


def _bench(arguments: argparse.Namespace) -> int:
    from routing.bench import bench

    return bench(arguments)


def _make(arguments: argparse.Namespace) -> int:
    from routing.road.make import make

    make(arguments.kind, arguments.stops, arguments.seed, arguments.out, arguments.per_tour)
    return 0


if __name__ == "__main__":
    sys.exit(main())
