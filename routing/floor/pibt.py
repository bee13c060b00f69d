"""Priority inheritance with backtracking: one tick's next cells for all robots.

Okumura, Machida, Defago, Tamura: Priority Inheritance with Backtracking for Iterative Multi-agent
Path Finding, Artificial Intelligence 310 (2022).  Two changes make it fit for execution under
grants (`following=False`): a robot never enters a cell that is held at the start of the tick, so
that the one behind waits while the pushed one clears the way; and robots may be under way for
several ticks (turning, then moving), during which they hold both cells and cannot be pushed.
"""

from __future__ import annotations

import numpy as np

from routing.compiled import loop

# What became of a robot: it stays for good, it moves, it waits for a cell that becomes free.
UNKNOWN, STUCK, MOVED, WAITS = -1, 0, 1, 2
# Moves of way that a pushed robot without a goal goes farther rather than stay ahead of its pusher.
ASIDE = 16
# Moves after which the cells of robots that are late count as free.
LATE = 9
FAR = np.int64(2**40)


@loop
def hashed(seed: int, tick: int, robot: int, way: int) -> int:
    """Return a number in 0..255 that breaks ties in no robot's favour for long."""
    word = np.uint32(seed * 1000003 + tick * 7919 + robot * 104729 + way * 1299709)
    word ^= word >> np.uint32(15)
    word *= np.uint32(0x2C1B3C6D)
    word ^= word >> np.uint32(12)
    word *= np.uint32(0x297A2D39)
    word ^= word >> np.uint32(15)
    return int(word & np.uint32(255))


@loop
def _nearer(row: np.ndarray, cell: int, than: int, headings: int) -> bool:
    """Return whether a row's goal is nearer from one cell than from another, at best heading."""
    a = row[cell * headings]
    b = row[than * headings]
    for heading in range(1, headings):
        a = min(a, row[cell * headings + heading])
        b = min(b, row[than * headings + heading])
    return a < b


@loop
def _cost(
    cell: int, heading: int, way: int, row: np.ndarray, successors: np.ndarray, costs: np.ndarray,
    turn_cost: int, state_headings: int,
) -> tuple[np.int64, np.int64]:  # fmt: skip
    """Return what the move from a cell by a way costs with its turns, and the rest to the goal."""
    quarter = (way - heading) % 4
    turns = 1 if quarter == 3 else quarter
    target = successors[cell, way]
    state = target * 4 + way if state_headings == 4 else target
    return turns * turn_cost + np.int64(costs[cell, way]), np.int64(row[state])


@loop
def delayed(
    cell: int, heading: int, way: int, row: np.ndarray, holder: np.ndarray, late: np.ndarray,
    unit: int, successors: np.ndarray, costs: np.ndarray, turn_cost: int, state_headings: int,
) -> np.int64:  # fmt: skip
    """Return the cost of the best way to the row's goal that begins with `way`.

    How long robots that are `late` still stand is not known.  Whenever one looks, their cells count
    as free after `LATE` moves, so that no move after that needs to be looked at; and whoever has
    turned off does not turn back while the late one stands.
    """
    wait = LATE * unit
    cells = np.empty(4 * (LATE + 2), np.int32)
    ways = np.empty(4 * (LATE + 2), np.int8)
    spent = np.empty(4 * (LATE + 2), np.int64)
    left = np.empty(4 * (LATE + 2), np.int64)
    cells[0], ways[0] = cell, way
    spent[0], left[0] = _cost(
        cell, heading, way, row, successors, costs, turn_cost, state_headings
    )  # fmt: skip
    best = FAR
    count = 1
    while count > 0:
        count -= 1
        heading = ways[count]
        target = successors[cells[count], heading]
        other = holder[target]
        used, rest = spent[count], left[count]
        if other >= 0 and late[other] and used < wait:
            used += (wait - used) * 3 // 4  # it may go on sooner, so who comes sooner is better off
        if used + rest >= best:
            continue
        if used >= wait or rest == 0:
            best = used + rest
            continue
        first = count
        for onward in range(4):
            if successors[target, onward] < 0:
                continue
            more, rest = _cost(
                target, heading, onward, row, successors, costs, turn_cost, state_headings
            )
            place = count  # the best one last, as it is taken up first
            while place > first and spent[place - 1] + left[place - 1] < used + more + rest:
                cells[place], ways[place] = cells[place - 1], ways[place - 1]
                spent[place], left[place] = spent[place - 1], left[place - 1]
                place -= 1
            cells[place], ways[place] = target, onward
            spent[place], left[place] = used + more, rest
            count += 1
    return best


