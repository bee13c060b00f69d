"""Push-based search over operations, then local search: kernels for robots that turn.

Each robot always has an operation, and all of them together are free of conflicts at every step:
at first everybody waits, later everybody carries on with what is left of the last plan.  A robot
that takes a better operation pushes the one robot that is in its way to another operation, and so
on; two in the way, and the next operation is tried (EPIBT).  The local search repeats that from
robots drawn at random and keeps what lowers the weighted sum of the costs to go.
"""

from __future__ import annotations

import numpy as np

from routing.compiled import loop

# Deepest chain of pushes; operations tried in one chain; how often one robot may be pushed in it.
CHAIN = 64
TRIES = 3000
VISITS = 8
ON_CHAIN = np.int64(2**62)


@loop
def score(
    states: np.ndarray, goals: np.ndarray, slots: np.ndarray, later: np.ndarray,
    rows: np.ndarray, cells: np.ndarray, ends: np.ndarray, possible: np.ndarray,
    tails: np.ndarray, bias: np.ndarray, unit: int, reach: int, now: np.ndarray, circles: bool,
    values: np.ndarray, ranks: np.ndarray, counts: np.ndarray,
) -> None:  # fmt: skip
    """Value each robot's operations (units to go after it, times 8, plus a bias) and rank them.

    An operation that passes the goal is valued by the way from its end to the goal after that
    (`later`, a row, or -1 where none is known).  A robot that stands on its goal has to be there
    after its next action, so that leaving at once does not count.  No operation leads farther than
    `reach` units.  Without `circles` nobody can clear a cell in time for who enters it at once:
    such operations are left out, or each would cost a vain push of whoever stands there.
    """
    robots, number = values.shape
    depth = cells.shape[2]
    for robot in range(robots):
        state = states[robot]
        goal = goals[robot]
        row = rows[slots[robot]]
        known = later[robot] >= 0
        base = int(rows[later[robot], goal] >> np.uint32(16)) if known else 0
        near = (row[state >> 2] >> np.uint32(16)) <= np.uint32(reach)
        count = 0
        for op in range(number):
            if not possible[state, op]:
                continue
            if not circles:
                first = cells[state, op, 0]
                if first != state >> 2 and now[first] >= 0:
                    continue
            end = ends[state, op]
            reached = -1
            if near:
                for step in range(depth):
                    if reached < 0 and cells[state, op, step] == goal:
                        reached = step + 1
            if reached < 0:
                word = row[end >> 2]
                value = base + _turned(word, end & 3, tails[op])
            elif known:
                word = rows[later[robot], end >> 2]
                value = _turned(word, end & 3, tails[op])
            else:
                value = -unit * (depth - reached)
            value = value * 8 + bias[op]
            place = count
            while place > 0 and values[robot, ranks[robot, place - 1]] > value:
                ranks[robot, place] = ranks[robot, place - 1]
                place -= 1
            ranks[robot, place] = op
            values[robot, op] = value
            count += 1
        counts[robot] = count


@loop
def _turned(word: int, heading: int, tail: int) -> int:
    """Return the units to go from a packed entry, at best after `tail` quarter turns."""
    best = (word >> np.uint32(4 * heading)) & np.uint32(15)
    if tail >= 1:
        best = min(best, (word >> np.uint32(4 * ((heading + 1) & 3))) & np.uint32(15))
        best = min(best, (word >> np.uint32(4 * ((heading + 3) & 3))) & np.uint32(15))
    if tail >= 2:
        best = min(best, (word >> np.uint32(4 * ((heading + 2) & 3))) & np.uint32(15))
    return int(word >> np.uint32(16)) + int(best)


@loop
def occupy(states: np.ndarray, choice: np.ndarray, cells: np.ndarray, at: np.ndarray) -> None:
    """Fill `at` (robot by cell and step) with what robots have chosen."""
    at[:] = -1
    for robot in range(states.shape[0]):
        for step in range(at.shape[1]):
            at[cells[states[robot], choice[robot], step], step] = robot


