"""Tests of the search for fewer tours."""

import numpy as np

from routing.road.neighbours import neighbours
from routing.road.problem import Problem
from routing.road.squeeze import dissolve
from routing.road.state import build
from routing.road.tours import begin, free_route, take_out


def test_a_closed_route_hides_no_open_one():
    """A route that is emptied after another was closed can be used again."""
    problem = Problem.from_coordinates([(0, 0), (1, 0), (2, 0), (3, 0)], [0, 1, 1, 1], 1)
    tours = [np.array([row], np.int32) for row in (1, 2, 3)]
    m, s, _ = build(problem, neighbours(problem, 2), tours, np.zeros(3, np.int32), 0)
    assert dissolve(m, s, np.array([2.0, 1.0, 2.0]))
    begin(s)
    take_out(m, s, 2)
    assert free_route(m, s, 0) == 2