@loop
def rank_ways(
    robot: int, cells: np.ndarray, headings: np.ndarray, pushed: bool, slots: np.ndarray,
    rows: np.ndarray, holder: np.ndarray, successors: np.ndarray, costs: np.ndarray,
    turn_cost: int, unit: int, state_headings: int, aside: int, late: np.ndarray, seed: int,
    tick: int, ways: np.ndarray,
) -> tuple[int, int]:  # fmt: skip
    """Write a robot's choices into `ways`, best first (0..3 headings, 4 stay); return how many
    there are, and how many of them are better than to stay.

    Where `aside` is the row of whoever needs the way, cells on that way come last.  This looks at
    the row alone and not at who stands where, so that a robot does not change its mind while
    others clear the cell that it waits for; but ways past those who are `late` count as longer.
    """
    cell = cells[robot]
    heading = headings[robot]
    row = rows[slots[robot]]
    stay = np.int64(row[cell * 4 + heading if state_headings == 4 else cell]) + unit
    plain = best = FAR
    each = np.empty(4, np.int64)
    for way in range(4):
        target = successors[cell, way]
        if target < 0:
            continue
        move, rest = _cost(cell, heading, way, row, successors, costs, turn_cost, state_headings)
        value = later = move + rest
        if len(late) > 0:
            later = delayed(
                cell, heading, way, row, holder, late, unit, successors, costs, turn_cost,
                state_headings,
            )  # fmt: skip
        if aside >= 0 and _nearer(rows[aside], target, cell, state_headings):
            value += ASIDE * unit
            later += ASIDE * unit
        plain = min(plain, value)
        best = min(best, later)
        each[way] = later
    stay += best - plain  # to stay is to go on from here later, past whoever is late
    values = np.empty(5, np.int64)
    count = 0
    better = 0
    for way in range(5):
        if way < 4:
            target = successors[cell, way]
            if target < 0:
                continue
            if each[way] < stay:
                better += 1
            occupied = 1 if holder[target] >= 0 else 0
            value = (each[way] * 2 + occupied) * 256 + hashed(seed, tick, robot, way)
        else:
            # A pushed robot stays only where nothing else is left.
            value = (stay + (1_000_000 if pushed else 0)) * 512
        place = count
        while place > 0 and values[place - 1] > value:
            values[place] = values[place - 1]
            ways[place] = ways[place - 1]
            place -= 1
        values[place] = value
        ways[place] = way
        count += 1
    return count, better


