"""Solomon's and Homberger's files: one depot, windows, exact distances."""

from __future__ import annotations

import numpy as np

from routing.road.problem import Problem, ProblemError


def parse_solomon(
    text: str, path: str, rounding: str | None = None, objective: str | None = None
) -> Problem:
    """The problem that the text of a Solomon file states; vehicles first unless told otherwise."""
    lines = text.splitlines()
    upper = [line.strip().upper() for line in lines]
    try:
        fleet = next(k for k, line in enumerate(upper) if line.startswith("NUMBER"))
        start = next(k for k, line in enumerate(upper) if line.startswith("CUST NO"))
        count, capacity = (int(float(word)) for word in lines[fleet + 1].split())
    except (StopIteration, ValueError, IndexError):
        raise ProblemError(
            f"{path}: no line with NUMBER and CAPACITY, or CUST NO., was found; "
            "the file may be cut off"
        ) from None
    table = read_rows(lines, start + 1, 7, path)
    return Problem.from_coordinates(
        table[:, 1:3].copy(),
        table[:, 3].astype(np.int64),
        capacity,
        rounding=rounding or "exact",
        objective=objective or "vehicles",
        vehicles=count,
        name=lines[0].strip() or path,
        ready=table[:, 4].copy(),
        due=table[:, 5].copy(),
        service=table[:, 6].copy(),
    )


def read_rows(lines: list[str], start: int, columns: int, path: str) -> np.ndarray:
    """The numbered rows from line `start` on; numbers count from 0 without gaps."""
    rows: list[list[float]] = []
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
    if not rows:
        raise ProblemError(f"{path}: no stops were found; the file may be cut off")
    return np.array(rows)
