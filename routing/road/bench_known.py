"""The best known solution beside an instance, for the gap of a comparison."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from routing.road.formats.solution import read_solution
from routing.road.plan import make_plan
from routing.road.problem import LARGEST, Problem, ProblemError

GIVEN_TO = 0.05  # what a cost of one decimal may be off by


class Entry(msgspec.Struct):
    """What `best_known.json` says of an instance."""

    best_known_cost: float | None = None
    solved_with_vehicles: int | None = None


def best_known(path: Path, objective: str) -> tuple[float | None, int | None]:
    """Best known cost and tours, None where unknown.

    Read from NAME.sol, or from `best_known.json` in the same folder with an entry `NAME` (fewest
    vehicles first, then distance) or `NAME_distance`, each with `best_known_cost` and
    `solved_with_vehicles`.  A `.sol` counts for the objective "distance" alone.

    Raises
    ------
    ProblemError
        For a file that says neither.
    """
    beside = path.with_suffix(".sol")
    if objective == "distance" and beside.exists() and beside != path:
        tours, _, cost, _ = read_solution(beside)
        return _cost(cost, f"{beside}: Cost"), len(tours)
    catalogue = path.with_name("best_known.json")
    if objective == "cost" or not catalogue.exists():
        return None, None
    name = path.stem + ("_distance" if objective == "distance" else "")
    try:
        entry = msgspec.convert(_said(catalogue).get(name, {}), Entry)
    except msgspec.ValidationError as error:
        raise ProblemError(f"{catalogue}: {name}: {error}; correct it or move it away") from None
    cost = _cost(entry.best_known_cost, f"{catalogue}: {name}: best_known_cost")
    return cost, entry.solved_with_vehicles


def known_rounding(path: Path, problem: Problem) -> str:
    """The rounding of which the best known cost beside an instance is.

    Where NAME.sol has tours, it is the one by which they cost what it says: those of CMT, Golden
    and Li are exact, though nothing in their instances tells.  Else it is that of the instance.

    Parameters
    ----------
    problem
        The instance, with its own rounding.
    """
    beside = path.with_suffix(".sol")
    counts = problem.objective == "distance" and problem.distances is None
    if not counts or not beside.exists() or beside == path:
        return problem.rounding
    tours, kinds, cost, _ = read_solution(beside)
    strange = [((tour < 1) | (tour > problem.stops)).any() for tour in tours]
    unlike = (kinds < 0) | (kinds >= len(problem.vehicles))
    if cost is None or any(strange) or unlike.any():
        return problem.rounding
    rows = [tour + problem.depots - 1 for tour in tours]
    for rounding in (problem.rounding, "exact", "nearest", "dimacs"):
        plan = make_plan(replace(problem, rounding=rounding), rows, kinds)
        if abs(plan.cost - cost) <= GIVEN_TO:
            return rounding
    return problem.rounding


def _said(catalogue: Path) -> dict[str, Any]:
    try:
        said = json.loads(catalogue.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ProblemError(f"{catalogue}: not UTF-8 ({error.reason}); save it as UTF-8") from None
    except RecursionError:
        raise ProblemError(f"{catalogue}: is nested too deep; correct it or move it away") from None
    except ValueError as error:
        raise ProblemError(f"{catalogue}: {error}; correct it or move it away") from None
    if not isinstance(said, dict):
        raise ProblemError(f"{catalogue}: is no object of entries; correct it or move it away")
    return said


def _cost(cost: float | None, where: str) -> float | None:
    if cost is not None and not 0 <= cost <= LARGEST:
        raise ProblemError(f"{where} is {cost:g}; give a number from 0 to {LARGEST:g}")
    return cost