@loop
def plan_moves(
    order: np.ndarray, cells: np.ndarray, headings: np.ndarray, movable: np.ndarray,
    held: np.ndarray, slots: np.ndarray, rows: np.ndarray, successors: np.ndarray,
    costs: np.ndarray, turn_cost: int, unit: int, state_headings: int, following: bool,
    idle: np.ndarray, late: np.ndarray, seed: int, tick: int, next_cells: np.ndarray,
) -> None:  # fmt: skip
    """Fill `next_cells` with every robot's next cell (its own where it stays).

    `order` lists the robots, most urgent first.  `held` is each cell's holder or -1; it is not
    changed.  A robot holds its cell, and while it is under way also the one it is leaving.  Those
    in `idle` step off the way of who pushes them, lest they are driven ahead of it in rows.  Those
    who are `late` are passed where the way round is short, and else waited for.
    """
    robots = cells.shape[0]
    claimed = np.full(held.shape[0], -1, np.int32)
    decided = np.zeros(robots, np.bool_)
    on_stack = np.zeros(robots, np.bool_)
    holds = np.zeros(robots, np.int32)
    for cell in range(held.shape[0]):
        if held[cell] >= 0:
            holds[held[cell]] += 1
    for robot in range(robots):
        next_cells[robot] = cells[robot]
        if not movable[robot]:
            decided[robot] = True
            claimed[cells[robot]] = robot
    ways = np.empty((robots, 5), np.int8)
    counts = np.zeros(robots, np.int8)
    better = np.zeros(robots, np.int8)
    tried = np.zeros(robots, np.int8)
    stack = np.empty(robots, np.int32)
    for first in order:
        if decided[first]:
            continue
        depth = 0
        stack[0] = first
        decided[first] = True
        on_stack[first] = True
        counts[first], better[first] = rank_ways(
            first, cells, headings, False, slots, rows, held, successors, costs, turn_cost, unit,
            state_headings, -1, late, seed, tick, ways[first],
        )  # fmt: skip
        outcome = UNKNOWN
        while depth >= 0:
            robot = stack[depth]
            cell = cells[robot]
            if outcome >= 0:  # of the robot pushed by this one
                pushed = stack[depth + 1]
                if (
                    outcome == MOVED
                    and following
                    and (
                        turn_cost == 0
                        or successors[cells[pushed], headings[pushed]] == next_cells[pushed]
                    )
                ):
                    on_stack[robot] = False
                    depth -= 1
                    continue
                if following:  # the cell was claimed in vain
                    claimed[cells[pushed]] = pushed
                    next_cells[robot] = cell
                if outcome != STUCK:
                    outcome = WAITS
                    claimed[cell] = robot
                    on_stack[robot] = False
                    depth -= 1
                    continue
                outcome = UNKNOWN
            while outcome == UNKNOWN and tried[robot] < counts[robot]:
                way = ways[robot, tried[robot]]
                worth_waiting = tried[robot] < better[robot]
                tried[robot] += 1
                if way == 4:
                    outcome = WAITS if depth == 0 else STUCK
                    claimed[cell] = robot
                    continue
                target = successors[cell, way]
                other = held[target]
                taker = claimed[target]
                if other < 0:
                    if taker < 0:
                        claimed[target] = robot
                        next_cells[robot] = target
                        outcome = MOVED
                elif (
                    cells[other] != target
                    or (not movable[other] and holds[other] > 1)
                    or (len(late) > 0 and late[other])
                ):
                    # Somebody is just leaving, or just arriving and will go on, sooner or later.
                    if worth_waiting:
                        claimed[cell] = robot
                        outcome = WAITS
                elif taker >= 0 and taker != other:
                    pass
                elif not decided[other]:
                    # Push: the other one inherits this robot's urgency.
                    if following:
                        claimed[target] = robot
                        next_cells[robot] = target
                    else:
                        claimed[cell] = robot
                    decided[other] = True
                    on_stack[other] = True
                    counts[other], better[other] = rank_ways(
                        other, cells, headings, True, slots, rows, held, successors, costs,
                        turn_cost, unit, state_headings, slots[first] if idle[other] else -1,
                        late, seed, tick, ways[other],
                    )  # fmt: skip
                    depth += 1
                    stack[depth] = other
                    break
                elif next_cells[other] != target and next_cells[other] != cell:
                    straight = successors[target, headings[other]] == next_cells[other]
                    # A circle closes only where nobody in it has to turn first.
                    if turn_cost > 0 and on_stack[other]:
                        continue
                    at_once = turn_cost == 0 or straight
                    if following and at_once:
                        claimed[target] = robot
                        next_cells[robot] = target
                        outcome = MOVED
                    elif worth_waiting:
                        claimed[cell] = robot
                        outcome = WAITS
            if stack[depth] != robot:
                continue
            if outcome == UNKNOWN:
                outcome = STUCK
                claimed[cell] = robot
                next_cells[robot] = cell
            on_stack[robot] = False
            depth -= 1
