"""Ways on a floor as a viewer sees them: the shortest to a goal, and who stands in it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from fleet.events import RobotStatus
from routing.floor.grid import Floor
from viz.frame import Frame

FAR = np.iinfo(np.int32).max
ROWS_KEPT = 32


class Ways:
    """Distances to the goals that were asked for."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self._rows: OrderedDict[int, np.ndarray] = OrderedDict()
        self._before: list[np.ndarray] | None = None

    def row(self, goal: int) -> np.ndarray:
        """Return each cell's moves to a goal cell; int32, `FAR` where there is no way."""
        if goal not in self._rows:
            while len(self._rows) >= ROWS_KEPT:
                self._rows.popitem(last=False)
            self._rows[goal] = self._search(goal)
        self._rows.move_to_end(goal)
        return self._rows[goal]

    def _search(self, goal: int) -> np.ndarray:
        """Breadth first, a whole ring of cells at a time, against the ways' direction."""
        floor = self.floor
        distance = np.full(len(floor.letters), FAR, np.int32)
        distance[goal] = 0
        ring = np.array([goal])
        steps = ((1, 0), (0, 1), (-1, 0), (0, -1))
        moves = 0
        while len(ring):
            moves += 1
            found = []
            row, column = np.divmod(ring, floor.width)
            for heading, (dx, dy) in enumerate(steps):
                x, y = column - dx, row - dy
                inside = (x >= 0) & (x < floor.width) & (y >= 0) & (y < floor.height)
                source = (y * floor.width + x)[inside]
                leads = floor.successors[source, heading] == ring[inside]
                source = source[leads]
                source = source[distance[source] == FAR]
                distance[source] = moves
                found.append(source)
            ring = np.unique(np.concatenate(found))
        return distance

    def next_cell(self, cell: int, goal: int) -> int:
        """Return the neighbour that is nearest to the goal; -1: there is none, or this is it."""
        row = self.row(goal)
        here = int(row[cell])
        best, nearest = -1, here
        for after in self.floor.successors[cell].tolist():
            if after >= 0 and row[after] < nearest:
                best, nearest = after, int(row[after])
        return best

    def path(self, cell: int, goal: int) -> np.ndarray:
        """Return the cells of a shortest way, both ends included; one cell where there is none."""
        cells = [cell]
        while cells[-1] != goal:
            after = self.next_cell(cells[-1], goal)
            if after < 0:
                break
            cells.append(after)
        return np.array(cells, np.int32)


@dataclass(frozen=True)
class Blocker:
    """One link of the chain: a robot, the cell that it wants, and who holds that, -1 nobody."""

    robot: int
    wants: int
    holder: int


def waiting_chain(ways: Ways, frame: Frame, robot: int, longest: int = 12) -> list[Blocker]:
    """Return why a robot waits: who holds the cell that it wants, and whom that one waits for.

    The wanted cell is the next on a shortest way to the goal.  It is held by whoever stands there,
    or has it released ahead.  The chain ends at a robot that moves or has no goal, at a free cell,
    or where it closes into a ring.
    """
    if frame.goals[robot] < 0 or not frame.status[robot] & RobotStatus.WAITING:
        return []
    which, place = np.nonzero(frame.bases >= 0)
    holder = dict(zip(frame.bases[which, place].tolist(), which.tolist(), strict=True))
    holder |= {int(cell): k for k, cell in enumerate(frame.next_cells.tolist())}
    holder |= {int(cell): k for k, cell in enumerate(frame.cells.tolist())}
    chain: list[Blocker] = []
    seen: set[int] = set()
    while robot >= 0 and robot not in seen and len(chain) < longest:
        seen.add(robot)
        goal = int(frame.goals[robot])
        waits = bool(frame.status[robot] & RobotStatus.WAITING)
        if goal < 0 or not waits:
            break
        wants = ways.next_cell(int(frame.cells[robot]), goal)
        after = holder.get(wants, -1) if wants >= 0 else -1
        chain.append(Blocker(robot, wants, after))
        robot = after
    return chain
