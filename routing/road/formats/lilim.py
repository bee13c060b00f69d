"""Li and Lim's files: pickup-and-delivery pairs with windows, exact distances."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from routing.road.formats.solomon import read_rows
from routing.road.problem import Problem, ProblemError


def parse_lilim(
    text: str, path: str, rounding: str | None = None, objective: str | None = None
) -> Problem:
    """The problem that the text of a Li and Lim file states; vehicles first by default."""
    lines = text.splitlines()
    try:
        count, capacity = (int(float(word)) for word in lines[0].split()[:2])
    except (ValueError, IndexError):
        raise ProblemError(
            f"{path}: line 1 is {lines[0] if lines else ''!r}; give vehicles, capacity, speed"
        ) from None
    table = read_rows(lines, 1, 9, path)
    pickup, delivery = table[:, 7].astype(np.int32), table[:, 8].astype(np.int32)
    partner = np.where(pickup > 0, pickup, np.where(delivery > 0, delivery, -1)).astype(np.int32)
    return Problem.from_coordinates(
        table[:, 1:3].copy(),
        table[:, 3].astype(np.int64),
        capacity,
        rounding=rounding or "exact",
        objective=objective or "vehicles",
        vehicles=count,
        name=Path(path).stem,
        ready=table[:, 4].copy(),
        due=table[:, 5].copy(),
        service=table[:, 6].copy(),
        partner=partner,
    )
