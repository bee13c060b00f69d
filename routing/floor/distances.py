"""How far it is from anywhere to a goal: rows made when first asked for, bounded in memory."""

from __future__ import annotations

import numpy as np

from routing.compiled import loop
from routing.floor.detours import lead_round
from routing.floor.grid import Floor

FAR = np.uint16(65535)  # no way
MEMORY_MB = 6000  # of rows kept: 10,000 goals on maps/large.map
TURN_TICKS = 64  # of those goals whose rows fit, where not all do
FEW_CELLS = 0.1  # times the root of all: where more close, to search a row anew takes less time
OPENING = 0.3  # of what one that closes takes


class Distances:
    """Distances to goal cells over robot states, one row a goal, the least used row dropped first.

    A state is a cell, or a cell and a heading where turning costs something: its index is
    `cell * headings + heading` (`headings` is 1 or 4).  Costs are in units of `1 / unit` tick, so
    that guidance can prefer lanes by less than a whole tick.

    Attributes
    ----------
    rows
        Shape (capacity, states), uint16: the cost to the goal that the row was made for, or `FAR`;
        valid for slots just asked for.
    """

    def __init__(
        self,
        floor: Floor,
        turn_ticks: int = 0,
        *,
        costs: np.ndarray | None = None,
        unit: int = 1,
        anywhere: np.ndarray | None = None,
        memory_mb: int = MEMORY_MB,
    ) -> None:
        """Prepare, without making a row.

        Parameters
        ----------
        turn_ticks
            Ticks of a quarter turn.
        costs
            Shape (cells, 4): units that leaving a cell by a heading costs; `unit` everywhere where
            not given.
        anywhere
            Cells that the goal -1 stands for: its row leads to the nearest of them.
        memory_mb
            Rows are dropped beyond this.
        """
        self.floor = floor
        self.unit = unit
        self.turn_cost = turn_ticks * unit
        self.headings = 4 if turn_ticks else 1
        self.costs = (
            np.full((floor.cells, 4), unit, dtype=np.int32)
            if costs is None
            else np.ascontiguousarray(costs, dtype=np.int32)
        )
        self.successors = floor.successors
        self.predecessors = self._open_predecessors = _predecessors(floor.successors)
        states = floor.cells * self.headings
        goals = floor.cells + 1  # each cell, and -1
        capacity = max(16, min(goals, memory_mb * 1_000_000 // (2 * states)))
        self._capacity = capacity
        # Reserved whole; the system gives memory only where a row is written.
        self.rows = np.empty((capacity, states), dtype=np.uint16)
        self._anywhere = np.empty(0, np.int32) if anywhere is None else anywhere.astype(np.int32)
        self._slots: dict[int, int] = {}  # goal -> row, least recently asked first
        self._drops = capacity < goals
        self._slot_of = np.full(goals, -1, np.int32)  # the same where no row is ever dropped
        self._blocked = np.empty(0, np.int32)
        self._known_blocked = {0: self._blocked}  # by its number: what rows were made round
        self._now = 0  # the number of what is blocked now
        self._number = np.zeros(capacity, np.int32)  # slot -> number
        self._goal = np.zeros(capacity, np.int32)  # slot -> goal
        self._largest = int(max(self.costs.max(), self.turn_cost, 1))

    def go_round(self, blocked: np.ndarray) -> None:
        """Let rows lead round these cells from now on, such as those of broken robots.

        A row is changed when it is asked for next: that takes less time than to make it anew, the
        more so the larger the floor.
        """
        blocked = np.unique(blocked).astype(np.int32)
        if np.array_equal(blocked, self._blocked):
            return
        successors = self.floor.successors
        self.successors, self.predecessors = successors, self._open_predecessors
        if len(blocked):
            self.successors = successors.copy()
            self.successors[blocked] = -1
            self.successors[np.isin(successors, blocked)] = -1
            self.predecessors = _predecessors(self.successors)
        self._blocked = blocked
        used = np.unique(self._number[: len(self._slots)]).tolist()
        self._known_blocked = {number: self._known_blocked[number] for number in used}
        self._now += 1
        self._known_blocked[self._now] = blocked

    def slot(self, goal: int) -> int:
        """Return the index in `rows` of the distances to `goal`, which is valid until the next
        call that asks for more goals than fit."""
        return int(self.slots(np.array([goal], dtype=np.int32))[0])

    def slots(self, goals: np.ndarray) -> np.ndarray:
        """Return the indices in `rows` for all of `goals` together (int32)."""
        known = self._slot_of[goals]
        if not self._drops and (known >= 0).all():
            self._renew(known)
            return known
        distinct, inverse = np.unique(goals, return_inverse=True)
        if len(distinct) > self._capacity:
            raise MemoryError(
                f"{len(distinct)} goals at once, room for {self._capacity} rows; raise memory_mb"
            )
        chosen = np.empty(len(distinct), dtype=np.int32)
        missing = []
        for position, goal in enumerate(distinct.tolist()):
            slot = self._slots.pop(goal, -1)
            if slot >= 0:
                self._slots[goal] = slot
                chosen[position] = slot
            else:
                missing.append((position, goal))
        for position, goal in missing:
            chosen[position] = self._make(goal)
        self._renew(chosen)
        return chosen[inverse]

    def fit(self, goals: np.ndarray, tick: int) -> np.ndarray:
        """Return of which of `goals` the rows may be asked for together; bool.

        Nearly always all.  Where they are too many for the memory they take turns by the `tick`.
        """
        if len(goals) <= self._capacity:
            return np.ones(len(goals), bool)
        distinct = np.unique(goals)
        if len(distinct) <= self._capacity:
            return np.ones(len(goals), bool)
        first = tick // TURN_TICKS * self._capacity
        turn = np.take(distinct, np.arange(first, first + self._capacity), mode="wrap")
        return np.isin(goals, turn)

    def row(self, goal: int) -> np.ndarray:
        """Return the distances to `goal` in ticks (float64, shape (cells, headings))."""
        slot = self.slot(goal)
        row = self.rows[slot].astype(np.float64)
        row[row == FAR] = np.inf
        return (row / self.unit).reshape(self.floor.cells, self.headings)

    def between(self, sources: np.ndarray, goals: np.ndarray) -> np.ndarray:
        """Return ticks from each source to each goal (rows: sources), whatever the heading at the
        source; inf where there is no way."""
        sources = np.ascontiguousarray(sources, np.int32)
        ticks = np.empty((len(sources), len(goals)))
        for first in range(0, len(goals), self._capacity):  # nearly always once
            slots = self.slots(goals[first : first + self._capacity]).astype(np.int32)
            least(self.rows, slots, sources, self.headings, self.unit, ticks, first)
        return ticks

    def _make(self, goal: int) -> int:
        used = len(self._slots)
        if used < self._capacity:
            slot = used
        else:
            slot = self._slots.pop(next(iter(self._slots)))
        self._slots[goal] = slot
        if not self._drops:
            self._slot_of[goal] = slot
        self._goal[slot] = goal
        self._fill(slot)
        return slot

    def _renew(self, slots: np.ndarray) -> None:
        """Change rows that lead round other cells than those blocked now."""
        old = slots[self._number[slots] != self._now]
        if not len(old):
            return
        for number in np.unique(self._number[old]).tolist():
            before = self._known_blocked[number]
            closing = np.setdiff1d(self._blocked, before)
            opening = np.setdiff1d(before, self._blocked)
            some = np.unique(old[self._number[old] == number])
            goals = self._goal[some]
            anew = (goals < 0) | np.isin(goals, before) | np.isin(goals, self._blocked)
            anew |= len(closing) + OPENING * len(opening) > FEW_CELLS * self.floor.cells**0.5
            for slot in some[anew].tolist():
                self._fill(slot)
            lead_round(
                self.rows,
                some[~anew],
                closing,
                opening,
                self._open_predecessors,
                self.predecessors,
                self.successors,
                self.costs,
                self.turn_cost,
                self.headings,
            )
            self._number[some] = self._now

    def _fill(self, slot: int) -> None:
        goal = int(self._goal[slot])
        if goal < 0:
            goals = np.setdiff1d(self._anywhere, self._blocked)
        else:
            goals = np.array([goal], dtype=np.int32)
        fill_row(
            self.rows[slot],
            goals,
            self.predecessors,
            self.costs,
            self.turn_cost,
            self.headings,
            self._largest,
        )
        self._number[slot] = self._now


def _predecessors(successors: np.ndarray) -> np.ndarray:
    """Return by heading the cell from which that heading leads here, or -1."""
    result = np.full_like(successors, -1)
    for heading in range(4):
        cells = np.flatnonzero(successors[:, heading] >= 0)
        result[successors[cells, heading], heading] = cells
    return result


@loop
def least(
    rows: np.ndarray,
    slots: np.ndarray,
    sources: np.ndarray,
    headings: int,
    unit: int,
    ticks: np.ndarray,
    first: int,
) -> None:
    """Fill the columns of `ticks` from `first` on with the least ticks over a source's headings."""
    for k in range(slots.shape[0]):  # a row at a time: that fits into the cache
        row = rows[slots[k]]
        for n in range(sources.shape[0]):
            units = row[sources[n] * headings]
            for state in range(sources[n] * headings + 1, (sources[n] + 1) * headings):
                units = min(units, row[state])
            ticks[n, first + k] = np.inf if units == 65535 else units / unit


@loop
def fill_row(
    row: np.ndarray,
    goals: np.ndarray,
    predecessors: np.ndarray,
    costs: np.ndarray,
    turn_cost: int,
    headings: int,
    largest: int,
) -> None:
    """Fill one row with the least costs to the nearest of `goals`.

    A search backwards from the goals in buckets of equal cost (Dial 1969): costs are small whole
    numbers, so a ring of `largest + 1` buckets replaces a heap.
    """
    states = row.shape[0]
    row[:] = 65535
    ring = largest + 1
    heads = np.full(ring, -1, np.int32)
    # A state is queued again each time it gets cheaper; entries are linked lists in these arrays.
    room = states * 4 + goals.shape[0] * headings + 16
    link = np.empty(room, np.int32)
    item = np.empty(room, np.int32)
    used = 0
    spare = np.int32(-1)
    waiting = 0
    for goal in goals:
        for heading in range(headings):
            state = goal * headings + heading
            row[state] = 0
            item[used] = state
            link[used] = heads[0]
            heads[0] = used
            used += 1
            waiting += 1
    cost = 0
    while waiting:
        bucket = cost % ring
        # Divisions by what the compiler does not know cost more than all the rest here.
        while heads[bucket] >= 0:
            entry = heads[bucket]
            heads[bucket] = link[entry]
            state = item[entry]
            link[entry] = spare
            spare = entry
            waiting -= 1
            if row[state] != cost:
                continue
            if headings == 4:
                cell, heading = state >> 2, state & 3
            else:
                cell, heading = state, 0
            for way in range(6 if headings == 4 else 4):
                if headings == 4:
                    if way == 0:
                        before = predecessors[cell, heading]
                        if before < 0:
                            continue
                        larger = cost + costs[before, heading]
                        before = before * 4 + heading
                    elif way == 1:
                        before = cell * 4 + ((heading + 1) & 3)
                        larger = cost + turn_cost
                    elif way == 2:
                        before = cell * 4 + ((heading + 3) & 3)
                        larger = cost + turn_cost
                    else:
                        break
                else:
                    before = predecessors[cell, way]
                    if before < 0:
                        continue
                    larger = cost + costs[before, way]
                if larger >= row[before] or larger >= 65535:
                    continue
                row[before] = larger
                if spare >= 0:
                    entry = spare
                    spare = link[spare]
                else:
                    entry = used
                    used += 1
                later = bucket + larger - cost
                if later >= ring:
                    later -= ring
                item[entry] = before
                link[entry] = heads[later]
                heads[later] = entry
                waiting += 1
        cost += 1
