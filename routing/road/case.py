"""An instance as the judge reads it.  Nothing here is shared with the solver's readers."""

from __future__ import annotations

import csv
import math
import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

EARTH_METRES = 6_371_008.8


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
        length = (Decimal(across) ** 2 + Decimal(up) ** 2).sqrt()
        if self.rounding == "nearest":
            return float(math.floor(length + Decimal("0.5")))
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


def lines_of(path: Path) -> list[str]:
    """The file's lines without blanks around them."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CheckError(f"{path}: {error.strerror}; name a file that can be read") from error
    return [line.strip() for line in text.splitlines()]


def read_case(
    path: Path, depot: tuple[float, float] | None = None, capacity: int | None = None
) -> Case:
    """Read an instance in any of the formats; a table of stops needs a depot and a capacity."""
    try:
        if path.suffix in (".csv", ".parquet"):
            if depot is None or capacity is None:
                raise CheckError(f"{path}: a table has neither depot nor vehicles; name both")
            names = ("lat", "lon") if "lat" in _stop_rows(path)[0] else ("x", "y")
            entry: dict[str, Any] = {"id": "depot", **dict(zip(names, depot, strict=True))}
            van = {"capacity": capacity}
            return _described_case(path, {"stops": path.name, "depots": [entry], "vehicles": [van]})
        lines = [line for line in lines_of(path) if line]
        if path.suffix == ".toml":
            return _described_case(path, tomllib.loads("\n".join(lines)))
        if any(line.replace(" ", "").startswith("DIMENSION") for line in lines[:12]):
            return _keyword_case(lines)
        if any(line.upper().startswith("CUST") for line in lines[:12]):
            start = next(k for k, line in enumerate(lines) if line.upper().startswith("CUST NO"))
            head = next(k for k, line in enumerate(lines) if line.upper().startswith("NUMBER"))
            return _plain_case(lines[start + 1 :], *map(int, lines[head + 1].split()))
        return _plain_case(lines[1:], *map(int, lines[0].split()[:2]))
    except (ValueError, ArithmeticError, LookupError, TypeError, StopIteration) as error:
        if isinstance(error, CheckError):
            raise
        raise CheckError(f"{path}: cannot be read ({error}); compare it with its format") from None


def _whole(word: Any) -> int:
    """A whole number, written with or without a point; nothing is cut off."""
    number = float(word)
    if not number.is_integer():
        raise ValueError(f"{word} is not a whole number")
    return int(number)


def _plain_case(rows: list[str], vehicles: int, capacity: int) -> Case:
    """Solomon, Homberger, Li and Lim."""
    table = [[float(word) for word in row.split()] for row in rows]
    return Case(
        points=[(row[1], row[2]) for row in table],
        demand=[[_whole(row[3])] for row in table],
        ready=[row[4] for row in table],
        due=[row[5] for row in table],
        service=[row[6] for row in table],
        pickup_of={int(row[0]): int(row[7]) for row in table if len(row) == 9 and row[7] > 0},
        wagons=[Wagon([capacity], vehicles)],
        objective="vehicles",
    )


def _keyword_case(lines: list[str]) -> Case:
    """CVRPLIB."""
    head: dict[str, str] = {}
    bodies: dict[str, list[str]] = {}
    body: list[str] | None = None
    for line in lines:
        if re.fullmatch(r"[A-Z_]+_SECTION\s*:?", line):
            body = bodies.setdefault(line.rstrip(" :"), [])
        elif line == "EOF":
            break
        elif body is None:
            key, _, value = line.partition(":")
            head[key.strip()] = value.strip()
        else:
            body.append(line)
    nodes = int(head["DIMENSION"])
    case = Case(demand=[[_whole(line.split()[1])] for line in bodies["DEMAND_SECTION"]])
    case.service = [float(head.get("SERVICE_TIME", 0))] * nodes
    for line in bodies.get("SERVICE_TIME_SECTION", []):
        case.service[int(line.split()[0]) - 1] = float(line.split()[1])
    for line in bodies.get("TIME_WINDOW_SECTION", []):
        node, ready, due = line.split()
        case.ready[int(node) - 1], case.due[int(node) - 1] = float(ready), float(due)
    case.wagons = [
        Wagon(
            [_whole(head["CAPACITY"])],
            int(head["VEHICLES"]) if "VEHICLES" in head else None,
            longest=float(head.get("DISTANCE", math.inf)),
        )
    ]
    if head["EDGE_WEIGHT_TYPE"] == "EXPLICIT":
        numbers = [float(word) for line in bodies["EDGE_WEIGHT_SECTION"] for word in line.split()]
        case.matrix = _square(numbers, nodes, head["EDGE_WEIGHT_FORMAT"])
        case.rounding = "matrix"
    else:
        words = (line.split() for line in bodies["NODE_COORD_SECTION"])
        case.points = [(float(x), float(y)) for _, x, y in words]
        case.rounding = "dimacs" if "TIME_WINDOW_SECTION" in bodies else "nearest"
    return case


def _square(numbers: list[float], nodes: int, form: str) -> list[list[float]]:
    if form == "FULL_MATRIX":
        return [numbers[row * nodes : (row + 1) * nodes] for row in range(nodes)]
    out = [[0.0] * nodes for _ in range(nodes)]
    source = iter(numbers)
    for row in range(nodes):
        for column in range(row + (form == "LOWER_DIAG_ROW")):
            out[row][column] = out[column][row] = next(source)
    return out


def _described_case(path: Path, head: dict[str, Any]) -> Case:
    """Depots and vehicles from TOML, stops from the table that it names."""
    depots = head["depots"]
    stops = _stop_rows(path.parent / head["stops"])
    columns = [name for name in stops[0] if name.startswith("demand")] if stops else ["demand"]
    columns.sort(key=lambda name: (len(name), name))  # the tenth dimension after the ninth
    base = {str(depot["id"]): row for row, depot in enumerate(depots)}
    number = {str(stop["id"]): row for row, stop in enumerate(stops, len(depots))}
    words = sorted({w for s in stops for w in str(s.get("skills") or "").split()})
    words += sorted({w for v in head["vehicles"] for w in v.get("skills", [])} - set(words))
    bit = {word: 1 << k for k, word in enumerate(words)}
    rows = [*depots, *stops]

    def column(name: str, default: float) -> list[float]:
        return [default if (v := row.get(name)) in (None, "") else float(v) for row in rows]

    case = Case(
        demand=[[0] * len(columns) for _ in depots]
        + [[_whole(stop[name] or 0) for name in columns] for stop in stops],
        ready=column("ready", 0.0),
        due=column("due", math.inf),
        service=column("service", 0.0),
        price=column("price", math.inf),
        skills=[sum(bit[word] for word in str(row.get("skills") or "").split()) for row in rows],
        depots=len(depots),
        pace=float(head.get("pace", 1.0)),
        rounding=head.get("rounding", "exact"),
        objective=head.get("objective", "distance"),
    )
    if "lat" in rows[0]:
        middle = sum(float(depot["lat"]) for depot in depots) / len(depots)
        east = EARTH_METRES * math.cos(math.radians(middle))
        case.points = [
            (east * math.radians(float(r["lon"])), EARTH_METRES * math.radians(float(r["lat"])))
            for r in rows
        ]
    else:
        case.points = [(float(row["x"]), float(row["y"])) for row in rows]
    for stop in stops:
        if stop.get("pickup"):
            case.pickup_of[number[str(stop["id"])]] = number[str(stop["pickup"])]
    kinds = {}
    for k, v in enumerate(head["vehicles"]):
        kinds[v.get("name", str(k))] = k
        end = v.get("end", v.get("start", depots[0]["id"]))
        rest = v.get("break")
        sizes = v["capacity"] if isinstance(v["capacity"], list) else [v["capacity"]]
        case.wagons.append(
            Wagon(
                sizes, v.get("count"), base[str(v.get("start", depots[0]["id"]))],
                None if end == "anywhere" else base[str(end)],
                v.get("fixed", 0.0), v.get("per_distance", 1.0),
                v.get("earliest", 0.0), v.get("latest", math.inf),
                v.get("max_distance", math.inf), v.get("max_duration", math.inf),
                sum(bit[word] for word in v.get("skills", [])),
                rest and (rest["earliest"], rest["latest"], rest["duration"]),
            )
        )  # fmt: skip
    for lock in head.get("locks", []):
        case.locks.append((kinds[lock["vehicle"]], [number[str(s)] for s in lock["stops"]]))
    return case


def _stop_rows(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        from pyarrow import parquet

        return list(parquet.read_table(path).to_pylist())
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise CheckError(f"{path}: {error.strerror}; name a file that can be read") from error
