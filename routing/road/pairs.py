"""Places for a pickup and its delivery in one route, found together.

The cheapest places in a route are kept until the route changes: a step changes few routes, and a
pair that finds no place is tried again and again.
"""

from __future__ import annotations

from routing.compiled import inlined, kernel
from routing.road.times import (
    EARLIEST,
    EDGE,
    LATEST,
    LOOK,
    NEXT,
    NOW,
    ONLY,
    ROUTE,
    Tours,
)
from routing.road.tours import COUNT, ROUTE_STAMP, free_route, uniform
from routing.road.travel import EPSILON, EXACT, Model, lasts, travel

BEYOND = 1.5  # places up to this factor of the best cost so far are looked for, to be kept


@kernel
def cheapest_pair(
    m: Model, s: Tours, c: int, blink: float, everywhere: bool, best: float
) -> tuple[int, int, float]:
    """The nodes behind which pickup `c` and its delivery cost least (-1: none), and that cost.

    They cost less than `best`.  Looked at are the routes of their neighbours, or all routes.
    """
    d = m.partner[c]
    first = -1
    second = -1
    found = 0  # routes to look at, kept in s.look
    if everywhere:
        for r in range(s.route.shape[0]):
            if s.route[r, COUNT] > 0:
                s.look[found] = r
                found += 1
    else:
        s.counts[LOOK] += 1
        for entry in range(2 * m.near.shape[1]):
            a = c if entry < m.near.shape[1] else d
            i = m.near[a, entry % m.near.shape[1]]
            if i < 0:
                continue
            r = s.node[i, ROUTE]
            if r < 0 or s.seen[r] == s.counts[LOOK]:
                continue
            s.seen[r] = s.counts[LOOK]
            s.look[found] = r
            found += 1
    for kind in range(s.stacked.shape[0]):
        r = free_route(m, s, kind)
        if r >= 0 and (everywhere or s.counts[ONLY] < 0 or s.counts[ONLY] == m.capacity[r, 0]):
            s.look[found] = r
            found += 1
    for k in range(found):
        if blink == 0.0 or uniform(s) >= blink:
            p, i, cost = place_in(m, s, s.look[k], c, d, best)
            if p >= 0 and cost < best:
                first, second, best = p, i, cost
    return first, second, best


@inlined
def place_in(m: Model, s: Tours, r: int, c: int, d: int, best: float) -> tuple[int, int, float]:
    """The cheapest places for the pair in route `r`, as they are known or found now.

    Places that cost `best` or more need not be found.
    """
    if s.route[r, COUNT] == 0:  # quickly done, and empty routes may close without a change
        return scan_route(m, s, r, c, d, best)
    if s.known.shape[0] == 1:
        return scan_route(m, s, r, c, d, best)
    entry = 2 * (c * s.route.shape[0] + r) % s.known.shape[0]
    for way in range(2):
        if s.known[entry + way, 0] == s.version[r] and s.known[entry + way, 1] == c:
            cost = s.known_cost[entry + way]
            if s.known[entry + way, 2] >= 0 or cost >= best:
                return s.known[entry + way, 2], s.known[entry + way, 3], cost
    # what this step has changed will mostly be undone, and what was known before holds again
    entry += s.route[r, ROUTE_STAMP] == s.counts[NOW]
    first, second, cost = scan_route(m, s, r, c, d, best * BEYOND)
    s.known[entry, 0] = s.version[r]
    s.known[entry, 1] = c
    s.known[entry, 2] = first
    s.known[entry, 3] = second
    s.known_cost[entry] = cost
    return first, second, cost


@inlined
def scan_route(m: Model, s: Tours, r: int, c: int, d: int, best: float) -> tuple[int, int, float]:
    """The cheapest places for the pair in route `r` that cost less than `best` (-1: none)."""
    stops = m.demand.shape[0]
    first = -1
    second = -1
    if ((m.need[c] | m.need[d]) & ~m.skills[r]) != 0:
        return first, second, best
    rate = m.rate[r, 1]
    fixed = m.rate[r, 0] if s.route[r, COUNT] == 0 else 0.0
    longest = m.rate[r, 3] - s.length[r] + EPSILON
    dimensions = s.load.shape[1]
    # a delivery never shortens the way
    straight = m.mode == EXACT
    soonest = m.window[c, 0] + m.window[c, 2]
    for k in range(dimensions):
        s.carried[0, k] = 0
    p = stops + 2 * r
    while True:
        q = s.node[p, NEXT]
        leave = s.real[p, EARLIEST] + m.window[p, 2]
        if leave > m.window[c, 1] + EPSILON:
            break
        fits = m.locked[q] == 0 and soonest <= s.real[q, LATEST] + EPSILON
        for k in range(dimensions):
            s.carried[1, k] = s.carried[0, k] + m.demand[c, k]
            if s.carried[1, k] > m.capacity[r, k]:
                fits = False
        if fits:
            to = travel(m, p, c)
            on = travel(m, c, q)
            pickup = to + on - s.real[p, EDGE]
            at_c = max(m.window[c, 0], leave + lasts(m, p, c, to))
            if at_c <= m.window[c, 1] + EPSILON and not (straight and rate * pickup >= best):
                gone = at_c + m.window[c, 2]
                now = max(m.window[q, 0], gone + lasts(m, c, q, on))
                # the delivery right behind the pickup
                way = travel(m, c, d)
                on = travel(m, d, q)
                detour = to + way + on - s.real[p, EDGE]
                cost = rate * detour + fixed
                if cost < best and detour <= longest:
                    at_d = max(m.window[d, 0], gone + lasts(m, c, d, way))
                    if (
                        at_d <= m.window[d, 1] + EPSILON
                        and at_d + m.window[d, 2] + lasts(m, d, q, on)
                        <= s.real[q, LATEST] + EPSILON
                    ):
                        best = cost
                        first = p
                        second = c
                # the delivery further on
                i = q
                while i < stops and now <= s.real[i, LATEST] + EPSILON:
                    for k in range(dimensions):
                        s.carried[1, k] += m.demand[i, k]
                        if s.carried[1, k] > m.capacity[r, k]:
                            fits = False
                    gone = now + m.window[i, 2]
                    if not fits or gone > m.window[d, 1] + EPSILON:
                        break
                    j = s.node[i, NEXT]
                    to_d = travel(m, i, d)
                    on_d = travel(m, d, j)
                    detour = pickup + to_d + on_d - s.real[i, EDGE]
                    cost = rate * detour
                    if cost < best and detour <= longest and m.locked[j] == 0:
                        at_d = max(m.window[d, 0], gone + lasts(m, i, d, to_d))
                        if (
                            at_d <= m.window[d, 1] + EPSILON
                            and at_d + m.window[d, 2] + lasts(m, d, j, on_d)
                            <= s.real[j, LATEST] + EPSILON
                        ):
                            best = cost
                            first = p
                            second = i
                    now = max(m.window[j, 0], gone + lasts(m, i, j, s.real[i, EDGE]))
                    i = j
        if q >= stops:
            break
        p = q
        for k in range(dimensions):
            s.carried[0, k] += m.demand[q, k]
    return first, second, best
