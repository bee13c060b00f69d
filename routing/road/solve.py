"""The front door of the tour engine: a sweep by angle (Gillett and Miller 1974)."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np

from routing.road.plan import Limit, Plan, make_plan
from routing.road.problem import Problem


def solve(problem: Problem, limit: Limit, seed: int = 0, executor: Executor | None = None) -> Plan:
    """Return tours filled in the order of the stops' angle at the depot."""
    way = problem.xy[1:] - problem.xy[0]
    order = np.argsort(np.arctan2(way[:, 1], way[:, 0]), kind="stable") + 1
    tours: list[list[int]] = [[]]
    load = 0
    for stop in order.tolist():
        size = int(problem.demand[stop, 0])
        if load + size > problem.vehicles[0].capacity[0]:
            tours.append([])
            load = 0
        tours[-1].append(stop)
        load += size
    return make_plan(problem, [np.array(tour, np.int32) for tour in tours])
