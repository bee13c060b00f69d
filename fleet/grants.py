"""Who holds which cell.

A grant is the right to a cell.  A cell has at most one holder; a robot holds the cell it stands
on and every cell of its base, and gives a cell back only by reporting that it has left it.
"""

from __future__ import annotations

import numpy as np

FREE = -1


class GrantError(RuntimeError):
    """A cell was about to be granted twice, or freed by one who does not hold it."""


def grant(held: np.ndarray, robots: np.ndarray, cells: np.ndarray) -> None:
    """Give each robot its cell, in place.

    Parameters
    ----------
    held
        Holder of each cell of the floor, `FREE` where nobody holds it; int32[cells].
    robots, cells
        Pairs of robot and cell; int[k].

    Raises
    ------
    GrantError
        If a cell has a holder, be it the same robot, or stands twice among ``cells``.
    """
    holders = held[cells]
    wrong = holders != FREE
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        raise GrantError(
            f"cell {cells[k]} wanted for robot {robots[k]} is held by robot {holders[k]}"
        )
    ordered = np.sort(cells)
    if (ordered[1:] == ordered[:-1]).any():
        raise GrantError("one cell was to be granted twice in one tick")
    held[cells] = robots


def release(held: np.ndarray, robots: np.ndarray, cells: np.ndarray) -> None:
    """Take cells back from robots that reported to have left them, in place.

    Raises
    ------
    GrantError
        If a robot does not hold the cell it reports to have left.
    """
    holders = held[cells]
    wrong = holders != robots
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        raise GrantError(f"robot {robots[k]} left cell {cells[k]}, which robot {holders[k]} holds")
    held[cells] = FREE
