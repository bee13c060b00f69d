"""The judge of tours: reads instance and answer anew and recomputes everything.

It shares no reader, distance or rounding with the solver.  Tolerance: 1e-4 of a unit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path

TOLERANCE = 1e-4


class CheckError(ValueError):
    """A file that the judge cannot read: one line."""


@dataclass
class Case:
    """An instance as the judge reads it: lists by node, the depot is node 0."""

    points: list[tuple[float, float]] = field(default_factory=list)
    demand: list[int] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    due: list[float] = field(default_factory=list)
    service: list[float] = field(default_factory=list)
    matrix: list[list[float]] | None = None
    pickup_of: dict[int, int] = field(default_factory=dict)  # delivery -> pickup
    capacity: int = 0
    vehicles: int | None = None
    longest: float = math.inf
    cut: bool = False  # to one decimal
    whole: bool = False  # to the nearest whole number

    def distance(self, a: int, b: int) -> float:
        """Length of the way from node a to node b."""
        if self.matrix is not None:
            return self.matrix[a][b]
        (ax, ay), (bx, by) = self.points[a], self.points[b]
        length = math.hypot(ax - bx, ay - by)
        if self.whole:
            return float(int(length + 0.5))
        if self.cut:
            return float(Decimal(length).quantize(Decimal("0.1"), ROUND_FLOOR))
        return length


@dataclass
class Verdict:
    """What the judge found."""

    cost: float
    routes: int
    violations: list[dict[str, str]]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations


def check(instance: Path, solution: Path, rounding: str | None = None) -> Verdict:
    """Judge a solution file against an instance file.

    `rounding` overrides the format's convention, as in `routing solve`.
    """
    case = read_case(instance)
    if rounding is not None:
        case.whole, case.cut = rounding == "nearest", rounding == "dimacs"
    routes, claimed, left_out = read_routes(solution)
    return judge(case, routes, claimed, left_out)


def judge(
    case: Case, routes: list[list[int]], claimed: float | None = None, left_out: int = 0
) -> Verdict:
    """Judge routes (node numbers; the first stop is 1)."""
    faults: list[dict[str, str]] = []

    def fault(what: str, where: str, detail: str) -> None:
        faults.append({"what": what, "where": where, "detail": detail})

    nodes = len(case.demand)
    seen: dict[int, int] = {}
    cost = 0.0
    for number, route in enumerate(routes, 1):
        where = f"route {number}"
        bad = [stop for stop in route if not 1 <= stop < nodes]
        if bad:
            fault("unknown stop", where, f"{bad[0]} is not within 1..{nodes - 1}")
            continue
        for stop in route:
            if stop in seen:
                fault("visited twice", where, f"stop {stop} is also in route {seen[stop]}")
            seen[stop] = number
        cost += _judge_route(case, route, where, fault)
    for stop in range(1, nodes):
        if stop not in seen:
            fault("not visited", "plan", f"stop {stop} is in no route")
    if case.vehicles is not None and len(routes) > case.vehicles:
        fault("too many vehicles", "plan", f"{len(routes)} routes, {case.vehicles} vehicles")
    if claimed is not None and abs(claimed - cost) > TOLERANCE * max(1.0, abs(cost) * 1e-3):
        fault("cost", "plan", f"the file says {claimed:.10g}, the routes cost {cost:.10g}")
    return Verdict(cost, len(routes), faults)


def _judge_route(case: Case, route: list[int], where: str, fault: object) -> float:
    assert callable(fault)
    cost = 0.0
    load = sum(case.demand[stop] for stop in route if case.demand[stop] > 0)
    if case.pickup_of:
        load = 0
    elif load > case.capacity:
        fault("capacity", where, f"load {load}, capacity {case.capacity}")
    clock = case.ready[0]
    at = 0
    for stop in [*route, 0]:
        way = case.distance(at, stop)
        cost += way
        clock = max(clock + case.service[at] + way, case.ready[stop])
        if clock > case.due[stop] + TOLERANCE:
            fault("late", where, f"stop {stop} at {clock:.6g}, window ends {case.due[stop]:.6g}")
            clock = case.due[stop]
        if case.pickup_of and stop:
            load += case.demand[stop]
            if load > case.capacity:
                fault("capacity", where, f"load {load} after stop {stop}, capacity {case.capacity}")
        at = stop
    if cost > case.longest + TOLERANCE:
        fault("too long", where, f"length {cost:.6g}, limit {case.longest:.6g}")
    place = {stop: position for position, stop in enumerate(route)}
    for stop in route:
        pickup = case.pickup_of.get(stop)
        if pickup is not None and place.get(pickup, math.inf) > place[stop]:
            fault("pair", where, f"delivery {stop} without its pickup {pickup} before it")
    for delivery, pickup in case.pickup_of.items():
        if pickup in place and delivery not in place:
            fault("pair", where, f"pickup {pickup} without its delivery {delivery}")
    return cost


def read_routes(path: Path) -> tuple[list[list[int]], float | None, int]:
    """Routes, claimed cost and count of stops left out of a solution file."""
    routes: list[list[int]] = []
    cost = None
    left_out = 0
    for number, line in enumerate(_lines(path), 1):
        name, colon, rest = line.partition(":")
        try:
            if colon and name.lower().startswith("route"):
                routes.append([int(word) for word in rest.split()])
            elif colon and name.lower().startswith("unserved"):
                left_out = len(rest.split())
            elif line.lower().startswith("cost"):
                cost = float(line.split()[1])
        except (ValueError, IndexError):
            raise CheckError(f"{path}: line {number} is {line!r}; give whole numbers") from None
    return [route for route in routes if route], cost, left_out


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CheckError(f"{path}: {error.strerror}; name a file that can be read") from error
    return [line.strip() for line in text.splitlines()]


def read_case(path: Path) -> Case:
    """Read an instance in any of the formats."""
    lines = [line for line in _lines(path) if line]
    try:
        if any(line.replace(" ", "").startswith("DIMENSION") for line in lines[:12]):
            return _keyword_case(lines)
        if any(line.upper().startswith("CUST") for line in lines[:12]):
            start = next(k for k, line in enumerate(lines) if line.upper().startswith("CUST NO"))
            head = next(k for k, line in enumerate(lines) if line.upper().startswith("NUMBER"))
            vehicles, capacity = lines[head + 1].split()
            return _plain_case(lines[start + 1 :], int(vehicles), int(capacity))
        vehicles, capacity, _ = lines[0].split()
        return _plain_case(lines[1:], int(vehicles), int(capacity))
    except (ValueError, IndexError, StopIteration) as error:
        raise CheckError(f"{path}: cannot be read ({error}); compare it with its format") from None


def _plain_case(rows: list[str], vehicles: int, capacity: int) -> Case:
    case = Case(capacity=capacity, vehicles=vehicles)
    for row in rows:
        words = row.split()
        case.points.append((float(words[1]), float(words[2])))
        case.demand.append(int(float(words[3])))
        case.ready.append(float(words[4]))
        case.due.append(float(words[5]))
        case.service.append(float(words[6]))
        if len(words) == 9 and int(words[7]) > 0:
            case.pickup_of[int(words[0])] = int(words[7])
    return case


def _keyword_case(lines: list[str]) -> Case:
    case = Case()
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
    case.capacity = int(float(head["CAPACITY"]))
    case.vehicles = int(head["VEHICLES"]) if "VEHICLES" in head else None
    case.longest = float(head.get("DISTANCE", math.inf))
    case.demand = [int(float(line.split()[1])) for line in bodies["DEMAND_SECTION"]]
    case.ready, case.due = [0.0] * nodes, [math.inf] * nodes
    case.service = [float(head.get("SERVICE_TIME", 0))] * nodes
    case.service[0] = 0.0
    for line in bodies.get("SERVICE_TIME_SECTION", []):
        case.service[int(line.split()[0]) - 1] = float(line.split()[1])
    for line in bodies.get("TIME_WINDOW_SECTION", []):
        node, ready, due = line.split()
        case.ready[int(node) - 1], case.due[int(node) - 1] = float(ready), float(due)
    if head["EDGE_WEIGHT_TYPE"] == "EXPLICIT":
        numbers = [float(word) for line in bodies["EDGE_WEIGHT_SECTION"] for word in line.split()]
        case.matrix = _square(numbers, nodes, head["EDGE_WEIGHT_FORMAT"])
    else:
        case.points = [
            (float(line.split()[1]), float(line.split()[2]))
            for line in bodies["NODE_COORD_SECTION"]
        ]
        case.cut = "TIME_WINDOW_SECTION" in bodies
        case.whole = not case.cut
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
