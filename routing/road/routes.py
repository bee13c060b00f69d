"""How many routes compiled code has room for: those in use, and some that are spare."""

from __future__ import annotations

import numpy as np

from routing.road.problem import Problem

SPARE = 1.1  # routes a type with any number of vehicles may have beyond those in use
LEAST = 8  # and at least so many
TIMED = 4  # times what the demand fills, where times count


def routes_of(problem: Problem, vehicles: np.ndarray, left: int) -> np.ndarray:
    """Routes of each type of vehicle, for tours by `vehicles` and `left` stops in none of them.

    Where any number of vehicles may be used, stops left out may each want one, whatever the demand
    says.  They get as many as there are tours already: who needs more asks again, and memory stays
    within twice of what is needed.
    """
    used = np.bincount(np.asarray(vehicles, np.int64), minlength=len(problem.vehicles))
    load = problem.demand[problem.depots :].clip(0).sum(axis=0)
    out = []
    for kind, vehicle in enumerate(problem.vehicles):
        need = int(np.ceil((load / np.maximum(vehicle.capacity, 1)).max()))
        wish = int(SPARE * max(used[kind], need)) + LEAST
        if problem.timed:
            wish = max(wish, min(problem.stops, TIMED * need + LEAST))
        wish = max(wish, int(used[kind]) + min(left, int(used[kind]) + LEAST))
        wish = min(wish, problem.stops)  # demand may be far beyond what vehicles hold
        out.append(max(used[kind], wish if vehicle.count is None else min(vehicle.count, wish)))
    return np.array(out, np.int64)
