"""Improve the tours of one problem, or of one piece of it: pure, by a count of iterations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.road.anneal import anneal, insert_absent
from routing.road.neighbours import neighbours
from routing.road.problem import Problem
from routing.road.state import build, total, tours_of
from routing.road.tours import ABSENT

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


class Done(NamedTuple):
    """Its result: tours, their vehicle types, and the cost with the prices of stops left out."""

    tours: list[np.ndarray]
    vehicles: np.ndarray
    cost: float
    before: float


def improve(job: Job) -> Done:
    """Run ruin and recreate on the job's tours; the best ones seen come back.

    The same job gives the same tours on every machine.
    """
    near = neighbours(job.problem, NEIGHBOURS)
    m, s, must = build(job.problem, near, job.tours, job.vehicles, job.seed)
    before = total(m, s)
    cost = before
    if s.counts[ABSENT]:
        cost += insert_absent(m, s, must)
    _, best = anneal(m, s, cost, cost, job.iterations, job.hot, job.cold, must)
    tours, vehicles = tours_of(m, s, job.problem.depots)
    return Done(tours, vehicles, best, before)
