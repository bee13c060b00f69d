"""CVRPLIB's solution files: `Route #k: i j ...` and `Cost x`; stops count from 1.

Where vehicles differ, `Vehicle #k: type` stands behind its route; types count from 0.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from routing.road.plan import Plan, make_plan
from routing.road.problem import Problem, ProblemError

_ROUTE = re.compile(r"^\s*Route\s*#?\s*(\d+)\s*:\s*(.*)$", re.IGNORECASE)
_VEHICLE = re.compile(r"^\s*Vehicle\s*#?\s*(\d+)\s*:\s*(.*)$", re.IGNORECASE)
_UNSERVED = re.compile(r"^\s*Unserved\s*:", re.IGNORECASE)
# Other lines are remarks (Time 3.5, Authors : ...), but not where a tour may be meant.
_DOUBTFUL = re.compile(
    r"""^\s*(
        rout\w?\b                         # Route 2 3 4, Rout: 3
        | vehicle\s*[:#\d]
        | \w*\s*\#\s*\d+\s*:             # Tour #2: 3 4
        | \w*\s*\#\s*\d+[\W\d_]*$        # Tour #2 3 4
        | (\w+\s+)?\d+\s*:(\s[\W\d_]*)?$  # Tour 2: 3 4, 2: 3 4
        | ([^:\d]*:)?\s*\d+(\s+\d+)+\s*$  # Tour: 3 4, 3 4
    )""",
    re.IGNORECASE | re.VERBOSE,
)


class Solution(NamedTuple):
    """What a solution file says."""

    tours: list[np.ndarray]  # int32, stop numbers; 1 is the first stop
    vehicles: np.ndarray  # int64[tours], the type of vehicle of each tour; 0 where it is not said
    cost: float | None  # that the file claims
    left_out: bool = False  # whether the file says that it leaves stops out


def read_solution(path: str | Path) -> Solution:
    """Read a solution file.

    Raises
    ------
    ProblemError
        Where the file cannot be read, or a line of it cannot be meant.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}; name a file that can be read") from error
    except UnicodeDecodeError as error:
        raise ProblemError(f"{path}: is no text ({error}); name a .sol file") from error
    tours: list[np.ndarray] = []
    vehicles: list[int] = []
    cost, left_out = None, False
    for number, line in enumerate(lines, 1):
        if match := _ROUTE.match(line):
            try:
                tours.append(np.array([int(word) for word in match[2].split()], np.int32))
            except (ValueError, OverflowError):
                raise ProblemError(f"{path}: line {number} is {line!r}; give stops") from None
            vehicles.append(0)
        elif match := _VEHICLE.match(line):
            try:
                vehicles[-1] = int(np.int64(int(match[2])))
            except (ValueError, IndexError, OverflowError):
                raise ProblemError(
                    f"{path}: line {number} is {line!r}; give a vehicle's type behind its route"
                ) from None
        elif line.strip().lower().startswith("cost"):
            try:
                cost = float(line.split()[1])
            except (ValueError, IndexError):
                cost = math.nan
            if not math.isfinite(cost):
                raise ProblemError(f"{path}: line {number} is {line!r}; give a number")
        elif _UNSERVED.match(line):
            left_out = True
        elif _DOUBTFUL.match(line):
            raise ProblemError(
                f"{path}: line {number} is {line!r}; write a tour as 'Route #2: 3 4', or leave the "
                "line out"
            )
    return Solution(tours, np.array(vehicles, np.int64), cost, left_out)


def read_start(path: str | Path, problem: Problem) -> Plan:
    """The tours of a solution file as a plan to start from.

    Raises
    ------
    ProblemError
        Where the file cannot be read, or names a stop or a vehicle that the problem does not have.
    """
    tours, vehicles, _, left_out = read_solution(path)
    if not (tours or left_out):
        raise ProblemError(f"{path}: has no line 'Route #1: ...'; name a file with tours")
    types = len(problem.vehicles)
    for number, (tour, kind) in enumerate(zip(tours, vehicles.tolist(), strict=True), 1):
        unknown = tour[(tour < 1) | (tour > problem.stops)]
        if unknown.size:
            raise ProblemError(
                f"{path}: route {number} of it names stop {unknown[0]}; "
                f"there are stops 1 to {problem.stops}"
            )
        if not 0 <= kind < types:
            raise ProblemError(
                f"{path}: route {number} of it has vehicle {kind}; there are types 0 to {types - 1}"
            )
    return make_plan(problem, [tour + problem.depots - 1 for tour in tours], vehicles)


def write_solution(path: str | Path, problem: Problem, plan: Plan) -> None:
    """Write the plan; the vehicle type of a tour is named where there are several."""
    several = len(problem.vehicles) > 1
    with Path(path).open("w", encoding="utf-8") as out:
        for number, (tour, kind) in enumerate(zip(plan.tours, plan.vehicles, strict=True), 1):
            stops = " ".join(str(row - problem.depots + 1) for row in tour)
            out.write(f"Route #{number}: {stops}\n")
            if several:
                out.write(f"Vehicle #{number}: {kind}\n")
        if len(plan.unserved):
            left = " ".join(str(row - problem.depots + 1) for row in plan.unserved)
            out.write(f"Unserved: {left}\n")
        out.write(f"Cost {plan.cost:.10g}\n")
