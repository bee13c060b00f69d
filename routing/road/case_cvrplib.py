"""CVRPLIB files as the judge reads them."""

from __future__ import annotations

import math
import re
from typing import Any

from routing.road.case import Case, Wagon, bound, finite, whole

SECTION = re.compile(r"([A-Z_]+_SECTION)\s*:?", re.IGNORECASE)
# what a file may say; backhauls, prizes and the like would be rules that nobody judges
KNOWN = {
    "NODE_COORD", "EDGE_WEIGHT", "DEMAND", "DEPOT", "TIME_WINDOW", "SERVICE_TIME", "DISPLAY_DATA",
}  # fmt: skip
TYPES = {"CVRP", "VRP", "ACVRP", "DCVRP", "ADCVRP", "CVRPTW", "VRPTW"}


def cvrplib_case(text: str) -> Case:
    """The case that the text of a CVRPLIB file states."""
    head, bodies, ended = _parts(text)
    if head.get("TYPE", "CVRP").upper() not in TYPES:
        raise ValueError(f"TYPE is {head['TYPE']!r}; read are {', '.join(sorted(TYPES))}")
    nodes = whole(_of(head, "DIMENSION"))
    case = Case(demand=[[whole(row[1])] for row in _rows(bodies, "DEMAND_SECTION", nodes, 2)])
    if any(case.demand[0]):
        raise ValueError(f"the depot has the demand {case.demand[0][0]}")
    if "SERVICE_TIME_SECTION" in bodies:
        rows = _rows(bodies, "SERVICE_TIME_SECTION", nodes, 2)
        case.service = [finite(row[1]) for row in rows]
    elif "SERVICE_TIME" in head:
        case.service = [0.0] + [finite(head["SERVICE_TIME"])] * (nodes - 1)
    if "TIME_WINDOW_SECTION" in bodies:
        rows = _rows(bodies, "TIME_WINDOW_SECTION", nodes, 3)
        case.ready = [finite(row[1]) for row in rows]
        case.due = [bound(row[2]) for row in rows]
    if "DEPOT_SECTION" in bodies:
        depots = [finite(word) for word in bodies["DEPOT_SECTION"]]
        if not depots or depots[0] != 1 or max(depots) > 1:
            raise ValueError(f"DEPOT_SECTION is {depots}; the depot must be node 1")
        ended = ended or (list(bodies)[-1] == "DEPOT_SECTION" and depots[-1] == -1)
    if head.get("TYPE", "").upper().endswith("TW") and "TIME_WINDOW_SECTION" not in bodies:
        raise ValueError(f"TIME_WINDOW_SECTION is missing, with the TYPE {head['TYPE']!r}")
    if not ended:
        raise ValueError("neither EOF nor a DEPOT_SECTION with its -1 ends the file")
    wagon = Wagon([whole(_of(head, "CAPACITY"))])
    if "VEHICLES" in head:
        wagon.count = whole(head["VEHICLES"])
    limit = bound(head.get("DISTANCE", math.inf))
    if any(case.service[1:]):
        wagon.longest_time = limit  # driving and visits share the limit, as in LKH-3
    else:
        wagon.longest = limit
    case.wagons = [wagon]
    kind = _of(head, "EDGE_WEIGHT_TYPE").upper()
    if kind == "EXPLICIT":
        words = _of(bodies, "EDGE_WEIGHT_SECTION")
        case.matrix = _square(words, nodes, _of(head, "EDGE_WEIGHT_FORMAT").upper())
        case.rounding = "matrix"
    elif kind == "EUC_2D":
        rows = _rows(bodies, "NODE_COORD_SECTION", nodes, 3)
        case.points = [(finite(row[1]), finite(row[2])) for row in rows]
        case.rounding = "dimacs" if "TIME_WINDOW_SECTION" in bodies else "nearest"
    else:
        raise ValueError(f"EDGE_WEIGHT_TYPE is {kind!r}; EUC_2D and EXPLICIT are read")
    return case


def _parts(text: str) -> tuple[dict[str, str], dict[str, list[str]], bool]:
    """Keys of the head, the words of each section up to EOF, and whether there is one."""
    head: dict[str, str] = {}
    bodies: dict[str, list[str]] = {}
    body: list[str] | None = None
    for line in map(str.strip, text.splitlines()):
        if match := SECTION.fullmatch(line):
            name = match[1].upper()
            if name in bodies:
                raise ValueError(f"{name} stands twice")
            if name.removesuffix("_SECTION") not in KNOWN:
                raise ValueError(f"{name} is not read")
            body = bodies[name] = []
        elif body is None:
            key, _, value = line.partition(":")
            head[key.strip().upper()] = value.strip()
        else:
            body += line.split()
            if body and body[-1].upper() == "EOF":
                body.pop()
                return head, bodies, True
    return head, bodies, False


def _of(parts: dict[str, Any], name: str) -> Any:
    if name not in parts:
        raise ValueError(f"{name} is missing")
    return parts[name]


def _rows(bodies: dict[str, list[str]], name: str, nodes: int, width: int) -> list[list[str]]:
    """The words of a section by node, however its lines are broken."""
    words = _of(bodies, name)
    if len(words) != nodes * width:
        raise ValueError(f"{name} has {len(words)} numbers, {nodes} nodes need {nodes * width}")
    rows = [words[at : at + width] for at in range(0, len(words), width)]
    for number, row in enumerate(rows, 1):
        if finite(row[0]) != number:
            raise ValueError(f"{name} names node {row[0]} where {number} is due")
    return rows


def _square(words: list[str], nodes: int, form: str) -> list[list[float]]:
    diagonal = form.endswith("_DIAG_ROW")
    if form == "FULL_MATRIX":
        need = nodes * nodes
    elif form in ("LOWER_ROW", "LOWER_DIAG_ROW", "UPPER_ROW", "UPPER_DIAG_ROW"):
        need = nodes * (nodes + 1 if diagonal else nodes - 1) // 2
    else:
        raise ValueError(f"EDGE_WEIGHT_FORMAT is {form!r}")
    if len(words) != need:
        raise ValueError(
            f"EDGE_WEIGHT_SECTION has {len(words)} numbers, {nodes} nodes need {need} in {form}"
        )
    numbers = [finite(word) for word in words]
    if form == "FULL_MATRIX":
        return [numbers[row * nodes : (row + 1) * nodes] for row in range(nodes)]
    out = [[0.0] * nodes for _ in range(nodes)]
    source = iter(numbers)
    for row in range(nodes):
        upper = range(row + 1 - diagonal, nodes)
        for column in upper if form.startswith("UPPER") else range(row + diagonal):
            out[row][column] = out[column][row] = next(source)
    return out
