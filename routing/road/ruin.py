"""Ruin: strings of neighbouring stops are taken out of neighbouring tours.

Slack Induction by String Removals (Christiaens and Vanden Berghe, Transportation Science 2020).
"""

from __future__ import annotations

from routing.road.compiled import inlined, kernel
from routing.road.times import ABSENT, NEXT, NOW, PREVIOUS, ROUTE, USED, Tours, retime
from routing.road.tours import COUNT, ROUTE_STAMP, below, take_out, uniform
from routing.road.travel import Model

SPLIT = 0.5  # how often a string keeps a middle part in place
WHOLE = 0.1  # how often whole tours are taken out, where types of vehicle or stops are chosen
LARGE = 30  # stops of a tour up to which that is done
WHOLE_TIMED = 0.005  # the same where stops have windows and neither is chosen
LARGE_TIMED = 60  # and up to how many stops
LONGER = 0.01  # how often that middle part grows by one more stop


@kernel
def ruin(m: Model, s: Tours, mean: float, longest: float, seed: int) -> tuple[int, float]:
    """Take out about `mean` stops around stop `seed`, in strings of at most `longest`.

    Returns how many stops lie in the pool, and the change of cost.
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
        taken, change = cut_string(m, s, c, r, length, taken, change)
        if taken > before:
            cut += 1
            if m.timed:
                retime(m, s, r)
    return taken, change


@inlined
def cut_string(
    m: Model, s: Tours, c: int, r: int, length: int, taken: int, change: float
) -> tuple[int, float]:
    """Take a string of `length` stops around stop `c` out of route `r`."""
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
    return taken, change
