"""The judge of robots: where they were, what they were told, and what they said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fleet.check.clearances import is_placed
from fleet.check.instants import check_instants
from fleet.check.lookup import find
from fleet.check.orders import check_orders
from fleet.check.recording import Recording
from fleet.check.reports import (
    check_grants,
    check_reflection,
    check_reports,
    check_way_of_frames,
)
from fleet.check.requests import check_requests
from fleet.check.violations import Violations


def check_robots(recording: Recording, violations: Violations) -> None:
    """Judge frames, orders and reports."""
    check_frames(recording, violations)
    ways = check_orders(recording, violations)
    passed = check_reports(recording, ways, violations)
    check_reflection(ways, passed, violations)
    check_grants(ways, passed, violations)
    check_way_of_frames(recording, ways, passed, violations)
    check_requests(recording, ways, violations)
    check_instants(recording, ways, violations)


def collisions(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return row and cell of each pair of robots that are in one cell of the floor; int64 each."""
    ordered = np.sort(cells, axis=1)
    row, k = np.nonzero((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0))
    return row, ordered[row, k]


def check_frames(recording: Recording, violations: Violations) -> None:
    """No two robots in one cell, no swaps, and no cell entered in the tick its holder left it."""
    cells, ticks = recording.cells, recording.ticks
    for row, cell in zip(*(column.tolist() for column in collisions(cells)), strict=True):
        robots = np.flatnonzero(cells[row] == cell).tolist()
        violations.add("collision", f"tick {ticks[row]}, cell {cell}", f"robots {robots}")
    drove = (cells[1:] != cells[:-1]) & (cells[1:] >= 0)
    placed = is_placed(recording.orders)
    k, there = find(ticks, recording.order_ticks[placed])
    drove[k[there] - 1, recording.orders["robot"][placed][there]] = False  # moved by hand
    row, robot = np.nonzero(drove)
    entered = cells[row + 1, robot]
    # Cells of a row in order, and rows behind one another: one search finds all that were taken.
    size = len(recording.map.letters)
    taken = np.sort(cells[:-1], axis=1) + np.arange(len(cells) - 1, dtype=np.int64)[:, None] * size
    _, followed = find(taken.ravel(), row.astype(np.int64) * size + entered)
    row, robot, entered = row[followed], robot[followed], entered[followed]
    holder = np.array(
        [np.argmax(cells[k] == cell) for k, cell in zip(row, entered, strict=True)], np.int64
    )
    swapped = cells[row + 1, holder] == cells[row, robot]

    def say(detail: str) -> Callable[[int], tuple[str, str]]:
        return lambda k: (
            f"tick {ticks[row[k] + 1]}, robot {robot[k]}",
            f"entered cell {entered[k]} {detail} robot {holder[k]}",
        )

    violations.add_where("swap", swapped, say("while it changed places with"))
    if recording.meta.get("following", "").lower() not in ("true", "1"):
        violations.add_where("followed", ~swapped, say("which in the tick before was held by"))
