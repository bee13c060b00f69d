"""Tests of which of two plans is better."""

from dataclasses import replace

import numpy as np

from routing.road import Problem
from routing.road.plan import better, make_plan


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
