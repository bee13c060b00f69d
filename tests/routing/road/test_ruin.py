"""Tests of the crossing of tours: two streets, each tour begins in one and ends in the other."""

from dataclasses import replace

import numpy as np
import pytest

from routing.road import Problem, Vehicle
from routing.road.neighbours import neighbours
from routing.road.ruin import cross
from routing.road.state import build, tours_of
from routing.road.tours import begin, total, undo

NORTH = [(10.0, 1.0), (20.0, 1.0), (30.0, 1.0)]
SOUTH = [(10.0, -1.0), (20.0, -1.0), (30.0, -1.0)]
CROSSED = [[1, 5, 6], [4, 2, 3]]  # rows: 1 to 3 lie in the north, 4 to 6 in the south


def streets(capacity=3, due=np.inf):
    demand = np.array([[0], [1], [1], [1], [1], [1], [1]])
    xy = np.array([(0.0, 0.0), *NORTH, *SOUTH])
    problem = Problem("streets", 1, xy, demand, (Vehicle((capacity,)),))
    return replace(problem, due=np.where(np.arange(7) == 3, due, np.inf))


def after_crossing(problem, tours, a, b):
    """The tours once what follows rows `a` and `b` has changed places, and once that is undone."""
    rows = [np.array(tour, np.int32) for tour in tours]
    vehicles = np.zeros(len(tours), np.int32)
    m, s, _ = build(problem, neighbours(problem, 5), rows, vehicles, 1)
    before = total(m, s)
    begin(s)
    change = cross(m, s, a - 1, b - 1)
    assert total(m, s) == pytest.approx(before + change)
    after = [tour.tolist() for tour in tours_of(m, s, 1, s.node)[0]]
    undo(m, s)
    assert total(m, s) == pytest.approx(before)
    assert [tour.tolist() for tour in tours_of(m, s, 1, s.node)[0]] == tours
    return after


@pytest.mark.slow
def test_ends_change_places():
    assert after_crossing(streets(), CROSSED, 1, 4) == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.slow
def test_also_where_that_is_dearer():
    assert after_crossing(streets(), [[1, 2, 3], [4, 5, 6]], 1, 4) == CROSSED


@pytest.mark.slow
def test_not_beyond_the_capacity():
    tours = [[1, 2, 3], [4, 5, 6]]
    assert after_crossing(streets(), tours, 1, 6) == tours


@pytest.mark.slow
def test_not_beyond_a_window():
    """Row 3 is reached after 30.05 along its street, and after 30.25 from the other one."""
    tours = [[1, 2, 3], [4, 5, 6]]
    assert after_crossing(streets(due=30.1), tours, 1, 4) == tours


@pytest.mark.slow
@pytest.mark.parametrize("due", [np.inf, 100.0])
def test_one_tour_may_become_empty(due):
    """What follows the last stop of one and the start of the other: both tours become one."""
    start = 7 + 2  # counted as rows are: behind six stops, the start and the end of the first route
    tours = [[1, 2, 3], [4, 5, 6]]
    assert after_crossing(streets(6, due), tours, 3, start) == [[1, 2, 3, 4, 5, 6]]
