"""Local search on the stops that a step has touched: moves that strings cannot make.

Ends of two tours change places (2-opt*), also with one of them turned round, and parts of a tour
are turned round (2-opt), each where it joins a stop to one of its nearest neighbours (granular
search, Toth and Vigo 2003).
"""

from __future__ import annotations

from routing.compiled import kernel
from routing.road.times import (
    EARLIEST,
    EDGE,
    LATEST,
    LOOK,
    NEXT,
    PREVIOUS,
    ROUTE,
    SAVED,
    USED,
    Tours,
    retime,
    save,
)
from routing.road.tours import COUNT, KIND, save_route, stack
from routing.road.travel import EPSILON, Model, lasts, travel

CLOSE = 12  # neighbours looked at


@kernel
def count_route(m: Model, s: Tours, r: int) -> None:
    """Enter positions and loads along route `r`, unless they stand there."""
    if s.seen[r] == s.counts[LOOK]:
        return
    s.seen[r] = s.counts[LOOK]
    stops = m.demand.shape[0]
    i = stops + 2 * r
    place = 0
    s.place[i] = 0
    for d in range(s.upto.shape[1]):
        s.upto[i, d] = 0
    while i != stops + 2 * r + 1:
        p = i
        i = s.node[i, NEXT]
        place += 1
        s.place[i] = place
        for d in range(s.upto.shape[1]):
            s.upto[i, d] = s.upto[p, d] + (m.demand[i, d] if i < stops else 0)


@kernel
def polish(m: Model, s: Tours, turning: bool) -> float:
    """Make improving moves around the nodes saved in this step; returns the change of cost."""
    stops = m.demand.shape[0]
    s.counts[LOOK] += 1
    size = 0
    for k in range(s.counts[SAVED]):
        if s.saved[k, 0] < stops and s.node[s.saved[k, 0], ROUTE] >= 0:
            s.touched[size] = s.saved[k, 0]
            size += 1
    change = 0.0
    k = 0
    moves = 0
    while k < size and moves < 50:
        gain = move_at(m, s, s.touched[k], turning)
        if gain < -EPSILON:
            change += gain
            moves += 1
            s.counts[LOOK] += 1
        else:
            k += 1
    return change


@kernel
def saved_by(m: Model, r: int) -> float:
    """What it saves that nothing is left of the tour on route `r`, beyond its stops' ways.

    Below nothing where a tour more is wished for.
    """
    start = m.demand.shape[0] + 2 * r
    return m.rate[r, 0] + m.rate[r, 1] * travel(m, start, start + 1)


@kernel
def move_at(m: Model, s: Tours, a: int, turning: bool) -> float:
    """The first improving move that joins stop `a` to a near stop, made; its change of cost."""
    stops = m.demand.shape[0]
    ra = s.node[a, ROUTE]
    count_route(m, s, ra)
    rate = m.rate[ra, 1]
    after = s.node[a, NEXT]
    before = s.node[a, PREVIOUS]
    ahead = s.real[a, EDGE]
    back = s.real[before, EDGE]
    for k in range(min(CLOSE, m.near.shape[1])):
        b = m.near[a, k]
        if b < 0:
            break
        rb = s.node[b, ROUTE]
        if rb < 0:
            continue
        beside = m.beside[a, k]  # no more than the way there, nor than that back
        if beside >= ahead and beside >= back:
            if m.sorted:
                break
            continue
        joint = travel(m, a, b)
        if rb == ra:
            if turning and not m.timed:
                gain = turn(m, s, a, b, joint)
                if gain < -EPSILON:
                    return rate * gain
            continue
        if s.route[ra, KIND] != s.route[rb, KIND]:
            continue
        count_route(m, s, rb)
        nb = s.node[b, NEXT]
        pb = s.node[b, PREVIOUS]
        # head to a, then b and what is behind it
        gain = joint + travel(m, pb, after) - ahead - s.real[pb, EDGE]
        saved = saved_by(m, rb) if pb >= stops and after >= stops else 0.0
        if rate * gain - saved < -EPSILON and tails_fit(m, s, a, pb, b, after):
            return rate * gain + swap_tails(m, s, a, pb)
        # head to b, then a and what is behind it
        if m.mode == 3 and not turning:
            joint = travel(m, b, a)
        gain = joint + travel(m, before, nb) - back - s.real[b, EDGE]
        saved = saved_by(m, ra) if before >= stops and nb >= stops else 0.0
        if rate * gain - saved < -EPSILON and tails_fit(m, s, before, b, nb, a):
            return rate * gain + swap_tails(m, s, before, b)
        if turning and not m.timed:
            # head to a, then the head to b turned round; and the tails, the first turned round
            gain = joint + travel(m, after, nb) - ahead - s.real[b, EDGE]
            if gain < -EPSILON and heads_fit(m, s, a, b):
                return rate * gain + join_heads(m, s, a, b)
            gain = joint + travel(m, before, pb) - back - s.real[pb, EDGE]
            if gain < -EPSILON and heads_fit(m, s, before, pb):
                return rate * gain + join_heads(m, s, before, pb)
    return 0.0


