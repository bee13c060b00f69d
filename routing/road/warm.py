"""Warm starts and locked beginnings: what breaks a rule is refused, with the reason."""

from __future__ import annotations

import numpy as np

from routing.road.faults import Fault, fault_words, opens_pair, tour_faults
from routing.road.plan import Plan, make_plan
from routing.road.problem import Problem, ProblemError


def check_locks(problem: Problem) -> None:
    """Refuse locks that break a rule by themselves, or that ask for more vehicles than there are.

    Raises
    ------
    ProblemError
        With the rule that the first such lock breaks.
    """
    locked = [kind for kind, _ in problem.locks]
    for kind, stops in problem.locks:
        vehicle = problem.vehicles[kind]
        names = [problem.label(row) for row in stops.tolist()]
        what = f"{problem.name}: lock {names} of vehicle {kind}"
        if not len(stops):
            raise ProblemError(f"{what} names no stop; name stops or drop it")
        if vehicle.count is not None and locked.count(kind) > vehicle.count:
            raise ProblemError(
                f"{what} is one of {locked.count(kind)}, and there are {vehicle.count} of this "
                "vehicle; raise its count or drop locks"
            )
        faults = [f for f in tour_faults(problem, stops, vehicle) if f.rule != "pairs"]
        for position, row in enumerate(stops.tolist()):
            other = problem.partner[row]
            if other >= 0 and not opens_pair(problem, row) and other not in stops[:position]:
                faults.append(Fault("pairs", 1.0, row))
        if faults:
            raise ProblemError(
                f"{what} breaks {fault_words(problem, faults[0])}; correct or drop it"
            )


def keeps_locks(problem: Problem, plan: Plan) -> bool:
    """Whether each locked beginning is that of a tour, which also delivers what it picked up."""
    begun = {
        int(tour[0]): (kind, tour.tolist())
        for tour, kind in zip(plan.tours, plan.vehicles, strict=True)
    }
    for kind, stops in problem.locks:
        of, tour = begun.get(int(stops[0]), (-1, []))
        others = problem.partner[stops]
        if of != kind or tour[: len(stops)] != stops.tolist():
            return False
        if not np.isin(others[others >= 0], tour).all():
            return False
    return True


def without_faults(problem: Problem, start: Plan) -> tuple[Plan, list[str]]:
    """A warm start without the tours that break a rule, and why they were dropped.

    Locked beginnings that it lacks become tours of their own.

    Raises
    ------
    ProblemError
        For stops or vehicles that the problem does not have.
    """
    tours, kinds, notes = [], [], []
    seen: set[int] = set()
    left = [vehicle.count for vehicle in problem.vehicles]
    owner = {int(row): k for k, (_, stops) in enumerate(problem.locks) for row in stops}
    lacking = list(range(len(problem.locks)))
    for kind, _ in problem.locks:  # vehicles under way are taken
        left[kind] = _less(left[kind])
    for number, (tour, kind) in enumerate(
        zip(start.tours, start.vehicles.tolist(), strict=True), 1
    ):
        what = f"start: tour {number} is dropped:"
        if not 0 <= kind < len(problem.vehicles):
            raise ProblemError(
                f"{problem.name}: tour {number} of the start has vehicle {kind}; "
                f"there are types 0 to {len(problem.vehicles) - 1}"
            )
        if not len(tour):
            continue
        rows = set(tour.tolist())
        if max(rows) >= problem.rows:
            raise ProblemError(
                f"{problem.name}: tour {number} of the start names row {max(rows)}; "
                f"stops are rows {problem.depots} to {problem.rows - 1}"
            )
        twice = len(rows) < len(tour) or rows & seen or min(rows) < problem.depots
        faults = [Fault("visits", 1.0, -1)] if twice else []
        faults = faults or tour_faults(problem, tour, problem.vehicles[kind])
        count = left[kind]
        wrong = _against_locks(problem, tour, kind, owner)
        begun = owner.get(int(tour[0])) if wrong is None else None
        if faults:
            notes.append(f"{what} {fault_words(problem, faults[0])}")
        elif wrong is not None:
            notes.append(f"{what} {wrong}")
        elif begun is None and count is not None and count <= 0:
            notes.append(f"{what} no vehicle of type {kind} is left")
        else:
            seen |= rows
            if begun is None:
                left[kind] = _less(count)
            else:
                lacking.remove(begun)
            tours.append(tour)
            kinds.append(kind)
    for k in lacking:
        kind, stops = problem.locks[k]
        names = [problem.label(row) for row in stops.tolist()]
        notes.append(f"start: no tour of vehicle {kind} begins with lock {names}; it gets its own")
        tours.append(stops)
        kinds.append(kind)
    return make_plan(problem, tours, np.array(kinds, np.int32)), notes


def _less(count: int | None) -> int | None:
    return None if count is None else count - 1


def _against_locks(
    problem: Problem, tour: np.ndarray, kind: int, owner: dict[int, int]
) -> str | None:
    """What of a tour contradicts the locks, in words; `owner`: the lock of each locked stop."""
    own = owner.get(int(tour[0]), -1)
    if own >= 0:
        of, stops = problem.locks[own]
        if of != kind or tour[: len(stops)].tolist() != stops.tolist():
            own = -1
    for row in tour.tolist():
        if owner.get(row, own) != own:
            return f"{problem.place(row)} is locked elsewhere; begin its tour as the lock does"
    return None
