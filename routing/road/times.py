"""When a tour can be where: earliest and latest starts of service, kept at every node.

With them an insertion is checked in constant time (Savelsbergh 1992).  Where a rest has to be
taken there are two of each: with the rest still ahead, and with the rest behind.  Where tours have
a longest duration each node knows the least duration of what lies before it and of what lies
behind it, with the window of departures that allows it (Vidal et al. 2013).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from routing.compiled import inlined, kernel
from routing.road.travel import EPSILON, Model, lasts

PREVIOUS, NEXT, ROUTE, STAMP = range(4)  # columns of Tours.node
EDGE, EARLIEST, LATEST = range(3)  # columns of Tours.real
RESTED_EARLIEST, RESTED_LATEST = 3, 4  # where a rest has to be taken
# where tours have a longest duration: duration, earliest and latest departure for it
BEFORE, BEFORE_EARLIEST, BEFORE_LATEST, BEHIND, BEHIND_EARLIEST, BEHIND_LATEST = range(3, 9)
# entries of Tours.counts
SAVED, SAVED_ROUTES, NOW, ABSENT, DIRTY, USED, LOOK, ONLY, VERSIONS = range(9)


class Tours(NamedTuple):
    """What changes.  Stop s is node s; route r starts at node stops + 2r and ends at the next."""

    node: np.ndarray  # int32[nodes, 4]: previous, next, route (-1: left out), stamp
    real: np.ndarray  # float64[nodes, 3 to 9]: distance to the next, and times
    load: np.ndarray  # int64[routes, dimensions]
    length: np.ndarray  # float64[routes], distance
    route: np.ndarray  # int32[routes, 4]: stops in it, stamp of its saving, whether stacked, type
    free: np.ndarray  # int32[routes], empty routes, one stack a type
    stacked: np.ndarray  # int32[types], heights of these stacks
    absent: np.ndarray  # int32[stops], the stops left out
    absent_at: np.ndarray  # int32[stops], place in `absent`, -1: none
    saved: np.ndarray  # int32[nodes, 4]: node, previous, next, route
    saved_real: np.ndarray  # float64[nodes, as real]
    saved_route: np.ndarray  # int32[routes, 2]: route, stops in it
    saved_load: np.ndarray  # int64[routes, dimensions]
    saved_length: np.ndarray  # float64[routes]
    best: np.ndarray  # int32[nodes, 3]: links of the best tours seen
    dirty: np.ndarray  # int32[nodes], where `node` may differ from `best`
    is_dirty: np.ndarray  # uint8[nodes]
    pool: np.ndarray  # int32[stops], stops taken out by a ruin
    key: np.ndarray  # float64[stops], the order of their return
    string: np.ndarray  # int32[stops], a string about to be taken out
    seen: np.ndarray  # int32[routes], stamps of the routes looked at
    look: np.ndarray  # int32[routes + types], routes to look at
    place: np.ndarray  # int32[nodes], position in the route, where the route is counted
    upto: np.ndarray  # int64[nodes, dimensions], load up to and with the node, likewise
    touched: np.ndarray  # int32[nodes], where local search begins
    carried: np.ndarray  # int64[3, dimensions], loads on a walk along a route
    version: np.ndarray  # int64[routes], a number of its own for each state of a route
    saved_version: np.ndarray  # int64[routes]
    known: np.ndarray  # int64[entries, 4]: version, pickup, and nodes before it and its delivery
    known_cost: np.ndarray  # float64[entries], of these places, or what places cost at least
    counts: np.ndarray  # int64[9], the counters named above
    random: np.ndarray  # uint64[1], state of the random numbers


@inlined
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


@kernel
def rest_then(m: Model, r: int, leave: float, way: float) -> float:
    """Earliest arrival when the rest of route `r` is taken on a way begun at `leave`."""
    if max(leave, m.rest[r, 0]) > m.rest[r, 1] + EPSILON:
        return math.inf
    return max(leave + way, m.rest[r, 0]) + m.rest[r, 2]


@kernel
def earliest_from(m: Model, s: Tours, i: int, surely: int) -> None:
    """Renew what lies before, from node `i` on; past node `surely` stop where nothing changes."""
    sure = True
    stops = m.demand.shape[0]
    while True:
        p = s.node[i, PREVIOUS]
        way = lasts(m, p, i, s.real[p, EDGE])
        leave = s.real[p, EARLIEST] + m.window[p, 2]
        arrive = max(m.window[i, 0], leave + way)
        if i == surely:
            sure = False
        same = arrive == s.real[i, EARLIEST]
        if not same:
            save(s, i)
            s.real[i, EARLIEST] = arrive
        if m.rested:
            r = s.node[i, ROUTE]
            rested = s.real[p, RESTED_EARLIEST] + m.window[p, 2] + way
            if m.rest[r, 2] >= 0.0:
                rested = min(rested, rest_then(m, r, leave, way))
            rested = max(m.window[i, 0], rested)
            if rested > m.window[i, 1] + EPSILON:
                rested = math.inf
            if rested != s.real[i, RESTED_EARLIEST]:
                same = False
                save(s, i)
                s.real[i, RESTED_EARLIEST] = rested
        if m.bounded:
            total, early, late = joined(
                s.real[p, BEFORE], s.real[p, BEFORE_EARLIEST], s.real[p, BEFORE_LATEST], way,
                m.window[i, 2], m.window[i, 0], m.window[i, 1],
            )  # fmt: skip
            if (
                total != s.real[i, BEFORE]
                or early != s.real[i, BEFORE_EARLIEST]
                or late != s.real[i, BEFORE_LATEST]
            ):
                same = False
                save(s, i)
                s.real[i, BEFORE] = total
                s.real[i, BEFORE_EARLIEST] = early
                s.real[i, BEFORE_LATEST] = late
        if i >= stops or (same and not sure):
            return
        i = s.node[i, NEXT]


@kernel
def latest_from(m: Model, s: Tours, i: int, surely: int) -> None:
    """Renew what lies behind, from node `i` back; past node `surely` stop where nothing changes."""
    sure = True
    stops = m.demand.shape[0]
    while True:
        q = s.node[i, NEXT]
        way = lasts(m, i, q, s.real[i, EDGE])
        service = m.window[i, 2]
        late = min(m.window[i, 1], s.real[q, LATEST] - way - service)
        if i == surely:
            sure = False
        same = True
        if m.rested:
            r = s.node[i, ROUTE]
            rested = min(m.window[i, 1], s.real[q, RESTED_LATEST] - way - service)
            end = m.rest[r, 0] + m.rest[r, 2]
            if m.rest[r, 2] >= 0.0 and end <= s.real[q, RESTED_LATEST] + EPSILON:
                here = min(m.rest[r, 1], s.real[q, RESTED_LATEST] - m.rest[r, 2] - way) - service
                late = min(m.window[i, 1], max(late, here))
            if rested < m.window[i, 0] - EPSILON:
                rested = -math.inf
            if rested != s.real[i, RESTED_LATEST]:
                same = False
                save(s, i)
                s.real[i, RESTED_LATEST] = rested
        if late < m.window[i, 0] - EPSILON:
            # It opens after the last moment from which what lies behind is in time.
            late = -math.inf
        if late != s.real[i, LATEST]:
            same = False
            save(s, i)
            s.real[i, LATEST] = late
        if m.bounded:
            total, early, latest = joined(
                service, m.window[i, 0], m.window[i, 1], way,
                s.real[q, BEHIND], s.real[q, BEHIND_EARLIEST], s.real[q, BEHIND_LATEST],
            )  # fmt: skip
            if (
                total != s.real[i, BEHIND]
                or early != s.real[i, BEHIND_EARLIEST]
                or latest != s.real[i, BEHIND_LATEST]
            ):
                same = False
                save(s, i)
                s.real[i, BEHIND] = total
                s.real[i, BEHIND_EARLIEST] = early
                s.real[i, BEHIND_LATEST] = latest
        if i >= stops or (same and not sure):
            return
        i = s.node[i, PREVIOUS]


@kernel
def joined(
    first: float, early: float, late: float, way: float,
    second: float, next_early: float, next_late: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Duration and window of departures of two pieces of a tour, one behind the other."""
    span = first + way
    wait = max(0.0, next_early - span - late)
    return (
        span + wait + second,
        max(next_early - span, early) - wait,
        min(next_late - span, late),
    )


