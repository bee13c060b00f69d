"""How many vehicles a solver that must name them all is given."""

from __future__ import annotations

import numpy as np

from routing.road.problem import Problem, Vehicle


def vehicles_wished(problem: Problem, vehicle: Vehicle, times: int = 1) -> int:
    """Enough vehicles of this type, and never more than there are or than stops.

    Where the number is free: a third above what the demand fills, or three times that where
    windows, pairs, prices or other types make fuller tours unlikely; and all of it so many `times`.
    """
    load = problem.demand[problem.depots :].clip(0).sum(axis=0)
    need = float(np.max(np.ceil(load / np.maximum(vehicle.capacity, 1)), initial=1.0))
    bound = problem.timed or bool((problem.partner >= 0).any()) or len(problem.vehicles) > 1
    bound = bound or any(np.isfinite(v.max_distance) for v in problem.vehicles)
    wish = int(3 * need) + 10 if bound else int(1.3 * need) + 5
    wish *= times
    if vehicle.count is not None:
        # the file's own count: always enough, and cheap as long as it is not absurd
        wish = min(vehicle.count, max(wish, 300))
    return max(0, min(wish, problem.stops))