@loop
def _in_the_way(
    robot: int, op: int, states: np.ndarray, cells: np.ndarray, now: np.ndarray, at: np.ndarray,
    circles: bool,
) -> int:  # fmt: skip
    """Return the one robot in the way of an operation, -1 for none, -2 for more than one."""
    state = states[robot]
    found = -1
    before = state >> 2
    for step in range(at.shape[1]):
        cell = cells[state, op, step]
        other = at[cell, step]
        if other >= 0:
            if found >= 0 and found != other:
                return -2
            found = other
        if cell != before:
            other = now[cell] if step == 0 else at[cell, step - 1]
            if other >= 0 and other != robot and (not circles or at[before, step] == other):
                if found >= 0 and found != other:
                    return -2
                found = other
            if not circles:
                # Nor may anybody enter the cell that this robot only just leaves.
                other = at[before, step]
                if other >= 0:
                    if found >= 0 and found != other:
                        return -2
                    found = other
        before = cell
    return found


@loop
def _holder_in_the_way(robot: int, op: int, holds: np.ndarray, at: np.ndarray) -> int:
    """Return the same where each operation names two cells a step, and nobody else may have one."""
    found = -1
    for place in range(holds.shape[2]):
        cell = holds[robot, op, place]
        other = at[cell, place >> 1] if cell >= 0 else -1
        if other >= 0 and other != found:
            if found >= 0:
                return -2
            found = other
    return found


@loop
def _put(
    robot: int, op: int, mark: int, states: np.ndarray, cells: np.ndarray, at: np.ndarray
) -> None:
    state = states[robot]
    if cells.shape[2] > at.shape[1]:
        for place in range(cells.shape[2]):
            if cells[state, op, place] >= 0:
                at[cells[state, op, place], place >> 1] = mark
        return
    for step in range(at.shape[1]):
        at[cells[state, op, step], step] = mark


