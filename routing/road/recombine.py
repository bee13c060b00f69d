"""The best tours of all that were seen: set partitioning by CP-SAT over a pool of tours.

It pays where tours are short: many good ones are seen, and few fit together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from routing.road.plan import Plan, better, make_plan, tour_distance
from routing.road.problem import Problem

LARGEST = 12_000  # tours that are kept


class Seen(NamedTuple):
    """A tour that was part of some plan."""

    tour: np.ndarray
    vehicle: int
    cost: float


class Pool:
    """The tours seen, one for each set of stops and vehicle type, the cheapest order each."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.tours: dict[tuple[bytes, int], Seen] = {}

    def add(self, tours: list[np.ndarray], vehicles: np.ndarray) -> None:
        """Enter the tours of a plan; old ones go when there are too many."""
        priced = self.problem.objective == "cost"
        for tour, kind in zip(tours, vehicles.tolist(), strict=True):
            vehicle = self.problem.vehicles[kind]
            cost = tour_distance(self.problem, tour, vehicle)
            if priced:
                cost = vehicle.fixed + vehicle.per_distance * cost
            key = (np.sort(tour).tobytes(), kind)
            known = self.tours.pop(key, None)  # what is seen again counts as new
            if known is not None and known.cost <= cost:
                self.tours[key] = known
            else:
                self.tours[key] = Seen(tour, kind, cost)
        while len(self.tours) > LARGEST:
            self.tours.pop(next(iter(self.tours)))


Work = Callable[[], Any]
# Runs the first to its end, or the second to end it where an interrupt comes.
Ended = Callable[[Work, Callable[[], None]], Any]


def uninterrupted(work: Work, stop: Callable[[], None]) -> Any:
    """Run it to its end."""
    return work()


def recombine(
    pool: Pool,
    plan: Plan,
    *,
    seconds: float | None,
    work: float,
    workers: int,
    ended: Ended = uninterrupted,
) -> Plan:
    """The cheapest choice of tours from the pool that serves what `plan` serves.

    Parameters
    ----------
    seconds
        Wall clock at most; None where the answer must be the same on every machine.
    work
        CP-SAT's deterministic time at most.
    ended
        Runs CP-SAT, which hears of no interrupt by itself.
    """
    from ortools.sat.python import cp_model

    problem = pool.problem
    seen = list(pool.tours.values())
    if not seen:
        return plan
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in seen]
    scale = 1 if problem.rounding == "nearest" else 100
    of_stop: list[list[int]] = [[] for _ in range(problem.rows)]
    of_kind: list[list[int]] = [[] for _ in problem.vehicles]
    for index, (tour, kind, _) in enumerate(seen):
        of_kind[kind].append(index)
        for row in tour.tolist():
            of_stop[row].append(index)
    price = []
    left_out = []
    unserved = set(plan.unserved.tolist())
    for row in range(problem.depots, problem.rows):
        terms = [chosen[index] for index in of_stop[row]]
        if np.isfinite(problem.price[row]):
            out = model.new_bool_var("")
            left_out.append((row, out))
            terms.append(out)
            price.append(round(float(problem.price[row]) * scale) * out)
        elif row in unserved:
            model.add_at_most_one(terms)
            continue
        model.add_exactly_one(terms)
    for kind, vehicle in enumerate(problem.vehicles):
        if vehicle.count is not None:
            model.add(sum(chosen[index] for index in of_kind[kind]) <= vehicle.count)
    if problem.objective == "vehicles":
        model.add(sum(chosen) <= len(plan.tours))
    costs = [round(entry.cost * scale) for entry in seen]
    model.minimize(cp_model.LinearExpr.weighted_sum(chosen, costs) + sum(price))
    present = {
        (np.sort(t).tobytes(), int(k)) for t, k in zip(plan.tours, plan.vehicles, strict=True)
    }
    for variable, key in zip(chosen, pool.tours, strict=True):
        model.add_hint(variable, key in present)
    for row, out in left_out:
        model.add_hint(out, row in unserved)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.max_deterministic_time = work
    solver.parameters.random_seed = 1
    solver.parameters.catch_sigint_signal = False  # else it takes Ctrl-C from Python for good
    if seconds is not None:
        solver.parameters.max_time_in_seconds = seconds
    status = ended(lambda: solver.solve(model), solver.stop_search)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return plan
    picked = [entry for entry, variable in zip(seen, chosen, strict=True) if solver.value(variable)]
    found = make_plan(
        problem, [entry.tour for entry in picked], np.array([e.vehicle for e in picked], np.int32)
    )
    return found if better(problem, found, plan) else plan
