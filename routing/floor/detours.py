"""Rows of distances kept right while cells close and open.

Most of a row stays as it is: where a cell closes only states whose way may lead through it are
searched anew, from those beside them that need no detour, and where one opens only those that are
nearer by it (after Ramalingam and Reps 1996).
"""

from __future__ import annotations

import heapq

import numpy as np

from routing.compiled import loop

FAR = 65535  # as in `distances`
# A key in a heap: the cost, and in these lower bits the state.
BITS = 32
STATE = (1 << BITS) - 1

State = int | np.int64


@loop
def way_to(
    state: State,
    way: int,
    neighbours: np.ndarray,
    costs: np.ndarray,
    turn_cost: int,
    headings: int,
    back: bool,
) -> tuple[State, int]:
    """Return the state at the other end of a way from this one, -1 for none, and what it costs.

    With four headings way 0 drives and ways 1 and 2 turn; with one all four ways drive.  With
    `back` the way leads here, and `neighbours` are the predecessors; else they are the successors.
    """
    if headings == 1:
        cell: State = state
        heading: State = way
    else:
        cell, heading = state >> 2, state & 3
        if way:
            return (cell << 2) | ((heading + 2 * way - 1) & 3), turn_cost
    other = neighbours[cell, heading]
    if other < 0:
        return -1, 0
    cost = costs[other if back else cell, heading]
    return (other if headings == 1 else (other << 2) | heading), cost


@loop
def doubt(
    queue: list[np.int64],
    lost: State,
    cost_before: int,
    row: np.ndarray,
    open_predecessors: np.ndarray,
    costs: np.ndarray,
    turn_cost: int,
    headings: int,
    ways: int,
) -> None:
    """Put into a heap, by their cost, the states whose best way may lead through a lost one."""
    for way in range(ways):
        before, cost = way_to(lost, way, open_predecessors, costs, turn_cost, headings, True)
        if before >= 0 and row[before] != FAR and row[before] == cost_before + cost:
            heapq.heappush(queue, (np.int64(row[before]) << BITS) | before)


@loop
def lead_round(
    rows: np.ndarray,
    slots: np.ndarray,
    closing: np.ndarray,
    opening: np.ndarray,
    open_predecessors: np.ndarray,
    predecessors: np.ndarray,
    successors: np.ndarray,
    costs: np.ndarray,
    turn_cost: int,
    headings: int,
) -> None:
    """Change rows to what `distances.fill_row` would make of the same goals now.

    Parameters
    ----------
    rows, slots
        All rows, and which of them.
    closing, opening
        The cells that are closed now and were open, and the other way round; no goal of these rows
        is or was closed.
    open_predecessors
        Ways with all cells open; `predecessors` and `successors` are those of now.
    """
    ways = 4 if headings == 1 else 3
    lost = np.empty(rows.shape[1], np.int32)
    was = np.empty(rows.shape[1], np.uint16)
    queue = [np.int64(0)]  # keys: cost, then state
    queue.pop()
    for slot in slots:
        row = rows[slot]
        count = 0
        for cell in closing:
            for gone in range(cell * headings, (cell + 1) * headings):
                lost[count], was[count] = gone, row[gone]
                row[gone] = FAR
                count += 1
        closed = count
        for k in range(closed):
            if was[k] != FAR:
                doubt(
                    queue, lost[k], was[k], row, open_predecessors, costs, turn_cost, headings, ways
                )
        while len(queue):  # nearest first: what is nearer is either lost by now or stays
            state: State = heapq.heappop(queue) & STATE
            cost_before = row[state]
            if cost_before == FAR:
                continue
            stays = False
            for way in range(ways):
                after, cost = way_to(state, way, successors, costs, turn_cost, headings, False)
                if after >= 0 and row[after] != FAR and row[after] + cost == cost_before:
                    stays = True
                    break
            if not stays:
                row[state] = FAR
                lost[count], was[count] = state, cost_before
                count += 1
                doubt(
                    queue, state, cost_before, row, open_predecessors, costs, turn_cost, headings,
                    ways,
                )  # fmt: skip
        for k in range(closed, count):
            push_least(queue, lost[k], row, successors, costs, turn_cost, headings, ways)
        for cell in opening:
            for state in range(cell * headings, (cell + 1) * headings):
                push_least(queue, state, row, successors, costs, turn_cost, headings, ways)
        while len(queue):
            key = heapq.heappop(queue)
            so_far, state = key >> BITS, key & STATE
            if so_far >= row[state]:
                continue
            row[state] = so_far
            for way in range(ways):
                before, cost = way_to(state, way, predecessors, costs, turn_cost, headings, True)
                if before >= 0 and so_far + cost < row[before]:
                    heapq.heappush(queue, ((so_far + cost) << BITS) | before)


@loop
def push_least(
    queue: list[np.int64],
    state: State,
    row: np.ndarray,
    successors: np.ndarray,
    costs: np.ndarray,
    turn_cost: int,
    headings: int,
    ways: int,
) -> None:
    """Put a state into the heap with the least that it costs from the states beside it."""
    least = np.int64(FAR)
    for way in range(ways):
        after, cost = way_to(state, way, successors, costs, turn_cost, headings, False)
        if after >= 0 and row[after] != FAR:
            least = min(least, np.int64(row[after]) + cost)
    if least < FAR:
        heapq.heappush(queue, (least << BITS) | state)
