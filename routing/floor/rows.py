"""Distances of turning robots in four bytes a cell: what a search over operations looks up.

An entry holds the least cost over the headings (upper 16 bits) and, for each heading, what it costs
more (4 bits each): a half turn costs at most 15 units.
"""

from __future__ import annotations

from concurrent.futures import Executor
from time import perf_counter

import numpy as np

from routing.compiled import loop
from routing.floor.distances import fill_row

FAR = 65535
BATCH = 16  # rows made between two looks at the clock


class Rows:
    """One row a goal, made when first asked for, the least used dropped beyond a bound.

    Cells are numbered among the free ones (`index` and `places` translate); a state is
    `4 * cell + heading`.

    Parameters
    ----------
    forward
        By state, the cell ahead or -1 (int32).
    costs
        By state, the units that F costs there (int32).
    turn_cost
        Units of a quarter turn, at most 7.
    memory_mb
        Bound on the rows kept.
    executor
        Threads that share the making of several rows; the kernels release the interpreter lock.
    """

    def __init__(
        self,
        forward: np.ndarray,
        costs: np.ndarray,
        turn_cost: int,
        memory_mb: int = 5000,
        executor: Executor | None = None,
    ) -> None:
        if not 0 <= turn_cost <= 7:
            raise ValueError(f"turn_cost {turn_cost}: must be 0 to 7 units")
        self.cells = len(forward) // 4
        self.turn_cost = turn_cost
        self.dearest = turn_cost
        self.set_costs(costs)
        ways = forward.reshape(self.cells, 4)
        self._before = np.full((self.cells, 4), -1, dtype=np.int32)
        for heading in range(4):
            sources = np.flatnonzero(ways[:, heading] >= 0)
            self._before[ways[sources, heading], heading] = sources
        self.capacity = int(min(self.cells, max(64, memory_mb * 1_000_000 // (4 * self.cells))))
        # Reserved whole; the system gives memory only where a row is written.
        self.rows = np.empty((self.capacity + 1, self.cells), dtype=np.uint32)
        # The row of who wants nowhere: all places are equally far.
        self.nowhere = self.capacity
        self.rows[self.nowhere] = 0
        self.slot_of = np.full(self.cells, -1, dtype=np.int32)
        self._goal = np.full(self.capacity, -1, dtype=np.int32)
        self._used = np.full(self.capacity, -1, dtype=np.int64)
        self._made = np.zeros(self.capacity, dtype=np.int64)
        self.executor = executor
        self._count = 0
        self._clock = 0

    def set_costs(self, costs: np.ndarray) -> None:
        """Use other costs by state for the rows made from now on; the old ones stay as they are."""
        self.costs = np.ascontiguousarray(costs.reshape(self.cells, 4), dtype=np.int32)
        self._largest = int(max(self.costs.max(), self.turn_cost))
        self.dearest = max(self.dearest, self._largest)  # of any row kept

    def forget(self) -> None:
        """Let all rows be made anew."""
        self.slot_of[:] = -1
        self._goal[:] = -1
        self._used[:] = -1
        self._count = 0

    def refresh(self, goals: np.ndarray, at_most: int, older: int, until: float | None) -> int:
        """Make rows of `goals` again under the present costs, the oldest and most asked for first;
        return how many.

        Parameters
        ----------
        at_most
            Rows made again at most.
        older
            Only rows made more than this many calls of `slots` ago.
        until
            Stop at this time on the `perf_counter` clock.
        """
        slots, asked = np.unique(self.slot_of[goals][self.has(goals)], return_counts=True)
        age = self._clock - self._made[slots]
        rank = np.argsort(-asked * age, kind="stable")
        slots = slots[rank[age[rank] > older]][:at_most].astype(np.int32)
        for number, slot in enumerate(slots.tolist()):
            if until is not None and perf_counter() > until:
                return number
            fill_packed(
                self.rows, slots[number : number + 1], self._goal[slot : slot + 1], self._before,
                self.costs, self.turn_cost, self._largest,
            )  # fmt: skip
            self._made[slot] = self._clock
        return len(slots)

    def has(self, goals: np.ndarray) -> np.ndarray:
        """Return which of the goals have a row now."""
        return self.slot_of[goals] >= 0

    def slots(self, goals: np.ndarray, until: float | None = None) -> np.ndarray:
        """Return the indices in `rows` of all goals, making those that are missing (int32).

        From the time `until` on the `perf_counter` clock no more are made, and those that are still
        missing get the row `nowhere`; so do those for which there is no room, in turns.
        """
        self._clock += 1
        found = self.slot_of[goals]
        self._used[found[found >= 0]] = self._clock
        missing = np.unique(goals[found < 0])
        room = self.capacity - np.count_nonzero(self._used == self._clock)
        if len(missing) > room:
            missing = np.roll(missing, -self._clock)[:room]
        batch = len(missing) if until is None else BATCH
        for begin in range(0, len(missing), max(1, batch)):
            if until is not None and perf_counter() > until:
                break
            self._make(missing[begin : begin + batch])
        if len(missing):
            found = self.slot_of[goals]
            found[found < 0] = self.nowhere
        return found

    def _make(self, goals: np.ndarray) -> None:
        made = self._count
        fresh = min(len(goals), self.capacity - made)
        slots = list(range(made, made + fresh))
        self._count += fresh
        if fresh < len(goals):
            # Drop a batch of the least used at once: looking for them is what costs.
            dropped = np.argsort(self._used[:made], kind="stable")[: len(goals) - fresh]
            self.slot_of[self._goal[dropped]] = -1
            slots += dropped.tolist()
        chosen = np.array(slots, dtype=np.int32)
        goals = goals.astype(np.int32)

        def fill(first: int, last: int) -> None:
            # Slices without a step: another layout would compile the kernel anew, in some step.
            fill_packed(
                self.rows, chosen[first:last], goals[first:last], self._before, self.costs,
                self.turn_cost, self._largest,
            )  # fmt: skip

        half = len(goals) // 2
        if self.executor is None or half < 2:
            fill(0, len(goals))
        else:
            list(self.executor.map(fill, (0, half), (half, len(goals))))
        self._goal[chosen] = goals
        self._made[chosen] = self._clock
        self._used[chosen] = self._clock
        self.slot_of[goals] = chosen


@loop
def fill_packed(
    rows: np.ndarray, slots: np.ndarray, goals: np.ndarray, predecessors: np.ndarray,
    costs: np.ndarray, turn_cost: int, largest: int,
) -> None:  # fmt: skip
    """Fill the rows `slots` with the packed distances to `goals`."""
    cells = rows.shape[1]
    plain = np.empty(4 * cells, np.uint16)
    goal = np.empty(1, np.int32)
    for number in range(slots.shape[0]):
        goal[0] = goals[number]
        fill_row(plain, goal, predecessors, costs, turn_cost, 4, largest)
        row = rows[slots[number]]
        for cell in range(cells):
            least = min(
                min(plain[4 * cell], plain[4 * cell + 1]),
                min(plain[4 * cell + 2], plain[4 * cell + 3]),
            )
            word = np.uint32(least) << np.uint32(16)
            for heading in range(4):
                more = min(np.uint32(15), np.uint32(plain[4 * cell + heading] - least))
                word |= more << np.uint32(4 * heading)
            row[cell] = word


@loop
def look_up(rows: np.ndarray, slots: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return units from each state to the goal of its own slot (int32)."""
    units = np.empty(states.shape[0], np.int32)
    for number in range(states.shape[0]):
        units[number] = units_to_go(rows[slots[number]], states[number])
    return units


@loop
def units_to_go(row: np.ndarray, state: int) -> int:
    """Return the units from a state to the goal of a packed row."""
    word = row[state >> 2]
    return int(word >> np.uint32(16)) + int((word >> np.uint32(4 * (state & 3))) & np.uint32(15))
