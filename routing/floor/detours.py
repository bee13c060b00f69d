"""Distances round cells that are closed for a while, from those with all cells open.

Most of a row stays as it is when a cell closes: only states whose way may lead through it are
searched anew, from those beside them that need no detour (after Ramalingam and Reps 1996).
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
    row: np.ndarray,
    open_row: np.ndarray,
    open_predecessors: np.ndarray,
    costs: np.ndarray,
    turn_cost: int,
    headings: int,
    ways: int,
) -> None:
    """Put into a heap, by their cost, the states whose best way may lead through a lost one."""
    for way in range(ways):
        before, cost = way_to(lost, way, open_predecessors, costs, turn_cost, headings, True)
        if before >= 0 and row[before] != FAR and row[before] == open_row[lost] + cost:
            heapq.heappush(queue, (np.int64(row[before]) << BITS) | before)


@loop
def lead_round(
    row: np.ndarray,
    open_row: np.ndarray,
    closed: np.ndarray,
    open_predecessors: np.ndarray,
    predecessors: np.ndarray,
    successors: np.ndarray,
    costs: np.ndarray,
    turn_cost: int,
    headings: int,
) -> None:
    """Fill one row with the least costs to where `open_row` leads, round closed cells.

    Parameters
    ----------
    row
        Filled: what `distances.fill_row` would make of the same goals with these cells closed.
    open_row
        The costs with all cells open.
    closed
        The closed cells; the goal is none of them.
    open_predecessors
        Ways with all cells open; `predecessors` and `successors` are those round the closed ones.
    """
    ways = 4 if headings == 1 else 3
    row[:] = open_row
    for cell in closed:
        row[cell * headings : (cell + 1) * headings] = FAR
    queue = [np.int64(0)]  # keys: cost, then state
    queue.pop()
    for cell in closed:
        for gone in range(cell * headings, (cell + 1) * headings):
            doubt(queue, gone, row, open_row, open_predecessors, costs, turn_cost, headings, ways)
    lost = np.empty(row.shape[0], np.int32)
    count = 0
    while len(queue):  # nearest first: what is nearer is either lost by now or stays
        state: State = heapq.heappop(queue) & STATE
        if row[state] == FAR:
            continue
        stays = False
        for way in range(ways):
            after, cost = way_to(state, way, successors, costs, turn_cost, headings, False)
            if after >= 0 and row[after] != FAR and row[after] + cost == row[state]:
                stays = True
                break
        if not stays:
            row[state] = FAR
            lost[count] = state
            count += 1
            doubt(queue, state, row, open_row, open_predecessors, costs, turn_cost, headings, ways)
    for alone in lost[:count]:
        least = np.int64(FAR)
        for way in range(ways):
            after, cost = way_to(alone, way, successors, costs, turn_cost, headings, False)
            if after >= 0 and row[after] != FAR:
                least = min(least, np.int64(row[after]) + cost)
        if least < FAR:
            heapq.heappush(queue, (least << BITS) | alone)
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
