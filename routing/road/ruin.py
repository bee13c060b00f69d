"""Ruin: strings of neighbouring stops are taken out of neighbouring tours, whose ends then cross.

Slack Induction by String Removals (Christiaens and Vanden Berghe, Transportation Science 2020).
That the ends of two tours change places at the gaps is ours: strings alone hardly ever move as
many stops, and where windows are wide, better plans lie behind such moves.
"""

from __future__ import annotations

from routing.compiled import inlined, kernel
from routing.road.local_search import count_route, swap_tails, tails_fit
from routing.road.times import (
    ABSENT,
    EDGE,
    LOOK,
    NEXT,
    NOW,
    PREVIOUS,
    ROUTE,
    USED,
    Tours,
    retime,
)
from routing.road.tours import COUNT, KIND, ROUTE_STAMP, below, take_out, uniform
from routing.road.travel import Model, travel

SPLIT = 0.5  # how often a string keeps a middle part in place
WHOLE = 0.1  # how often whole tours are taken out, where types of vehicle or stops are chosen
LARGE = 30  # stops of a tour up to which that is done
WHOLE_TIMED = 0.005  # the same where stops have windows and neither is chosen
LARGE_TIMED = 60  # and up to how many stops
LONGER = 0.01  # how often that middle part grows by one more stop


@kernel
def ruin(m: Model, s: Tours, mean: float, longest: float, seed: int) -> tuple[int, float]:
    """Take out about `mean` stops around stop `seed`, in strings of at most `longest`.

    What follows the last two gaps changes places, if it may.  Returns how many stops lie in the
    pool, and the change of cost.
    """
    stops = m.demand.shape[0]
    used = max(1, s.counts[USED])
    typical = min(longest, max(1.0, (stops - s.counts[ABSENT]) / used))
    most = 4.0 * mean / (1.0 + typical) - 1.0
    strings = int(uniform(s) * most + 1.0)
    large = LARGE
    if s.stacked.shape[0] > 1 or s.counts[ABSENT] > 0:
        whole = uniform(s) < WHOLE
    else:
        large = LARGE_TIMED
        whole = m.timed and uniform(s) < WHOLE_TIMED
    taken = 0
    cut = 0
    gap = last_gap = -1  # nodes before the last two gaps
    change = 0.0
    k = -1
    while cut < strings and k < m.near.shape[1]:
        c = seed if k < 0 else m.near[seed, k]
        k += 1
        if c < 0:
            break
        r = s.node[c, ROUTE]
        if r < 0 or s.route[r, ROUTE_STAMP] == s.counts[NOW]:
            continue
        size = min(float(s.route[r, COUNT]), typical)
        length = int(uniform(s) * size + 1.0)
        if whole and s.route[r, COUNT] <= large:
            length = s.route[r, COUNT]
        before = taken
        taken, change, head = cut_string(m, s, c, r, length, taken, change)
        if taken > before:
            cut += 1
            gap, last_gap = last_gap, head
            if m.timed:
                retime(m, s, r)
    if gap >= 0 and m.moves > 0:
        change += cross(m, s, gap, last_gap)
    return taken, change


@kernel
def cross(m: Model, s: Tours, a: int, b: int) -> float:
    """Let what follows `a` and `b`, of two routes, change places if it may; the change of cost."""
    ra = s.node[a, ROUTE]
    rb = s.node[b, ROUTE]
    empty = s.route[ra, COUNT] == 0 or s.route[rb, COUNT] == 0
    if empty or s.route[ra, KIND] != s.route[rb, KIND]:
        return 0.0
    s.counts[LOOK] += 1
    count_route(m, s, ra)
    count_route(m, s, rb)
    tail_a = s.node[a, NEXT]
    tail_b = s.node[b, NEXT]
    if not tails_fit(m, s, a, b, tail_b, tail_a):
        return 0.0
    change = travel(m, a, tail_b) + travel(m, b, tail_a) - s.real[a, EDGE] - s.real[b, EDGE]
    return m.rate[ra, 1] * change + swap_tails(m, s, a, b)


@inlined
def cut_string(
    m: Model, s: Tours, c: int, r: int, length: int, taken: int, change: float
) -> tuple[int, float, int]:
    """Take a string of `length` stops around stop `c` out of route `r`.

    Returns how many stops lie in the pool, the change of cost, and the node before the string.
    """
    stops = m.demand.shape[0]
    kept = 0
    if 1 < length < s.route[r, COUNT] and uniform(s) < SPLIT:
        while length + kept < s.route[r, COUNT]:
            kept += 1
            if uniform(s) >= LONGER:
                break
    span = length + kept
    behind = 0  # stops before `c` that may belong to the string
    i = c
    while behind < span - 1 and s.node[i, PREVIOUS] < stops:
        i = s.node[i, PREVIOUS]
        behind += 1
    ahead = 0
    i = c
    while ahead < span - 1 and s.node[i, NEXT] < stops:
        i = s.node[i, NEXT]
        ahead += 1
    least = max(0, span - 1 - ahead)
    back = least + below(s, behind - least + 1)
    i = c
    for _ in range(back):
        i = s.node[i, PREVIOUS]
    head = s.node[i, PREVIOUS]
    keep_from = span
    if kept > 0:
        keep_from = 1 + below(s, length - 1)
    size = 0
    for position in range(span):
        if position < keep_from or position >= keep_from + kept:
            s.string[size] = i
            size += 1
        i = s.node[i, NEXT]
    for k in range(size):
        i = s.string[k]
        if m.locked[i] != 0 or s.node[i, ROUTE] < 0:
            continue
        other = m.partner[i]
        if other != -1:
            partner = other if other >= 0 else -2 - other
            if m.locked[partner] != 0:
                continue
            change += take_out(m, s, partner)
        change += take_out(m, s, i)
        s.pool[taken] = i if other >= -1 else -2 - other
        taken += 1
    return taken, change, head
