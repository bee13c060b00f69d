"""How hot annealing is, by what a problem asks for and how long its tours are."""

from dataclasses import replace

import numpy as np
import pytest

from routing.road import Problem
from routing.road.heat import choosing, temperatures, windows_bind, worth_of_a_tour
from routing.road.plan import Plan, make_plan

PLENTY = 1e6  # iterations


def two_stops() -> Problem:
    return Problem.from_coordinates(np.array([[0, 0], [3, 4], [6, 8]]), np.array([0, 1, 1]), 5)


def line(stops: int, each: int) -> tuple[Problem, Plan]:
    """Stops on a line, one length apart, in tours of `each`."""
    xy = np.column_stack([np.arange(stops + 1), np.zeros(stops + 1)])
    problem = Problem.from_coordinates(xy, np.r_[0, np.ones(stops, int)], each)
    tours = list(np.arange(1, stops + 1, dtype=np.int32).reshape(-1, each))
    return problem, make_plan(problem, tours, np.zeros(len(tours), np.int64))


def test_where_windows_bind_a_tour_more_is_worth_something_and_it_begins_less_hot():
    plain = two_stops()
    windows = replace(plain, due=np.array([100.0, 50.0, 60.0]))
    first = replace(windows, objective="vehicles")
    assert [windows_bind(one) for one in (plain, windows, first)] == [False, True, False]
    plan = make_plan(plain, [np.array([1, 2], np.int32)], np.zeros(1, np.int64))
    heat = [temperatures(one, plan, 1.0, PLENTY)[0] for one in (plain, windows, first)]
    assert heat[0] == heat[2] > heat[1]
    assert worth_of_a_tour(windows, 0.1, 1.0) > 0.0 == worth_of_a_tour(plain, 0.1, 1.0)


def test_where_stops_may_be_left_out_a_tour_less_is_worth_something_while_it_is_hot():
    plain = two_stops()
    priced = replace(plain, price=np.array([np.inf, 9.0, np.inf]))
    assert choosing(priced)
    assert not choosing(plain)
    assert [worth_of_a_tour(one, 4.0, 1.0) for one in (plain, priced)] == [0.0, -8.0]
    assert worth_of_a_tour(priced, 0.1, 1.0) > -0.5


def test_the_longer_the_tours_the_hotter():
    """From first to last, whether there is much time or little."""
    for iterations in (40.0 * 600, PLENTY):
        hot, cold = zip(
            *(temperatures(*line(600, each), 1.0, iterations) for each in (5, 20, 75, 200)),
            strict=True,
        )
        assert list(hot) == sorted(hot)
        assert cold[0] == cold[1] < cold[2] < cold[3]
        assert hot[3] > 2.5 * hot[1]


@pytest.mark.parametrize("each", [5, 20, 200])
def test_less_time_is_less_hot(each):
    """Down to where annealing would find its plan no more."""
    hot = [temperatures(*line(600, each), 1.0, 600.0 * n)[0] for n in (0.1, 5, 20, 80, 10_000)]
    assert hot == sorted(hot)
    assert hot[0] < hot[2] < hot[4]
