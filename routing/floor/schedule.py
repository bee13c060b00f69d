"""Which robot does which task, where thousands of tasks are open: by pick-up cell, nearest first."""

from __future__ import annotations

import heapq

import numpy as np

from routing.floor.rows import Rows, look_up_all


class Schedule:
    """Open tasks in heaps by the cell they begin at, and robots matched to them.

    A robot's cost for a task is its way to the first errand, plus a share of the task's length,
    plus a price for each robot already on its way there: a station serves one at a time.

    Parameters
    ----------
    rows
        Distances; all cells are numbered among the free ones.
    length_share
        How much a unit of the task's own way counts against a unit of the way there.
    queue_units
        What each robot under way to the same cell adds.
    """

    def __init__(self, rows: Rows, *, length_share: float = 0.3, queue_units: float = 8.0) -> None:
        self.rows = rows
        self.length_share = length_share
        self.queue_units = queue_units
        self.group_of: dict[int, int] = {}  # first cell -> group
        self.cells = np.empty(0, np.int32)  # by group
        self._heaps: list[list[tuple[float, int]]] = []
        self._shortest = np.empty(0)  # by group, of its open tasks; inf where it has none
        self._queue = np.empty(0)  # by group, robots under way
        self.open = 0

    def reveal(self, task: int, first: int, length: float) -> None:
        """Take in an open task: its first cell and the units of way after that."""
        group = self.group_of.get(first)
        if group is None:
            group = self.group_of[first] = len(self._heaps)
            self._heaps.append([])
            self.cells = np.append(self.cells, np.int32(first))
            self._shortest = np.append(self._shortest, np.inf)
            self._queue = np.append(self._queue, 0.0)
        heapq.heappush(self._heaps[group], (length, task))
        self._shortest[group] = self._heaps[group][0][0]
        self.open += 1

    def arrived(self, first: int) -> None:
        """Note that a robot has reached the first cell of its task."""
        self._queue[self.group_of[first]] -= 1

    def match(self, states: np.ndarray) -> list[int]:
        """Return a task for each robot state, -1 where none is open; robots with a short way
        choose first."""
        chosen = [-1] * len(states)
        if not len(states) or not self.open:
            return chosen
        live = np.flatnonzero(np.isfinite(self._shortest))
        slots = self.rows.slots(self.cells[live])
        ways = look_up_all(self.rows.rows, slots, states.astype(np.int32)).astype(np.float64)
        base = self.length_share * self._shortest[live] + self.queue_units * self._queue[live]
        for robot in np.argsort((ways + base).min(axis=1), kind="stable"):
            if not self.open:
                break
            position = int(np.argmin(ways[robot] + base))
            group = int(live[position])
            _, chosen[robot] = heapq.heappop(self._heaps[group])
            self.open -= 1
            self._queue[group] += 1
            heap = self._heaps[group]
            self._shortest[group] = heap[0][0] if heap else np.inf
            base[position] = (
                self.length_share * self._shortest[group] + self.queue_units * self._queue[group]
            )
        return chosen