@kernel
def tails_fit(m: Model, s: Tours, a: int, b: int, tail_b: int, tail_a: int) -> bool:
    """Whether the tails behind `a` and `b`, of two routes, may change places."""
    ra = s.node[a, ROUTE]
    rb = s.node[b, ROUTE]
    end = m.demand.shape[0] + 1
    for d in range(s.load.shape[1]):
        tail = s.upto[end + 2 * rb, d] - s.upto[b, d]
        if s.upto[a, d] + tail > m.capacity[ra, d]:
            return False
        tail = s.upto[end + 2 * ra, d] - s.upto[a, d]
        if s.upto[b, d] + tail > m.capacity[rb, d]:
            return False
    if m.timed:
        way = lasts(m, a, tail_b, travel(m, a, tail_b))
        if s.real[a, EARLIEST] + m.window[a, 2] + way > s.real[tail_b, LATEST] + EPSILON:
            return False
        way = lasts(m, b, tail_a, travel(m, b, tail_a))
        if s.real[b, EARLIEST] + m.window[b, 2] + way > s.real[tail_a, LATEST] + EPSILON:
            return False
    return True


@kernel
def heads_fit(m: Model, s: Tours, a: int, b: int) -> bool:
    """Whether the heads up to `a` and `b` may be joined, and so the tails."""
    ra = s.node[a, ROUTE]
    rb = s.node[b, ROUTE]
    end = m.demand.shape[0] + 1
    for d in range(s.load.shape[1]):
        if s.upto[a, d] + s.upto[b, d] > m.capacity[ra, d]:
            return False
        tails = s.upto[end + 2 * ra, d] - s.upto[a, d] + s.upto[end + 2 * rb, d] - s.upto[b, d]
        if tails > m.capacity[rb, d]:
            return False
    return True


@kernel
def link(m: Model, s: Tours, a: int, b: int) -> None:
    """Let `b` follow `a`."""
    save(s, a)
    save(s, b)
    s.node[a, NEXT] = b
    s.node[b, PREVIOUS] = a
    s.real[a, EDGE] = travel(m, a, b)


@kernel
def recount(m: Model, s: Tours, r: int) -> float:
    """Bring what is kept of route `r` up to date; minus its fixed price if it became empty."""
    stops = m.demand.shape[0]
    start = stops + 2 * r
    was = s.route[r, COUNT]
    save_route(s, r)
    for d in range(s.load.shape[1]):
        s.load[r, d] = 0
    count = 0
    length = 0.0
    i = start
    while i != start + 1:
        length += s.real[i, EDGE]
        i = s.node[i, NEXT]
        if i < stops:
            if s.node[i, ROUTE] != r:
                save(s, i)
                s.node[i, ROUTE] = r
            count += 1
            for d in range(s.load.shape[1]):
                s.load[r, d] += m.demand[i, d]
    s.route[r, COUNT] = count
    s.length[r] = length
    if count == 0:
        s.length[r] = 0.0
        gone = s.real[start, EDGE]
        s.real[start, EDGE] = 0.0
        if was > 0:
            s.counts[USED] -= 1
            stack(m, s, r)
            return -m.rate[r, 0] - m.rate[r, 1] * gone
        return 0.0
    if m.timed:
        retime(m, s, r)
    return 0.0


