"""The judge of moves: recounts from cells and headings alone, sharing no code with the planner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from routing.floor.grid import Floor


@dataclass(frozen=True)
class Violation:
    """One broken rule: what, where (tick and robots), and the cells concerned."""

    what: str
    where: str
    detail: str


def check_moves(
    floor: Floor,
    cells: np.ndarray,
    headings: np.ndarray | None = None,
    following: bool = False,
    *,
    at_most: int = 100,
) -> list[Violation]:
    """Return what is wrong with the way robots moved, at most `at_most` findings.

    Parameters
    ----------
    cells
        Shape (ticks, robots): where each robot was at each tick.
    headings
        Same shape, or None for robots that move without turning.  A robot moves one cell along
        the heading it has before and after the move.
    following
        Whether a cell may be entered in the tick in which it is left (and cycles may turn).
    """
    found: list[Violation] = []

    def report(what: str, tick: int, robots: list[int], places: list[int]) -> None:
        named = ", ".join(f"robot {robot}" for robot in robots)
        spots = ", ".join(f"({p // floor.width}, {p % floor.width})" for p in places)
        found.append(Violation(what, f"tick {tick}, {named}", f"cell {spots}"))

    open_cell = [chr(letter) not in "@T" for letter in floor.letters]
    for tick in range(len(cells)):
        now = cells[tick].tolist()
        owner: dict[int, int] = {}
        for robot, cell in enumerate(now):
            if not (0 <= cell < len(open_cell) and open_cell[cell]):
                report("in a wall", tick, [robot], [cell])
            if cell in owner:
                report("two in one cell", tick, [owner[cell], robot], [cell])
            owner[cell] = robot
        if tick == 0:
            continue
        before = cells[tick - 1].tolist()
        stood = {cell: robot for robot, cell in enumerate(before)}
        for robot, (old, new) in enumerate(zip(before, now, strict=True)):
            if old == new:
                if headings is not None:
                    turned = (int(headings[tick, robot]) - int(headings[tick - 1, robot])) % 4
                    if turned == 2:
                        report("turned half round in one tick", tick, [robot], [old])
                continue
            step = {1: 0, floor.width: 1, -1: 2, -floor.width: 3}.get(new - old)
            if floor.width == 1 and new - old in (1, -1):
                step = 1 if new > old else 3
            if step is None or (step in (0, 2) and old // floor.width != new // floor.width):
                report("jumped", tick, [robot], [old, new])
                continue
            if not _allowed(floor, old, new, step):
                report("against a one-way aisle", tick, [robot], [old, new])
            if (
                headings is not None
                and not headings[tick - 1, robot] == headings[tick, robot] == step
            ):
                report("moved across its heading", tick, [robot], [old, new])
            other = stood.get(new)
            if other is not None and other != robot:
                if now[other] == old:
                    if robot < other:
                        report("swapped", tick, [robot, other], [old, new])
                elif not following:
                    report("followed into a cell just left", tick, [robot, other], [new])
        if len(found) >= at_most:
            return found[:at_most]
    return found


def _allowed(floor: Floor, old: int, new: int, step: int) -> bool:
    """Judge one move by the letters alone."""
    arrows = ">v<^"
    here, there = chr(floor.letters[old]), chr(floor.letters[new])
    if there in arrows and (arrows.index(there) - step) % 4 == 2:
        return False
    if here not in arrows:
        return True
    turn = (arrows.index(here) - step) % 4
    return turn == 0 or (turn != 2 and there not in arrows)
