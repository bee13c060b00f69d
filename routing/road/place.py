"""Where a stop may stand in the tours, and what that costs."""

from __future__ import annotations

from routing.compiled import inlined, kernel
from routing.road.times import EDGE, NEXT, ONLY, PREVIOUS, ROUTE, Tours, in_time
from routing.road.tours import COUNT, free_route, room, uniform
from routing.road.travel import EPSILON, Model, travel


@kernel
def allowed(
    m: Model, s: Tours, p: int, c: int, q: int, to: float, on: float, detour: float
) -> bool:
    """Whether stop `c` may stand between `p` and `q`: length and times of the route."""
    if m.limited:
        r = s.node[p, ROUTE]
        if s.length[r] + detour > m.rate[r, 3] + EPSILON:
            return False
    return not m.timed or in_time(m, s, p, c, q, to, on)


@kernel
def new_route(m: Model, s: Tours, c: int, where: int, best: float, only: int) -> tuple[int, float]:
    """A tour of its own for stop `c`, if that costs less than `best`.

    With `only` from 0 up its vehicle has that capacity.
    """
    stops = m.demand.shape[0]
    for kind in range(s.stacked.shape[0]):
        r = free_route(m, s, kind)
        if r < 0 or (only >= 0 and m.capacity[r, 0] != only) or not room(m, s, r, c):
            continue
        start = stops + 2 * r
        to = travel(m, start, c)
        on = travel(m, c, start + 1)
        cost = m.rate[r, 0] + m.rate[r, 1] * (to + on)
        if cost < best and allowed(m, s, start, c, start + 1, to, on, to + on):
            best = cost
            where = start
    return where, best


@inlined
def near_place(
    m: Model,
    s: Tours,
    c: int,
    full: bool,
    but: int,
    nor: int,
    reach: int,
    blink: float,
    best: float,
) -> tuple[int, float]:
    """The node near stop `c` behind which it costs least, if less than `best` (-1: none).

    Of routes with room for it, or with `full` of those without; of none that is `but` or `nor`.
    """
    where = -1
    free = not m.timed and not m.limited  # spares the search its most frequent call
    for k in range(min(reach, m.near.shape[1])):
        i = m.near[c, k]
        if i < 0:
            break
        r = s.node[i, ROUTE]
        if r < 0 or r == but:
            continue
        if r == nor:
            continue
        beside = m.beside[c, k]
        p = s.node[i, PREVIOUS]
        ahead = s.real[i, EDGE]
        back = s.real[p, EDGE]
        rate = m.rate[r, 1]
        # A place beside `i` costs at least this: its other end is as far from `c` or farther, or
        # the place was looked at from there.
        if m.sorted and rate * (2.0 * beside - max(ahead, back)) >= best:
            continue
        if room(m, s, r, c) == full or (blink > 0.0 and uniform(s) < blink):
            continue
        to = on = beside
        if m.mode == 3:
            to = travel(m, i, c)
            on = travel(m, c, i)
        for side in range(2):
            if side == 0:
                node, q, way = i, s.node[i, NEXT], to
                onward = travel(m, c, q)
                detour = way + onward - ahead
            else:
                node, q, onward = p, i, on
                way = travel(m, p, c)
                detour = way + onward - back
            cost = rate * detour
            if cost >= best or m.locked[q] != 0:
                continue
            if free or allowed(m, s, node, c, q, way, onward, detour):
                best = cost
                where = node
    return where, best


@kernel
def cheapest_place(m: Model, s: Tours, c: int, blink: float, best: float) -> tuple[int, float]:
    """The node behind which stop `c` costs least, if less than `best` (-1: none), and that cost."""
    where, best = near_place(m, s, c, False, -1, -1, m.near.shape[1], blink, best)
    return new_route(m, s, c, where, best, s.counts[ONLY])


@kernel
def any_place(m: Model, s: Tours, c: int) -> tuple[int, float]:
    """The same over all routes: for stops that find no place near them."""
    stops = m.demand.shape[0]
    best = m.price[c]
    where = -1
    for r in range(s.route.shape[0]):
        if s.route[r, COUNT] == 0 or not room(m, s, r, c):
            continue
        p = stops + 2 * r
        while p < stops or p == stops + 2 * r:
            q = s.node[p, NEXT]
            if m.locked[q] == 0:
                to = travel(m, p, c)
                on = travel(m, c, q)
                detour = to + on - s.real[p, EDGE]
                cost = m.rate[r, 1] * detour
                if cost < best and allowed(m, s, p, c, q, to, on, detour):
                    best = cost
                    where = p
            p = q
    return new_route(m, s, c, where, best, -1)
