"""Tests of the search for fewer tours."""

import numpy as np

from routing.road.improve import Job
from routing.road.neighbours import neighbours
from routing.road.problem import Problem, Vehicle
from routing.road.squeeze import dissolve, to_be_served
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


def test_a_pair_of_which_one_stop_has_a_price_is_served():
    """What may be left out is not split from what may not."""
    xy = np.array([(0, 0), (1, 0), (2, 0), (3, 0)], float)
    demand = np.array([[0], [1], [-1], [1]])
    partner = np.array([-1, 2, 1, -1])
    price = np.array([np.inf, 5, np.inf, 5])
    problem = Problem("pair", 1, xy, demand, (Vehicle((9,)),), partner=partner, price=price)
    part, rows = to_be_served(Job(problem, [], np.zeros(0, np.int32), 0, 1, 1.0, 1.0))
    assert rows.tolist() == [0, 1, 2]
    assert part.partner.tolist() == [-1, 2, 1]
