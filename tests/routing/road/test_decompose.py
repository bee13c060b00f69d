"""Tests of cutting a plan into pieces."""

import numpy as np

from routing.road import Problem
from routing.road.decompose import cut, piece_size
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


def test_pieces_have_many_tours_and_come_in_pairs():
    """A thousand stops where tours are short, more where they are long, and a core has half."""
    for stops, each, size in ((6000, 20, 1000), (6000, 75, 1500), (6000, 200, 3000), (500, 5, 250)):
        demand = np.r_[0, np.ones(stops, int)]
        problem = Problem.from_coordinates(np.zeros((stops + 1, 2)), demand, each)
        plan = make_plan(problem, np.split(np.arange(1, stops + 1), stops // each))
        assert piece_size(problem, plan) == size
