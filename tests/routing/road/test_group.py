"""Tests of stops that may be left out and open tours together."""

import numpy as np
import pytest

from routing.road import Problem, Vehicle
from routing.road.improve import Job, improve


def cluster(price: float) -> Problem:
    """Depot at 0, two stops together at 10: a tour to one costs 20, and so does one to both."""
    return Problem(
        "cluster", 1, np.array([[0.0, 0], [10, 0], [10, 0]]), np.array([[0], [1], [1]]),
        (Vehicle((2,)),), price=np.array([np.inf, price, price]),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("price", "cost", "tours"), [(15.0, 20.0, 1), (9.0, 18.0, 0)])
def test_two_stops_pay_for_a_tour_that_one_does_not(price, cost, tours):
    """Prices of 15 are less than the tour's 20 one by one and more together; 9 never pays."""
    none = np.zeros(0, np.int32)
    done = improve(Job(cluster(price), [], none, 1, 50, 1e-6, 1e-6, audit=True))
    assert (len(done.best), done.best_cost) == (tours, cost)


@pytest.mark.slow
def test_three_stops_pay_for_a_detour_that_one_does_not():
    """The only vehicle's tour is too long to be given up; three stops behind it are worth 45."""
    line = [[float(k), 0.0] for k in range(1, 41)]
    problem = Problem(
        "detour", 1, np.array([[0.0, 0], *line, [-20, 0], [-20, 0], [-20, 0]]),
        np.array([[0], *[[1]] * 43]), (Vehicle((99,), count=1),),
        price=np.array([np.inf] * 41 + [15.0] * 3),
    )  # fmt: skip
    tour, vehicle = np.arange(1, 41, dtype=np.int32), np.zeros(1, np.int32)
    done = improve(Job(problem, [tour], vehicle, 1, 500, 1e-6, 1e-6, audit=True))
    assert done.best_cost == 120.0
    assert len(done.best[0]) == 43
