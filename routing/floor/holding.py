"""Which cells robots under grants would hold while they carry on in one way or another: kernels.

From the tick in which a cell is granted until it is left nobody else may have it, and a moving
robot holds two.  So two robots are in each other's way where both would hold a cell in a tick; that
nobody enters a cell as it is left, and that none change places, follows from it.
"""

from __future__ import annotations

import numpy as np

from routing.compiled import loop
from routing.floor.maneuvers import WAIT

KEYS = 1024  # values told apart when maneuvers are ranked


@loop
def hold(
    cells: np.ndarray, headings: np.ndarray, ready: np.ndarray, going: np.ndarray,
    movable: np.ndarray, slots: np.ndarray, rows: np.ndarray,
    successors: np.ndarray, costs: np.ndarray, turn_cost: int, turn_ticks: int, unit: int,
    state_headings: int, held: np.ndarray, actions: np.ndarray, shared: np.ndarray,
    holds: np.ndarray, values: np.ndarray, ranks: np.ndarray, counts: np.ndarray,
) -> None:  # fmt: skip
    """Write which two cells each robot holds in each tick of each maneuver, or -1, and rank these.

    A maneuver's value is what it costs (units) until the horizon and from there to the goal, times
    8, plus a bias towards early moves.  Until robots are `ready` they hold nothing here, but what
    they are granted meanwhile; those not `going` hold nothing at all.

    Parameters
    ----------
    holds
        Shape (robots, maneuvers, 2 x ticks): the cell it is in, and the one it enters.
    values, ranks, counts
        By robot: values of the maneuvers that are possible, these in order, and their number.
    """
    number, depth = actions.shape
    place = np.empty(depth + 1, np.int32)
    facing = np.empty(depth + 1, np.int8)
    tick = np.empty(depth + 1, np.int32)
    spent = np.empty(depth + 1, np.int64)
    bias = np.empty(depth + 1, np.int64)
    there = np.empty(depth + 1, np.bool_)  # it has come to its goal, and stays
    calm = np.empty(depth + 1, np.bool_)  # to wait costs nothing
    way = np.empty(2 * depth, np.int32)
    firsts = np.empty(KEYS + 1, np.int32)
    for robot in range(cells.shape[0]):
        holds[robot, number - 1] = -1
        values[robot, number - 1] = 0
        counts[robot] = 0
        if not going[robot]:
            continue
        row = rows[slots[robot]]
        begin = min(ready[robot], depth)
        here = cells[robot]
        state = here * 4 + headings[robot] if state_headings == 4 else here
        place[0], facing[0], tick[0] = here, headings[robot], begin
        spent[0], bias[0], there[0], calm[0] = begin * unit, 0, False, row[state] == 0
        known = 0  # actions of the last maneuver that were followed
        vain = depth + 1  # actions with which no maneuver is possible
        least = np.int64(2**62)
        for option in range(number):
            step = shared[option]
            if step >= vain:
                continue
            vain = depth + 1
            step = min(step, known)
            now = tick[step]
            possible = True
            while now < depth:
                action = actions[option, step]
                here = place[step]
                cost, early, done, rests = spent[step], bias[step], there[step], calm[step]
                if action == WAIT:
                    way[2 * now], way[2 * now + 1] = here, -1
                    now += 1
                    heading = facing[step]
                    if not rests:
                        cost += unit
                else:
                    heading = (facing[step] + action) & 3
                    target = successors[here, heading]
                    granted = step == 0 and movable[robot]
                    if done or target < 0 or (granted and held[target] >= 0):
                        possible = False
                        break
                    if granted:
                        for before in range(begin):
                            way[2 * before], way[2 * before + 1] = -1, target
                    turns = 1 if action == 3 else action
                    early += now
                    for _ in range(1 + turns * turn_ticks):
                        if now < depth:
                            way[2 * now], way[2 * now + 1] = here, target
                        now += 1
                    cost += turns * turn_cost + costs[here, heading]
                    here = target
                    state = here * 4 + heading if state_headings == 4 else here
                    rests = row[state] == 0
                    done = rests
                if step == 0 and (action == WAIT or not movable[robot]):
                    way[: 2 * begin] = -1
                step += 1
                place[step], facing[step], tick[step] = here, heading, now
                spent[step], bias[step], there[step], calm[step] = cost, early, done, rests
            known = step
            if not possible:
                vain = step + 1
                continue
            # Of those that differ behind the horizon, or at the goal, only that which waits.
            for left in range(step, depth):
                possible &= actions[option, left] == WAIT
            if not possible:
                continue
            state = place[step] * 4 + facing[step] if state_headings == 4 else place[step]
            if begin == depth:
                way[:] = -1
            value = (spent[step] + np.int64(row[state])) * 8 + min(7, bias[step])
            values[robot, option] = value
            holds[robot, option] = way
            ranks[robot, counts[robot]] = option
            counts[robot] += 1
            least = min(least, value)
        _sort(values[robot], ranks[robot], counts[robot], least, firsts)


@loop
def _sort(
    values: np.ndarray, ranks: np.ndarray, count: int, least: int, firsts: np.ndarray
) -> None:
    """Sort the first `count` of `ranks` by value; those far above the `least` stay as they are."""
    firsts[:] = 0
    options = ranks[:count].copy()
    for option in options:
        firsts[min(values[option] - least, KEYS - 1) + 1] += 1
    for key in range(KEYS):
        firsts[key + 1] += firsts[key]
    for option in options:
        key = min(values[option] - least, KEYS - 1)
        ranks[firsts[key]] = option
        firsts[key] += 1


@loop
def mark(
    held: np.ndarray, cells: np.ndarray, ready: np.ndarray, going: np.ndarray, at: np.ndarray
) -> None:
    """Fill `at` (robot by cell and tick) with what is held whatever anybody chooses.

    It is marked with the number of robots, as nobody can be pushed there.
    """
    at[:] = -1
    robots = cells.shape[0]
    for cell in range(held.shape[0]):
        robot = held[cell]
        if robot >= 0:
            ticks = min(ready[robot], at.shape[1]) if going[robot] else at.shape[1]
            at[cell, :ticks] = robots


@loop
def settle(holds: np.ndarray, choice: np.ndarray, at: np.ndarray) -> None:
    """Fill `at` with what robots hold by what they have chosen."""
    for robot in range(choice.shape[0]):
        for place in range(holds.shape[2]):
            cell = holds[robot, choice[robot], place]
            if cell >= 0:
                at[cell, place >> 1] = robot


@loop
def keep_to(
    robot: int, cell: int, holds: np.ndarray, ranks: np.ndarray, counts: np.ndarray
) -> None:
    """Leave a robot only maneuvers in which it is granted this cell now (-1: none)."""
    kept = 0
    for rank in range(counts[robot]):
        option = ranks[robot, rank]
        if holds[robot, option, 1] == cell:
            ranks[robot, kept] = option
            kept += 1
    counts[robot] = kept
