"""From a problem to the arrays of compiled code, and back to tours."""

from __future__ import annotations

import math

import numpy as np

from routing.compiled import loop
from routing.road.plan import leg_distances
from routing.road.problem import Problem, Vehicle
from routing.road.routes import routes_of
from routing.road.times import (
    ABSENT,
    DIRTY,
    NEXT,
    PREVIOUS,
    ROUTE,
    Tours,
    reset_times,
)
from routing.road.tours import KIND, keep_best, put_in, stack
from routing.road.travel import MODES, Model

KNOWN = 19  # bits of the number of places of pairs that are kept, at most
KNOWN_CLOSE = 16  # up to which looking them up is faster than looking anew
FULL = 0.8  # mean fill of the vehicles in use from which ejection chains pay


def build(
    problem: Problem,
    near: np.ndarray,
    tours: list[np.ndarray],
    vehicles: np.ndarray,
    seed: int,
    retrying: bool = False,
) -> tuple[Model, Tours, float]:
    """The problem and its tours as compiled code sees them, and the price of a stop that must be.

    Parameters
    ----------
    near
        int32[stops, neighbours], counted from the first stop.
    tours, vehicles
        Rows of each tour and its vehicle type; stops in no tour are left out.
    retrying
        Stops that find no place will be tried again and again.
    """
    first = problem.depots
    stops = problem.stops
    slots = routes_of(problem, vehicles, stops - sum(len(tour) for tour in tours))
    closed = not slots.any()  # compiled code reads where the first route begins
    if closed:
        slots[0] = 1
    starts = np.concatenate([[0], np.cumsum(slots)]).astype(np.int32)
    routes = int(starts[-1])
    kinds = np.repeat(np.arange(len(slots)), slots)
    nodes = stops + 2 * routes
    types = problem.vehicles
    place = np.empty(nodes, np.int32)
    place[:stops] = np.arange(first, first + stops)
    place[stops::2] = np.array([v.start for v in types], np.int32)[kinds]
    place[stops + 1 :: 2] = np.array([-1 if v.end is None else v.end for v in types])[kinds]
    xy = np.where(place[:, None] >= 0, problem.xy[place], math.nan)
    window = np.zeros((nodes, 3))
    window[:stops, 0] = problem.ready[first:]
    window[:stops, 1] = problem.due[first:]
    window[:stops, 2] = problem.service[first:]
    for offset, row_of in ((0, lambda v: v.start), (1, lambda v: v.end)):
        rows = [row_of(v) for v in types]
        early = [v.earliest if r is None else max(v.earliest, problem.ready[r])
                 for v, r in zip(types, rows, strict=True)]  # fmt: skip
        late = [v.latest if r is None else min(v.latest, problem.due[r])
                for v, r in zip(types, rows, strict=True)]  # fmt: skip
        window[stops + offset :: 2, 0] = np.array(early)[kinds]
        window[stops + offset :: 2, 1] = np.array(late)[kinds]
    must = must_price(problem)
    beside = _beside(problem, near)
    none = np.zeros((1, 1))
    rested = any(vehicle.rest is not None for vehicle in types)
    bounded = any(math.isfinite(vehicle.max_duration) for vehicle in types)
    columns = 9 if bounded else 5 if rested else 3
    dimensions = problem.demand.shape[1]
    capacity = np.array([v.capacity for v in types], np.int64).reshape(-1, dimensions)[kinds]
    if closed:
        capacity[:] = -1
    m = Model(
        xy=np.ascontiguousarray(xy),
        place=place,
        distances=none if problem.distances is None else problem.distances,
        durations=none if problem.durations is None else problem.durations,
        mode=MODES[problem.rounding],
        pace=problem.pace if problem.durations is None else -1.0,
        near=near,
        beside=beside,
        sorted=bool((beside[:, 1:] >= beside[:, :-1]).all()),
        demand=np.ascontiguousarray(problem.demand[first:]),
        window=window,
        need=np.ascontiguousarray(problem.skills[first:]),
        price=_prices(problem, must),
        locked=_locked(problem, nodes),
        partner=_partners(problem),
        capacity=capacity,
        rate=np.array([_rate(problem, vehicle) for vehicle in types])[kinds],
        skills=np.array([v.skills for v in types], np.int64)[kinds],
        first=starts,
        rest=np.array([_rest(vehicle) for vehicle in types])[kinds],
        timed=problem.timed or bool((problem.partner >= 0).any()),
        rested=rested,
        bounded=bounded,
        limited=any(math.isfinite(vehicle.max_distance) for vehicle in types),
        paired=bool((problem.partner >= 0).any()),
        full=filled(problem, tours, vehicles) > FULL,
        moves=_moves(problem),
    )
    entries = _entries(m, routes, retrying)
    s = Tours(
        node=np.full((nodes, 4), -1, np.int32),
        real=np.zeros((nodes, columns)),
        load=np.zeros((routes, dimensions), np.int64),
        length=np.zeros(routes),
        route=np.zeros((routes, 4), np.int32),
        free=np.zeros(routes, np.int32),
        stacked=np.zeros(len(types), np.int32),
        absent=np.arange(stops, dtype=np.int32),
        absent_at=np.arange(stops, dtype=np.int32),
        saved=np.zeros((nodes, 4), np.int32),
        saved_real=np.zeros((nodes, columns)),
        saved_route=np.zeros((routes, 2), np.int32),
        saved_load=np.zeros((routes, dimensions), np.int64),
        saved_length=np.zeros(routes),
        best=np.full((nodes, 3), -1, np.int32),
        dirty=np.zeros(nodes, np.int32),
        is_dirty=np.zeros(nodes, np.uint8),
        pool=np.zeros(stops + 1, np.int32),
        key=np.zeros(stops + 1),
        string=np.zeros(stops + 1, np.int32),
        seen=np.zeros(routes, np.int32),
        look=np.zeros(routes + len(types), np.int32),
        place=np.zeros(nodes, np.int32),
        upto=np.zeros((nodes, dimensions), np.int64),
        touched=np.zeros(nodes, np.int32),
        carried=np.zeros((3, dimensions), np.int64),
        version=np.zeros(routes, np.int64),
        saved_version=np.zeros(routes, np.int64),
        known=np.full((entries, 4), -1, np.int64),
        known_cost=np.zeros(entries),
        counts=np.zeros(9, np.int64),
        random=np.array([_mix(seed)], np.uint64),
    )
    s.route[:, KIND] = kinds
    way = np.concatenate([np.asarray(t, np.int32) for t in tours] or [np.zeros(0, np.int32)])
    lengths = np.array([len(t) for t in tours], np.int64)
    _fill(m, s, way - np.int32(first), lengths, np.asarray(vehicles, np.int32))
    return m, s, must


