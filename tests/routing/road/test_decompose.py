"""Tests of cutting a plan into pieces."""

import numpy as np

from routing.road import Problem
from routing.road.decompose import cut
from routing.road.plan import make_plan


def test_idle_vehicles_are_shared_out_to_the_last():
    """Three vehicles stand idle beside ten tours, and the pieces have thirteen between them."""
    random = np.random.default_rng(1)
    problem = Problem.from_coordinates(
        random.uniform(0, 100, (101, 2)), [0, *[1] * 100], 10, vehicles=13
    )
    plan = make_plan(problem, np.split(np.arange(1, 101), 10))
    pieces = cut(problem, plan, 20, random)
    assert len(pieces) >= 4
    assert sum(piece.problem.vehicles[0].count for piece in pieces) == 13
