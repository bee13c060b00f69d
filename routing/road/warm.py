"""Warm starts and locked beginnings: what breaks a rule is refused, with the reason."""

from __future__ import annotations

import numpy as np

from routing.road.plan import Plan, make_plan
from routing.road.problem import Problem, ProblemError
from routing.road.why import Fault, fault_words, tour_faults


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
            names = [problem.label(row) for row in stops.tolist()]
            raise ProblemError(
                f"{problem.name}: lock {names} of vehicle {kind} breaks "
                f"{fault_words(problem, faults[0])}; correct or drop it"
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
            notes.append(f"{what} {fault_words(problem, faults[0])}")
        elif count is not None and count <= 0:
            notes.append(f"{what} no vehicle of type {kind} is left")
        else:
            seen |= rows
            left[kind] = None if count is None else count - 1
            tours.append(tour)
            kinds.append(kind)
    return make_plan(problem, tours, np.array(kinds, np.int32)), notes
