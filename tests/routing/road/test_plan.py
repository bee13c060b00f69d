"""Tests of limits, and of which of two plans is better."""

from dataclasses import replace

import numpy as np
import pytest

from routing.road import Limit, Problem, ProblemError
from routing.road.plan import better, make_plan


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"seconds": "10"}, "limit: seconds is '10'; give 0 or more, and an end"),
        ({"iterations": "10"}, "limit: iterations is '10'; give"),
        ({"iterations": 100.5}, "limit: iterations is 100.5; give a whole number"),
        ({"iterations": float("inf")}, "limit: iterations is inf; give 0 or more, and an end"),
        ({"seconds": -1}, "limit: seconds is -1; give"),
    ],
)
def test_limits_that_are_none(limit, said):
    """One line with the value and what to give."""
    with pytest.raises(ProblemError, match=said):
        Limit(**limit)


def test_iterations_are_a_whole_number():
    """However it was written: compiled code is made anew for another type."""
    for iterations in (100, 1e2, np.int32(100)):
        assert type(Limit(iterations=iterations).iterations) is int


def test_fewer_tours_are_better_where_vehicles_come_first():
    """A longer plan with one tour beats two, but not where the distance counts."""
    xy = [(0, 0), (10, 0), (-10, 0), (0, 10)]
    by_vehicles = Problem.from_coordinates(xy, [0, 1, 1, 1], 3, objective="vehicles")
    by_distance = replace(by_vehicles, objective="distance")
    one = make_plan(by_vehicles, [np.array([1, 2, 3])])
    two = make_plan(by_vehicles, [np.array([1, 3]), np.array([2])])
    assert one.cost > 0
    longer = replace(one, cost=two.cost + 1)
    assert better(by_vehicles, longer, two)
    assert not better(by_vehicles, two, longer)
    assert better(by_distance, two, longer)
