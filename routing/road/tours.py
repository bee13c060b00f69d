"""Tours as linked lists with a journal: a change, and its undoing, cost what they touch."""

from __future__ import annotations

import math

import numpy as np

from routing.compiled import inlined, kernel
from routing.road.times import (
    ABSENT,
    DIRTY,
    EARLIEST,
    EDGE,
    LATEST,
    NEXT,
    NOW,
    PREVIOUS,
    ROUTE,
    SAVED,
    SAVED_ROUTES,
    USED,
    VERSIONS,
    Tours,
    earliest_from,
    latest_from,
    save,
)
from routing.road.travel import Model, travel

COUNT, ROUTE_STAMP, STACKED, KIND = range(4)  # columns of Tours.route


@kernel
def uniform(s: Tours) -> float:
    """A random number in [0, 1): xorshift64* (Vigna 2016)."""
    x = s.random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    s.random[0] = x
    return float((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def below(s: Tours, bound: int) -> int:
    """A random whole number from 0 to `bound` - 1."""
    return int(uniform(s) * bound)


@inlined
def save_route(s: Tours, r: int) -> None:
    """Keep load and count of route `r` as they were when this step began; it is to change."""
    if s.route[r, ROUTE_STAMP] != s.counts[NOW]:
        s.route[r, ROUTE_STAMP] = s.counts[NOW]
        k = s.counts[SAVED_ROUTES]
        s.saved_version[k] = s.version[r]
        s.counts[SAVED_ROUTES] = k + 1
        s.saved_route[k, 0] = r
        s.saved_route[k, 1] = s.route[r, COUNT]
        s.saved_length[k] = s.length[r]
        for d in range(s.load.shape[1]):
            s.saved_load[k, d] = s.load[r, d]
    s.counts[VERSIONS] += 1
    s.version[r] = s.counts[VERSIONS]


@kernel
def begin(s: Tours) -> None:
    """Start a step: from here on `undo` leads back to."""
    s.counts[NOW] += 1
    s.counts[SAVED] = 0
    s.counts[SAVED_ROUTES] = 0


@kernel
def stack(m: Model, s: Tours, r: int) -> None:
    """Put an empty route where `free_route` finds it."""
    if s.route[r, STACKED] == 0:
        s.route[r, STACKED] = 1
        kind = s.route[r, KIND]
        s.free[m.first[kind] + s.stacked[kind]] = r
        s.stacked[kind] += 1


@kernel
def free_route(m: Model, s: Tours, kind: int) -> int:
    """An empty route of a type, -1: none.  It stays on its stack until it is used."""
    while s.stacked[kind] > 0:
        r = s.free[m.first[kind] + s.stacked[kind] - 1]
        if s.route[r, COUNT] == 0:
            return r
        s.route[r, STACKED] = 0
        s.stacked[kind] -= 1
    return -1


@kernel
def undo(m: Model, s: Tours) -> None:
    """Take back everything since `begin`."""
    for k in range(s.counts[SAVED]):
        i = s.saved[k, 0]
        s.node[i, PREVIOUS] = s.saved[k, 1]
        s.node[i, NEXT] = s.saved[k, 2]
        s.node[i, ROUTE] = s.saved[k, 3]
        for column in range(s.real.shape[1]):
            s.real[i, column] = s.saved_real[k, column]
    for k in range(s.counts[SAVED_ROUTES]):
        r = s.saved_route[k, 0]
        was = s.route[r, COUNT]
        s.route[r, COUNT] = s.saved_route[k, 1]
        s.length[r] = s.saved_length[k]
        s.version[r] = s.saved_version[k]
        for d in range(s.load.shape[1]):
            s.load[r, d] = s.saved_load[k, d]
        if was > 0 and s.route[r, COUNT] == 0:
            s.counts[USED] -= 1
            stack(m, s, r)
        elif was == 0 and s.route[r, COUNT] > 0:
            s.counts[USED] += 1


@inlined
def take_out(m: Model, s: Tours, c: int) -> float:
    """Take stop `c` out of its route; returns the change of cost.  Times are left to `retime`."""
    p = s.node[c, PREVIOUS]
    q = s.node[c, NEXT]
    r = s.node[c, ROUTE]
    save(s, p)
    save(s, c)
    save(s, q)
    save_route(s, r)
    s.node[p, NEXT] = q
    s.node[q, PREVIOUS] = p
    s.node[c, ROUTE] = -1
    for d in range(s.load.shape[1]):
        s.load[r, d] -= m.demand[c, d]
    s.route[r, COUNT] -= 1
    if s.route[r, COUNT] == 0:
        gone = -s.real[p, EDGE] - s.real[c, EDGE]
        s.real[p, EDGE] = 0.0
        s.length[r] = 0.0
        s.counts[USED] -= 1
        stack(m, s, r)
        return m.rate[r, 1] * gone - m.rate[r, 0]
    direct = travel(m, p, q)
    change = direct - s.real[p, EDGE] - s.real[c, EDGE]
    s.real[p, EDGE] = direct
    s.length[r] += change
    return m.rate[r, 1] * change


@inlined
def put_in(m: Model, s: Tours, c: int, p: int) -> None:
    """Put stop `c` behind node `p`, and bring the times of its route up to date."""
    q = s.node[p, NEXT]
    r = s.node[p, ROUTE]
    save(s, p)
    save(s, c)
    save(s, q)
    save_route(s, r)
    s.node[p, NEXT] = c
    s.node[c, PREVIOUS] = p
    s.node[c, NEXT] = q
    s.node[q, PREVIOUS] = c
    s.node[c, ROUTE] = r
    s.length[r] -= s.real[p, EDGE]
    s.real[p, EDGE] = travel(m, p, c)
    s.real[c, EDGE] = travel(m, c, q)
    s.length[r] += s.real[p, EDGE] + s.real[c, EDGE]
    for d in range(s.load.shape[1]):
        s.load[r, d] += m.demand[c, d]
    if s.route[r, COUNT] == 0:
        s.counts[USED] += 1
    s.route[r, COUNT] += 1
    if m.timed:
        s.real[c, EARLIEST] = math.nan  # so that the passes do not stop at it
        s.real[c, LATEST] = math.nan
        earliest_from(m, s, c, c)
        latest_from(m, s, c, c)


@kernel
def room(m: Model, s: Tours, r: int, c: int) -> bool:
    """Whether route `r` has room and the skills for stop `c`."""
    for d in range(s.load.shape[1]):
        if s.load[r, d] + m.demand[c, d] > m.capacity[r, d]:
            return False
    return (m.need[c] & ~m.skills[r]) == 0


@kernel
def mark(s: Tours) -> None:
    """Note that the nodes saved in this step may differ from the best tours."""
    for k in range(s.counts[SAVED]):
        i = s.saved[k, 0]
        if s.is_dirty[i] == 0:
            s.is_dirty[i] = 1
            s.dirty[s.counts[DIRTY]] = i
            s.counts[DIRTY] += 1


@kernel
def keep_best(s: Tours) -> None:
    """Make the present tours the best ones."""
    for k in range(s.counts[DIRTY]):
        i = s.dirty[k]
        s.is_dirty[i] = 0
        for column in range(3):
            s.best[i, column] = s.node[i, column]
    s.counts[DIRTY] = 0


@kernel
def total(m: Model, s: Tours) -> float:
    """Cost of the present tours, from scratch."""
    stops = m.demand.shape[0]
    cost = 0.0
    for r in range(s.route.shape[0]):
        if s.route[r, COUNT] > 0:
            cost += m.rate[r, 0]
            i = stops + 2 * r
            while i != stops + 2 * r + 1:
                cost += m.rate[r, 1] * s.real[i, EDGE]
                i = s.node[i, NEXT]
    for k in range(s.counts[ABSENT]):
        cost += m.price[s.absent[k]]
    return cost
