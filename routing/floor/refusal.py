"""Why the League's simulator refuses the actions of a step, in its own words."""

from __future__ import annotations

import numpy as np

from routing.floor.grid import Floor

STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))  # row and column, by heading


def refusal(
    floor: Floor, cells: np.ndarray, headings: np.ndarray, actions: np.ndarray
) -> tuple[int, int, str] | None:
    """Return the first robot at fault, the other one (-1: none) and the words; None: all is well.

    The simulator looks at one robot after the other and tells the first fault only.
    """
    if actions.shape != cells.shape:
        return -1, -1, "incorrect vector size"
    taken: dict[int, int] = {}  # cell entered or kept, by whom
    passed: dict[tuple[int, int], int] = {}  # the opposite of a move, by whom
    robots = zip(cells.tolist(), headings.tolist(), actions.tolist(), strict=True)
    for robot, (cell, heading, action) in enumerate(robots):
        row, column = divmod(cell, floor.width)
        if action == 0:
            row, column = row + STEPS[heading][0], column + STEPS[heading][1]
        inside = 0 <= row < floor.height and 0 <= column < floor.width
        new = row * floor.width + column
        if action not in (0, 1, 2, 3) or not inside or not floor.free[new]:
            return robot, -1, "unallowed move"
        if new in taken:
            return robot, taken[new], "vertex conflict"
        if (cell, new) in passed:
            return robot, passed[cell, new], "edge conflict"
        taken[new] = passed[new, cell] = robot
    return None
