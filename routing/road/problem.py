"""The problem: stops, vehicles and travel as arrays.

Rows 0..depots-1 are depots, the rows after them are stops.  Every solver, reader and writer speaks
in these rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np

from routing.road.columns import shorten, take_arrays
from routing.road.given import LARGEST as LARGEST
from routing.road.given import ProblemError as ProblemError
from routing.road.given import numbers, take_floats, whole_numbers

ROUNDINGS = ("exact", "nearest", "dimacs", "matrix")
OBJECTIVES = ("distance", "vehicles", "cost")


@dataclass(frozen=True)
class Break:
    """A rest that starts within [`earliest`, `latest`] and lasts `duration`.

    It is taken between two stops, before the tour starts or after it has ended.
    """

    earliest: float
    latest: float
    duration: float

    def __post_init__(self) -> None:
        take_floats(self, "break", ("earliest", "latest", "duration"))


_FLOATS = ("fixed", "per_distance", "earliest", "latest", "max_duration", "max_distance")


@dataclass(frozen=True)
class Vehicle:
    """A type of vehicle.

    `capacity` has one number a dimension of the demand; `count` None means as many as needed;
    `start` and `end` are depot rows, `end` None means that the tour ends at its last stop;
    `earliest` and `latest` bound the shift; `skills` is a bit mask.
    """

    capacity: tuple[int, ...]
    count: int | None = None
    start: int = 0
    end: int | None = 0
    fixed: float = 0.0
    per_distance: float = 1.0
    earliest: float = 0.0
    latest: float = math.inf
    max_duration: float = math.inf
    max_distance: float = math.inf
    skills: int = 0
    rest: Break | None = None

    def __post_init__(self) -> None:
        if isinstance(self.capacity, Real | str):
            raise ProblemError(
                f"vehicle: capacity is {self.capacity!r}; give a tuple, one number a dimension: "
                f"({self.capacity},)"
            )
        sizes = numbers("vehicle: capacity", self.capacity).tolist()
        whole = tuple(
            int(size) if math.isfinite(size) and size % 1 == 0 else size for size in sizes
        )
        object.__setattr__(self, "capacity", whole)
        take_floats(self, "vehicle", _FLOATS)
        for name in ("count", "start", "end", "skills"):
            if isinstance(value := getattr(self, name), np.integer):
                object.__setattr__(self, name, int(value))


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be planned.  All arrays have one row a depot or stop, depots first.

    Times and durations share one unit; `pace` turns a distance into a duration where there is
    no `durations` matrix.  A stop with a finite `price` may be left out at that price.  `partner`
    names the other row of a pickup-and-delivery pair (-1: none); a pickup has the positive demand.
    `locks` are beginnings of tours under way: a vehicle type and an array of stop rows each.
    `ids` are what the user calls the rows; without them stops count from 1, as in a `.sol` file.
    `skill_names` are what the user calls the bits of skills, the lowest first.
    With `degrees` the user's places were latitudes and longitudes, and `xy` are metres.
    """

    name: str
    depots: int
    xy: np.ndarray  # float64[rows, 2]; of use for pictures only where `rounding` is "matrix"
    demand: np.ndarray  # int64[rows, dimensions]
    vehicles: tuple[Vehicle, ...]
    rounding: str = "exact"
    objective: str = "distance"
    ready: np.ndarray = None  # type: ignore[assignment]  # float64[rows]
    due: np.ndarray = None  # type: ignore[assignment]
    service: np.ndarray = None  # type: ignore[assignment]
    price: np.ndarray = None  # type: ignore[assignment]
    skills: np.ndarray = None  # type: ignore[assignment]  # int64[rows]
    partner: np.ndarray = None  # type: ignore[assignment]  # int32[rows]
    distances: np.ndarray | None = None  # float64[rows, rows], where `rounding` is "matrix"
    durations: np.ndarray | None = None  # float64[rows, rows], else pace * distance
    pace: float = 1.0
    locks: tuple[tuple[int, np.ndarray], ...] = ()
    ids: tuple[str, ...] = ()
    degrees: bool = False
    skill_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.demand)
        missing: dict[str, np.ndarray] = {}
        if self.ready is None:
            missing["ready"] = np.zeros(rows)
        if self.due is None:
            missing["due"] = np.full(rows, math.inf)
        if self.service is None:
            missing["service"] = np.zeros(rows)
        if self.price is None:
            missing["price"] = np.full(rows, math.inf)
        if self.skills is None:
            missing["skills"] = np.zeros(rows, np.int64)
        if self.partner is None:
            missing["partner"] = np.full(rows, -1, np.int32)
        for name, column in missing.items():
            object.__setattr__(self, name, column)
        from routing.road.problem_rules import validate

        take_arrays(self)
        validate(self)
        shorten(self)

    @property
    def rows(self) -> int:
        """Depots and stops."""
        return len(self.demand)

    @property
    def stops(self) -> int:
        """Stops alone."""
        return len(self.demand) - self.depots

    def label(self, row: int) -> str | int:
        """What a stop is called: its id, or its number where it has none (1: the first stop)."""
        return self.ids[row] if self.ids else int(row) - self.depots + 1

    def place(self, row: int) -> str:
        """A depot or stop in words."""
        if row < self.depots:
            return f"depot {self.ids[row]!r}" if self.ids else f"depot {row + 1}"
        return f"stop {self.label(row)!r}"

    def skill_words(self, mask: int) -> str:
        """Skills of a bit mask in words."""
        names = [
            repr(self.skill_names[bit]) if bit < len(self.skill_names) else f"of bit {bit}"
            for bit in range(mask.bit_length())
            if mask >> bit & 1
        ]
        return f"the skill{'s' if len(names) > 1 else ''} {', '.join(names)}"

    @property
    def timed(self) -> bool:
        """Whether any window, shift or rest bounds the time of a visit."""
        return bool(
            np.isfinite(self.due).any()
            or (self.ready > 0).any()
            or any(
                math.isfinite(v.latest) or math.isfinite(v.max_duration) or v.rest
                for v in self.vehicles
            )
        )

    @classmethod
    def from_coordinates(
        cls,
        xy: Any,
        demand: Any,
        capacity: int | tuple[int, ...],
        *,
        rounding: str = "exact",
        objective: str = "distance",
        vehicles: int | None = None,
        depots: int = 1,
        name: str = "problem",
        **columns: Any,
    ) -> Problem:
        """A problem in the plane, with one type of vehicle that starts and ends at row 0.

        Parameters
        ----------
        xy
            float64[rows, 2], depot first.
        demand
            int64[rows] or int64[rows, dimensions]; that of a depot is 0.
        capacity
            One number, or one a dimension.
        rounding
            Of a distance: "nearest" (CVRPLIB's EUC_2D), "dimacs" (cut to one decimal) or "exact".
        vehicles
            How many there are; None: as many as needed.

        Raises
        ------
        ProblemError
            In one line, where the data contradicts itself.
        """
        fleet = (Vehicle(_sizes(capacity), vehicles),)
        return cls(
            name=name,
            depots=depots,
            xy=xy,
            demand=_two_dimensional(demand),
            vehicles=fleet,
            rounding=rounding,
            objective=objective,
            **columns,
        )

    @classmethod
    def from_matrices(
        cls,
        distances: Any,
        demand: Any,
        capacity: int | tuple[int, ...],
        *,
        durations: Any = None,
        xy: Any = None,
        objective: str = "distance",
        vehicles: int | None = None,
        depots: int = 1,
        name: str = "problem",
        **columns: Any,
    ) -> Problem:
        """A problem with a matrix of distances (row = from), and one of durations if given."""
        table = numbers(f"{name}: distances", distances)
        return cls(
            name=name,
            depots=depots,
            xy=np.zeros((len(table), 2)) if xy is None else xy,
            demand=_two_dimensional(demand),
            vehicles=(Vehicle(_sizes(capacity), vehicles),),
            rounding="matrix",
            objective=objective,
            distances=table,
            durations=durations,
            **columns,
        )

    @classmethod
    def from_graph(
        cls,
        graph: Any,
        nodes: list[Any],
        demand: Any,
        capacity: int | tuple[int, ...],
        *,
        distance: str = "distance",
        duration: str | None = None,
        **more: Any,
    ) -> Problem:
        """A problem on a networkx road graph: `nodes` names the graph's node of each row.

        `distance` and `duration` name attributes that each edge has; each is its own shortest
        path, and a way must lead from each node to each other.
        """
        import networkx

        def table(weight: str) -> np.ndarray:
            _check_edges(graph, weight)
            out = np.full((len(nodes), len(nodes)), math.inf)
            for node in nodes:
                if node not in graph:
                    raise ProblemError(f"graph: node {node!r} is not in it; add it or drop it")
            rows_of: dict[Any, list[int]] = {}
            for row, node in enumerate(nodes):
                rows_of.setdefault(node, []).append(row)
            for row, node in enumerate(nodes):
                lengths = networkx.single_source_dijkstra_path_length(graph, node, weight=weight)
                for target, rows in rows_of.items():
                    out[row, rows] = lengths.get(target, math.inf)
            return out

        durations = None if duration is None else table(duration)
        return cls.from_matrices(table(distance), demand, capacity, durations=durations, **more)

    def part(self, rows: np.ndarray, vehicles: tuple[Vehicle, ...]) -> Problem:
        """The same problem on some of its stops (`rows`: ascending, without the depots)."""
        keep = np.concatenate([np.arange(self.depots), rows])
        partner = self.partner[keep]
        where = np.full(self.rows + 1, -1, np.int32)
        where[keep] = np.arange(len(keep))
        return replace(
            self,
            xy=self.xy[keep],
            demand=self.demand[keep],
            vehicles=vehicles,
            ready=self.ready[keep],
            due=self.due[keep],
            service=self.service[keep],
            price=self.price[keep],
            skills=self.skills[keep],
            partner=np.where(partner >= 0, where[partner], -1).astype(np.int32),
            distances=None if self.distances is None else self.distances[np.ix_(keep, keep)],
            durations=None if self.durations is None else self.durations[np.ix_(keep, keep)],
            locks=tuple(
                (kind, where[stops]) for kind, stops in self.locks if (where[stops] >= 0).all()
            ),
            ids=tuple(self.ids[row] for row in keep.tolist()) if self.ids else (),
        )


def _check_edges(graph: Any, weight: str) -> None:
    """Refuse an edge without a length, which networkx would count as 1 or pass over."""
    for start, end, value in graph.edges(data=weight):
        where = f"graph: edge {start!r} -> {end!r}"
        if value is None:
            raise ProblemError(
                f"{where} has no {weight!r}; add it, or name another attribute (distance=, "
                "duration=)"
            )
        if not (isinstance(value, Real) and 0 <= float(value) <= LARGEST):
            raise ProblemError(
                f"{where}: {weight} is {value!r}; give a number from 0 to {LARGEST:g}"
            )


def _sizes(capacity: Any) -> tuple[int, ...]:
    return tuple(whole_numbers(numbers("capacity", capacity), lambda _: "capacity").tolist())


def _two_dimensional(demand: Any) -> np.ndarray:
    table = numbers("demand", demand)
    width = 1 if table.ndim == 1 else table.shape[1]
    table = whole_numbers(table, lambda at: f"demand of row {at // width}")
    return table[:, None] if table.ndim == 1 else table
