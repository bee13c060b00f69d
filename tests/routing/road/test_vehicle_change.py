"""Tests of tours that change their vehicle."""

import numpy as np
import pytest

from routing.road import Problem, Vehicle
from routing.road.improve import Job, improve

CAR = Vehicle((1,), fixed=10.0)
VAN = Vehicle((2,), fixed=15.0, start=1, end=1)


def line(vehicles: tuple[Vehicle, ...], **columns: object) -> Problem:
    """Depots at 0 and 1, stops at 10 and 11 on a line."""
    xy = np.array([[0.0, 0], [1, 0], [10, 0], [11, 0]])
    demand = np.array([[0], [0], [1], [1]])
    return Problem("line", 2, xy, demand, vehicles, objective="cost", **columns)


def improved(problem: Problem, tours: list[list[int]], kinds: list[int]):
    """The tours after 200 cold steps, each accepted one counted anew."""
    rows = [np.array(tour, np.int32) for tour in tours]
    done = improve(Job(problem, rows, np.array(kinds, np.int32), 1, 200, 1e-6, 1e-6, audit=True))
    return [tour.tolist() for tour in done.best], done.best_vehicles.tolist(), done.best_cost


@pytest.mark.slow
def test_a_tour_takes_the_cheaper_vehicle():
    """One van from the depot at 1 takes both: 15 and 20, against two cars for 20 and 42."""
    tours, kinds, cost = improved(line((CAR, VAN)), [[2], [3]], [0, 0])
    assert (sorted(tours[0]), kinds, cost) == ([2, 3], [1], 35.0)


@pytest.mark.slow
def test_a_vehicle_that_comes_too_late_is_not_taken():
    """The cheaper van starts its shift at 5, and the stop at 10 closes at 12: the car stays."""
    late = Vehicle((2,), earliest=5.0)
    due = np.array([np.inf, np.inf, 12.0, np.inf])
    problem = line((Vehicle((2,), fixed=10.0), late), due=due)
    tours, kinds, cost = improved(problem, [[2, 3]], [0])
    assert (tours, kinds, cost) == ([[2, 3]], [0], 32.0)


@pytest.mark.slow
def test_a_vehicle_that_is_back_too_late_is_not_taken():
    """The cheaper van's shift ends at 105, and after waiting for the stop at 10 it is 112."""
    early = Vehicle((2,), latest=105.0)
    ready = np.array([0.0, 0.0, 100.0, 0.0])
    problem = line((Vehicle((2,), fixed=10.0), early), ready=ready)
    _, kinds, cost = improved(problem, [[2, 3]], [0])
    assert (kinds, cost) == ([0], 32.0)
