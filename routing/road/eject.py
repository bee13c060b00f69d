"""Ejection chains: a stop takes the place of others that find room elsewhere.

Where vehicles are nearly full, the best place of a stop mostly lies in a tour without room for it.
Then it may stand there if another stop leaves for a tour with room, or if that one takes the place
of a third (chains of at most two ejections, after Glover 1996).
"""

from __future__ import annotations

from routing.compiled import inlined, kernel
from routing.road.place import near_place
from routing.road.times import EDGE, NEXT, PREVIOUS, ROUTE, Tours, retime
from routing.road.tours import put_in, take_out
from routing.road.travel import Model, travel

REACH = 12  # neighbours looked at for each stop of a chain


@kernel
def eject(m: Model, s: Tours, c: int, most: float) -> tuple[bool, float]:
    """Put stop `c` in for less than `most` by a chain of ejections; whether there was one.

    Returns the chain's change of cost too.
    """
    where, cost = near_place(m, s, c, True, -1, -1, REACH, 0.0, most)
    if where < 0:
        return False, most
    r = s.node[where, ROUTE]
    out, to, best, loose, bare = leaving(m, s, c, where, cost, -1, most)
    if loose >= 0:
        behind, more = near_place(m, s, loose, True, r, -1, REACH, 0.0, best - bare)
        if behind >= 0:
            last, end, rest, _, _ = leaving(m, s, loose, behind, more, r, best - bare)
            if last >= 0:
                change_places(m, s, c, where, loose)
                change_places(m, s, loose, behind, last)
                put_in(m, s, last, end)
                return True, bare + rest
    if out < 0:
        return False, most
    change_places(m, s, c, where, out)
    put_in(m, s, out, to)
    return True, best


@inlined
def change_places(m: Model, s: Tours, c: int, where: int, out: int) -> None:
    """Put stop `c` behind node `where`, and take stop `out` out of the same route."""
    put_in(m, s, c, where)
    take_out(m, s, out)
    if m.timed:
        retime(m, s, s.node[c, ROUTE])


@inlined
def leaving(
    m: Model, s: Tours, c: int, where: int, cost: float, but: int, best: float
) -> tuple[int, int, float, int, float]:
    """Which stop best leaves the route where stop `c` comes behind node `where` for `cost`.

    Returns that stop (-1: none for less than `best` in all), the node behind which it goes, in no
    route `but`, and the change of cost; and the stop that leaves for the least wherever it goes
    (-1: none), with the change of cost before it has a place.
    """
    stops = m.demand.shape[0]
    r = s.node[where, ROUTE]
    out = to = loose = -1
    bare = best
    need = s.load[r, 0] + m.demand[c, 0] - m.capacity[r, 0]
    x = s.node[stops + 2 * r, NEXT]
    while x < stops:
        following = s.node[x, NEXT]
        if m.demand[x, 0] >= need and makes_room(m, s, r, c, x):
            p = s.node[x, PREVIOUS]
            if x == where:  # `c` stands behind it
                gone = s.real[p, EDGE] + travel(m, x, c) - travel(m, p, c)
            elif p == where:  # or before it
                gone = travel(m, c, x) + s.real[x, EDGE] - travel(m, c, following)
            else:
                gone = s.real[p, EDGE] + s.real[x, EDGE] - travel(m, p, following)
            left = cost - m.rate[r, 1] * gone
            if left < bare:
                bare = left
                loose = x
            if left < best:
                place, more = near_place(m, s, x, False, r, but, REACH, 0.0, best - left)
                if place >= 0:
                    best = left + more
                    out = x
                    to = place
        x = following
    return out, to, best, loose, bare


@kernel
def makes_room(m: Model, s: Tours, r: int, c: int, out: int) -> bool:
    """Whether stop `c` fits into route `r` once stop `out` has left, and that may."""
    if m.partner[out] != -1 or m.locked[out] != 0:
        return False
    for d in range(s.load.shape[1]):
        if s.load[r, d] + m.demand[c, d] - m.demand[out, d] > m.capacity[r, d]:
            return False
    return (m.need[c] & ~m.skills[r]) == 0
