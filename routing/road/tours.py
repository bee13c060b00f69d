"""Tours as linked lists with a journal: a change, and its undoing, cost what they touch."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from routing.road.travel import EPSILON, Model, lasts, travel

PREVIOUS, NEXT, ROUTE, STAMP = range(4)  # columns of Tours.node
EDGE, EARLIEST, LATEST = range(3)  # columns of Tours.real
COUNT, ROUTE_STAMP, STACKED, KIND = range(4)  # columns of Tours.route
# entries of Tours.counts
SAVED, SAVED_ROUTES, NOW, ABSENT, DIRTY, USED, RANDOM = range(7)


class Tours(NamedTuple):
    """What changes.  Stop s is node s; route r starts at node stops + 2r and ends at the next."""

    node: np.ndarray  # int32[nodes, 4]: previous, next, route (-1: left out), stamp
    real: np.ndarray  # float64[nodes, 3]: distance to the next, earliest and latest start
    load: np.ndarray  # int64[routes, dimensions]
    route: np.ndarray  # int32[routes, 4]: stops in it, stamp of its saving, whether stacked, type
    free: np.ndarray  # int32[routes], empty routes, one stack a type
    stacked: np.ndarray  # int32[types], heights of these stacks
    absent: np.ndarray  # int32[stops], the stops left out
    absent_at: np.ndarray  # int32[stops], place in `absent`, -1: none
    saved: np.ndarray  # int32[nodes, 4]: node, previous, next, route
    saved_real: np.ndarray  # float64[nodes, 3]
    saved_route: np.ndarray  # int32[routes, 2]: route, stops in it
    saved_load: np.ndarray  # int64[routes, dimensions]
    best: np.ndarray  # int32[nodes, 3]: links of the best tours seen
    dirty: np.ndarray  # int32[nodes], where `node` may differ from `best`
    is_dirty: np.ndarray  # uint8[nodes]
    pool: np.ndarray  # int32[stops], stops taken out by a ruin
    key: np.ndarray  # float64[stops], the order of their return
    counts: np.ndarray  # int64[8], the counters named above
    random: np.ndarray  # uint64[1], state of the random numbers


@njit(cache=True, nogil=True)
def uniform(s: Tours) -> float:
    """A random number in [0, 1): xorshift64* (Vigna 2016)."""
    x = s.random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    s.random[0] = x
    return float((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)
def below(s: Tours, bound: int) -> int:
    """A random whole number from 0 to `bound` - 1."""
    return int(uniform(s) * bound)


@njit(cache=True, nogil=True)
def save(s: Tours, i: int) -> None:
    """Keep node `i` as it was when this step began."""
    if s.node[i, STAMP] != s.counts[NOW]:
        s.node[i, STAMP] = s.counts[NOW]
        k = s.counts[SAVED]
        s.counts[SAVED] = k + 1
        s.saved[k, 0] = i
        s.saved[k, 1] = s.node[i, PREVIOUS]
        s.saved[k, 2] = s.node[i, NEXT]
        s.saved[k, 3] = s.node[i, ROUTE]
        for column in range(s.real.shape[1]):
            s.saved_real[k, column] = s.real[i, column]


@njit(cache=True, nogil=True)
def save_route(s: Tours, r: int) -> None:
    """Keep load and count of route `r` as they were when this step began."""
    if s.route[r, ROUTE_STAMP] != s.counts[NOW]:
        s.route[r, ROUTE_STAMP] = s.counts[NOW]
        k = s.counts[SAVED_ROUTES]
        s.counts[SAVED_ROUTES] = k + 1
        s.saved_route[k, 0] = r
        s.saved_route[k, 1] = s.route[r, COUNT]
        for d in range(s.load.shape[1]):
            s.saved_load[k, d] = s.load[r, d]


@njit(cache=True, nogil=True)
def begin(s: Tours) -> None:
    """Start a step: from here on `undo` leads back to."""
    s.counts[NOW] += 1
    s.counts[SAVED] = 0
    s.counts[SAVED_ROUTES] = 0


@njit(cache=True, nogil=True)
def stack(m: Model, s: Tours, r: int) -> None:
    """Put an empty route where `free_route` finds it."""
    if s.route[r, STACKED] == 0:
        s.route[r, STACKED] = 1
        kind = s.route[r, KIND]
        s.free[m.first[kind] + s.stacked[kind]] = r
        s.stacked[kind] += 1


@njit(cache=True, nogil=True)
def free_route(m: Model, s: Tours, kind: int) -> int:
    """An empty route of a type, -1: none.  It stays on its stack until it is used."""
    while s.stacked[kind] > 0:
        r = s.free[m.first[kind] + s.stacked[kind] - 1]
        if s.route[r, COUNT] == 0:
            return r
        s.route[r, STACKED] = 0
        s.stacked[kind] -= 1
    return -1


@njit(cache=True, nogil=True)
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
        for d in range(s.load.shape[1]):
            s.load[r, d] = s.saved_load[k, d]
        if was > 0 and s.route[r, COUNT] == 0:
            s.counts[USED] -= 1
            stack(m, s, r)
        elif was == 0 and s.route[r, COUNT] > 0:
            s.counts[USED] += 1


@njit(cache=True, nogil=True)
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
        s.counts[USED] -= 1
        stack(m, s, r)
        return m.rate[r, 1] * gone - m.rate[r, 0]
    direct = travel(m, p, q)
    change = direct - s.real[p, EDGE] - s.real[c, EDGE]
    s.real[p, EDGE] = direct
    return m.rate[r, 1] * change


@njit(cache=True, nogil=True)
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
    s.real[p, EDGE] = travel(m, p, c)
    s.real[c, EDGE] = travel(m, c, q)
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


@njit(cache=True, nogil=True)
def earliest_from(m: Model, s: Tours, i: int, surely: int) -> None:
    """Renew the earliest starts from node `i` on; past node `surely` stop where nothing changes."""
    sure = True
    start = m.demand.shape[0]
    while True:
        p = s.node[i, PREVIOUS]
        leave = s.real[p, EARLIEST] + m.window[p, 2]
        arrive = max(m.window[i, 0], leave + lasts(m, p, i, s.real[p, EDGE]))
        if i == surely:
            sure = False
        if arrive == s.real[i, EARLIEST]:
            if not sure:
                return
        else:
            save(s, i)
            s.real[i, EARLIEST] = arrive
        if i >= start:
            return
        i = s.node[i, NEXT]


@njit(cache=True, nogil=True)
def latest_from(m: Model, s: Tours, i: int, surely: int) -> None:
    """Renew the latest starts from node `i` back; past node `surely` stop where nothing changes."""
    sure = True
    start = m.demand.shape[0]
    while True:
        q = s.node[i, NEXT]
        way = lasts(m, i, q, s.real[i, EDGE])
        late = min(m.window[i, 1], s.real[q, LATEST] - way - m.window[i, 2])
        if i == surely:
            sure = False
        if late == s.real[i, LATEST]:
            if not sure:
                return
        else:
            save(s, i)
            s.real[i, LATEST] = late
        if i >= start:
            return
        i = s.node[i, PREVIOUS]


@njit(cache=True, nogil=True)
def retime(m: Model, s: Tours, r: int) -> None:
    """Renew all times of route `r`."""
    start = m.demand.shape[0] + 2 * r
    if s.node[start, NEXT] != start + 1:
        earliest_from(m, s, s.node[start, NEXT], start + 1)
        latest_from(m, s, s.node[start + 1, PREVIOUS], start)


@njit(cache=True, nogil=True)
def in_time(m: Model, s: Tours, p: int, c: int, q: int, to: float, on: float) -> bool:
    """Whether stop `c` can stand between `p` and `q`, at distances `to` it and `on` from it."""
    arrive = s.real[p, EARLIEST] + m.window[p, 2] + lasts(m, p, c, to)
    if arrive > m.window[c, 1] + EPSILON:
        return False
    leave = max(arrive, m.window[c, 0]) + m.window[c, 2]
    return leave + lasts(m, c, q, on) <= s.real[q, LATEST] + EPSILON


@njit(cache=True, nogil=True)
def room(m: Model, s: Tours, r: int, c: int) -> bool:
    """Whether route `r` has room and the skills for stop `c`."""
    for d in range(s.load.shape[1]):
        if s.load[r, d] + m.demand[c, d] > m.capacity[r, d]:
            return False
    return (m.need[c] & ~m.skills[r]) == 0


@njit(cache=True, nogil=True)
def mark(s: Tours) -> None:
    """Note that the nodes saved in this step may differ from the best tours."""
    for k in range(s.counts[SAVED]):
        i = s.saved[k, 0]
        if s.is_dirty[i] == 0:
            s.is_dirty[i] = 1
            s.dirty[s.counts[DIRTY]] = i
            s.counts[DIRTY] += 1


@njit(cache=True, nogil=True)
def keep_best(s: Tours) -> None:
    """Make the present tours the best ones."""
    for k in range(s.counts[DIRTY]):
        i = s.dirty[k]
        s.is_dirty[i] = 0
        for column in range(3):
            s.best[i, column] = s.node[i, column]
    s.counts[DIRTY] = 0
