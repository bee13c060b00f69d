"""Recreate: the stops taken out return, each to its cheapest place that is not blinked at."""

from __future__ import annotations

from routing.road.compiled import kernel
from routing.road.pairs import cheapest_pair
from routing.road.times import EDGE, NEXT, ONLY, PREVIOUS, ROUTE, Tours, in_time
from routing.road.tours import COUNT, below, free_route, put_in, room, uniform
from routing.road.travel import EPSILON, Model, travel

CHOOSY = 0.5  # how often new tours may have vehicles of one capacity alone
BLINK = 0.01  # how often a place is overlooked


@kernel
def sort_pool(m: Model, s: Tours, size: int, weights_timed: bool) -> None:
    """Order the pool by one rule drawn at random (the paper's rules and weights)."""
    home = m.demand.shape[0]
    if s.stacked.shape[0] > 1:
        home += 2 * min(m.first[below(s, s.stacked.shape[0])], s.route.shape[0] - 1)
    draw = uniform(s) * (17.0 if weights_timed else 11.0)
    for k in range(size):
        c = s.pool[k]
        if draw < 4.0:
            key = uniform(s)
        elif draw < 8.0:
            key = -float(m.demand[c, 0])
        elif draw < 10.0:
            key = -travel(m, home, c)
        elif draw < 11.0:
            key = travel(m, home, c)
        elif draw < 13.0:
            key = m.window[c, 1] - m.window[c, 0]
        elif draw < 15.0:
            key = m.window[c, 0]
        else:
            key = -m.window[c, 1]
        j = k
        while j > 0 and s.key[j - 1] > key:
            s.key[j] = s.key[j - 1]
            s.pool[j] = s.pool[j - 1]
            j -= 1
        s.key[j] = key
        s.pool[j] = c


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


@kernel
def cheapest_place(m: Model, s: Tours, c: int, blink: float) -> tuple[int, float]:
    """The node behind which stop `c` costs least (-1: none), and that cost."""
    best = m.price[c]
    where = -1
    for k in range(m.near.shape[1]):
        i = m.near[c, k]
        if i < 0:
            break
        r = s.node[i, ROUTE]
        if r < 0:
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
        if not room(m, s, r, c) or uniform(s) < blink:
            continue
        to = beside
        if m.mode == 3:
            to = travel(m, i, c)
            beside = travel(m, c, i)
        if m.locked[s.node[i, NEXT]] == 0:
            q = s.node[i, NEXT]
            on = travel(m, c, q)
            detour = to + on - ahead
            cost = rate * detour
            if cost < best and allowed(m, s, i, c, q, to, on, detour):
                best = cost
                where = i
        if m.locked[i] == 0:
            to = travel(m, p, c)
            detour = to + beside - back
            cost = rate * detour
            if cost < best and allowed(m, s, p, c, i, to, beside, detour):
                best = cost
                where = p
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


@kernel
def recreate(m: Model, s: Tours, size: int, must: float, most: float) -> float:
    """Bring the first `size` stops of the pool back; returns the change of cost.

    A stop whose price of leaving out is at least `must` looks everywhere before it is left out.
    Where the change exceeds `most` the rest is not tried: what is returned is then more than it.
    """
    sort_pool(m, s, size, m.timed)
    kinds = s.stacked.shape[0]
    s.counts[ONLY] = -1
    if kinds > 1 and uniform(s) < CHOOSY:
        # else the vehicle that suits the first stop is taken
        s.counts[ONLY] = m.capacity[min(m.first[below(s, kinds)], m.capacity.shape[0] - 1), 0]
    change = 0.0
    for k in range(size):
        c = s.pool[k]
        paired = m.partner[c] >= 0
        where = second = -1
        cost = 0.0
        for attempt in range(2):
            everywhere = attempt == 1
            if paired:
                where, second, cost = cheapest_pair(m, s, c, BLINK, everywhere)
            elif everywhere:
                where, cost = any_place(m, s, c)
            else:
                where, cost = cheapest_place(m, s, c, BLINK)
            if where >= 0 or m.price[c] < must:
                break
        change += cost  # of its place, or the price of leaving it out
        if change > most:  # no insertion makes a tour cheaper
            return change
        if where >= 0:
            for part in range(2 if paired else 1):
                put_in(m, s, m.partner[c] if part == 1 else c, second if part == 1 else where)
    return change