@kernel
def swap_tails(m: Model, s: Tours, a: int, b: int) -> float:
    """Exchange what follows `a` and `b`; the change of cost beyond that of the links."""
    ra = s.node[a, ROUTE]
    rb = s.node[b, ROUTE]
    stops = m.demand.shape[0]
    tail_a = s.node[a, NEXT]
    tail_b = s.node[b, NEXT]
    last_a = s.node[stops + 2 * ra + 1, PREVIOUS]
    last_b = s.node[stops + 2 * rb + 1, PREVIOUS]
    if tail_b < stops:
        link(m, s, a, tail_b)
        link(m, s, last_b, stops + 2 * ra + 1)
    else:
        link(m, s, a, stops + 2 * ra + 1)
    if tail_a < stops:
        link(m, s, b, tail_a)
        link(m, s, last_a, stops + 2 * rb + 1)
    else:
        link(m, s, b, stops + 2 * rb + 1)
    return recount(m, s, ra) + recount(m, s, rb)


@kernel
def reverse(m: Model, s: Tours, i: int, last: int) -> None:
    """Turn the links from `i` to `last` round; those at both ends are left to the caller."""
    while True:
        following = s.node[i, NEXT]
        save(s, i)
        s.node[i, NEXT] = s.node[i, PREVIOUS]
        s.node[i, PREVIOUS] = following
        if i == last:
            break
        i = following
    # each distance moves to the other end of its link
    i = last
    while s.node[i, NEXT] >= 0:
        following = s.node[i, NEXT]
        if s.node[following, PREVIOUS] != i:
            break
        s.real[i, EDGE] = travel(m, i, following)
        i = following


@kernel
def join_heads(m: Model, s: Tours, a: int, b: int) -> float:
    """Start to `a`, then from `b` back to its start; and from the end of `a`'s tail back, then
    the tail of `b`.  The change of cost beyond that of the links."""
    stops = m.demand.shape[0]
    ra = s.node[a, ROUTE]
    rb = s.node[b, ROUTE]
    end_a = stops + 2 * ra + 1
    start_b = stops + 2 * rb
    head_b = s.node[start_b, NEXT]
    tail_a = s.node[a, NEXT]
    tail_b = s.node[b, NEXT]
    last_a = s.node[end_a, PREVIOUS]
    if b != start_b:
        reverse(m, s, head_b, b)
    if tail_a != end_a:
        reverse(m, s, tail_a, last_a)
    if b != start_b:
        link(m, s, a, b)
        link(m, s, head_b, end_a)
    else:
        link(m, s, a, end_a)
    if tail_a != end_a:
        link(m, s, start_b, last_a)
        link(m, s, tail_a, tail_b)
    else:
        link(m, s, start_b, tail_b)
    return recount(m, s, ra) + recount(m, s, rb)


@kernel
def turn(m: Model, s: Tours, a: int, b: int, joint: float) -> float:
    """Turn the part between `a` and `b` of one route round, if that pays; the gain in distance."""
    if s.place[a] > s.place[b]:
        a, b = b, a
    na = s.node[a, NEXT]
    nb = s.node[b, NEXT]
    gain = joint + travel(m, na, nb) - s.real[a, EDGE] - s.real[b, EDGE]
    if na != b and gain < -EPSILON:
        reverse(m, s, na, b)
        link(m, s, a, b)
        link(m, s, na, nb)
        recount(m, s, s.node[a, ROUTE])
        return gain
    pa = s.node[a, PREVIOUS]
    pb = s.node[b, PREVIOUS]
    gain = joint + travel(m, pa, pb) - s.real[pa, EDGE] - s.real[pb, EDGE]
    if na != b and gain < -EPSILON:
        reverse(m, s, a, pb)
        link(m, s, pa, pb)
        link(m, s, a, b)
        recount(m, s, s.node[a, ROUTE])
        return gain
    return 0.0