def _entries(m: Model, routes: int, retrying: bool) -> int:
    """How many places of pairs are kept: two a pair and route, if that is not too many."""
    bits = (4 * int((m.partner >= 0).sum()) * routes).bit_length()
    if retrying:
        return 1 << min(KNOWN, bits)
    return 1 << bits if bits <= KNOWN_CLOSE else 1


def _beside(problem: Problem, near: np.ndarray) -> np.ndarray:
    here = np.arange(problem.depots, problem.rows)[:, None]
    there = near + problem.depots
    out = leg_distances(problem, here, there)
    if problem.distances is not None:
        out = np.minimum(out, leg_distances(problem, there, here))
    return np.ascontiguousarray(out, np.float64)


def _rate(problem: Problem, vehicle: Vehicle) -> tuple[float, ...]:
    limits = (vehicle.max_duration, vehicle.max_distance)
    if problem.objective == "cost":
        return (vehicle.fixed, vehicle.per_distance, *limits)
    return (0.0, 1.0, *limits)


def _locked(problem: Problem, nodes: int) -> np.ndarray:
    """The stops of locked beginnings: they stay, and so does what stands before them."""
    locked = np.zeros(nodes, np.uint8)
    for _, stops in problem.locks:
        locked[stops - problem.depots] = 1
    return locked


def _moves(problem: Problem) -> int:
    """Which moves of local search keep what the problem demands."""
    types = problem.vehicles
    if (
        (problem.partner >= 0).any()
        or problem.locks
        or any(v.rest or math.isfinite(min(v.max_duration, v.max_distance)) for v in types)
    ):
        return 0
    table = problem.distances
    both_ways = table is None or bool((table == table.T).all())
    return 2 if both_ways and all(v.start == v.end for v in types) else 1


def _partners(problem: Problem) -> np.ndarray:
    """A pickup's delivery, -1 for single stops, -2 - pickup for a delivery."""
    partner = problem.partner[problem.depots :]
    own = np.arange(len(partner))
    other = partner - problem.depots
    demand = problem.demand[problem.depots :]
    gives = (demand < 0).any(axis=1)
    either = ~demand.any(axis=1)  # a pair without demand: the lower row is the pickup
    delivery = (partner >= 0) & (gives | (either & (other < own)))
    out = np.where(partner >= 0, other, -1)
    return np.where(delivery, -2 - other, out).astype(np.int32)