@kernel
def reset_times(m: Model, s: Tours, r: int) -> None:
    """Set the times at both ends of an empty route."""
    stops = m.demand.shape[0]
    start = stops + 2 * r
    end = start + 1
    s.real[start, EARLIEST] = m.window[start, 0]
    s.real[end, EARLIEST] = m.window[end, 0]
    s.real[start, LATEST] = m.window[start, 1]
    s.real[end, LATEST] = m.window[end, 1]
    if m.rested:
        has = m.rest[r, 2] >= 0.0
        first = max(m.window[start, 0], m.rest[r, 0] + m.rest[r, 2]) if has else math.inf
        s.real[start, RESTED_EARLIEST] = first
        s.real[end, RESTED_EARLIEST] = first
        s.real[end, RESTED_LATEST] = m.window[end, 1] if has else -math.inf
        s.real[start, RESTED_LATEST] = m.window[start, 1] if has else -math.inf
        if has:  # a rest not taken on the way starts after the tour
            s.real[end, LATEST] = min(m.window[end, 1], m.rest[r, 1])
            if s.real[end, LATEST] < m.window[end, 0] - EPSILON:
                s.real[end, LATEST] = -math.inf
    if m.bounded:
        for node, column in ((start, BEFORE), (end, BEHIND)):
            s.real[node, column] = 0.0
            s.real[node, column + 1] = m.window[node, 0]
            s.real[node, column + 2] = m.window[node, 1]


