"""One measured game of a floor benchmark: a planner plays a problem, and the judge looks at it."""

from __future__ import annotations

import inspect
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from routing.floor.arena import Entry, Game
from routing.floor.bench_table import Row
from routing.floor.check_result import check_result
from routing.floor.formats import Problem
from routing.floor.generate import warm_up
from routing.floor.grid import FloorError
from routing.floor.results import result_of, write_result
from routing.floor.settings import keywords
from routing.own import load
from routing.status_line import StatusLine
from routing.version import version_of

PLANNERS = {"peakday": "routing.floor.entry:Peakday", "pibt": "routing.floor.baseline:PlainPibt"}
# What a planner is told to leave of each tick: it looks at the clock only now and then.
SLACK_SHARE, SLACK_MS = 0.05, 12.0
LEAST_SHARE = 0.25  # of a tick, that it has at least
PREPARE_SECONDS = 600  # where none are asked for; rows do not name them then


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
    done: list[Row] | None = None,
    prepare_seconds: float = PREPARE_SECONDS,
    tuned: dict[str, Any] | None = None,
) -> Row:
    """Play one problem with one planner and judge it; return its row, or the one that is `done`.

    A plan that comes late costs the steps it is late by: all robots wait, as in the League.  A
    planner that errs has a row that is not `ok`, with the `error`.
    """
    key = {
        "problem": problem.name, "planner": planner, "robots": problem.robots, "steps": steps,
        "tick_ms": None if tries is not None else tick_ms, "tries": tries, "following": following,
        "seed": seed, "content": problem.digest(),
    }  # fmt: skip
    if tuned and planner == "peakday":
        key["settings"] = tuned
    if prepare_seconds != PREPARE_SECONDS and planner == "peakday":
        key["prepare_seconds"] = prepare_seconds
    for row in done or []:
        same = all(row.get(name) == key.get(name) for name in {*key, "settings", "prepare_seconds"})
        if same and not row.get("error"):
            return row
    made = planner_class(planner)
    game = Game(problem)
    planner_ms: list[float] = []
    progress = _Progress(steps)
    try:
        entry = _entry(made, planner, tick_ms, tries, following, seed, prepare_seconds, tuned)
        began = perf_counter()
        entry.prepare(problem.floor, problem.robots, problem.edition)
        warm_up(_entry(made, planner, tick_ms, tries and min(tries, 10), following))
        prepared = perf_counter() - began
        while game.step < steps and not game.over:
            _play_step(game, entry, planner_ms, steps, None if tries is not None else tick_ms)
            progress.show(game)
    except (Exception, SystemExit) as error:  # a user's planner may fail in any way
        return key | {"ok": False, "error": f"{type(error).__name__}: {error}"}
    finally:
        progress.line.end()
    result = result_of(game, planner_ms)
    violations = check_result(problem.floor.text(), result, following=following)
    if results:
        which = f"-seed-{seed}" if seed else ""
        name = f"{problem.name}-{planner.replace(':', '.')}{which}.json"
        write_result(result, results / name)
        place = map_beside(results, problem)
        if not place.exists():
            place.write_text(problem.floor.text())
    curve = game.curve or [game.finished]
    planner_ms = planner_ms or [0.0]
    last = min(200, len(curve) - 1)
    row = key | {
        "version": version_of(planner),
        "finished": game.finished,
        "curve": game.curve[49::50],
        "per_step_last_200": round((curve[-1] - curve[-1 - last]) / max(1, last), 3),
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
    if planner == "peakday":
        row["stuck"] = entry.stuck  # type: ignore[attr-defined]
    if problem.once:
        row |= {"sum_of_costs": game.costs, "makespan": game.step if game.over else None}
    if game.invalid:
        row["error"] = (
            f"{game.invalid} of {game.step} steps with invalid actions: all robots waited"
        )
    return row


def map_beside(results: Path, problem: Problem) -> Path:
    """Return where a problem's map lies in a folder of results: a result does not name its map,
    and beside it viewer and judge find it.

    Raises
    ------
    FloorError
        Where another map is there.
    """
    path = results / f"{problem.name}.map"
    if path.exists() and not problem.floor.is_at(path):
        raise FloorError(f"--results {results}: {path.name} there is another map; name a folder")
    return path


def _play_step(
    game: Game, entry: Entry, planner_ms: list[float], steps: int, tick_ms: float | None
) -> None:
    """Ask for tasks and actions, and play them; before that the steps lost where they are late."""
    before = perf_counter()
    game.assign(entry.assign(game.view()))
    view = game.view()
    actions = np.asarray(entry.act(view, view.task))
    planner_ms.append(1000 * (perf_counter() - before))
    if tick_ms is not None:
        for _ in range(min(steps - game.step, int(planner_ms[-1] // tick_ms))):
            game.apply(None)
    if game.step < steps:
        game.apply(actions)


def planner_class(planner: str) -> Any:
    """Return the class of a name or `module:Class`.

    Raises
    ------
    FloorError
        Where there is none, or its module cannot be loaded.
    """
    module, _, name = PLANNERS.get(planner, planner).partition(":")
    try:
        return load(module, name)
    except (Exception, SystemExit) as error:  # a user's module may fail in any way
        raise FloorError(
            f"--planner {planner}: {type(error).__name__}: {error}; give one of "
            f"{', '.join(PLANNERS)} or module:Class"
        ) from None


def takes_following(made: Any) -> bool:
    """Whether a planner of this class can be told whether a cell may be entered as it is left."""
    try:
        return "following" in inspect.signature(made).parameters
    except (TypeError, ValueError):  # it is no class, or says nothing of how it is made
        return False


def _entry(
    made: Any, planner: str, tick_ms: float, tries: int | None, following: bool, seed: int = 0,
    prepare_seconds: float = 60, tuned: dict[str, Any] | None = None,
) -> Entry:  # fmt: skip
    """Make a planner of its class; a user's own gets the seconds of a step, and `following` where
    it takes that."""
    slack = min(max(SLACK_SHARE * tick_ms, SLACK_MS), (1 - LEAST_SHARE) * tick_ms)
    seconds = None if tries is not None else (tick_ms - slack) / 1000
    if planner == "peakday":
        chosen = keywords(tuned or {})
        chosen["settings"] |= {"following": following, "seed": seed}
        entry: Entry = made(
            step_seconds=seconds, tries=tries, prepare_seconds=prepare_seconds, **chosen
        )
        return entry
    if takes_following(made):
        return made(step_seconds=seconds, following=following)  # type: ignore[no-any-return]
    return made(step_seconds=seconds)  # type: ignore[no-any-return]


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
