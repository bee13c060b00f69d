"""Best known solutions, as they lie beside instances."""

from __future__ import annotations

import json
from pathlib import Path

from routing.road.formats.solution import read_solution
from routing.road.problem import ProblemError


def best_known(path: Path, objective: str) -> tuple[float | None, int | None]:
    """Best known cost and tours, None where unknown.

    Read from NAME.sol, or from `best_known.json` in the same folder with an entry `NAME` (fewest
    vehicles first, then distance) or `NAME_distance`, each with `best_known_cost` and
    `solved_with_vehicles`.  A `.sol` counts for the objective "distance" alone.
    """
    beside = path.with_suffix(".sol")
    if objective == "distance" and beside.exists() and beside != path:
        known_tours = read_solution(beside)
        return known_tours.cost, len(known_tours.tours)
    catalogue = path.with_name("best_known.json")
    if objective == "cost" or not catalogue.exists():
        return None, None
    try:
        known = json.loads(catalogue.read_text(encoding="utf-8"))
        entry = known.get(path.stem + ("_distance" if objective == "distance" else ""), {})
        return entry.get("best_known_cost"), entry.get("solved_with_vehicles")
    except (json.JSONDecodeError, AttributeError) as error:
        raise ProblemError(f"{catalogue}: {error}; correct it or move it away") from None
