"""Warm starts and locked beginnings: what breaks a rule is refused, with the reason."""

from __future__ import annotations

import numpy as np

from routing.road.plan import Plan, make_plan
from routing.road.problem import Problem, ProblemError
from routing.road.why import Fault, tour_faults


def check_locks(problem: Problem) -> None:
    """Refuse locks that break a rule by themselves.

    Raises
    ------
    ProblemError
        With the rule that the first such lock breaks.
    """
    for kind, stops in problem.locks:
        faults = tour_faults(problem, stops, problem.vehicles[kind])
        faults = [fault for fault in faults if fault.rule != "pairs"]
        if faults:
            rule, amount, row = faults[0]
            raise ProblemError(
                f"{problem.name}: lock {stops.tolist()} of vehicle {kind} breaks {rule} by "
                f"{amount:g} at row {row}; correct or drop it"
            )


def without_faults(problem: Problem, start: Plan) -> tuple[Plan, list[str]]:
    """A warm start without the tours that break a rule, and why they were dropped."""
    tours, kinds, notes = [], [], []
    seen: set[int] = set()
    left = [vehicle.count for vehicle in problem.vehicles]
    for number, (tour, kind) in enumerate(
        zip(start.tours, start.vehicles.tolist(), strict=True), 1
    ):
        what = f"start: tour {number} is dropped:"
        rows = set(tour.tolist())
        count = left[kind]
        twice = len(rows) < len(tour) or rows & seen or min(rows) < problem.depots
        faults = [Fault("visits", 1.0, -1)] if twice else []
        faults = faults or tour_faults(problem, tour, problem.vehicles[kind])
        if faults:
            notes.append(f"{what} {faults[0].rule} by {faults[0].amount:g} at row {faults[0].row}")
        elif count is not None and count <= 0:
            notes.append(f"{what} no vehicle of type {kind} is left")
        else:
            seen |= rows
            left[kind] = None if count is None else count - 1
            tours.append(tour)
            kinds.append(kind)
    return make_plan(problem, tours, np.array(kinds, np.int32)), notes
