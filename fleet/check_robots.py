"""The judge of robots: where they were, what they were told, and what they said."""

from __future__ import annotations

import numpy as np

from fleet.check_orders import check_orders
from fleet.check_reports import (
    check_grants,
    check_reflection,
    check_reports,
    check_way_of_frames,
)
from fleet.recording import Recording
from fleet.violations import Violations


def check_robots(recording: Recording, violations: Violations) -> None:
    """Judge frames, orders and reports."""
    check_frames(recording, violations)
    ways = check_orders(recording, violations)
    passed = check_reports(recording, ways, violations)
    check_reflection(ways, passed, violations)
    check_grants(ways, passed, violations)
    check_way_of_frames(recording, ways, passed, violations)


def collisions(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row, cell and one robot of each two that are in one cell; int64 each."""
    by_cell = np.argsort(cells, axis=1, kind="stable")
    ordered = np.take_along_axis(cells, by_cell, axis=1)
    row, k = np.nonzero(ordered[:, 1:] == ordered[:, :-1])
    return row, ordered[row, k], by_cell[row, k]


def check_frames(recording: Recording, violations: Violations) -> None:
    """No two robots in one cell, no swaps, and no cell entered in the tick its holder left it."""
    cells, ticks = recording.cells.astype(np.int64), recording.ticks
    row, cell, robot = collisions(cells)
    for k, c, r in zip(row.tolist(), cell.tolist(), robot.tolist(), strict=True):
        others = np.flatnonzero(cells[k] == c).tolist()
        violations.add("collision", f"tick {ticks[k]}, cell {c}", f"robots {others or r}")
    size = len(recording.map.letters)
    step, robot = np.nonzero(cells[1:] != cells[:-1])
    before, after = cells[step, robot], cells[step + 1, robot]
    there = (step * size + before) * size + after
    back = (step * size + after) * size + before
    swapped = np.isin(there, back)
    violations.add_where(
        "swap",
        swapped,
        lambda k: (
            f"tick {ticks[step[k] + 1]}, robot {robot[k]}",
            f"went from {before[k]} to {after[k]} while another went back",
        ),
    )
    if recording.meta.get("following", "").lower() in ("true", "1"):
        return
    taken = (np.arange(len(cells) - 1)[:, None] * size + cells[:-1]).ravel()
    followed = np.isin(step * size + after, taken) & ~swapped
    violations.add_where(
        "followed",
        followed,
        lambda k: (
            f"tick {ticks[step[k] + 1]}, robot {robot[k]}",
            f"entered cell {after[k]}, in which another was one tick before",
        ),
    )
