"""The answer: tours as arrays of stop rows, and the limit a solver works to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from numbers import Real

import numpy as np

from routing.road.problem import Problem, ProblemError, Vehicle


@dataclass(frozen=True)
class Limit:
    """How long to search: `seconds` of wall clock, or `iterations` of ruin and recreate.

    With iterations the same seed gives the same tours, whatever the executor.
    """

    seconds: float | None = None
    iterations: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.iterations is None:
            raise ProblemError("limit: neither seconds nor iterations; give one of them")
        if self.seconds is not None and self.iterations is not None:
            raise ProblemError("limit: seconds and iterations are both given; give one of them")
        for name, value in (("seconds", self.seconds), ("iterations", self.iterations)):
            if value is None:
                continue
            if not (isinstance(value, Real) and 0 <= value < math.inf):
                raise ProblemError(f"limit: {name} is {value!r}; give 0 or more, and an end")
            if name == "iterations":
                if value % 1:
                    raise ProblemError(f"limit: iterations is {value!r}; give a whole number")
                object.__setattr__(self, name, int(value))  # compiled code counts in whole numbers


@dataclass(frozen=True)
class Rejected:
    """A tour of a start, or a locked beginning, that breaks a rule.

    `number` counts the tours or locks from 1; `row` is the stop where it breaks the rule first (-1:
    none), by `amount`.  `words` say the same.
    """

    what: str  # "tour" or "lock"
    number: int
    rule: str
    row: int
    amount: float
    words: str


class LockError(ProblemError):
    """Locks that break a rule: one line, and the same as data."""

    def __init__(self, words: str, rejected: Rejected | None = None) -> None:
        super().__init__(words)
        self.rejected = rejected


@dataclass(frozen=True, eq=False)
class Plan:
    """Tours (stop rows in order, without depots), their vehicle types, and what is left out."""

    tours: list[np.ndarray]
    vehicles: np.ndarray  # int32[tours], the type of vehicle of each tour
    unserved: np.ndarray  # int32, stop rows that no tour visits
    cost: float  # by the problem's objective: distance, or prices and distance
    distance: float
    missing: int = 0  # stops left out that must be served
    iterations: int = 0
    notes: tuple[str, ...] = field(default=())  # what the solver wants the user to know
    rejected: tuple[Rejected, ...] = ()  # what of the start was dropped, also told in the notes


def make_plan(
    problem: Problem,
    tours: list[np.ndarray],
    vehicles: np.ndarray | None = None,
    *,
    iterations: int = 0,
    notes: tuple[str, ...] = (),
) -> Plan:
    """A plan of these tours, with what is left out, its distance and its cost filled in."""
    kinds = np.zeros(len(tours), np.int32) if vehicles is None else np.asarray(vehicles, np.int32)
    used = [position for position, tour in enumerate(tours) if len(tour)]
    tours = [np.ascontiguousarray(tours[position], np.int32) for position in used]
    kinds = kinds[used]
    served = np.zeros(problem.rows, bool)
    served[: problem.depots] = True
    distance = 0.0
    cost = 0.0
    for tour, kind in zip(tours, kinds, strict=True):
        served[tour] = True
        vehicle = problem.vehicles[kind]
        length = tour_distance(problem, tour, vehicle)
        distance += length
        if problem.objective == "cost":
            cost += vehicle.fixed + vehicle.per_distance * length
        else:
            cost += length
    unserved = np.flatnonzero(~served).astype(np.int32)
    prices = problem.price[unserved]
    cost += float(prices[np.isfinite(prices)].sum())
    missing = int((~np.isfinite(prices)).sum())
    return Plan(tours, kinds, unserved, cost, distance, missing, iterations, notes)


def rank(problem: Problem, plan: Plan) -> tuple[int, int, float]:
    """Plans by what they leave out that must be served, by tours if these come first, by cost."""
    tours = len(plan.tours) if problem.objective == "vehicles" else 0
    return plan.missing, tours, plan.cost


def better(problem: Problem, one: Plan, other: Plan) -> bool:
    """Whether plan `one` is better than the other by more than the last bits."""
    missing, tours, cost = rank(problem, other)
    return rank(problem, one) < (missing, tours, cost - 1e-9)


def tour_distance(problem: Problem, tour: np.ndarray, vehicle: Vehicle) -> float:
    """Length of one tour from its start to its end."""
    stations = [np.array([vehicle.start]), tour]
    if vehicle.end is not None:
        stations.append(np.array([vehicle.end]))
    way = np.concatenate(stations)
    return float(leg_distances(problem, way[:-1], way[1:]).sum())


def local_leg(problem: Problem, plan: Plan) -> float:
    """Mean distance between two stops that follow each other, without ways from and to depots."""
    way = np.concatenate(plan.tours) if plan.tours else np.zeros(0, np.int32)
    tour = np.repeat(np.arange(len(plan.tours)), [len(tour) for tour in plan.tours])
    inside = tour[1:] == tour[:-1]
    if not inside.any():
        return plan.distance / max(1, problem.stops + len(plan.tours))
    return float(leg_distances(problem, way[:-1][inside], way[1:][inside]).mean())


def leg_distances(problem: Problem, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distances between pairs of rows, rounded as the problem says."""
    if problem.distances is not None:
        return problem.distances[start, end]
    step = problem.xy[start] - problem.xy[end]
    length = np.sqrt(step[..., 0] * step[..., 0] + step[..., 1] * step[..., 1])
    if problem.rounding == "nearest":
        return np.floor(length + 0.5)
    if problem.rounding == "dimacs":
        return np.floor(10.0 * length) / 10.0
    return length
