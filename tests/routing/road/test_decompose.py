"""Tests of cutting a plan into pieces."""

import numpy as np

from routing.road import Problem, Vehicle
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


def test_a_pair_left_out_stays_together():
    """Its pickup lies in the west, where one piece is, its delivery in the east."""
    xy = np.array([[0, 0], *[[-50, k] for k in range(4)], *[[50, k] for k in range(6)], [-50, 9]])
    partner = np.full(12, -1)
    partner[1:9:2], partner[2:9:2] = np.arange(2, 9, 2), np.arange(1, 9, 2)
    partner[11], partner[10] = 10, 11
    demand = np.array([0, *[1, -1] * 4, 0, -1, 1])
    problem = Problem("pairs", 1, xy.astype(float), demand[:, None], (Vehicle((9,), 2),),
                      partner=partner)  # fmt: skip
    plan = make_plan(problem, [np.array([1, 2, 3, 4]), np.array([5, 6, 7, 8, 9])])
    assert plan.unserved.tolist() == [10, 11]
    pieces = cut(problem, plan, 4, np.random.default_rng(1))
    assert len(pieces) == 2
    assert sorted(len(piece.rows) for piece in pieces) in ([4, 7], [5, 6])
