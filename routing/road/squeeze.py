"""Fewer tours: one is dissolved and its stops are pressed into the others.

Stops that keep being left out weigh more and more (sum of absences, Christiaens and Vanden Berghe
2020).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from routing.compiled import kernel
from routing.road.anneal import LONGEST, MEAN, settle
from routing.road.improve import NEIGHBOURS, Done, Job, insert
from routing.road.neighbours import neighbours
from routing.road.problem import Problem
from routing.road.recreate import recreate
from routing.road.ruin import ruin
from routing.road.state import build, tours_of
from routing.road.times import ABSENT, NEXT, ROUTE, USED, Tours
from routing.road.tours import (
    COUNT,
    STACKED,
    begin,
    below,
    keep_best,
    mark,
    take_out,
    total,
    undo,
    uniform,
)
from routing.road.travel import Model
from routing.road.vehicle_change import all_in_bounds

RETURNING = 30  # stops left out that a step tries to bring back


def fewer_tours(job: Job) -> Done:
    """Serve what is left out, then dissolve tour after tour, as far as the iterations go.

    Stops that may be left out stay as they are, in a tour or not.
    """
    problem, rows = to_be_served(job)
    where = np.zeros(job.problem.rows, np.int32)
    where[rows] = np.arange(problem.rows)
    tours = [where[tour] for tour in job.tours]
    near = neighbours(problem, NEIGHBOURS)
    m, s, must = build(problem, near, tours, job.vehicles, job.seed, True)
    if s.counts[ABSENT]:
        insert(m, s, must)
    weight = np.ones(problem.stops)
    left = job.iterations
    least = max(job.least, fewest(problem))
    while left > 0:
        if not s.counts[ABSENT]:
            if s.counts[USED] <= least:
                break
            if not dissolve(m, s, weight):
                break
        left -= squeeze(m, s, weight, min(left, 1_000_000), job.hot, must)
        if not s.counts[ABSENT]:
            keep_best(s)
    present, kinds = tours_of(m, s, problem.depots, s.node)
    best, best_kinds = tours_of(m, s, problem.depots, s.best)
    return Done(
        [rows[tour] for tour in present], kinds, total(m, s),
        [rows[tour] for tour in best], best_kinds, math.nan, job.iterations - max(0, left),
    )  # fmt: skip


def to_be_served(job: Job) -> tuple[Problem, np.ndarray]:
    """The job's problem without the stops left out at their price, and its rows (int32) there."""
    whole = job.problem
    every = np.arange(whole.rows, dtype=np.int32)
    priced = np.isfinite(whole.price)
    paired = whole.partner >= 0  # a pair may be left out where both of its stops have a price
    priced[paired] &= priced[whole.partner[paired]]
    if not priced.any():
        return whole, every
    keep = ~priced
    keep[: whole.depots] = True
    for tour in job.tours:
        keep[tour] = True
    rows = every[keep]
    part = whole.part(rows[whole.depots :], whole.vehicles)
    return replace(part, price=np.full(part.rows, math.inf)), rows


def fewest(problem: Problem) -> int:
    """Tours that the demand needs at least."""
    if (problem.partner >= 0).any():
        return 1
    top = np.maximum(np.max([v.capacity for v in problem.vehicles], axis=0), 1)
    must = np.flatnonzero(~np.isfinite(problem.price[problem.depots :])) + problem.depots
    return max(1, int(np.ceil(problem.demand[must].sum(axis=0) / top).max()))


@kernel
def dissolve(m: Model, s: Tours, weight: np.ndarray) -> bool:
    """Take out all stops of the route that weighs least, and close it and all empty routes.

    Routes with a locked beginning stay; false if there is no other.
    """
    stops = m.demand.shape[0]
    least = math.inf
    chosen = -1
    for r in range(s.route.shape[0]):
        if s.route[r, COUNT] == 0:
            for d in range(m.capacity.shape[1]):
                m.capacity[r, d] = -1
            continue
        weighs = 0.0
        i = s.node[stops + 2 * r, NEXT]
        while i < stops:
            weighs += weight[i] if m.locked[i] == 0 else math.inf
            i = s.node[i, NEXT]
        if weighs < least:
            least = weighs
            chosen = r
    if chosen < 0:
        return False
    begin(s)
    i = s.node[stops + 2 * chosen, NEXT]
    size = 0
    while i < stops:
        following = s.node[i, NEXT]
        take_out(m, s, i)
        if m.partner[i] >= -1:
            s.pool[size] = i
            size += 1
        i = following
    for d in range(m.capacity.shape[1]):
        m.capacity[chosen, d] = -1
    # a closed route on a stack would hide the open ones below it
    for kind in range(s.stacked.shape[0]):
        for k in range(s.stacked[kind]):
            s.route[s.free[m.first[kind] + k], STACKED] = 0
        s.stacked[kind] = 0
    mark(s)
    for k in range(size):
        settle(s, s.pool[k])
    return True


@kernel
def squeeze(
    m: Model, s: Tours, weight: np.ndarray, iterations: int, temperature: float, must: float
) -> int:
    """Ruin and recreate until nothing is left out; returns the iterations it took."""
    stops = m.demand.shape[0]
    for step in range(iterations):
        absent = s.counts[ABSENT]
        if absent == 0:
            return step
        begin(s)
        seed = below(s, stops) if uniform(s) < 0.5 else s.absent[below(s, absent)]
        size, change = ruin(m, s, MEAN, LONGEST, seed)
        skip = below(s, absent)
        before = 0.0
        for k in range(min(RETURNING, absent)):
            c = s.absent[(skip + k) % absent]
            s.pool[size] = c
            size += 1
            before += weight[c]
            change -= m.price[c]
        change += recreate(m, s, size, must, math.inf, False)
        after = 0.0
        for k in range(size):
            c = s.pool[k]
            if s.node[c, ROUTE] < 0:
                after += weight[c]
                change -= m.price[c]
        for k in range(min(RETURNING, absent)):
            change += m.price[s.absent[(skip + k) % absent]]
        for k in range(size):
            c = s.pool[k]
            if s.node[c, ROUTE] < 0:
                weight[c] += 1.0
        if (
            after < before
            or (after == before and change < -temperature * math.log(1.0 - uniform(s)))
        ) and all_in_bounds(m, s):
            mark(s)
            for k in range(size):
                settle(s, s.pool[k])
        else:
            undo(m, s)
    return iterations
