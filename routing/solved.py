"""What `routing solve` tells of a plan, as data."""

from __future__ import annotations

from typing import Any

from routing.road.plan import Plan
from routing.road.problem import Problem
from routing.road.why import explain


def facts(problem: Problem, plan: Plan, seconds: float) -> dict[str, Any]:
    """The plan with the reasons of what is left out, by the user's own names."""
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
        "reasons": [
            {
                "stop": problem.label(reason.row),
                "rule": reason.rule,
                "missing": reason.missing,
                "words": reason.words,
            }
            for reason in explain(problem, plan)
        ],
    }
