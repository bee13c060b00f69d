"""Solvers of tours under one Protocol: ours, the peers, and a user's own."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol

import numpy as np

from routing.road.plan import Limit, Plan, leg_distances, make_plan
from routing.road.problem import Problem, ProblemError

OnPlan = Callable[[Plan, float], None]


class Solver(Protocol):
    """What `--solvers module:function` names.

    It plans `problem` within `limit.seconds`, may use `executor`, and calls `on_progress` with
    each better plan and the share of the limit used.
    """

    def __call__(
        self,
        problem: Problem,
        limit: Limit,
        seed: int,
        executor: Executor | None,
        on_progress: OnPlan | None,
    ) -> Plan:
        """Plan the tours."""


class MissingError(ProblemError):
    """A solver that is not installed."""


def solver(name: str) -> Solver:
    """The solver of that name, or the function that `module:function` names."""
    known: dict[str, Solver] = {
        "peakday": peakday,
        "ortools": ortools,
        "pyvrp": pyvrp,
        "vroom": vroom,
    }
    if name in known:
        return known[name]
    module, colon, function = name.partition(":")
    if not colon:
        raise ProblemError(
            f"--solvers: {name!r} is unknown; use {', '.join(known)} or module:function"
        )
    try:
        return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]
    except (ImportError, AttributeError) as error:
        raise ProblemError(f"--solvers: {name}: {error}; name an importable function") from error


def peakday(
    problem: Problem,
    limit: Limit,
    seed: int,
    executor: Executor | None,
    on_progress: OnPlan | None,
) -> Plan:
    """Our own."""
    from routing.road.solve import solve

    return solve(problem, limit, seed, executor, on_progress)


def ortools(
    problem: Problem,
    limit: Limit,
    seed: int,
    executor: Executor | None,
    on_progress: OnPlan | None,
) -> Plan:
    """OR-Tools' routing model with guided local search (one core; the seed has no effect)."""
    from routing.road.ortools_model import plan_with_model

    def on_plan(plan: Plan) -> None:
        if on_progress is not None:
            on_progress(plan, 0.0)

    plan = plan_with_model(problem, seconds=limit.seconds, on_plan=on_plan)
    return make_plan(problem, []) if plan is None else plan


def pyvrp(
    problem: Problem,
    limit: Limit,
    seed: int,
    executor: Executor | None,
    on_progress: OnPlan | None,
) -> Plan:
    """PyVRP with its defaults (one core)."""
    from routing.road.peers import plan_with_pyvrp

    return plan_with_pyvrp(problem, limit, seed, on_progress)


def vroom(
    problem: Problem,
    limit: Limit,
    seed: int,
    executor: Executor | None,
    on_progress: OnPlan | None,
) -> Plan:
    """VROOM through pyvroom, exploration 5, one thread a core of ours."""
    from routing.road.peers import plan_with_vroom

    return plan_with_vroom(problem, limit, on_progress)


def matrices(problem: Problem, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Distances and durations of all pairs of rows in whole numbers, for peers that want them."""
    every = np.arange(problem.rows)
    distances = leg_distances(problem, every[:, None], every[None, :])
    durations = problem.durations if problem.durations is not None else problem.pace * distances
    return (
        np.floor(distances * scale + 1e-6).astype(np.int64),
        np.ceil(durations * scale - 1e-6).astype(np.int64),
    )
