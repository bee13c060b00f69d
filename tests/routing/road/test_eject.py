"""Tests of ejection chains: four directions round the depot, two stops a vehicle."""

import numpy as np
import pytest

from routing.road import Problem, Vehicle
from routing.road.eject import eject
from routing.road.neighbours import neighbours
from routing.road.state import build, tours_of
from routing.road.tours import begin, total

EAST, NORTH, SOUTH = (10.0, 0.0), (0.0, 10.0), (0.0, -10.0)


def tours_after(places, tours):
    """The tours once the last place, that of a stop in none of them, has come in by a chain."""
    rows = len(places) + 1
    demand = np.array([[0]] + [[1]] * len(places))
    problem = Problem("round", 1, np.array([(0.0, 0.0), *places]), demand, (Vehicle((2,)),))
    rows_of = [np.array(tour, np.int32) for tour in tours]
    vehicles = np.zeros(len(tours), np.int32)
    m, s, _ = build(problem, neighbours(problem, 9), rows_of, vehicles, 1)
    before = total(m, s) - m.price[rows - 2]
    begin(s)
    found, change = eject(m, s, rows - 2, np.inf)
    assert found
    assert total(m, s) - m.price[rows - 2] == pytest.approx(before + change)
    return sorted(sorted(tour.tolist()) for tour in tours_of(m, s, 1, s.node)[0])


@pytest.mark.slow
def test_one_leaves():
    """A second stop in the east takes the place of the one in the south, which has company."""
    places = [EAST, SOUTH, SOUTH, EAST]
    assert tours_after(places, [[1, 2], [3]]) == [[1, 4], [2, 3]]


@pytest.mark.slow
def test_two_leave_one_after_the_other():
    """It takes the place of the one in the north, that one of the one in the south."""
    places = [EAST, NORTH, NORTH, SOUTH, SOUTH, EAST]
    assert tours_after(places, [[1, 2], [3, 4], [5]]) == [[1, 6], [2, 3], [4, 5]]
