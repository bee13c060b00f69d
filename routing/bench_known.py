"""The best known solution beside an instance, for the gap of a comparison."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from routing.road.formats.solution import read_solution
from routing.road.problem import LARGEST, ProblemError


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
