"""A tour changes its vehicle: for a larger one before stops return, for the cheapest one after."""

from __future__ import annotations

import math

from routing.compiled import kernel
from routing.road.local_search import link, recount
from routing.road.times import (
    BEFORE,
    EARLIEST,
    EDGE,
    LATEST,
    NEXT,
    PREVIOUS,
    RESTED_EARLIEST,
    RESTED_LATEST,
    SAVED_ROUTES,
    USED,
    Tours,
)
from routing.road.tours import COUNT, KIND, below, free_route, uniform
from routing.road.travel import EPSILON, Model, travel

ENLARGING = 0.1  # how often tours that lost stops are given another vehicle before these return
EACH = 0.5  # and each of them


@kernel
def other_vehicles(m: Model, s: Tours) -> float:
    """Give tours that a ruin has shortened other vehicles, drawn at random; the change of cost."""
    change = 0.0
    if uniform(s) >= ENLARGING:
        return change
    kinds = s.stacked.shape[0]
    for k in range(s.counts[SAVED_ROUTES]):
        r = s.saved_route[k, 0]
        if s.route[r, COUNT] == 0 or uniform(s) >= EACH:
            continue
        kind = below(s, kinds)
        if kind == s.route[r, KIND] or not may_change(m, s, r):
            continue
        to = free_route(m, s, kind)
        if to >= 0 and takes(m, s, r, to):
            cost = price_of(m, s, r, r)
            if move_tour(m, s, r, to):
                change += price_of(m, s, to, to) - cost
    return change


@kernel
def cheapest_vehicles(m: Model, s: Tours) -> float:
    """Give each tour of this step the vehicle that costs least; returns the change of cost."""
    change = 0.0
    for k in range(s.counts[SAVED_ROUTES]):
        r = s.saved_route[k, 0]
        if s.route[r, COUNT] == 0 or not may_change(m, s, r):
            continue
        cost = price_of(m, s, r, r)
        best = cost - EPSILON
        chosen = -1
        for kind in range(s.stacked.shape[0]):
            if kind == s.route[r, KIND]:
                continue
            to = free_route(m, s, kind)
            if to < 0:
                continue
            wish = price_of(m, s, r, to)
            if wish < best and takes(m, s, r, to):
                best = wish
                chosen = to
        if chosen >= 0 and move_tour(m, s, r, chosen):
            change += price_of(m, s, chosen, chosen) - cost
    return change


@kernel
def may_change(m: Model, s: Tours, r: int) -> bool:
    """Whether the tour of route `r` is not yet under way."""
    return m.locked[s.node[m.demand.shape[0] + 2 * r, NEXT]] == 0


@kernel
def price_of(m: Model, s: Tours, r: int, to: int) -> float:
    """What the tour of route `r` would cost on route `to`."""
    length = s.length[r]
    if r != to:
        start = m.demand.shape[0] + 2 * r
        first = s.node[start, NEXT]
        last = s.node[start + 1, PREVIOUS]
        there = m.demand.shape[0] + 2 * to
        length += travel(m, there, first) - s.real[start, EDGE]
        length += travel(m, last, there + 1) - s.real[last, EDGE]
    return m.rate[to, 0] + m.rate[to, 1] * length


@kernel
def takes(m: Model, s: Tours, r: int, to: int) -> bool:
    """Whether the vehicle of route `to` has the capacity and the skills for the tour of `r`."""
    stops = m.demand.shape[0]
    if not m.paired:
        for d in range(s.load.shape[1]):
            if s.load[r, d] > m.capacity[to, d]:
                return False
        if (m.skills[r] & ~m.skills[to]) == 0:
            return True
    for d in range(s.load.shape[1]):
        s.carried[0, d] = 0
    i = s.node[stops + 2 * r, NEXT]
    while i < stops:
        if (m.need[i] & ~m.skills[to]) != 0:
            return False
        if m.paired:
            for d in range(s.load.shape[1]):
                s.carried[0, d] += m.demand[i, d]
                if s.carried[0, d] > m.capacity[to, d]:
                    return False
        i = s.node[i, NEXT]
    return True


@kernel
def move_tour(m: Model, s: Tours, r: int, to: int) -> bool:
    """Move the tour of route `r` to the empty route `to`, unless times or lengths forbid it."""
    relink(m, s, r, to)
    if in_bounds(m, s, to):
        return True
    relink(m, s, to, r)
    return False


@kernel
def relink(m: Model, s: Tours, r: int, to: int) -> None:
    """Let the stops of route `r` stand between the ends of the empty route `to`."""
    start = m.demand.shape[0] + 2 * r
    there = m.demand.shape[0] + 2 * to
    first = s.node[start, NEXT]
    last = s.node[start + 1, PREVIOUS]
    link(m, s, there, first)
    link(m, s, last, there + 1)
    link(m, s, start, start + 1)
    recount(m, s, r)
    recount(m, s, to)
    s.counts[USED] += 1


@kernel
def all_in_bounds(m: Model, s: Tours) -> bool:
    """Whether the routes of this step keep all times and limits.

    Insertions see to that, but a stop taken out may make a way longer where distances or durations
    break the triangle inequality.
    """
    if m.timed or m.limited:
        for k in range(s.counts[SAVED_ROUTES]):
            r = s.saved_route[k, 0]
            if s.route[r, COUNT] > 0 and not in_bounds(m, s, r):
                return False
    return True


@kernel
def in_bounds(m: Model, s: Tours, r: int) -> bool:
    """Whether route `r` keeps all times and limits."""
    start = m.demand.shape[0] + 2 * r
    if m.limited and s.length[r] > m.rate[r, 3] + EPSILON:
        return False
    if m.bounded and s.real[start + 1, BEFORE] > m.rate[r, 2] + EPSILON:
        return False
    if not m.timed or s.real[start, EARLIEST] <= s.real[start, LATEST] + EPSILON:
        return True
    return bool(
        m.rested
        and s.real[start, RESTED_EARLIEST] < math.inf
        and s.real[start, RESTED_EARLIEST] <= s.real[start, RESTED_LATEST] + EPSILON
    )
