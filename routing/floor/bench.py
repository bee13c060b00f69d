"""`routing bench` for floors: League problems played by a planner, with its times and its curve."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from routing.arguments import MOST_SEED, errands, number, seeds, whole
from routing.floor.bench_game import (
    PREPARE_SECONDS,
    bench,
    map_beside,
    planner_class,
    takes_following,
)
from routing.floor.bench_row import row_fault
from routing.floor.bench_table import plot, table, write_csv
from routing.floor.formats import Problem
from routing.floor.generate import ERRANDS, MOST_TASKS, ROBOTS, TASKS, generate, scatter
from routing.floor.grid import Floor, FloorError
from routing.floor.scenario import read_scenario
from routing.floor.settings import read_settings
from routing.kept_rows import kept_rows
from routing.machine import machine
from routing.picture import plot_fault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the floor benchmark."""
    parser.add_argument(
        "problems",
        nargs="+",
        help="League problems (.json), floors (.map: tasks are drawn) or MovingAI scenarios "
        "(.scen: each robot has one goal, played until all are there)",
    )
    parser.add_argument(
        "--planner",
        action="append",
        metavar="NAME|MODULE:CLASS",
        help="peakday, pibt, or a class that follows routing.floor.arena.Entry; once for "
        "each (default: peakday)",
    )
    parser.add_argument("--steps", type=whole(1), default=500, help="steps to play")
    parser.add_argument(
        "--tick-ms", type=number(0, above=True), default=1000, help="time limit of a step"
    )
    parser.add_argument(
        "--tries", type=whole(0),
        help="local-search tries a step instead of a time; the same seed gives the same game",
    )  # fmt: skip
    parser.add_argument(
        "--prepare-seconds",
        type=number(0),
        metavar="SECONDS",
        help="time before the first step, for peakday (default: 600)",
    )
    parser.add_argument(
        "--robots",
        type=whole(1),
        help="other number of robots, placed by --seed; of a .scen the first pairs (default: all)",
    )
    parser.add_argument(
        "--tasks", type=whole(1, MOST_TASKS), help="tasks drawn for a .map (default: 20000)"
    )
    parser.add_argument(
        "--errands",
        type=errands,
        metavar="A:B",
        help="fewest and most errands of a task drawn for a .map (default: 2:2)",
    )
    parser.add_argument(
        "--seed", type=whole(0, MOST_SEED), default=0,
        help="of places, drawn tasks and what peakday draws itself",
    )  # fmt: skip
    parser.add_argument(
        "--seeds", type=seeds, metavar="A:B",
        help="in place of --seed: A:B, from A to before B, or one seed",
    )  # fmt: skip
    parser.add_argument(
        "--no-following",
        action="store_true",
        help="no cell is entered in the step it is left (what execution under grants needs)",
    )
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="peakday's settings, as routing tune writes"
    )
    parser.add_argument("--out", type=Path, help="append rows to this file; done rows are kept")
    parser.add_argument("--csv", type=Path, help="rows without curves")
    parser.add_argument("--results", type=Path, help="folder for League result files")
    parser.add_argument("--plot", type=Path, help="draw the curves into this picture")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run the floor benchmark as the command asks; return the exit code.

    Raises
    ------
    FloorError
        Where an input cannot be used, before the first game.
    """
    planners = args.planner or ["peakday"]
    _require_drawn(args)
    _require_peakday(args, planners)
    done = kept_rows(args.out, "problem", "planner", "ok", fault=row_fault)
    tuned = read_settings(args.settings) if args.settings else None
    for name in planners:
        if not takes_following(planner_class(name)) and args.no_following and name != "peakday":
            raise FloorError(
                f"--no-following: planner {name} cannot be told; let its constructor take "
                "`following`"
            )
    if args.plot and (fault := plot_fault(args.plot)):
        raise FloorError(fault)
    if args.results:
        _make_folder(args.results)
    drawn = args.seeds or [args.seed]
    problems = [(seed, _problem(path, args, seed)) for path in args.problems for seed in drawn]
    _require_names(args.problems)
    for _, problem in problems:
        if args.results:
            map_beside(args.results, problem)
    seconds = args.prepare_seconds
    prepare_seconds = PREPARE_SECONDS if seconds is None else seconds
    rows = []
    for seed, problem in problems:
        for name in planners:
            row = bench(
                problem, name, steps=args.steps, tick_ms=args.tick_ms, tries=args.tries,
                following=not args.no_following, seed=seed, results=args.results,
                done=done, prepare_seconds=prepare_seconds, tuned=tuned,
            )  # fmt: skip
            rows.append(row)
            if args.out and row not in done:
                with args.out.open("a") as out:
                    out.write(json.dumps(row) + "\n")
    if args.csv:
        write_csv(args.csv, rows)
    if args.plot:
        plot(rows, args.plot)
    if args.json:
        print(json.dumps({"machine": machine(), "rows": rows}))
    else:
        print(table(rows))
    return 0 if all(row["ok"] for row in rows) else 1


def _require_drawn(args: argparse.Namespace) -> None:
    """Refuse what is asked of drawn tasks where none are drawn."""
    if any(path.endswith(".map") for path in args.problems):
        return
    asked = {"--tasks": args.tasks, "--errands": args.errands and "{}:{}".format(*args.errands)}
    for option, value in asked.items():
        if value is not None:
            raise FloorError(
                f"{option} {value}: {args.problems[0]} has its own tasks; leave it out or give a "
                "map (.map)"
            )


def _require_peakday(args: argparse.Namespace, planners: list[str]) -> None:
    """Refuse what is for peakday alone where it does not play."""
    asked = {"--settings": args.settings, "--prepare-seconds": args.prepare_seconds}
    for option, value in asked.items():
        if value is not None and "peakday" not in planners:
            raise FloorError(
                f"{option} {value}: not for {planners[0]}; leave it out or add --planner peakday"
            )


def _require_names(paths: list[str]) -> None:
    """Refuse two problems of one name, which rows and results could not tell apart."""
    named: dict[str, str] = {}
    for path in paths:
        other = named.setdefault(Path(path).stem, path)
        if other != path:
            raise FloorError(f"{other} and {path} have one name; rename one")


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FloorError(f"--results {path}: {error.strerror}; name a folder") from None


def _problem(path: str, args: argparse.Namespace, seed: int) -> Problem:
    if path.endswith(".map"):
        return generate(
            Floor.read(path), args.robots or ROBOTS, args.tasks or TASKS, seed,
            errands=args.errands or ERRANDS, name=Path(path).stem,
        )  # fmt: skip
    if path.endswith(".scen"):
        return read_scenario(path, args.robots)
    if args.robots is None:
        return Problem.read(path)
    problem = Problem.read(path, robots=1)
    return problem.with_starts(scatter(problem.floor, args.robots, seed))
