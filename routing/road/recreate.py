"""Recreate: the stops taken out return, each to its cheapest place that is not blinked at."""

from __future__ import annotations

import math

from routing.compiled import inlined, kernel
from routing.road.eject import eject
from routing.road.pairs import cheapest_pair
from routing.road.place import any_place, cheapest_place
from routing.road.times import ONLY, Tours
from routing.road.tours import below, put_in, uniform
from routing.road.travel import Model, travel

CHOOSY = 0.5  # how often new tours may have vehicles of one capacity alone
BLINK = 0.01  # how often a place is overlooked
PRICED = 8.0  # weight of the two rules by price, where stops may be left out


@kernel
def sort_pool(m: Model, s: Tours, size: int, priced: bool) -> None:
    """Order the pool by one rule drawn at random: the paper's rules and weights, and by price."""
    home = m.demand.shape[0]
    if s.stacked.shape[0] > 1:
        home += 2 * min(m.first[below(s, s.stacked.shape[0])], s.route.shape[0] - 1)
    rules = 17.0 if m.timed else 11.0
    draw = uniform(s) * (rules + PRICED if priced else rules)
    by_price = draw >= rules
    by_rate = draw >= rules + 0.5 * PRICED
    for k in range(size):
        c = s.pool[k]
        if by_rate:
            key = -m.price[c] / max(1.0, float(m.demand[c, 0]))
        elif by_price:
            key = -m.price[c]
        elif draw < 4.0:
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


@inlined
def put_pair(m: Model, s: Tours, c: int, must: float, left: float) -> float:
    """Bring pickup `c` and its delivery back; returns what `put_stop` does."""
    where, second, cost = cheapest_pair(m, s, c, BLINK, False, m.price[c])
    if where < 0 and m.price[c] >= must:
        where, second, cost = cheapest_pair(m, s, c, BLINK, True, m.price[c])
    if where >= 0 and cost <= left:
        put_in(m, s, c, where)
        put_in(m, s, m.partner[c], second)
    return cost


@inlined
def put_stop(m: Model, s: Tours, c: int, must: float, left: float) -> float:
    """Bring stop `c` back; returns the cost, or the price of leaving it out.

    Of what costs more than `left` only that it does is returned, in some way.
    """
    # Where windows bind, stops that fit nowhere near must be free to look far.
    bound = m.price[c] if m.timed else min(m.price[c], left)
    where, cost = cheapest_place(m, s, c, BLINK, bound)
    if m.full:
        ejected, less = eject(m, s, c, min(cost, left))
        if ejected:
            return less
    if where < 0 and bound < m.price[c]:
        return math.inf
    if where < 0 and m.price[c] >= must:
        where, cost = any_place(m, s, c)
    if where >= 0 and cost <= left:
        put_in(m, s, c, where)
    return cost


@kernel
def recreate(m: Model, s: Tours, size: int, must: float, most: float, priced: bool) -> float:
    """Bring the first `size` stops of the pool back; returns the change of cost.

    `priced` says whether stops may be left out (`may_leave_out`).

    A stop whose price of leaving out is at least `must` looks further before it is left out.
    Where the change exceeds `most` the rest is not tried: what is returned is then more than it.
    """
    sort_pool(m, s, size, priced)
    kinds = s.stacked.shape[0]
    s.counts[ONLY] = -1
    if kinds > 1 and uniform(s) < CHOOSY:
        # else the vehicle that suits the first stop is taken
        s.counts[ONLY] = m.capacity[min(m.first[below(s, kinds)], m.capacity.shape[0] - 1), 0]
    change = 0.0
    for k in range(size):
        c = s.pool[k]
        left = most - change
        if m.partner[c] >= 0:
            change += put_pair(m, s, c, must, left)
        else:
            change += put_stop(m, s, c, must, left)
        if change > most:  # no insertion makes a tour cheaper
            return change
    return change
