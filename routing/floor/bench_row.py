"""What a row of a comparison of floor planners must hold, so that it can be shown again."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Number = Annotated[float, msgspec.Meta(ge=-1e300, le=1e300)]  # not NaN


class Times(msgspec.Struct):
    """Milliseconds of a planner's steps."""

    p50: Number
    p99: Number
    max: Number


class Finding(msgspec.Struct):
    """One broken rule."""

    what: str
    where: str
    detail: str


class Run(msgspec.Struct, kw_only=True):
    """What was played; the rest is known by its key."""

    problem: str
    planner: str
    ok: bool
    error: str = ""
    version: str | None = None


class Played(Run, kw_only=True):
    """A game that was played to its end."""

    finished: int
    curve: list[int]
    per_step_last_200: Number
    planner_ms: Times
    timeouts: int
    stuck: int | None = None
    violations: list[Finding] = []
    makespan: int | None = None
    sum_of_costs: int = 0


def row_fault(row: dict[str, Any]) -> str:
    """Say what keeps a row from being shown, "" where nothing does."""
    try:
        msgspec.convert(row, Run if row.get("error") else Played)
    except msgspec.ValidationError as error:
        return str(error)
    return ""
