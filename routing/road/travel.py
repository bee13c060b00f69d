"""Distances and durations inside compiled code."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from routing.compiled import kernel

EXACT, NEAREST, DIMACS, MATRIX = range(4)
MODES = {"exact": EXACT, "nearest": NEAREST, "dimacs": DIMACS, "matrix": MATRIX}

# Sums of decimal distances differ in their last bits with the order of summing.
EPSILON = 1e-7


class Model(NamedTuple):
    """What compiled code knows of a problem.  Nodes are stops, then a start and an end a route."""

    xy: np.ndarray  # float64[nodes, 2]; not a number: nowhere, and every way there is 0
    place: np.ndarray  # int32[nodes], row in the matrices, -1: nowhere
    distances: np.ndarray  # float64[places, places], or [1, 1]
    durations: np.ndarray  # float64[places, places], or [1, 1]
    mode: int
    pace: float  # duration a distance, where there are no durations (else -1)
    near: np.ndarray  # int32[stops, neighbours], nearest first, -1 behind the last
    beside: np.ndarray  # float64[stops, neighbours], distance to each, the shorter of both ways
    sorted: bool  # `beside` rises along each row
    demand: np.ndarray  # int64[stops, dimensions]
    window: np.ndarray  # float64[nodes, 3]: ready, due, service
    need: np.ndarray  # int64[stops], skills as a bit mask
    price: np.ndarray  # float64[stops], of leaving a stop out
    locked: np.ndarray  # uint8[nodes]: what stands before it stays
    partner: np.ndarray  # int32[stops], a pickup's delivery, -1: none, -2 - a delivery's pickup
    capacity: np.ndarray  # int64[routes, dimensions]
    rate: np.ndarray  # float64[routes, 4]: fixed, price a distance, longest duration, distance
    skills: np.ndarray  # int64[routes]
    first: np.ndarray  # int32[types + 1], routes of type t are first[t] .. first[t + 1] - 1
    rest: np.ndarray  # float64[routes, 3]: earliest, latest start and duration (-1: none)
    timed: bool
    rested: bool  # some route has a rest
    bounded: bool  # some route has a longest duration
    limited: bool  # some route has a longest distance
    paired: bool  # there are pairs
    full: bool  # vehicles in use are nearly full, so that stops must change places
    moves: int  # of local search: 0 none, 1 ends of tours, 2 also parts turned round


@kernel
def travel(m: Model, i: int, j: int) -> float:
    """Distance from node `i` to node `j`, rounded as the problem says."""
    if m.mode == MATRIX:
        a = m.place[i]
        b = m.place[j]
        if a < 0 or b < 0:
            return 0.0
        return m.distances[a, b]
    across = m.xy[i, 0] - m.xy[j, 0]
    up = m.xy[i, 1] - m.xy[j, 1]
    length = math.sqrt(across * across + up * up)
    if length != length:
        return 0.0
    if m.mode == NEAREST:
        return math.floor(length + 0.5)
    if m.mode == DIMACS:
        return math.floor(10.0 * length) / 10.0
    return length


@kernel
def lasts(m: Model, i: int, j: int, distance: float) -> float:
    """Duration of the way from node `i` to node `j`, whose distance is known."""
    if m.pace >= 0.0:
        return m.pace * distance
    a = m.place[i]
    b = m.place[j]
    if a < 0 or b < 0:
        return 0.0
    return m.durations[a, b]
