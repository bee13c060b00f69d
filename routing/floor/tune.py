"""An offline tuner: settings of planner and schedule found by playing short games on a problem."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from routing.arguments import MOST_SEED, whole
from routing.floor.arena import Game
from routing.floor.entry import Peakday
from routing.floor.formats import Problem
from routing.floor.grid import FloorError
from routing.floor.settings import RANGES, WHOLE, keywords
from routing.status_line import StatusLine


def play(
    problem: Problem, settings: dict[str, Any], steps: int, tries: int, following: bool = True
) -> int:
    """Return the tasks finished in a game with these settings."""
    chosen = keywords(settings)
    chosen["settings"]["following"] = following
    entry = Peakday(tries=tries, rows_ahead=1000, **chosen)
    entry.prepare(problem.floor, problem.robots, problem.edition)
    game = Game(problem)
    while game.step < steps:
        game.assign(entry.assign(game.view()))
        game.apply(entry.act(game.view(), game.task))
    return game.finished


def usual(problem: Problem, following: bool = True) -> dict[str, Any]:
    """Return the settings that a game on this problem is played with where none are given."""
    settings: dict[str, Any] = {name: start for name, (_, _, start) in RANGES.items()}
    entry = Peakday(tries=0, rows_ahead=0, settings={"following": following})
    entry.prepare(problem.floor, problem.robots, problem.edition)
    settings["against"] = entry.planner.against
    entry.assign(Game(problem).view())
    if entry.schedule.length_share is not None:
        settings["length_share"] = entry.schedule.length_share
    return settings


def tune(
    problem: Problem, *, games: int, steps: int, tries: int, rng: np.random.Generator,
    on_game: Callable[[int, int, int], None] | None = None, following: bool = True,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:  # fmt: skip
    """Return the best settings found, and all that were played, in order.

    A (1+1) evolution strategy with the one-fifth rule: steps grow after a success and shrink after
    a failure (Rechenberg 1973).  Settings that finish as many tasks as the best do not take their
    place: where nothing helps the usual ones stay.  `on_game` is told the games played, what the
    first finished and the most.
    """
    best = usual(problem, following)
    most = play(problem, best, steps, tries, following)
    played = [{"finished": most, **best}]
    spread = 0.5
    if on_game:
        on_game(1, most, most)
    for _ in range(games - 1):
        trial = {name: _changed(name, best[name], spread, rng) for name in RANGES}
        finished = play(problem, trial, steps, tries, following)
        played.append({"finished": finished, **trial})
        if finished > most:
            best, most, spread = trial, finished, spread * 1.5
        else:
            spread *= 1.5**-0.25
        if on_game:
            on_game(len(played), played[0]["finished"], most)
    return best, played


def _changed(name: str, value: float, spread: float, rng: np.random.Generator) -> float:
    low, high, _ = RANGES[name]
    new = float(np.clip(value * np.exp(spread * rng.normal()), low, high))
    return round(new) if name in WHOLE else round(new, 4)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the tuner."""
    parser.add_argument("problem", help="League problem file (.json)")
    parser.add_argument("--games", type=whole(1), default=30, help="games played")
    parser.add_argument("--steps", type=whole(1), default=200, help="steps of a game")
    parser.add_argument(
        "--tries", type=whole(1), default=2000,
        help="local-search tries a step; the same seed gives the same games",
    )  # fmt: skip
    parser.add_argument("--seed", type=whole(0, MOST_SEED), default=0, help="of games and changes")
    parser.add_argument(
        "--no-following",
        action="store_true",
        help="no cell is entered in the step it is left (what execution under grants needs)",
    )
    parser.add_argument("--out", type=Path, help="file for the best settings (JSON)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Tune as the command asks; return the exit code.

    Raises
    ------
    FloorError
        Where the problem cannot be used, before the first game.
    """
    if args.problem.endswith((".map", ".scen")):
        raise FloorError(
            f"{args.problem}: no League problem; give one (.json), as routing make league writes"
        )
    problem = Problem.read(args.problem)
    best, played = tune(
        problem, games=args.games, steps=args.steps, tries=args.tries,
        rng=np.random.default_rng(args.seed), on_game=_progress(args.games),
        following=not args.no_following,
    )  # fmt: skip
    if args.out:
        args.out.write_text(json.dumps(best, indent=2) + "\n")
    if args.json:
        print(json.dumps({"best": best, "played": played}))
    else:
        first, most = played[0]["finished"], max(row["finished"] for row in played)
        more = f"{most} with" if most > first else "no more with others:"
        print(f"{problem.name}: {first} tasks with the usual settings, {more} {best}")
    return 0


def _progress(games: int) -> Callable[[int, int, int], None]:
    """Return what shows how far the games are."""
    began = perf_counter()
    line = StatusLine()

    def show(done: int, first: int, most: int) -> None:
        spent = perf_counter() - began
        left = spent / done * (games - done)
        words = f"game {done}/{games}, {most} tasks ({first} at first), {left:.0f} s left"
        line.show(done / games, words, plain=True)
        if done == games:
            line.end()

    return show
