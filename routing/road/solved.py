"""What `routing solve` tells of a plan, as data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from routing.road.plan import Plan, tour_distance
from routing.road.problem import Problem
from routing.road.why import explain


def vehicle_names(path: Path) -> list[str]:
    """What a described problem calls its types of vehicle; none where the file is of another kind.

    A type without a name has an empty one.
    """
    from routing.road.formats.described import read_description

    if path.suffix != ".toml":
        return []
    return [entry.name for entry in read_description(path).vehicles]


def with_note_on_prices(problem: Problem, plan: Plan) -> Plan:
    """The plan with a note where vehicles have prices that its objective does not count."""
    priced = any(vehicle.fixed or vehicle.per_distance != 1.0 for vehicle in problem.vehicles)
    if not priced or problem.objective == "cost":
        return plan
    note = (
        f"fixed and per_distance of vehicles do not count where the objective is "
        f'{problem.objective}; give objective = "cost", or --objective'
    )
    return replace(plan, notes=(*plan.notes, note))


def facts(problem: Problem, plan: Plan, seconds: float, names: list[str]) -> dict[str, Any]:
    """The plan with its tours and the reasons of what is left out, by the user's own names."""
    return {
        "instance": problem.name,
        "objective": problem.objective,
        "rounding": problem.rounding,
        "cost": plan.cost,
        "routes": len(plan.tours),
        "unserved": [problem.label(row) for row in plan.unserved],
        "iterations": plan.iterations,
        "seconds": round(seconds, 3),
        "notes": list(plan.notes),
        "tours": [
            {
                "vehicle": int(kind),
                "name": (names[kind] if names else "") or None,
                "distance": tour_distance(problem, tour, problem.vehicles[kind]),
                "stops": [problem.label(row) for row in tour.tolist()],
            }
            for tour, kind in zip(plan.tours, plan.vehicles, strict=True)
        ],
        "rejected": [
            {
                dropped.what: dropped.number,
                "rule": dropped.rule,
                "stop": problem.label(dropped.row) if dropped.row >= problem.depots else None,
                "amount": dropped.amount,
                "words": dropped.words,
            }
            for dropped in plan.rejected
        ],
        "reasons": [
            {
                "stop": problem.label(reason.row),
                "rule": reason.rule,
                "missing": reason.missing,
                "also": [{"rule": f.rule, "missing": f.amount} for f in reason.also],
                "words": reason.words,
            }
            for reason in explain(problem, plan)
        ],
    }
