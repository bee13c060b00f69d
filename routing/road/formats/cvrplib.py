"""CVRPLIB files: EUC_2D, or EXPLICIT as half or full matrix; windows if they have them."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np

from routing.road.problem import LARGEST, Problem, ProblemError

_SECTION = re.compile(r"^[ \t]*([A-Z_]+_SECTION)[ \t]*:?[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_END = re.compile(r"\bEOF[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)

_SECTIONS = {
    "NODE_COORD_SECTION", "EDGE_WEIGHT_SECTION", "DEMAND_SECTION", "DEPOT_SECTION",
    "TIME_WINDOW_SECTION", "SERVICE_TIME_SECTION",
    "DISPLAY_DATA_SECTION",  # for pictures only
}  # fmt: skip
# LKH-3 and PyVRP use the format for more, with other rules that a plan would break unnoticed
_TYPES = ("CVRP", "VRP", "ACVRP", "DCVRP", "ADCVRP", "CVRPTW", "VRPTW")
_WINDOWED = ("CVRPTW", "VRPTW")


def parse_cvrplib(
    text: str, path: str, rounding: str | None = None, objective: str | None = None
) -> Problem:
    """The problem that the text of a CVRPLIB file states."""
    first = _SECTION.search(text)
    end = _END.search(text, first.end()) if first else None
    if end is not None:
        text = text[: end.start()]
    marks = list(_SECTION.finditer(text))
    head = _header(text[: marks[0].start()] if marks else text)
    sections: dict[str, _Section] = {}
    for mark, following in zip_longest(marks, marks[1:]):
        name = mark.group(1).upper()
        section = _Section(path, text, mark.end(), following.start() if following else len(text))
        if name not in _SECTIONS:
            raise ProblemError(
                f"{path}: line {section.line(0)}: {name} is not read; state the problem in TOML"
            )
        if name in sections:
            raise ProblemError(
                f"{path}: line {section.line(0)}: {name} stands twice, first in line "
                f"{sections[name].line(0)}; give it once"
            )
        sections[name] = section
    if head.get("TYPE", "CVRP").upper() not in _TYPES:
        raise ProblemError(f"{path}: TYPE is {head['TYPE']!r}; read are {', '.join(_TYPES)}")
    rows = _count(head, "DIMENSION", path)
    capacity = _count(head, "CAPACITY", path)
    kind = head.get("EDGE_WEIGHT_TYPE", "").upper()
    demand = _table(sections, "DEMAND_SECTION", rows, 2, path)[:, 1]
    wrong = ~((demand >= 0) & (demand <= LARGEST) & (demand == np.floor(demand)))
    if wrong.any():
        row = int(wrong.argmax())
        line = sections["DEMAND_SECTION"].line_of_row(row)
        raise ProblemError(
            f"{path}: line {line}: demand of node {row + 1} is {demand[row]:g}; "
            f"give a whole number from 0 to {LARGEST:g}"
        )
    if demand[0]:
        raise ProblemError(
            f"{path}: line {sections['DEMAND_SECTION'].line_of_row(0)}: demand of the depot is "
            f"{demand[0]:g}; give 0, and what lies there a node of its own"
        )
    columns: dict[str, Any] = {}
    if "TIME_WINDOW_SECTION" in sections:
        windows = _table(sections, "TIME_WINDOW_SECTION", rows, 3, path)
        columns["ready"], columns["due"] = windows[:, 1].copy(), windows[:, 2].copy()
    if "SERVICE_TIME_SECTION" in sections:
        columns["service"] = _table(sections, "SERVICE_TIME_SECTION", rows, 2, path)[:, 1].copy()
    elif "SERVICE_TIME" in head:
        columns["service"] = np.full(rows, float(_number(head, "SERVICE_TIME", path)))
        columns["service"][0] = 0.0
    vehicles = _count(head, "VEHICLES", path) if "VEHICLES" in head else None
    depots = sections["DEPOT_SECTION"].numbers() if "DEPOT_SECTION" in sections else np.ones(1)
    if depots.size < 1 or depots[0] != 1 or (depots > 1).any():
        raise ProblemError(f"{path}: DEPOT_SECTION is {depots.tolist()}; the depot must be node 1")
    windowed = "ready" in columns
    if head.get("TYPE", "").upper() in _WINDOWED and not windowed:
        raise ProblemError(
            f"{path}: TYPE is {head['TYPE']!r}, and TIME_WINDOW_SECTION is missing; "
            "the file may be cut off"
        )
    # a file cut off in its last number looks whole but for its end
    if end is None and not (list(sections)[-1] == "DEPOT_SECTION" and depots[-1] == -1):
        raise ProblemError(
            f"{path}: ends with neither EOF nor the -1 of a DEPOT_SECTION; the file may be cut off"
        )
    name = head.get("NAME", path)
    if kind == "EUC_2D":
        xy = _table(sections, "NODE_COORD_SECTION", rows, 3, path)[:, 1:].copy()
        problem = Problem.from_coordinates(
            xy, demand.astype(np.int64), capacity,
            rounding=rounding or ("dimacs" if windowed else "nearest"),
            objective=objective or "distance", vehicles=vehicles, name=name, **columns,
        )  # fmt: skip
    elif kind == "EXPLICIT":
        if rounding is not None:
            raise ProblemError(
                f"{path}: distances are a matrix, which --rounding {rounding} cannot change; "
                "leave it out"
            )
        matrix = _matrix(sections, head.get("EDGE_WEIGHT_FORMAT", "").upper(), rows, path)
        xy = None
        if "NODE_COORD_SECTION" in sections:
            xy = _table(sections, "NODE_COORD_SECTION", rows, 3, path)[:, 1:].copy()
        problem = Problem.from_matrices(
            matrix, demand.astype(np.int64), capacity, xy=xy, objective=objective or "distance",
            vehicles=vehicles, name=name, **columns,
        )  # fmt: skip
    else:
        raise ProblemError(f"{path}: EDGE_WEIGHT_TYPE is {kind!r}; EUC_2D and EXPLICIT are read")
    if "DISTANCE" in head:
        limit = float(_number(head, "DISTANCE", path))
        # where visits take time, they and the driving share the limit, as in LKH-3
        shared = bool(problem.service[1:].any())
        fleet = tuple(
            replace(v, max_duration=limit) if shared else replace(v, max_distance=limit)
            for v in problem.vehicles
        )
        problem = replace(problem, vehicles=fleet)
    return problem


def _header(text: str) -> dict[str, str]:
    out = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            out[key.strip().upper()] = value.strip()
    return out


def _number(head: dict[str, str], key: str, path: str) -> float:
    if key not in head:
        raise ProblemError(f"{path}: {key} is missing; the file may be cut off at its beginning")
    try:
        value = float(head[key])
    except ValueError:
        raise ProblemError(f"{path}: {key} is {head[key]!r}; give a number") from None
    if not value >= 0:
        raise ProblemError(f"{path}: {key} is {head[key]!r}; give a number from 0 up")
    return value


def _count(head: dict[str, str], key: str, path: str) -> int:
    value = _number(head, key, path)
    if not (value >= 1 and value.is_integer()):
        raise ProblemError(f"{path}: {key} is {head[key]!r}; give a whole number above 0")
    return int(value)


class _Section:
    """The text between one section's name and the next, and where in the file it lies."""

    def __init__(self, path: str, text: str, start: int, end: int) -> None:
        self.path = path
        self.text = text[start:end]
        self.before = (text, start)

    def line(self, index: int) -> int:
        """The file's number of the section's line `index` (0: the rest of the name's line)."""
        text, start = self.before
        return text.count("\n", 0, start) + 1 + index

    def numbers(self) -> np.ndarray:
        """All numbers of the section."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # numpy's word for "not a number"
            try:
                return np.fromstring(self.text, sep=" ")
            except (DeprecationWarning, ValueError):
                pass
        for index, line in enumerate(self.text.split("\n")):
            try:
                [float(word) for word in line.split()]
            except ValueError:
                raise ProblemError(
                    f"{self.path}: line {self.line(index)} is {line.strip()!r}; give numbers"
                ) from None
        return np.array(self.text.split(), np.float64)

    def line_of_row(self, row: int) -> int:
        """The file's number of the line that holds the section's row."""
        lines = [k for k, line in enumerate(self.text.split("\n")) if line.strip()]
        return self.line(lines[row] if row < len(lines) else 0)


def _table(
    sections: dict[str, _Section], name: str, rows: int, columns: int, path: str
) -> np.ndarray:
    if name not in sections:
        raise ProblemError(f"{path}: {name} is missing; the file may be cut off")
    section = sections[name]
    numbers = section.numbers()
    if numbers.size != rows * columns:
        raise ProblemError(
            f"{path}: {name} (line {section.line(0)}) has {numbers.size} numbers, {rows} nodes "
            f"need {rows * columns}; the file may be cut off"
        )
    table = numbers.reshape(rows, columns)
    wrong = table[:, 0] != np.arange(1, rows + 1)
    if wrong.any():
        row = int(wrong.argmax())
        raise ProblemError(
            f"{path}: line {section.line_of_row(row)} names node {table[row, 0]:g} where {row + 1} "
            "is due; number nodes from 1 without gaps or doubles"
        )
    return table


def _matrix(sections: dict[str, _Section], form: str, rows: int, path: str) -> np.ndarray:
    name = "EDGE_WEIGHT_SECTION"
    if name not in sections:
        raise ProblemError(f"{path}: {name} is missing; the file may be cut off")
    numbers = sections[name].numbers()
    sizes = {
        "LOWER_ROW": rows * (rows - 1) // 2,
        "LOWER_DIAG_ROW": rows * (rows + 1) // 2,
        "UPPER_ROW": rows * (rows - 1) // 2,
        "UPPER_DIAG_ROW": rows * (rows + 1) // 2,
        "FULL_MATRIX": rows * rows,
    }
    if form not in sizes:
        raise ProblemError(f"{path}: EDGE_WEIGHT_FORMAT is {form!r}; read are {', '.join(sizes)}")
    if numbers.size != sizes[form]:
        raise ProblemError(
            f"{path}: {name} has {numbers.size} numbers, {form} of {rows} nodes needs "
            f"{sizes[form]}; the file may be cut off"
        )
    if form == "FULL_MATRIX":
        return numbers.reshape(rows, rows)
    matrix = np.zeros((rows, rows))
    apart = 0 if "DIAG" in form else 1
    upper = form.startswith("UPPER")
    half = np.triu_indices(rows, apart) if upper else np.tril_indices(rows, -apart)
    matrix[half] = numbers
    matrix.T[half] = numbers
    return matrix
