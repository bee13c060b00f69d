"""Tests of how many routes there is room for."""

import math
from dataclasses import replace

import numpy as np
import pytest

from routing.road import Break, Limit, Problem, Vehicle, solve
from routing.road.routes import routes_of


def all_at_once(stops: int, vehicle: Vehicle, **columns) -> Problem:
    """Stops on a circle round the depot, each a tour of its own where 10 is the last moment."""
    angle = np.linspace(0.0, 2.0 * math.pi, stops, endpoint=False)
    ring = 10.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    xy = np.concatenate([[[0.0, 0.0]], ring])
    return Problem("ring", 1, xy, np.array([[0], *[[1]] * stops]), (vehicle,), **columns)


def due(stops: int) -> np.ndarray:
    """Each stop is due when the first vehicle can be there."""
    return np.array([math.inf, *[10.0] * stops])


@pytest.mark.parametrize(
    "problem",
    [
        all_at_once(60, Vehicle((999,)), due=due(60)),
        all_at_once(150, Vehicle((999,)), due=due(150)),
        all_at_once(60, Vehicle((999,), max_distance=20.2)),
        all_at_once(60, Vehicle((999,)), due=due(60), price=np.full(61, 50.0)),
    ],
    ids=["modelled", "inserted", "limited", "priced"],
)
def test_any_number_of_vehicles_is_enough(problem):
    """Windows or limits may ask for a vehicle a stop, though one holds all that they demand."""
    plan = solve(problem, Limit(iterations=10))
    assert (len(plan.unserved), len(plan.tours)) == (0, problem.stops)


def test_any_number_of_vehicles_is_enough_for_the_model_alone():
    """OR-Tools, which must name them all, is given more where stops are left out."""
    vehicle = Vehicle((999,), max_duration=50.0, rest=Break(30.0, 40.0, 1.0))
    plan = solve(all_at_once(20, vehicle, due=due(20)), Limit(iterations=1))
    assert (len(plan.unserved), len(plan.tours)) == (0, 20)


def test_a_warm_start_gets_routes_for_what_it_leaves_out():
    """Its stops left out come in before the search begins."""
    problem = all_at_once(60, Vehicle((999,)), due=due(60))
    full = solve(problem, Limit(iterations=1))
    start = replace(full, tours=full.tours[:1], vehicles=full.vehicles[:1])
    assert len(solve(problem, Limit(iterations=1), start=start).unserved) == 0


def test_routes_of_a_million_stops():
    """What is left out doubles the routes at most; without it a tenth is spare."""
    vehicles = (Vehicle((100,)),)
    demand = np.ones((10**6 + 1, 1), int)
    demand[0] = 0
    many = Problem("many", 1, np.zeros((10**6 + 1, 2)), demand, vehicles)
    used = np.zeros(10_000, np.int32)
    assert routes_of(many, used, 0).tolist() == [11_008]
    assert routes_of(many, used, 500_000).tolist() == [20_008]


def test_a_count_is_kept_to():
    """Of a type of which there are three there are three routes."""
    problem = all_at_once(60, Vehicle((10,), 3), due=due(60))
    assert routes_of(problem, np.zeros(2, np.int32), 58).tolist() == [3]


def test_no_more_routes_than_stops():
    """However much is demanded of vehicles that hold little or nothing of it."""
    vehicles = (Vehicle((100, 0)), Vehicle((80, 20_000)))
    demand = np.array([[0, 0], *[[1, 2500]] * 200])
    problem = Problem("full", 1, np.zeros((201, 2)), demand, vehicles)
    assert routes_of(problem, np.zeros(0, np.int32), 200).tolist() == [200, 35]
