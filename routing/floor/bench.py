"""`routing bench` for floors: League problems played by a planner, with its times and its curve."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from routing.floor.arena import Entry, Game
from routing.floor.check_result import check_result
from routing.floor.formats import Problem
from routing.floor.generate import generate, scatter, warm_up
from routing.floor.grid import Floor, FloorError
from routing.floor.results import result_of, write_result
from routing.floor.settings import keywords, read_settings
from routing.kept_rows import kept_rows
from routing.machine import machine
from routing.status_line import StatusLine

PLANNERS = {"peakday": "routing.floor.entry:Peakday", "pibt": "routing.floor.baseline:PlainPibt"}
# What a planner is told to leave of each tick: it looks at the clock only now and then.
SLACK_SHARE, SLACK_MS = 0.05, 12.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the floor benchmark."""
    parser.add_argument("problems", nargs="+", help="League problem files (.json), or a .map")
    parser.add_argument(
        "--planner",
        action="append",
        metavar="NAME|MODULE:CLASS",
        help="peakday, pibt, or a class that follows routing.floor.arena.Entry (repeatable; "
        "default peakday)",
    )
    parser.add_argument("--steps", type=int, default=500, help="steps to play (500)")
    parser.add_argument("--tick-ms", type=float, default=1000, help="time limit of a step (1000)")
    parser.add_argument(
        "--tries", type=int, help="local-search tries a step instead of a time: repeatable"
    )
    parser.add_argument(
        "--prepare-seconds", type=float, default=600, help="time before the first step (600)"
    )
    parser.add_argument("--robots", type=int, help="other number of robots, placed by --seed")
    parser.add_argument("--tasks", type=int, default=20_000, help="tasks drawn for a .map (20000)")
    parser.add_argument(
        "--errands", type=_range, default=(2, 2), metavar="A:B",
        help="fewest and most errands of a task drawn for a .map (2:2)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--no-following",
        action="store_true",
        help="no cell is entered in the step it is left (what execution under grants needs)",
    )
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="peakday's settings, as routing tune writes"
    )
    parser.add_argument("--out", type=Path, help="append rows to this file; done rows are kept")
    parser.add_argument("--results", type=Path, help="folder for League result files")
    parser.add_argument("--plot", type=Path, help="draw the curves into this picture")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run the floor benchmark as the command asks; return the exit code."""
    done = kept_rows(args.out, "problem", "planner")
    rows = []
    try:
        tuned = read_settings(args.settings) if args.settings else None
        for path in args.problems:
            problem = _problem(path, args.robots, args.tasks, args.seed, args.errands)
            for name in args.planner or ["peakday"]:
                row = bench(
                    problem, name, steps=args.steps, tick_ms=args.tick_ms, tries=args.tries,
                    following=not args.no_following, seed=args.seed, results=args.results,
                    done=done, prepare_seconds=args.prepare_seconds, tuned=tuned,
                )  # fmt: skip
                rows.append(row)
                if args.out and row not in done:
                    with args.out.open("a") as out:
                        out.write(json.dumps(row) + "\n")
    except FloorError as error:
        print(error, file=sys.stderr)
        return 2
    if args.plot:
        _plot(rows, args.plot)
    if args.json:
        print(json.dumps({"machine": machine(), "rows": rows}))
    else:
        print(table(rows))
    return 0 if all(row["ok"] for row in rows) else 1


def bench(
    problem: Problem,
    planner: str,
    *,
    steps: int,
    tick_ms: float,
    tries: int | None = None,
    following: bool = True,
    seed: int = 0,
    results: Path | None = None,
    done: list[dict[str, Any]] | None = None,
    prepare_seconds: float = 600,
    tuned: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Play one problem with one planner and judge it; return its row.

    A plan that comes late costs the steps it is late by: all robots wait, as in the League.
    """
    key = {
        "problem": problem.name, "planner": planner, "robots": problem.robots, "steps": steps,
        "tick_ms": None if tries is not None else tick_ms, "tries": tries, "following": following,
        "seed": seed,
    }  # fmt: skip
    if tuned and planner == "peakday":
        key["settings"] = tuned
    for row in done or []:
        if all(row.get(name) == key.get(name) for name in {*key, "settings"}):
            return row
    entry = _entry(planner, tick_ms, tries, following, prepare_seconds, tuned)
    began = perf_counter()
    entry.prepare(problem.floor, problem.robots, problem.edition)
    warm_up(_entry(planner, tick_ms, tries and min(tries, 10), following))
    prepared = perf_counter() - began
    game = Game(problem)
    planner_ms: list[float] = []
    progress = _Progress(steps)
    while game.step < steps:
        before = perf_counter()
        game.assign(entry.assign(game.view()))
        actions = entry.act(game.view(), game.task)
        planner_ms.append(1000 * (perf_counter() - before))
        if tries is None:
            for _ in range(min(steps - game.step, int(planner_ms[-1] // tick_ms))):
                game.apply(None)
        if game.step < steps:
            game.apply(actions)
        progress.show(game)
    progress.line.end()
    result = result_of(game, planner_ms)
    violations = check_result(problem.floor.text(), result, following=following)
    if results:
        results.mkdir(parents=True, exist_ok=True)
        write_result(result, results / f"{problem.name}-{planner.replace(':', '.')}.json")
    last = min(200, game.step - 1)
    return key | {
        "finished": game.finished,
        "curve": game.curve[49::50],
        "per_step_last_200": round((game.curve[-1] - game.curve[-1 - last]) / max(1, last), 3),
        "planner_ms": {
            "p50": round(float(np.percentile(planner_ms, 50)), 1),
            "p99": round(float(np.percentile(planner_ms, 99)), 1),
            "max": round(max(planner_ms), 1),
        },
        "timeouts": game.late,
        "compile_seconds": round(prepared, 1),
        "ok": not violations and not game.invalid,
        "violations": [vars(violation) for violation in violations[:10]],
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return rows as a table."""
    lines = [
        f"{'problem':<28} {'planner':<10} {'robots':>6} {'steps':>5} {'limit':>9} {'mode':<10} "
        f"{'finished':>8} {'last 200':>8} {'p50 ms':>7} {'p99':>7} {'max':>7} {'late':>4}  judge"
    ]
    for row in rows:
        limit = f"{row['tick_ms']:g} ms" if row["tries"] is None else f"{row['tries']} t"
        times = row["planner_ms"]
        lines.append(
            f"{row['problem'][:28]:<28} {row['planner'][:10]:<10} {row['robots']:>6} "
            f"{row['steps']:>5} {limit:>9} {'following' if row['following'] else 'grants':<10} "
            f"{row['finished']:>8} {row['per_step_last_200']:>8.2f} {times['p50']:>7.1f} "
            f"{times['p99']:>7.1f} {times['max']:>7.1f} {row['timeouts']:>4}  "
            f"{'ok' if row['ok'] else 'REFUSED'}"
        )
    return "\n".join(lines)


def _range(text: str) -> tuple[int, int]:
    """Read `A:B`."""
    try:
        low, high = (int(word) for word in text.split(":"))
    except ValueError:
        low, high = 0, 0
    if not 1 <= low <= high:
        raise argparse.ArgumentTypeError(f"{text!r}; give A:B with 1 <= A <= B")
    return low, high


def _problem(
    path: str, robots: int | None, tasks: int, seed: int, errands: tuple[int, int] = (2, 2)
) -> Problem:
    if path.endswith(".map"):
        return generate(
            Floor.read(path), robots or 100, tasks, seed, errands=errands, name=Path(path).stem
        )
    if robots is None:
        return Problem.read(path)
    problem = Problem.read(path, robots=1)
    return problem.with_starts(scatter(problem.floor, robots, seed))


def _entry(
    planner: str, tick_ms: float, tries: int | None, following: bool, prepare_seconds: float = 60,
    tuned: dict[str, Any] | None = None,
) -> Entry:  # fmt: skip
    """Make the planner of a name or `module:Class`; a user's own gets the seconds of a step."""
    module, _, name = PLANNERS.get(planner, planner).partition(":")
    try:
        made = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        raise FloorError(
            f"--planner {planner}: not found; give one of {', '.join(PLANNERS)} or module:Class"
        ) from None
    seconds = None if tries is not None else (tick_ms - max(SLACK_SHARE * tick_ms, SLACK_MS)) / 1000
    if planner == "peakday":
        chosen = keywords(tuned or {})
        chosen["settings"]["following"] = following
        return made(step_seconds=seconds, tries=tries, prepare_seconds=prepare_seconds, **chosen)
    if planner == "pibt":
        return made(step_seconds=seconds, following=following)
    return made(step_seconds=seconds)


def _plot(rows: list[dict[str, Any]], path: Path) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise FloorError("--plot: matplotlib is missing; install peakday[plots]") from None
    figure = Figure(figsize=(9, 5))
    axes = figure.subplots()
    for row in rows:
        steps = 50 * (1 + np.arange(len(row["curve"])))
        axes.plot(steps, row["curve"], label=f"{row['problem']} {row['planner']}")
    axes.set(xlabel="step", ylabel="tasks finished")
    axes.legend()
    figure.savefig(path, dpi=150)


class _Progress:
    """How far a game is: without a terminal every tenth of the way."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.began = perf_counter()
        self.line = StatusLine()

    def show(self, game: Game) -> None:
        """Show how far the game is."""
        spent = perf_counter() - self.began
        left = spent / game.step * (self.steps - game.step)
        self.line.show(
            game.step / self.steps,
            f"step {game.step}/{self.steps}, {game.finished} tasks, "
            f"{game.step / spent:.1f} steps/s, {left:.0f} s left",
            plain=game.step % max(1, self.steps // 10) == 0,
        )
