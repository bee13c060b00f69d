"""Solomon's and Homberger's files: one depot, windows, exact distances."""

from __future__ import annotations

import numpy as np

from routing.road.given import whole_numbers
from routing.road.problem import Problem, ProblemError


def parse_solomon(
    text: str, path: str, rounding: str | None = None, objective: str | None = None
) -> Problem:
    """The problem that the text of a Solomon file states; vehicles first unless told otherwise."""
    lines = text.splitlines()
    upper = [" ".join(line.upper().split()) for line in lines]
    try:
        fleet = next(k for k, line in enumerate(upper) if line.startswith("NUMBER"))
        start = next(k for k, line in enumerate(upper) if line.startswith("CUST NO"))
        count, capacity = (float(word) for word in lines[fleet + 1].split())
    except (StopIteration, ValueError, IndexError):
        raise ProblemError(
            f"{path}: no line with NUMBER and CAPACITY, or CUST NO., was found; "
            "the file may be cut off"
        ) from None
    sizes = fleet_sizes(count, capacity, f"{path}: line {fleet + 2}")
    table, at = read_rows(lines, start + 1, 7, path)
    return Problem.from_coordinates(
        table[:, 1:3].copy(),
        whole_numbers(table[:, 3], lambda row: f"{path}: line {at[row]}: demand"),
        sizes[1],
        rounding=rounding or "exact",
        objective=objective or "vehicles",
        vehicles=sizes[0],
        name=lines[0].strip() or path,
        ready=table[:, 4].copy(),
        due=table[:, 5].copy(),
        service=table[:, 6].copy(),
    )


def fleet_sizes(count: float, capacity: float, where: str) -> tuple[int, int]:
    """How many vehicles there are and what each takes, as whole numbers."""
    names = ("the number of vehicles", "the capacity")
    sizes = whole_numbers(np.array([count, capacity]), lambda at: f"{where}: {names[at]}")
    return int(sizes[0]), int(sizes[1])


def read_rows(
    lines: list[str], start: int, columns: int, path: str
) -> tuple[np.ndarray, list[int]]:
    """The numbered rows from line `start` on, and the number of each one's line.

    They are numbered from 0 without gaps.
    """
    rows: list[list[float]] = []
    numbers: list[int] = []
    for at in range(start, len(lines)):
        words = lines[at].split()
        if not words:
            continue
        try:
            row = [float(word) for word in words]
        except ValueError:
            raise ProblemError(f"{path}: line {at + 1} is {lines[at]!r}; give numbers") from None
        if len(row) != columns:
            raise ProblemError(
                f"{path}: line {at + 1} has {len(row)} numbers, {columns} are due; "
                "the file may be cut off"
            )
        if row[0] != len(rows):
            raise ProblemError(
                f"{path}: line {at + 1} is stop {row[0]:g} where {len(rows)} is due; "
                "number stops from 0 without gaps or doubles"
            )
        rows.append(row)
        numbers.append(at + 1)
    if not rows:
        raise ProblemError(f"{path}: no stops were found; the file may be cut off")
    return np.array(rows), numbers
