"""First complete plans: OR-Tools where the problem is small, else savings, else insertion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.road.improve import Job, improve
from routing.road.neighbours import neighbours
from routing.road.ortools_model import first_tours
from routing.road.plan import Plan, make_plan, rank
from routing.road.problem import Problem
from routing.road.routes import routes_of
from routing.road.savings import fits_savings, savings
from routing.road.warm import without_faults

SAVINGS_NEIGHBOURS = 100
SAVINGS_NEIGHBOURS_HUGE = 40
MODELLED = 100  # stops up to which OR-Tools makes the first tours
TRIED = 20_000  # stops up to which several first plans are made
HUGE = 200_000  # stops above which memory counts


def first_plan(problem: Problem) -> Plan:
    """A first complete plan, as fast as it can be had.

    Where there are several types of vehicle, plans with one type alone are looked at too: stops
    that come one by one would each choose what is cheapest for one.
    """
    plan = _plan_as_stated(problem)
    types = len(problem.vehicles)
    if types == 1 or problem.locks or problem.stops > TRIED:
        return plan
    if problem.stops <= MODELLED and problem.objective != "vehicles":
        return plan
    must = problem.demand[np.isinf(problem.price)]
    for kind, vehicle in enumerate(problem.vehicles):
        if (must > np.array(vehicle.capacity)).any():
            continue
        found = _plan_as_stated(replace(problem, vehicles=(vehicle,)))
        alone = make_plan(problem, found.tours, np.full(len(found.tours), kind, np.int32))
        plan = min(plan, alone, key=lambda p: rank(problem, p))
    return plan


def _plan_as_stated(problem: Problem) -> Plan:
    if problem.stops <= MODELLED and not problem.locks:
        found = first_tours(problem)
        if found is not None:
            plan, _ = without_faults(problem, make_plan(problem, *found))
            return completed(problem, plan)
    if fits_savings(problem):
        wide = SAVINGS_NEIGHBOURS if problem.stops <= HUGE else SAVINGS_NEIGHBOURS_HUGE
        count = problem.vehicles[0].count
        tours = savings(problem, neighbours(problem, wide))
        if count is None or len(tours) <= count:
            return make_plan(problem, tours)
    kinds = np.array([kind for kind, _ in problem.locks], np.int32)
    return completed(problem, make_plan(problem, [stops for _, stops in problem.locks], kinds))


def completed(problem: Problem, plan: Plan) -> Plan:
    """The plan with stops left out brought in, with more and more routes while that helps."""
    while len(plan.unserved):
        routes = routes_of(problem, plan.vehicles, len(plan.unserved))
        done = improve(Job(problem, plan.tours, plan.vehicles, 0, 0, 0.0, 0.0))
        found = make_plan(problem, done.tours, done.vehicles)
        if (found.missing, found.cost) >= (plan.missing, plan.cost):
            return plan
        plan = found
        used = np.bincount(plan.vehicles, minlength=len(routes))
        free = [vehicle.count is None for vehicle in problem.vehicles]
        if not (free & (used >= routes)).any():
            return plan
    return plan
