"""Improve the tours of one problem, or of one piece of it: pure, by a count of iterations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.road.anneal import anneal, insert_absent
from routing.road.neighbours import neighbours
from routing.road.problem import Problem
from routing.road.state import build, must_price, tours_of
from routing.road.times import ABSENT, Tours
from routing.road.tours import total
from routing.road.travel import Model

NEIGHBOURS = 40


class Job(NamedTuple):
    """A piece of work for one worker."""

    problem: Problem
    tours: list[np.ndarray]
    vehicles: np.ndarray
    seed: int
    iterations: int
    hot: float
    cold: float
    worth: float = 0.0  # of a tour more, in the cost of a step, not in that of a plan
    least: int = 0  # tours at which making them fewer ends
    audit: bool = False  # count the cost of each accepted step anew


class Done(NamedTuple):
    """Its result: the tours at the end, and the best ones on the way, with prices in their cost."""

    tours: list[np.ndarray]
    vehicles: np.ndarray
    cost: float
    best: list[np.ndarray]
    best_vehicles: np.ndarray
    best_cost: float
    iterations: int = 0  # that it took, where it may end early


def unchanged(job: Job) -> Done:
    """The job's own tours, for want of time."""
    cost = float("nan")
    return Done(job.tours, job.vehicles, cost, job.tours, job.vehicles, cost)


def improve(job: Job) -> Done:
    """Run ruin and recreate on the job's tours.

    The same job gives the same tours on every machine.
    """
    near = neighbours(job.problem, NEIGHBOURS)
    m, s, must = build(job.problem, near, job.tours, job.vehicles, job.seed)
    m.rate[:, 0] += tour_price(job.problem) - job.worth
    before = total(m, s)
    cost = before
    if s.counts[ABSENT]:
        cost += insert(m, s, must)
    cost, best, drift = anneal(
        m, s, cost, job.iterations, job.hot, job.cold, job.worth, must, job.audit
    )
    if drift > 1e-6 * max(1.0, before):
        raise AssertionError(f"a step's predicted change of cost is off by {drift:g}")
    first = job.problem.depots
    return Done(*tours_of(m, s, first, s.node), cost, *tours_of(m, s, first, s.best), best)


def tour_price(problem: Problem) -> float:
    """What a tour costs beyond its vehicle: more than a detour where the fewest tours come first.

    With one type of vehicle the count of them bounds the tours; with several, which of them make
    the fewest tours stays open.  A stop left out that must be served costs more than a tour.
    """
    first = problem.objective == "vehicles" and len(problem.vehicles) > 1
    return 0.5 * must_price(problem) if first else 0.0


def insert(m: Model, s: Tours, must: float) -> float:
    """Bring all stops left out in where they can be; returns the change of cost.

    Where times or lengths count no stop is ejected for them: that could make a tour late, and
    nothing here is taken back.
    """
    if m.timed or m.limited:
        m = m._replace(full=False)
    return float(insert_absent(m, s, must))
