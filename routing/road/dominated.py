"""Types of vehicle that another type beats in everything: they are not needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from routing.road.plan import Plan
from routing.road.problem import Problem, Vehicle


def without_dominated(problem: Problem) -> tuple[Problem, np.ndarray | None]:
    """The problem with the types that are needed, and their indices; None where all are."""
    kinds = needed_kinds(problem)
    if len(kinds) == len(problem.vehicles):
        return problem, None
    return replace(problem, vehicles=tuple(problem.vehicles[k] for k in kinds)), kinds


def by_kind(plan: Plan, kinds: np.ndarray | None) -> Plan:
    """A plan of the smaller problem with the types of the whole one."""
    if kinds is None:
        return plan
    return replace(plan, vehicles=kinds[plan.vehicles].astype(np.int32))


def told_by_kind(
    on_progress: Callable[[Plan, float], None] | None, kinds: np.ndarray | None
) -> Callable[[Plan, float], None] | None:
    """The same for plans that are told on the way."""
    if on_progress is None or kinds is None:
        return on_progress
    return lambda plan, share: on_progress(by_kind(plan, kinds), share)


def needed_kinds(problem: Problem) -> np.ndarray:
    """Indices of the types that no other type replaces at any time.

    Replacing takes any number of vehicles, and where tours are under way all types stay.
    """
    types = problem.vehicles
    every = np.arange(len(types))
    if problem.locks:
        return every
    priced = problem.objective == "cost"
    left = list(range(len(types)))
    for k in range(len(types)):
        if any(j != k and _replaces(types[j], types[k], priced) for j in left):
            left.remove(k)
    return every[left]


def _replaces(one: Vehicle, other: Vehicle, priced: bool) -> bool:
    """Whether a vehicle of the first type can drive any tour of the other, for no more."""
    return (
        one.count is None
        and one.start == other.start
        and one.end == other.end
        and all(a >= b for a, b in zip(one.capacity, other.capacity, strict=True))
        and (not priced or (one.fixed <= other.fixed and one.per_distance <= other.per_distance))
        and one.earliest <= other.earliest
        and one.latest >= other.latest
        and one.max_duration >= other.max_duration
        and one.max_distance >= other.max_distance
        and (other.skills & ~one.skills) == 0
        and (one.rest is None or one.rest == other.rest)
    )
