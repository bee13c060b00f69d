"""What a row of a comparison of solvers of tours must hold, so that it can be shown again."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Number = Annotated[float, msgspec.Meta(ge=-1e300, le=1e300)]  # not NaN, and sums stay finite
Point = tuple[Number, Number, int | None]  # seconds, cost, tours


class Run(msgspec.Struct, kw_only=True):
    """What was run, and what of it is shown whether it has an answer or not."""

    instance: str
    solver: str
    seed: int
    seconds: Number
    objective: str
    rounding: str
    ok: bool
    error: str = ""
    missing: bool = False
    load_before: Number = 0.0
    version: str | None = None
    savings_cost: Number | None = None


class Passed(Run, kw_only=True):
    """A run whose answer passed its judge."""

    cost: Number
    routes: int
    curve: Annotated[list[Point], msgspec.Meta(min_length=1)]
    first_plan_seconds: Number
    wall_seconds: Number
    peak_mb: Number
    cpu_seconds: Number = 0.0
    best_known: Annotated[float, msgspec.Meta(ge=0, le=1e300)] | None = None
    best_known_routes: int | None = None


def row_fault(row: dict[str, Any]) -> str:
    """What keeps a row from being shown, "" where nothing does."""
    try:
        msgspec.convert(row, Passed if row.get("ok") is True else Run)
    except msgspec.ValidationError as error:
        return str(error)
    return ""
