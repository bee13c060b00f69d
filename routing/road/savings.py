"""First tours by savings on nearest neighbours (Clarke and Wright 1964), for capacity alone."""

from __future__ import annotations

import math

import numpy as np

from routing.compiled import loop
from routing.road.plan import leg_distances
from routing.road.problem import Problem


def fits_savings(problem: Problem) -> bool:
    """Whether savings can plan it: one depot, one type of vehicle, capacity alone."""
    vehicle = problem.vehicles[0]
    table = problem.distances
    return (
        len(problem.vehicles) == 1
        and vehicle.start == vehicle.end
        and not problem.timed
        and not (problem.partner >= 0).any()
        and not np.isfinite(vehicle.max_distance)
        and not (problem.skills & ~vehicle.skills).any()
        and not problem.locks
        # a stop that may be left out may demand more than a vehicle holds
        and bool((problem.demand <= np.array(vehicle.capacity)).all())
        and (table is None or bool((table == table.T).all()))
    )


def savings(problem: Problem, near: np.ndarray) -> list[np.ndarray]:
    """Tours as arrays of rows.  `near`: the neighbours between which tours may be joined."""
    first = problem.depots
    stops = problem.stops
    base = problem.vehicles[0].start
    if problem.distances is None:
        i, j, gain = _gains(near, problem.xy[first:], problem.xy[base])
    else:
        rows = np.arange(first, first + stops)
        out = leg_distances(problem, np.full(stops, base), rows)
        i = np.repeat(np.arange(stops, dtype=np.int32), near.shape[1])
        j = near.ravel()
        once = (j >= 0) & (i < j)
        once |= (j >= 0) & ~(near[j] == i[:, None]).any(axis=1)
        i, j = i[once], j[once]
        gain = out[i] + out[j] - leg_distances(problem, i + first, j + first)
    order = np.argsort(-gain, kind="stable")
    order = order[: int((gain > 0).sum())]
    capacity = np.asarray(problem.vehicles[0].capacity, np.int64)
    way, ends = _join(i[order], j[order], problem.demand[first:], capacity)
    return [tour + first for tour in np.split(way, ends)[:-1]]


@loop
def _gains(
    near: np.ndarray, xy: np.ndarray, base: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each pair of neighbours once, and what joining them saves."""
    first = np.empty(near.size, np.int32)
    second = np.empty(near.size, np.int32)
    gain = np.empty(near.size, np.float32)
    size = 0
    for i in range(near.shape[0]):
        out = math.hypot(xy[i, 0] - base[0], xy[i, 1] - base[1])
        for k in range(near.shape[1]):
            j = near[i, k]
            if j < 0:
                break
            if i > j:
                named = False
                for h in range(near.shape[1]):
                    if near[j, h] == i:
                        named = True
                        break
                if named:
                    continue
            first[size] = i
            second[size] = j
            back = math.hypot(xy[j, 0] - base[0], xy[j, 1] - base[1])
            gain[size] = out + back - math.hypot(xy[i, 0] - xy[j, 0], xy[i, 1] - xy[j, 1])
            size += 1
    return first[:size].copy(), second[:size].copy(), gain[:size].copy()


@loop
def _join(
    first: np.ndarray, second: np.ndarray, demand: np.ndarray, capacity: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Join tours end to end in the order given; stops tour by tour, and where each tour ends."""
    stops = demand.shape[0]
    beside = np.full((stops, 2), -1, np.int32)
    tour = np.arange(stops).astype(np.int32)  # union-find
    load = demand.copy()
    for k in range(first.size):
        i = first[k]
        j = second[k]
        if beside[i, 1] >= 0 or beside[j, 1] >= 0:
            continue
        a = i
        while tour[a] != a:
            tour[a] = tour[tour[a]]
            a = tour[a]
        b = j
        while tour[b] != b:
            tour[b] = tour[tour[b]]
            b = tour[b]
        if a == b:
            continue
        fits = True
        for d in range(capacity.size):
            if load[a, d] + load[b, d] > capacity[d]:
                fits = False
        if not fits:
            continue
        tour[b] = a
        for d in range(capacity.size):
            load[a, d] += load[b, d]
        beside[i, 0 if beside[i, 0] < 0 else 1] = j
        beside[j, 0 if beside[j, 0] < 0 else 1] = i
    way = np.empty(stops, np.int32)
    ends = np.empty(stops, np.int64)
    seen = np.zeros(stops, np.bool_)
    size = 0
    tours = 0
    for i in range(stops):
        if seen[i] or beside[i, 1] >= 0:
            continue
        before = -1
        at = i
        while at >= 0:
            seen[at] = True
            way[size] = at
            size += 1
            after = beside[at, 0]
            if after == before:
                after = beside[at, 1]
            before = at
            at = after
        ends[tours] = size
        tours += 1
    return way, ends[:tours]
