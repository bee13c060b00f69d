"""Ruin: strings of neighbouring stops are taken out of neighbouring tours.

Slack Induction by String Removals (Christiaens and Vanden Berghe, Transportation Science 2020).
"""

from __future__ import annotations

from numba import njit

from routing.road.tours import (
    ABSENT,
    COUNT,
    NEXT,
    NOW,
    PREVIOUS,
    ROUTE,
    ROUTE_STAMP,
    USED,
    Tours,
    below,
    retime,
    take_out,
    uniform,
)
from routing.road.travel import Model

SPLIT = 0.5  # how often a string keeps a middle part in place
LONGER = 0.01  # how often that middle part grows by one more stop


@njit(cache=True, nogil=True)
def ruin(m: Model, s: Tours, mean: float, longest: float) -> tuple[int, float]:
    """Take out about `mean` stops around a random one, in strings of at most `longest`.

    Returns how many stops lie in the pool, and the change of cost.
    """
    stops = m.demand.shape[0]
    used = max(1, s.counts[USED])
    typical = min(longest, max(1.0, (stops - s.counts[ABSENT]) / used))
    most = 4.0 * mean / (1.0 + typical) - 1.0
    strings = int(uniform(s) * most + 1.0)
    seed = below(s, stops)
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
        before = taken
        taken, change = cut_string(m, s, c, r, length, taken, change)
        if taken > before:
            cut += 1
            if m.timed:
                retime(m, s, r)
    return taken, change


@njit(cache=True, nogil=True)
def cut_string(
    m: Model, s: Tours, c: int, r: int, length: int, taken: int, change: float
) -> tuple[int, float]:
    """Take a string of `length` stops around stop `c` out of route `r`."""
    stops = m.demand.shape[0]
    kept = 0
    if length > 1 and uniform(s) < SPLIT:
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
    for position in range(span):
        following = s.node[i, NEXT]
        if (position < keep_from or position >= keep_from + kept) and m.locked[i] == 0:
            change += take_out(m, s, i)
            s.pool[taken] = i
            taken += 1
        i = following
    return taken, change