@loop
def draw(state: np.ndarray, below: int) -> int:
    """Return a number in 0..below-1 and step the generator (xorshift64*, Vigna 2016)."""
    word = state[0]
    word ^= word >> np.uint64(12)
    word ^= word << np.uint64(25)
    word ^= word >> np.uint64(27)
    state[0] = word
    return int(((word * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(33)) % np.uint64(below))


@loop
def push(
    root: int, states: np.ndarray, cells: np.ndarray, now: np.ndarray, at: np.ndarray,
    choice: np.ndarray, ranks: np.ndarray, counts: np.ndarray, fixed: np.ndarray,
    seen: np.ndarray, stamp: int, circles: bool, skip: int, state: np.ndarray, limit: int,
    visits: int,
    chain: np.ndarray, old: np.ndarray, tried: np.ndarray, times: np.ndarray,
) -> int:  # fmt: skip
    """Give `root` the best operation it can get by pushing others; return how many changed.

    The robots concerned are left in `chain`, their former operations in `old`.  `fixed` robots are
    not pushed, nor anybody who is pushing, nor anybody more than `visits` times.  Of 1024
    operations, `skip` are passed over at random.  Where nothing is found, 0, and all is as before.
    """
    depth = 0
    pairs = cells.shape[2] > at.shape[1]
    chain[0] = root
    old[0] = choice[root]
    tried[0] = 0
    seen[root] = ON_CHAIN
    _put(root, choice[root], -1, states, cells, at)
    left = limit
    while True:
        robot = chain[depth]
        pushed = False
        while tried[depth] < counts[robot] and left > 0:
            op = ranks[robot, tried[depth]]
            tried[depth] += 1
            if skip > 0 and draw(state, 1024) < skip:
                continue
            left -= 1
            if pairs:
                other = _holder_in_the_way(robot, op, cells, at)
            else:
                other = _in_the_way(robot, op, states, cells, now, at, circles)
            if other == -1:
                choice[robot] = op
                _put(robot, op, robot, states, cells, at)
                for position in range(depth + 1):
                    seen[chain[position]] = 0
                return depth + 1
            if other < 0 or fixed[other] or depth + 1 == CHAIN:
                continue
            seen[other] = max(seen[other], visits * stamp)
            if seen[other] < visits * (stamp + 1):
                times[depth + 1] = seen[other]
                seen[other] = ON_CHAIN
                _put(other, choice[other], -1, states, cells, at)
                choice[robot] = op
                _put(robot, op, robot, states, cells, at)
                depth += 1
                chain[depth] = other
                old[depth] = choice[other]
                tried[depth] = 0
                pushed = True
                break
        if pushed:
            continue
        # Nothing for this one: it gets back what it had, and its pusher tries the next.
        if depth == 0:
            choice[root] = old[0]
            _put(root, old[0], root, states, cells, at)
            seen[root] = 0
            return 0
        seen[robot] = times[depth] + 1
        depth -= 1
        pusher = chain[depth]
        _put(pusher, choice[pusher], -1, states, cells, at)
        _put(robot, old[depth + 1], robot, states, cells, at)
        choice[robot] = old[depth + 1]


@loop
def first_pass(
    order: np.ndarray, stamp: int, states: np.ndarray, cells: np.ndarray, now: np.ndarray,
    at: np.ndarray, choice: np.ndarray, ranks: np.ndarray, counts: np.ndarray, seen: np.ndarray,
    circles: bool, fixed: np.ndarray,
) -> None:  # fmt: skip
    """Let each robot in order take the best operation that pushes nobody who is `fixed`.

    Those who got something, and those they pushed for it, are `fixed` then.
    """
    chain = np.empty(CHAIN, np.int32)
    old = np.empty(CHAIN, np.int16)
    tried = np.empty(CHAIN, np.int16)
    times = np.empty(CHAIN, np.int64)
    state = np.ones(1, np.uint64)
    for robot in order:
        if fixed[robot]:
            continue
        stamp += 1
        changed = push(
            robot, states, cells, now, at, choice, ranks, counts, fixed, seen, stamp, circles,
            0, state, TRIES, VISITS, chain, old, tried, times,
        )  # fmt: skip
        # A robot that got nothing better than to wait may still be pushed by those after it: it may
        # well stand in the way of its own cure.
        if changed == 1 and choice[robot] == cells.shape[1] - 1:
            continue
        for position in range(changed):
            fixed[chain[position]] = True


@loop
def search(
    tries: int, seed: int, states: np.ndarray, cells: np.ndarray, now: np.ndarray, at: np.ndarray,
    choice: np.ndarray, values: np.ndarray, ranks: np.ndarray, counts: np.ndarray,
    weights: np.ndarray, kept: np.ndarray, seen: np.ndarray, stamp: int, circles: bool,
    skip: int, tries_each: int, visits: int,
) -> tuple[int, float]:  # fmt: skip
    """Push from robots drawn at random, keeping what does not raise the weighted sum of values.

    Those marked in `kept` stay as they are.

    Returns how many tries changed something and what they gained.
    """
    state = np.full(1, seed * 2 + 1, np.uint64)
    draw(state, 2)
    draw(state, 2)
    robots = states.shape[0]
    chain = np.empty(CHAIN, np.int32)
    old = np.empty(CHAIN, np.int16)
    tried = np.empty(CHAIN, np.int16)
    times = np.empty(CHAIN, np.int64)
    changes = 0
    gained = 0.0
    for turn in range(tries):
        root = draw(state, robots)
        if kept[root] or choice[root] == ranks[root, 0]:
            continue
        changed = push(
            root, states, cells, now, at, choice, ranks, counts, kept, seen, stamp + turn,
            circles, skip, state, tries_each, visits, chain, old, tried, times,
        )  # fmt: skip
        if changed == 0:
            continue
        change = 0.0
        for position in range(changed):
            robot = chain[position]
            change += weights[robot] * (values[robot, choice[robot]] - values[robot, old[position]])
        if change <= 0.0:
            changes += 1
            gained -= change
            continue
        for position in range(changed):
            _put(chain[position], choice[chain[position]], -1, states, cells, at)
        for position in range(changed):
            choice[chain[position]] = old[position]
            _put(chain[position], old[position], chain[position], states, cells, at)
    return changes, gained
