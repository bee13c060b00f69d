"""The front door: plan the tours of a problem within a limit.  Only here are clock and executor."""

from __future__ import annotations

import time
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import replace
from typing import Any

from routing.road.budget import Budget
from routing.road.construct import completed, first_plan
from routing.road.dominated import by_kind, told_by_kind, without_dominated
from routing.road.interrupt import interruptible, until_interrupted
from routing.road.ortools_model import enough_vehicles, solve_ortools
from routing.road.plan import Limit, Plan, Rejected, make_plan, rank
from routing.road.problem import Problem, ProblemError
from routing.road.search import Progress, Search
from routing.road.vehicle_count import choose_count, fewer
from routing.road.warm import check_locks, keeps_locks, without_faults
from routing.road.why import explain, refused

REASONS = 20  # stops left out whose reasons are told in the notes


def solve(
    problem: Problem,
    limit: Limit,
    seed: int = 0,
    executor: Executor | None = None,
    on_progress: Progress | None = None,
    start: Plan | None = None,
) -> Plan:
    """Plan tours for `problem`.

    Parameters
    ----------
    limit
        Seconds of wall clock or iterations; with iterations the same seed gives the same tours,
        whatever the executor and the number of its workers.
    executor
        Where pieces are improved side by side; without one they take turns here.  Where it breaks,
        the best plan so far is given back, with a note.
    on_progress
        Called with the plan so far and the share of the limit used (0 to 1).  An interrupt leaves
        nothing but what was told; `explained` completes it.
    start
        A plan to start from; tours of it that break a rule are dropped, with a note
        and an entry in the plan's `rejected`.

    Returns
    -------
    Plan
        The best plan found.  Stops that no vehicle can take are in `unserved`.

    Raises
    ------
    ProblemError
        Where no plan is found that goes on as the locks begin, they break a rule (then it is a
        `LockError`, which says so as data, too), or the start is of another problem.
    """
    began = time.perf_counter()
    if seed < 0:
        raise ProblemError(f"seed is {seed}; give a whole number from 0")
    seed = int(seed)  # numpy's numbers would overflow
    if problem.stops == 0:
        return make_plan(problem, [])
    rejected: list[Rejected] = []
    check_locks(problem)
    if start is not None:
        start, rejected = without_faults(problem, start)
    notes = [dropped.words for dropped in rejected]
    reason = refused(problem)
    if reason is not None:
        alone = f"{reason}: planned by OR-Tools alone, which improves slowly"
        told = _noted(on_progress, [*notes, alone], rejected)
        plan, more = _by_ortools(problem, limit, seed, start, told)
        notes += [*more, alone]
    else:
        needed, kinds = (problem, None) if start is not None else without_dominated(problem)
        told = told_by_kind(_noted(on_progress, notes, rejected), kinds)
        budget = Budget(limit, needed.stops, 2 if executor else 1, time.perf_counter, began)
        search = Search(needed, budget, seed, executor, told, until_interrupted)
        plan = completed(needed, start) if start is not None else first_plan(needed)
        try:
            plan = search.run(choose_count(search, fewer(search, plan)))
        except BrokenExecutor as error:
            plan = replace(search.shown or plan, iterations=budget.done)
            notes.append(f"workers were lost ({error}): this is the best plan so far")
        plan = by_kind(plan, kinds)
    return explained(problem, replace(plan, notes=tuple(notes), rejected=tuple(rejected)))


def explained(problem: Problem, plan: Plan) -> Plan:
    """The plan with notes on why it leaves stops out, as `solve` gives it back."""
    few = replace(plan, unserved=plan.unserved[:REASONS])
    reasons = [reason.words for reason in explain(problem, few)]
    return replace(plan, notes=(*plan.notes, *reasons))


def _noted(
    on_progress: Progress | None, notes: list[str], rejected: list[Rejected]
) -> Progress | None:
    """The same for plans with what is to be said of them so far."""
    if on_progress is None:
        return None
    said: dict[str, Any] = {"notes": tuple(notes), "rejected": tuple(rejected)}
    return lambda plan, share: on_progress(replace(plan, **said), share)


def _by_ortools(
    problem: Problem, limit: Limit, seed: int, start: Plan | None, on_progress: Progress | None
) -> tuple[Plan, tuple[str, ...]]:
    """OR-Tools' plan, or the one to start from where that is better, and what is to be said.

    An interrupt is raised once its plan so far has been told.
    """
    began = time.perf_counter()
    with interruptible() as interrupted:
        times = 1
        if start is None:
            start, times = enough_vehicles(problem, limit, interrupted)
            if limit.seconds is not None:
                limit = Limit(max(0.0, limit.seconds - (time.perf_counter() - began)))
        plan = solve_ortools(problem, limit, seed, start, times=times, stop=interrupted)
        kept = [found for found in (plan, start) if keeps_locks(problem, found)]
        if not kept and not interrupted():
            raise ProblemError(
                f"{problem.name}: OR-Tools finds no plan that begins as the locks do and delivers "
                "what they picked up; correct or drop locks, or plan longer"
            )
        best = min(kept, key=lambda found: rank(problem, found), default=plan)
        if interrupted():
            if on_progress is not None and kept and best.tours:
                on_progress(best, 1.0)
            raise KeyboardInterrupt
    return best, plan.notes
