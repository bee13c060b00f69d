"""Tests of how many vehicles a model is given."""

import numpy as np

from routing.road import Problem, Vehicle
from routing.road.fleet_size import vehicles_wished


def test_enough_and_not_more_than_stops():
    """A third above what the demand fills; a count that is given is a bound; stops are another."""
    problem = Problem.from_coordinates(np.zeros((101, 2)), [0, *[1] * 100], 10)
    assert vehicles_wished(problem, problem.vehicles[0]) == 18
    assert vehicles_wished(problem, Vehicle((10,), count=7)) == 7
    assert vehicles_wished(problem, Vehicle((1,))) == 100
