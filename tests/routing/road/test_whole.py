"""Tests of problems in whole numbers."""

import numpy as np

from routing.road import Problem, Vehicle
from routing.road.whole import whole


def test_lengths_are_cut_and_times_rounded_up():
    """sqrt(2) is 1414 long and takes 1415; windows shrink, open ones stay open."""
    problem = Problem.from_coordinates(
        [(0, 0), (1, 1)], [0, 1], 1, ready=[0, 0.0001], due=[np.inf, 9.9999]
    )
    numbers = whole(problem)
    assert (numbers.distances[0, 1], numbers.durations[0, 1]) == (1414, 1415)
    assert numbers.ready.tolist() == [0, 1]
    assert numbers.due.tolist() == [numbers.never, 9999]


def test_scales():
    """Whole problems are not scaled, cut ones by ten; prices a distance become whole."""
    whole_ones = Problem.from_coordinates([(0, 0), (1, 1)], [0, 1], 1, rounding="nearest")
    cut = Problem.from_coordinates([(0, 0), (1, 1)], [0, 1], 1, rounding="dimacs")
    assert (whole(whole_ones).scale, whole(cut).scale) == (1, 10)
    dear = Problem(
        "x", 1, np.zeros((2, 2)), np.array([[0], [1]]), (Vehicle((1,), per_distance=1.25),),
        objective="cost",
    )  # fmt: skip
    assert whole(dear).rate == 100


def test_a_window_between_two_whole_moments_begins_before():
    """Service that lasts longer by that makes up for it."""
    problem = Problem.from_coordinates(
        [(0, 0), (1, 1)], [0, 1], 1, ready=[0, 9.3333], due=[np.inf, 9.3334], service=[0, 2]
    )
    numbers = whole(problem)
    assert (numbers.ready[1], numbers.due[1], numbers.service[1]) == (9333, 9333, 2001)
