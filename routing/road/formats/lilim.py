"""Li and Lim's files: pickup-and-delivery pairs with windows, exact distances."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from routing.road.formats.deliveries import check_deliveries
from routing.road.formats.solomon import fleet_sizes, read_rows
from routing.road.given import whole_numbers
from routing.road.problem import Problem, ProblemError


def parse_lilim(
    text: str, path: str, rounding: str | None = None, objective: str | None = None
) -> Problem:
    """The problem that the text of a Li and Lim file states; vehicles first by default."""
    lines = text.splitlines()
    try:
        count, capacity, speed = (float(word) for word in lines[0].split())
    except (ValueError, IndexError):
        raise ProblemError(
            f"{path}: line 1 is {lines[0] if lines else ''!r}; give vehicles, capacity, speed"
        ) from None
    if speed != 1:
        raise ProblemError(
            f"{path}: line 1: the speed is {speed:g}; only 1 is read, so give times as distances"
        )
    sizes = fleet_sizes(count, capacity, f"{path}: line 1")
    table, at = read_rows(lines, 1, 9, path)

    def whole(column: int, what: str) -> np.ndarray:
        return whole_numbers(table[:, column], lambda row: f"{path}: line {at[row]}: {what}")

    demand, pickup, delivery = whole(3, "demand"), whole(7, "pickup"), whole(8, "delivery")
    for name, stops in (("pickup", pickup), ("delivery", delivery)):
        unknown = (stops < 0) | (stops >= len(table))
        if unknown.any():
            row = int(unknown.argmax())
            raise ProblemError(
                f"{path}: line {at[row]}: {name} is {stops[row]}; "
                f"name a stop from 1 to {len(table) - 1}, or 0 for none"
            )
    both = (pickup > 0) & (delivery > 0)
    if both.any():
        row = int(both.argmax())
        raise ProblemError(
            f"{path}: line {at[row]} names a pickup ({pickup[row]}) and a delivery "
            f"({delivery[row]}); give one of them, and 0 for the other"
        )
    places = [f"{path}: line {number}" for number in at]
    check_deliveries(demand[:, None], np.where(pickup > 0, pickup, -1), places.__getitem__)
    partner = np.where(pickup > 0, pickup, np.where(delivery > 0, delivery, -1)).astype(np.int32)
    return Problem.from_coordinates(
        table[:, 1:3].copy(),
        demand,
        sizes[1],
        rounding=rounding or "exact",
        objective=objective or "vehicles",
        vehicles=sizes[0],
        name=Path(path).stem,
        ready=table[:, 4].copy(),
        due=table[:, 5].copy(),
        service=table[:, 6].copy(),
        partner=partner,
    )