def _prices(problem: Problem, must: float) -> np.ndarray:
    """Prices of leaving out; the pickup has the price of its pair."""
    price = problem.price[problem.depots :]
    price = np.where(np.isfinite(price), price, must)
    partner = _partners(problem)
    pickups = np.flatnonzero(partner >= 0)
    price[pickups] += price[partner[pickups]]
    price[partner[pickups]] = 0.0
    return price


def _rest(vehicle: Vehicle) -> tuple[float, float, float]:
    rest = vehicle.rest
    return (0.0, 0.0, -1.0) if rest is None else (rest.earliest, rest.latest, rest.duration)


def must_price(problem: Problem) -> float:
    """More than any detour to a stop, and all that may be left out for it, can cost: the price of
    leaving out what must be served."""
    if problem.distances is not None:
        finite = problem.distances[np.isfinite(problem.distances)]
        far = float(finite.max(initial=0.0))
    else:
        far = float(np.hypot(*(problem.xy.max(axis=0) - problem.xy.min(axis=0)))) + 1.0
    rate = max(max(v.per_distance for v in problem.vehicles), 1.0)
    fixed = max(v.fixed for v in problem.vehicles) if problem.objective == "cost" else 0.0
    prices = float(problem.price[np.isfinite(problem.price)].sum())
    return 10.0 * (rate * far + fixed + 1.0) + prices


def filled(problem: Problem, tours: list[np.ndarray], vehicles: np.ndarray) -> float:
    """Share of the capacity of the vehicles in use that is used, in the scarcest dimension."""
    if not tours:
        return 0.0
    load = problem.demand[np.concatenate(tours)].sum(axis=0)
    room = np.sum([problem.vehicles[kind].capacity for kind in vehicles], axis=0)
    return float((load / np.maximum(room, 1)).max())


def _mix(seed: int) -> int:
    """A seed of the random numbers that differs in all bits (splitmix64)."""
    z = (seed * 2 + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return (z ^ (z >> 31)) | 1


@loop
def _fill(m: Model, s: Tours, way: np.ndarray, lengths: np.ndarray, kinds: np.ndarray) -> None:
    stops = m.demand.shape[0]
    routes = s.route.shape[0]
    s.counts[ABSENT] = stops
    for r in range(routes):
        start = stops + 2 * r
        s.node[start, NEXT] = start + 1
        s.node[start + 1, PREVIOUS] = start
        s.node[start, ROUTE] = r
        s.node[start + 1, ROUTE] = r
        reset_times(m, s, r)
    for r in range(routes - 1, -1, -1):
        stack(m, s, r)
    used = m.first[:-1].copy()
    at = 0
    for t in range(lengths.size):
        r = used[kinds[t]]
        used[kinds[t]] += 1
        behind = stops + 2 * r
        for k in range(lengths[t]):
            put_in(m, s, way[at + k], behind)
            behind = way[at + k]
        at += lengths[t]
    left = 0
    for c in range(stops):
        s.absent_at[c] = -1
        if s.node[c, ROUTE] < 0 and m.partner[c] >= -1:
            s.absent[left] = c
            s.absent_at[c] = left
            left += 1
    s.counts[ABSENT] = left
    for i in range(s.node.shape[0]):
        s.is_dirty[i] = 1
        s.dirty[i] = i
    s.counts[DIRTY] = s.node.shape[0]
    keep_best(s)


@loop
def _walk(links: np.ndarray, stops: int) -> tuple[np.ndarray, np.ndarray]:
    """Stops route by route, and where each route ends."""
    routes = (links.shape[0] - stops) // 2
    way = np.empty(stops, np.int32)
    ends = np.empty(routes, np.int64)
    size = 0
    for r in range(routes):
        i = links[stops + 2 * r, 1]
        while i < stops:
            way[size] = i
            size += 1
            i = links[i, 1]
        ends[r] = size
    return way, ends


def tours_of(
    m: Model, s: Tours, first: int, links: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """Tours by their links (`s.node` or `s.best`) as arrays of rows, and their vehicle types."""
    way, ends = _walk(links, len(m.demand))
    tours = [tour + np.int32(first) for tour in np.split(way, ends)[:-1]]
    kinds = s.route[:, KIND]
    used = [r for r, tour in enumerate(tours) if len(tour)]
    return [tours[r] for r in used], kinds[used].copy()
