"""A problem in whole numbers, for solvers that count in them.

Lengths are cut and durations rounded up, so that what is feasible in whole numbers is feasible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from routing.road.plan import leg_distances
from routing.road.problem import Problem, Vehicle

SCALES = {"nearest": 1, "dimacs": 10, "exact": 1000, "matrix": 1000}
FOREVER = 2**40  # of distances and durations: 6,000 of them times 1,000 still fit in 64 bits
NEVER = 2**50  # of moments, which are not added up: seconds since 1970 times 1,000 are below it


@dataclass(frozen=True, eq=False)
class Whole:
    """Numbers of a problem times `scale`; prices are times `scale * rate`."""

    scale: int
    rate: int  # 10, 100 or 1000 where prices a distance have decimals, else 1
    distances: np.ndarray  # int64[rows, rows], cut
    durations: np.ndarray  # int64[rows, rows], rounded up
    ready: np.ndarray  # int64[rows], rounded up, but never past `due`
    due: np.ndarray  # int64[rows], cut; `never` where open
    service: np.ndarray  # int64[rows], rounded up
    forever: int = FOREVER
    never: int = NEVER


def whole(problem: Problem) -> Whole:
    """The problem's numbers as whole ones: by its rounding, or to three decimals."""
    p = problem
    scale = SCALES[p.rounding]
    if scale != 1 and p.distances is not None and _integral(p):
        scale = 1
    if scale == 1 and not _integral(p):
        scale = 1000
    every = np.arange(p.rows)
    distances = leg_distances(p, every[:, None], every[None, :])
    durations = p.durations if p.durations is not None else p.pace * distances
    priced = p.objective == "cost"
    rates = [v.per_distance for v in p.vehicles] if priced else [1.0]
    top = float(FOREVER)
    ready, due = _up(p.ready * scale), _cut(np.minimum(p.due * scale, float(NEVER)))
    # A window between two whole moments begins at the one before, and serving takes longer by that.
    early = np.maximum(ready - due, 0)
    return Whole(
        scale=scale,
        rate=_rate(rates),
        distances=_cut(np.minimum(distances * scale, top)),
        durations=_up(np.minimum(durations * scale, top)),
        ready=ready - early,
        due=due,
        service=_up(p.service * scale) + early,
    )


def below_zero(problem: Problem) -> bool:
    """Whether any window, shift or rest begins or ends below 0."""
    moments = [problem.ready.min(), problem.due.min()]
    for vehicle in problem.vehicles:
        moments.append(vehicle.earliest)
        moments += [vehicle.rest.earliest] if vehicle.rest else []
    return min(moments) < 0


def _rate(rates: list[float]) -> int:
    """The least power of ten that makes all prices a distance whole."""
    for power in (1, 10, 100):
        if all(abs(rate * power - round(rate * power)) < 1e-9 for rate in rates):
            return power
    return 1000


def _integral(p: Problem) -> bool:
    """Whether whole units lose nothing."""
    columns = [p.ready, p.due[np.isfinite(p.due)], p.service, p.price[np.isfinite(p.price)]]
    columns += [table for table in (p.distances, p.durations) if table is not None]
    columns.append(np.array([moment for v in p.vehicles for moment in _moments(v)]))
    steady = p.durations is not None or float(p.pace).is_integer()
    return steady and all((column == np.floor(column)).all() for column in columns)


def _moments(vehicle: Vehicle) -> list[float]:
    """When its shift and its rest begin and end, and how long they last, where bounded."""
    rest = vehicle.rest
    moments = [vehicle.earliest, vehicle.latest, vehicle.max_duration]
    moments += [rest.earliest, rest.latest, rest.duration] if rest else []
    return [moment for moment in moments if math.isfinite(moment)]


def _cut(values: np.ndarray) -> np.ndarray:
    return np.floor(values + 1e-6).astype(np.int64)


def _up(values: np.ndarray) -> np.ndarray:
    return np.ceil(values - 1e-6).astype(np.int64)
