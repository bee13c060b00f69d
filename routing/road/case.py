"""An instance as the judge reads it.  Nothing here is shared with the solver's readers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class CheckError(ValueError):
    """A file that the judge cannot read: one line."""


@dataclass
class Wagon:
    """A type of vehicle; `end` None: the tour ends at its last stop."""

    capacity: list[int]
    count: int | None = None
    start: int = 0
    end: int | None = 0
    fixed: float = 0.0
    per_distance: float = 1.0
    earliest: float = 0.0
    latest: float = math.inf
    longest: float = math.inf
    longest_time: float = math.inf
    skills: int = 0
    rest: tuple[float, float, float] | None = None  # earliest and latest start, duration


@dataclass
class Case:
    """An instance: lists by node, depots first."""

    points: list[tuple[float, float]] = field(default_factory=list)
    demand: list[list[int]] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    due: list[float] = field(default_factory=list)
    service: list[float] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    skills: list[int] = field(default_factory=list)
    pickup_of: dict[int, int] = field(default_factory=dict)  # delivery -> pickup
    wagons: list[Wagon] = field(default_factory=list)
    locks: list[tuple[int, list[int]]] = field(default_factory=list)  # wagon, nodes
    depots: int = 1
    matrix: Any = None  # by [from][to]
    times: Any = None
    pace: float = 1.0
    rounding: str = "exact"
    objective: str = "distance"

    def __post_init__(self) -> None:
        nodes = len(self.demand)
        self.demand = [row if isinstance(row, list) else [row] for row in self.demand]
        self.ready = self.ready or [0.0] * nodes
        self.due = self.due or [math.inf] * nodes
        self.service = self.service or [0.0] * nodes
        self.price = self.price or [math.inf] * nodes
        self.skills = self.skills or [0] * nodes

    def distance(self, a: int, b: int) -> float:
        """Length of the way from node a to node b."""
        if self.matrix is not None:
            return float(self.matrix[a][b])
        (ax, ay), (bx, by) = self.points[a], self.points[b]
        if self.rounding == "exact":
            return math.hypot(ax - bx, ay - by)
        across, up = ax - bx, ay - by
        if across.is_integer() and up.is_integer():
            square = int(across) ** 2 + int(up) ** 2
            if self.rounding == "nearest":
                return float((math.isqrt(4 * square) + 1) // 2)
            return math.isqrt(100 * square) / 10
        # Decimals have no exact binary form, so the convention is that of floating point itself.
        length = math.sqrt(across * across + up * up)
        if self.rounding == "nearest":
            return float(math.floor(length + 0.5))
        return math.floor(10 * length) / 10

    def lasts(self, a: int, b: int) -> float:
        """Duration of the way from node a to node b."""
        return self.pace * self.distance(a, b) if self.times is None else float(self.times[a][b])


def case_of(problem: Any) -> Case:
    """The case of a problem in memory: its numbers, none of its methods."""
    deliveries = {}
    for row, other in enumerate(problem.partner.tolist()):
        if other < 0:
            continue
        loads, unloads = max(problem.demand[row]) > 0, max(problem.demand[other]) > 0
        if unloads or (not loads and other < row):
            deliveries[row] = other
    return Case(
        points=[(x, y) for x, y in problem.xy.tolist()],
        demand=problem.demand.tolist(),
        ready=problem.ready.tolist(),
        due=problem.due.tolist(),
        service=problem.service.tolist(),
        price=problem.price.tolist(),
        skills=problem.skills.tolist(),
        pickup_of=deliveries,
        wagons=[
            Wagon(
                capacity=list(v.capacity), count=v.count, start=v.start, end=v.end, fixed=v.fixed,
                per_distance=v.per_distance, earliest=v.earliest, latest=v.latest,
                longest=v.max_distance, longest_time=v.max_duration, skills=v.skills,
                rest=v.rest and (v.rest.earliest, v.rest.latest, v.rest.duration),
            )
            for v in problem.vehicles
        ],
        locks=[(kind, stops.tolist()) for kind, stops in problem.locks],
        depots=problem.depots,
        matrix=problem.distances,
        times=problem.durations,
        pace=problem.pace,
        rounding=problem.rounding,
        objective=problem.objective,
    )  # fmt: skip


def text_of(path: Path, errors: str = "replace") -> str:
    """The file's text without a mark of its byte order."""
    try:
        return path.read_text(encoding="utf-8-sig", errors=errors)
    except OSError as error:
        raise CheckError(f"{path}: {error.strerror}; name a file that can be read") from error


def lines_of(path: Path) -> list[str]:
    """The file's lines without blanks around them."""
    return [line.strip() for line in text_of(path).splitlines()]


def whole(word: Any) -> int:
    """A whole number, written with or without a point; nothing is cut off."""
    number = float(word)
    if not number.is_integer():
        raise ValueError(f"{word} is not a whole number")
    return int(number)


def finite(word: Any) -> float:
    """A number with which one can reckon."""
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word} is no number")
    return number


def bound(word: Any) -> float:
    """A number, or infinity where there is no bound."""
    number = float(word)
    if math.isnan(number):
        raise ValueError(f"{word} is no number")
    return number
