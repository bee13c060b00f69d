"""Solvers of tours under one Protocol: ours, the peers, and a user's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor
from typing import NamedTuple, Protocol

from routing.own import load
from routing.road.plan import Limit, Plan
from routing.road.problem import Problem, ProblemError


class Better(NamedTuple):
    """A better complete plan of which only this is known, since making it would cost time."""

    cost: float
    routes: int | None


OnProgress = Callable[[Plan | Better, float], None]


class Solver(Protocol):
    """What `--solvers module:function` names.

    It plans `problem` within `limit.seconds`, may use `executor`, and calls `on_progress` with
    each better plan (or its `Better`) and the share of the limit used (0 where it cannot tell).
    Plans that a table reads are judged after the run; a cost told alone is taken at its word.
    """

    def __call__(
        self,
        problem: Problem,
        limit: Limit,
        seed: int,
        executor: Executor | None,
        on_progress: OnProgress | None,
    ) -> Plan:
        """Plan the tours."""


class MissingError(ProblemError):
    """A solver that is not installed, or that cannot state the problem."""


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
        own = load(module, function)
    except (Exception, SystemExit) as error:  # a user's module may fail in any way
        raise ProblemError(f"--solvers: {name}: {error}; name an importable function") from error
    if not callable(own):
        raise ProblemError(f"--solvers: {name}: is no function; name one")
    return own  # type: ignore[no-any-return]


def peakday(
    problem: Problem,
    limit: Limit,
    seed: int,
    executor: Executor | None,
    on_progress: OnProgress | None,
) -> Plan:
    """Our own."""
    from routing.road.solve import solve

    return solve(problem, limit, seed, executor, on_progress)


def ortools(
    problem: Problem,
    limit: Limit,
    seed: int,
    executor: Executor | None,
    on_progress: OnProgress | None,
) -> Plan:
    """OR-Tools' routing model with guided local search (one core; the seed has no effect)."""
    from routing.road.ortools_model import LARGEST, solve_ortools

    if problem.stops > LARGEST:
        raise MissingError(f"OR-Tools' matrices of {problem.stops} stops do not fit in memory")
    return solve_ortools(problem, limit, seed, on_cost=_tell(on_progress))


def pyvrp(
    problem: Problem,
    limit: Limit,
    seed: int,
    executor: Executor | None,
    on_progress: OnProgress | None,
) -> Plan:
    """PyVRP with its defaults (one core)."""
    from routing.road.peer_pyvrp import plan_with_pyvrp

    try:
        return plan_with_pyvrp(problem, limit, seed, _tell(on_progress))
    except ImportError:
        raise MissingError("PyVRP is not installed; uv sync --extra peers") from None
    except NotImplementedError as error:
        raise MissingError(str(error)) from None


def vroom(
    problem: Problem,
    limit: Limit,
    seed: int,
    executor: Executor | None,
    on_progress: OnProgress | None,
) -> Plan:
    """VROOM through pyvroom, exploration 5, all cores (the seed has no effect)."""
    from routing.road.peer_vroom import plan_with_vroom

    threads = 1 if executor is None else os.cpu_count() or 1
    try:
        return plan_with_vroom(problem, limit, threads)
    except ImportError:
        raise MissingError("VROOM is not installed; uv sync --extra peers") from None
    except NotImplementedError as error:
        raise MissingError(str(error)) from None


def _tell(on_progress: OnProgress | None) -> Callable[[float, int | None], None] | None:
    if on_progress is None:
        return None

    def on_cost(cost: float, routes: int | None) -> None:
        on_progress(Better(cost, routes), 0.0)

    return on_cost
