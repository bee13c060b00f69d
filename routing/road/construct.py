"""First complete plans: OR-Tools where the problem is small, else savings, else insertion."""

from __future__ import annotations

import numpy as np

from routing.road.improve import Job, improve
from routing.road.neighbours import neighbours
from routing.road.ortools_model import first_tours
from routing.road.plan import Plan, make_plan
from routing.road.problem import Problem
from routing.road.savings import fits_savings, savings
from routing.road.warm import without_faults

SAVINGS_NEIGHBOURS = 100
SAVINGS_NEIGHBOURS_HUGE = 40
MODELLED = 100  # stops up to which OR-Tools makes the first tours
HUGE = 200_000  # stops above which memory counts


def first_plan(problem: Problem) -> Plan:
    """A first complete plan, as fast as it can be had."""
    if problem.stops <= MODELLED and not problem.locks:
        found = first_tours(problem)
        if found is not None:
            plan, _ = without_faults(problem, make_plan(problem, *found))
            return plan
    if fits_savings(problem):
        wide = SAVINGS_NEIGHBOURS if problem.stops <= HUGE else SAVINGS_NEIGHBOURS_HUGE
        count = problem.vehicles[0].count
        tours = savings(problem, neighbours(problem, wide))
        if count is None or len(tours) <= count:
            return make_plan(problem, tours)
    kinds = np.array([kind for kind, _ in problem.locks], np.int32)
    empty = Job(problem, [stops for _, stops in problem.locks], kinds, 0, 0, 0.0, 0.0)
    done = improve(empty)
    return make_plan(problem, done.tours, done.vehicles)
