"""CVRPLIB's solution files: `Route #k: i j ...` and `Cost x`; stops count from 1."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from routing.road.plan import Plan, make_plan
from routing.road.problem import Problem, ProblemError

_ROUTE = re.compile(r"^\s*Route\s*#?\s*(\d+)\s*:\s*(.*)$", re.IGNORECASE)


def read_solution(path: str | Path) -> tuple[list[np.ndarray], float | None]:
    """Tours as stop numbers (1 is the first stop), and the cost that the file claims."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}; name a file that can be read") from error
    except UnicodeDecodeError as error:
        raise ProblemError(f"{path}: is no text ({error}); name a .sol file") from error
    tours = []
    cost = None
    for number, line in enumerate(lines, 1):
        if match := _ROUTE.match(line):
            try:
                tours.append(np.array([int(word) for word in match[2].split()], np.int32))
            except (ValueError, OverflowError):
                raise ProblemError(f"{path}: line {number} is {line!r}; give stops") from None
        elif line.strip().lower().startswith("cost"):
            try:
                cost = float(line.split()[1])
            except (ValueError, IndexError):
                raise ProblemError(f"{path}: line {number} is {line!r}; give a number") from None
    return tours, cost


def read_start(path: str | Path, problem: Problem) -> Plan:
    """The tours of a solution file as a plan to start from.

    Raises
    ------
    ProblemError
        Where the file cannot be read, or names a stop that the problem does not have.
    """
    tours, _ = read_solution(path)
    for number, tour in enumerate(tours, 1):
        unknown = tour[(tour < 1) | (tour > problem.stops)]
        if unknown.size:
            raise ProblemError(
                f"{path}: route {number} of it names stop {unknown[0]}; "
                f"there are stops 1 to {problem.stops}"
            )
    return make_plan(problem, [tour + problem.depots - 1 for tour in tours])


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