@kernel
def retime(m: Model, s: Tours, r: int) -> None:
    """Renew all times of route `r`."""
    start = m.demand.shape[0] + 2 * r
    if s.node[start, NEXT] != start + 1:
        earliest_from(m, s, s.node[start, NEXT], start + 1)
        latest_from(m, s, s.node[start + 1, PREVIOUS], start)


@kernel
def in_time(m: Model, s: Tours, p: int, c: int, q: int, to: float, on: float) -> bool:
    """Whether stop `c` can stand between `p` and `q`, at distances `to` it and `on` from it."""
    way = lasts(m, p, c, to)
    onward = lasts(m, c, q, on)
    begin = s.real[p, EARLIEST] + m.window[p, 2]
    arrive = begin + way
    if arrive > m.window[c, 1] + EPSILON:
        return False
    leave = max(arrive, m.window[c, 0]) + m.window[c, 2]
    fits = leave + onward <= s.real[q, LATEST] + EPSILON
    if m.rested and not fits:
        r = s.node[p, ROUTE]
        if m.rest[r, 2] >= 0.0:
            latest = s.real[q, RESTED_LATEST] + EPSILON
            fits = rest_then(m, r, leave, onward) <= latest
            if not fits:
                rested = min(
                    s.real[p, RESTED_EARLIEST] + m.window[p, 2] + way, rest_then(m, r, begin, way)
                )
                rested = max(rested, m.window[c, 0])
                fits = (
                    rested <= m.window[c, 1] + EPSILON
                    and rested + m.window[c, 2] + onward <= latest
                )
    if m.bounded and fits:
        total, early, late = joined(
            s.real[p, BEFORE], s.real[p, BEFORE_EARLIEST], s.real[p, BEFORE_LATEST], way,
            m.window[c, 2], m.window[c, 0], m.window[c, 1],
        )  # fmt: skip
        total, early, late = joined(
            total, early, late, onward,
            s.real[q, BEHIND], s.real[q, BEHIND_EARLIEST], s.real[q, BEHIND_LATEST],
        )  # fmt: skip
        fits = total <= m.rate[s.node[p, ROUTE], 2] + EPSILON
    return fits
