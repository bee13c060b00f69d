"""Simulated annealing over ruin and recreate."""

from __future__ import annotations

import math

from routing.compiled import kernel
from routing.road.group import lead, may_leave_out, open_together, retry
from routing.road.local_search import polish
from routing.road.recreate import recreate
from routing.road.ruin import ruin
from routing.road.times import ABSENT, ROUTE, USED, Tours
from routing.road.tours import begin, below, keep_best, mark, total, undo, uniform
from routing.road.travel import EPSILON, Model
from routing.road.vehicle_change import all_in_bounds, cheapest_vehicles, other_vehicles

MEAN = 10.0  # stops taken out in a step
LONGEST = 10.0  # stops of a string


@kernel
def anneal(
    m: Model,
    s: Tours,
    cost: float,
    iterations: int,
    hot: float,
    cold: float,
    worth: float,
    must: float,
    audit: bool,
) -> tuple[float, float, float]:
    """Ruin and recreate `iterations` times while the temperature falls from `hot` to `cold`.

    `cost`, by which steps are judged, is less by `worth` for each tour; what the present and the
    best tours cost without that is returned.  The best stand in `s.best`.  With `audit` each
    accepted step's cost is counted anew, and the largest difference comes third.
    """
    drift = 0.0
    best = cost + worth * s.counts[USED]
    stops = m.demand.shape[0]
    kinds = s.stacked.shape[0]
    priced = may_leave_out(m, must)
    temperature = hot
    cooling = math.exp(math.log(cold / hot) / max(1, iterations)) if hot > 0.0 else 1.0
    for _ in range(iterations):
        begin(s)
        seed = below(s, stops)
        size, change = ruin(m, s, MEAN, LONGEST, seed)
        absent = s.counts[ABSENT]
        if absent > 0:
            size, change = retry(m, s, size, change, seed, absent)
        if kinds > 1:
            change += other_vehicles(m, s)
        rest = size
        if priced or kinds > 1:
            rest, cost_of_lead = lead(m, s, size, must)
            change += cost_of_lead
        most = -temperature * math.log(1.0 - uniform(s))
        # What follows a return of all stops may still make the step cheaper.
        later = priced or kinds > 1
        change += recreate(m, s, rest, must, math.inf if later else most - change, priced)
        if priced:
            change += open_together(m, s, size)
        if kinds > 1:
            change += cheapest_vehicles(m, s)
        if change < most and all_in_bounds(m, s):
            cost += change
            if m.moves > 0 and change < 0.0:
                cost += polish(m, s, m.moves > 1)
            mark(s)
            for k in range(size):
                settle(s, s.pool[k])
            if audit:
                drift = max(drift, abs(total(m, s) - cost))
            real = cost + worth * s.counts[USED]
            if real < best - EPSILON:
                best = real
                keep_best(s)
        else:
            undo(m, s)
        temperature *= cooling
    return cost + worth * s.counts[USED], best, drift


@kernel
def insert_absent(m: Model, s: Tours, must: float) -> float:
    """Bring all stops left out in where they can be, for good; returns the change of cost."""
    begin(s)
    size = s.counts[ABSENT]
    change = 0.0
    for k in range(size):
        s.pool[k] = s.absent[k]
        change -= m.price[s.absent[k]]
    change += recreate(m, s, size, must, math.inf, may_leave_out(m, must))
    mark(s)
    for k in range(size):
        settle(s, s.pool[k])
    keep_best(s)
    return change


@kernel
def settle(s: Tours, c: int) -> None:
    """Enter stop `c` in the list of those left out, or take it off."""
    at = s.absent_at[c]
    if s.node[c, ROUTE] < 0:
        if at < 0:
            s.absent_at[c] = s.counts[ABSENT]
            s.absent[s.counts[ABSENT]] = c
            s.counts[ABSENT] += 1
    elif at >= 0:
        s.counts[ABSENT] -= 1
        last = s.absent[s.counts[ABSENT]]
        s.absent[at] = last
        s.absent_at[last] = at
        s.absent_at[c] = -1
