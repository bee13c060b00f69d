"""Stops that may be left out: they are tried where others moved, and together open new tours.

One stop alone hardly ever pays for a tour of its own, so what stays out of the pool starts one
together: the first at any cost, then the others beside it; if that does not pay, it is taken back.
"""

from __future__ import annotations

import math

from routing.compiled import kernel
from routing.road.pairs import cheapest_pair
from routing.road.place import cheapest_place, new_route
from routing.road.times import ROUTE, Tours
from routing.road.tours import below, put_in, take_out, uniform
from routing.road.travel import EPSILON, Model

RETRIES = 5  # stops left out anywhere that a step tries again
BESIDE = 20  # and stops left out near the ruin, at most
LEADING = 0.08  # how often a stop of the pool starts a tour of its own
JOINING = 0.12  # how often one that may be left out joins a tour instead, whatever that costs
OPENING = 0.5  # how often a tour is tried for the stops that stay out
RASH = 0.1  # how often that tour stays though it does not pay yet


@kernel
def may_leave_out(m: Model, must: float) -> bool:
    """Whether some stop has a price of leaving it out."""
    some = False
    for c in range(m.price.size):
        some = some or 0.0 < m.price[c] < must
    return some


@kernel
def retry(
    m: Model, s: Tours, size: int, change: float, seed: int, absent: int
) -> tuple[int, float]:
    """Add stops left out earlier to the pool: those near stop `seed`, and some others."""
    base = size
    most = below(s, BESIDE + 1)
    for k in range(-1, m.near.shape[1]):
        c = seed if k < 0 else m.near[seed, k]
        if c < 0 or size - base >= most:
            break
        if s.absent_at[c] >= 0:
            s.pool[size] = c
            size += 1
            change -= m.price[c]
    first = below(s, absent)
    for k in range(min(RETRIES, absent)):
        c = s.absent[(first + k) % absent]
        known = False
        for j in range(base, size):
            known = known or s.pool[j] == c
        if not known:
            s.pool[size] = c
            size += 1
            change -= m.price[c]
    return size, change


@kernel
def lead(m: Model, s: Tours, size: int, must: float) -> tuple[int, float]:
    """Now and then a stop of the pool goes ahead of the others, at any cost; it stands last then.

    It starts a tour, or joins one so that others beside it may follow.  Returns the size of the
    pool without it, and the change of cost.
    """
    draw = uniform(s)
    if size < 2 or draw >= LEADING + JOINING:
        return size, 0.0
    k = below(s, size)
    c = s.pool[k]
    second = -1
    if m.partner[c] >= 0:
        if m.price[c] >= must:
            return size, 0.0
        where, second, cost = cheapest_pair(m, s, c, 0.0, False, math.inf)
    elif draw < LEADING:
        where, cost = new_route(m, s, c, -1, math.inf, -1)
    elif m.price[c] < must:
        where, cost = cheapest_place(m, s, c, 0.0, math.inf)
    else:
        return size, 0.0
    if where < 0:
        return size, 0.0
    put_in(m, s, c, where)
    if second >= 0:
        put_in(m, s, m.partner[c], second)
    s.pool[k] = s.pool[size - 1]
    s.pool[size - 1] = c
    return size - 1, cost


@kernel
def open_together(m: Model, s: Tours, size: int) -> float:
    """A tour for stops of the pool that found no place, if it pays; the change of cost."""
    out = 0
    worth = 0.0
    for k in range(size):
        c = s.pool[k]
        if s.node[c, ROUTE] < 0 and m.partner[c] == -1:
            s.string[out] = c
            out += 1
            worth += m.price[c]
    if out < 2 or uniform(s) >= OPENING:
        return 0.0
    leader = below(s, out)
    c = s.string[leader]
    s.string[leader] = s.string[0]
    s.string[0] = c
    where, cost = new_route(m, s, c, -1, worth, -1)
    if where < 0:
        return 0.0
    put_in(m, s, c, where)
    r = s.node[c, ROUTE]
    change = cost - m.price[c]
    beside = 0.0  # of stops that found a place elsewhere
    for k in range(1, out):
        c = s.string[k]
        where, cost = cheapest_place(m, s, c, 0.0, m.price[c])
        if where >= 0:
            put_in(m, s, c, where)
            if s.node[c, ROUTE] == r:
                change += cost - m.price[c]
            else:
                beside += cost - m.price[c]
    if change > EPSILON and uniform(s) >= RASH:
        for k in range(out):
            c = s.string[k]
            if s.node[c, ROUTE] == r:
                take_out(m, s, c)
        return beside
    return change + beside
