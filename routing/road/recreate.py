"""Recreate: the stops taken out return, each to its cheapest place that is not blinked at."""

from __future__ import annotations

from routing.road.compiled import kernel
from routing.road.eject import eject
from routing.road.pairs import cheapest_pair
from routing.road.place import any_place, cheapest_place
from routing.road.times import ONLY, Tours
from routing.road.tours import below, put_in, uniform
from routing.road.travel import Model, travel

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
        if m.full and not paired:
            ejected, less = eject(m, s, c, cost)
            if ejected:
                change += less
                if change > most:
                    return change
                continue
        change += cost  # of its place, or the price of leaving it out
        if change > most:  # no insertion makes a tour cheaper
            return change
        if where >= 0:
            for part in range(2 if paired else 1):
                put_in(m, s, m.partner[c] if part == 1 else c, second if part == 1 else where)
    return change
