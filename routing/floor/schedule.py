"""Which robot does which task, where thousands of tasks are open: cheapest way there first."""

from __future__ import annotations

import numpy as np

from routing.compiled import loop
from routing.floor.rows import Rows

MANY = 4  # open tasks that make a place a station
# How much a unit of a task's own way counts where tasks begin anywhere, and at stations: there the
# short ones of a station go first, but hardly any robot drives farther for one.  That pays at once,
# but leaves long ones over, among which robots find less that is near (docs/floor-tried.md).
LENGTH_SHARE = 0.2
LENGTH_SHARE_STATIONS = 0.01


class Schedule:
    """Open tasks as columns, and robots matched to them.

    A robot's cost for a task is its way to the first errand, plus a share of the task's own
    length, plus a price for each robot already on its way to that cell, which serves one at a time,
    less a reward for each open task that its station has more than stations have on average: else
    the tasks left over gather where few robots come by, and the ways there grow.
    The way is true where the cell has a distance row, else as the crow flies along the grid.

    Parameters
    ----------
    rows
        Distances; cells are numbered among the free ones (places).
    cell_of, width
        The floor's cell of each place, and its width.
    unit
        Units of one move.
    length_share
        How much a unit of the task's own way counts against a unit of the way there.  None: a
        hundredth where tasks begin at stations when robots first choose, else a fifth.
    queue_units
        What each robot under way to the same cell adds.
    backlog_units
        What each open task above the average of the stations takes off.
    """

    def __init__(
        self,
        rows: Rows,
        cell_of: np.ndarray,
        width: int,
        unit: int,
        *,
        length_share: float | None = None,
        queue_units: float = 4.0,
        backlog_units: float = 12.0,
    ) -> None:
        self.rows = rows
        self.unit = unit
        self.length_share = length_share
        self.queue_units = queue_units
        self.backlog_units = backlog_units
        self._stations = np.empty(0, np.int32)  # places where many tasks begin
        self._backlog = np.zeros(len(cell_of), np.int32)  # by place, open tasks
        self._row = (cell_of // width).astype(np.int32)
        self._column = (cell_of % width).astype(np.int32)
        self._queue = np.zeros(len(cell_of), np.int32)  # by place, robots under way to it
        self._tasks = np.empty((64, 3), np.int32)  # number, first place, units of way after that
        self._count = 0

    @property
    def open(self) -> int:
        """Number of open tasks."""
        return self._count

    @property
    def shared(self) -> bool:
        """Whether tasks begin at a few places: stations."""
        return bool(self._count >= MANY * np.count_nonzero(self._backlog))

    def reveal(self, task: int, first: int, length: float) -> None:
        """Take in an open task: its first place and the units of way after that."""
        if self._count == len(self._tasks):
            self._tasks = np.concatenate((self._tasks, np.empty_like(self._tasks)))
        self._tasks[self._count] = task, first, round(length)
        self._count += 1
        self._backlog[first] += 1

    def arrived(self, first: int) -> None:
        """Note that a robot has reached the first place of its task, or gave it up."""
        self._queue[first] -= 1

    def match(self, states: np.ndarray, at_most: int | None = None) -> np.ndarray:
        """Return a task for each robot state, -1 where none is open or after `at_most` got one;
        robots that find something cheap choose first (int32)."""
        chosen = np.full(len(states), -1, np.int32)
        room = len(states) if at_most is None else min(at_most, len(states))
        if room <= 0 or not self._count:
            return chosen
        if self.length_share is None:
            self.length_share = LENGTH_SHARE_STATIONS if self.shared else LENGTH_SHARE
        price = np.float64(self.queue_units) * self._queue
        if not len(self._stations):
            self._stations = np.flatnonzero(self._backlog >= MANY).astype(np.int32)
        if len(self._stations):
            here = self._backlog[self._stations]
            price[self._stations] -= self.backlog_units * (here - here.mean())
        rise = np.full(len(price), np.float64(self.queue_units))
        rise[self._stations] += self.backlog_units
        self._count = match_tasks(
            states.astype(np.int32), self._tasks, self._count, self._queue, self._backlog, price,
            rise, np.float64(self.length_share), self._row, self._column, self.rows.rows,
            self.rows.slot_of, self.unit, room, chosen,
        )  # fmt: skip
        return chosen


@loop
def match_tasks(
    states: np.ndarray, tasks: np.ndarray, count: int, queue: np.ndarray, backlog: np.ndarray,
    price: np.ndarray, rise: np.ndarray, share: float, row: np.ndarray, column: np.ndarray,
    rows: np.ndarray, slot_of: np.ndarray, unit: int, at_most: int, chosen: np.ndarray,
) -> int:  # fmt: skip
    """Fill `chosen` for `at_most` robots, take what was chosen out of `tasks`, return what is left.

    `price` is what a place costs beside the way, `rise` by how much each match there raises it, and
    `share` what a unit of a task's own way costs.
    The taken task's row is filled by the last one, so that the open ones stay together.
    """
    robots = states.shape[0]
    exact = robots <= 500
    value = np.empty(robots, np.float64)
    for robot in range(robots):
        value[robot] = _cheapest(
            states[robot], tasks, count, price, share, row, column, rows, slot_of, unit, exact
        )[1]
    for robot in np.argsort(value, kind="mergesort"):
        if count == 0 or at_most == 0:
            break
        at_most -= 1
        best = _cheapest(
            states[robot], tasks, count, price, share, row, column, rows, slot_of, unit, exact
        )[0]
        first = tasks[best, 1]
        chosen[robot] = tasks[best, 0]
        queue[first] += 1
        backlog[first] -= 1
        price[first] += rise[first]
        count -= 1
        tasks[best] = tasks[count]
    return count


@loop
def _cheapest(
    state: int, tasks: np.ndarray, count: int, price: np.ndarray, share: float, row: np.ndarray,
    column: np.ndarray, rows: np.ndarray, slot_of: np.ndarray, unit: int, exact: bool,
) -> tuple[int, float]:  # fmt: skip
    place = state >> 2
    heading = state & 3
    here_row = row[place]
    here_column = column[place]
    best = 0
    least = np.inf
    for number in range(count):
        first = tasks[number, 1]
        beside = share * tasks[number, 2] + price[first]
        value = beside + unit * (abs(here_row - row[first]) + abs(here_column - column[first]))
        if value >= least:
            continue
        slot = slot_of[first]
        if exact and slot >= 0:
            # The true way is never shorter than that along the grid.
            word = rows[slot, place]
            value = (
                beside
                + np.float64(word >> np.uint32(16))
                + np.float64((word >> np.uint32(4 * heading)) & np.uint32(15))
            )
        if value < least:
            least = value
            best = number
    return best, least
