"""Warm starts and locked beginnings: what breaks a rule is refused, with the reason."""

from __future__ import annotations

import numpy as np

from routing.road.faults import Fault, fault_words, opens_pair, tour_faults
from routing.road.plan import LockError, Plan, Rejected, make_plan
from routing.road.problem import Problem, ProblemError


def check_locks(problem: Problem) -> None:
    """Refuse locks that break a rule by themselves, or that ask for more vehicles than there are.

    Raises
    ------
    LockError
        With the rule that the first such lock breaks.
    """
    locked = [kind for kind, _ in problem.locks]
    for number, (kind, stops) in enumerate(problem.locks, 1):
        vehicle = problem.vehicles[kind]
        names = [problem.label(row) for row in stops.tolist()]
        what = f"{problem.name}: lock {names} of vehicle {kind}"
        if not len(stops):
            raise ProblemError(f"{what} names no stop; name stops or drop it")
        if vehicle.count is not None and locked.count(kind) > vehicle.count:
            words = (
                f"{what} is one of {locked.count(kind)}, and there are {vehicle.count} of this "
                "vehicle; raise its count or drop locks"
            )
            more = float(locked.count(kind) - vehicle.count)
            raise LockError(words, Rejected("lock", number, "vehicles", -1, more, words))
        faults = [f for f in tour_faults(problem, stops, vehicle) if f.rule != "pairs"]
        for position, row in enumerate(stops.tolist()):
            other = problem.partner[row]
            if other >= 0 and not opens_pair(problem, row) and other not in stops[:position]:
                faults.append(Fault("pairs", 1.0, row))
        if faults:
            fault = faults[0]
            words = f"{what} breaks {fault_words(problem, fault)}; correct or drop it"
            rejected = Rejected("lock", number, fault.rule, fault.row, fault.amount, words)
            raise LockError(words, rejected)


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


def without_faults(problem: Problem, start: Plan) -> tuple[Plan, list[Rejected]]:
    """A warm start without the tours that break a rule, and why they were dropped.

    Locked beginnings that it lacks become tours of their own.

    Raises
    ------
    ProblemError
        For stops or vehicles that the problem does not have.
    """
    tours, kinds, rejected = [], [], []
    seen: set[int] = set()
    left = [vehicle.count for vehicle in problem.vehicles]
    owner = {int(row): k for k, (_, stops) in enumerate(problem.locks) for row in stops}
    lacking = list(range(len(problem.locks)))
    for kind, _ in problem.locks:  # vehicles under way are taken
        left[kind] = _less(left[kind])
    for number, (tour, kind) in enumerate(
        zip(start.tours, start.vehicles.tolist(), strict=True), 1
    ):
        if not 0 <= kind < len(problem.vehicles):
            raise ProblemError(
                f"{problem.name}: tour {number} of the start has vehicle {kind}; "
                f"there are types 0 to {len(problem.vehicles) - 1}"
            )
        if not len(tour):
            continue
        _require_rows(problem, number, tour)
        found = _fault_of(problem, tour, kind, seen, owner, left)
        if found is not None:
            fault, said = found
            words = f"start: tour {number} is dropped: {said}"
            rejected.append(Rejected("tour", number, fault.rule, fault.row, fault.amount, words))
            continue
        seen |= set(tour.tolist())
        begun = owner.get(int(tour[0]))
        if begun is None:
            left[kind] = _less(left[kind])
        else:
            lacking.remove(begun)
        tours.append(tour)
        kinds.append(kind)
    for k in lacking:
        kind, stops = problem.locks[k]
        names = [problem.label(row) for row in stops.tolist()]
        words = f"start: no tour of vehicle {kind} begins with lock {names}; it gets its own"
        rejected.append(Rejected("lock", k + 1, "locks", int(stops[0]), 1.0, words))
        tours.append(stops)
        kinds.append(kind)
    return make_plan(problem, tours, np.array(kinds, np.int32)), rejected


def _require_rows(problem: Problem, number: int, tour: np.ndarray) -> None:
    for row in (int(tour.max()), int(tour.min())):
        if not 0 <= row < problem.rows:
            raise ProblemError(
                f"{problem.name}: tour {number} of the start names row {row}; "
                f"stops are rows {problem.depots} to {problem.rows - 1}"
            )


def _fault_of(
    problem: Problem, tour: np.ndarray, kind: int, seen: set[int], owner: dict[int, int],
    left: list[int | None],
) -> tuple[Fault, str] | None:  # fmt: skip
    """The rule that a tour breaks, and in words; `seen`: stops of tours that were kept before."""
    before = set(seen)
    for row in tour.tolist():
        if row in before or row < problem.depots:
            fault = Fault("visits", 1.0, row)
            return fault, fault_words(problem, fault)
        before.add(row)
    faults = tour_faults(problem, tour, problem.vehicles[kind])
    if faults:
        return faults[0], fault_words(problem, faults[0])
    row = _against_locks(problem, tour, kind, owner)
    if row is not None:
        said = f"{problem.place(row)} is locked elsewhere; begin its tour as the lock does"
        return Fault("locks", 1.0, row), said
    count = left[kind]
    if int(tour[0]) not in owner and count is not None and count <= 0:
        return Fault("vehicles", 1.0, -1), f"no vehicle of type {kind} is left"
    return None


def _less(count: int | None) -> int | None:
    return None if count is None else count - 1


def _against_locks(
    problem: Problem, tour: np.ndarray, kind: int, owner: dict[int, int]
) -> int | None:
    """The first stop of a tour that contradicts the locks; `owner`: the lock of each stop."""
    own = owner.get(int(tour[0]), -1)
    if own >= 0:
        of, stops = problem.locks[own]
        if of != kind or tour[: len(stops)].tolist() != stops.tolist():
            own = -1
    return next((row for row in tour.tolist() if owner.get(row, own) != own), None)
