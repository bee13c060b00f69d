"""Tests of the compiled search: what it predicts is what it costs, and rules hold."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.road import Limit, ProblemError, solve
from routing.road.construct import first_plan
from routing.road.formats import read_problem
from routing.road.improve import Job, improve
from routing.road.plan import make_plan
from routing.road.problem import Break, Problem, Vehicle
from routing.road.why import refused
from tests.routing.road.rich import faults, problem_of
from tests.routing.road.test_solve import DATA


def without(problem: Problem, what: str) -> Problem:
    """The problem without rests or without longest durations, which the search takes singly."""
    free = {"rests": {"rest": None}, "durations": {"max_duration": float("inf")}}[what]
    return replace(problem, vehicles=tuple(replace(v, **free) for v in problem.vehicles))


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["rests", "durations"]))
def test_predicted_change_is_the_change(seed, what):
    """Each accepted step costs what was predicted, whatever rules meet."""
    problem = without(problem_of(seed), what)
    if refused(problem) or problem.stops < 2:
        return
    plan = first_plan(problem)
    done = improve(Job(problem, plan.tours, plan.vehicles, seed, 200, 10.0, 1.0, audit=True))
    assert done.best_cost <= done.cost + 1e-6


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["rests", "durations"]))
def test_judge_accepts_every_rule(seed, what):
    """The judge accepts plans of problems in which all rules meet."""
    problem = without(problem_of(seed), what)
    assert faults(problem, solve(problem, Limit(iterations=200), seed)) == []


@pytest.mark.slow
def test_predicted_change_on_a_public_instance():
    """Also where local search makes moves: X-n101-k25, 3000 steps from savings."""
    problem = read_problem(DATA / "X-n101-k25.vrp")
    plan = first_plan(problem)
    improve(Job(problem, plan.tours, plan.vehicles, 0, 3000, 30.0, 1.0, audit=True))


@pytest.mark.parametrize("worth", [-5.0, 0.0, 5.0, 40.0])
def test_predicted_change_where_a_tour_more_is_worth_something(worth):
    """Moves that leave nothing of a tour lose that: R101 by distance, 2000 steps, and its loads.

    The best tours are the shortest, whatever a tour more is worth.
    """
    problem = replace(read_problem(DATA / "R101.txt"), objective="distance")
    plan = first_plan(problem)
    done = improve(Job(problem, plan.tours, plan.vehicles, 0, 2000, 20.0, 1.0, worth, audit=True))
    for tours, kinds, cost in (
        (done.tours, done.vehicles, done.cost),
        (done.best, done.best_vehicles, done.best_cost),
    ):
        assert make_plan(problem, tours, kinds).cost == pytest.approx(cost)
    assert done.best_cost <= min(plan.cost, done.cost)
    loads = [problem.demand[tour, 0].sum() for tour in [*done.tours, *done.best]]
    assert max(loads) <= problem.vehicles[0].capacity[0]


@pytest.mark.slow
def test_pairs_by_vehicles():
    """lc101 of Li and Lim needs 10 vehicles and 828.94, both published."""
    problem = read_problem(DATA / "lc101.txt")
    plan = solve(problem, Limit(iterations=20_000))
    assert faults(problem, plan) == []
    assert (len(plan.tours), round(plan.cost, 2)) == (10, 828.94)


def one(vehicle: Vehicle, **columns: object) -> Problem:
    """Depot at 0, one stop at 10 on a line; one unit of time a unit of length."""
    return Problem(
        "one", 1, np.array([[0.0, 0], [10, 0]]), np.array([[0], [1]]), (vehicle,), **columns
    )


@pytest.mark.slow
def test_rest_on_the_way():
    """Out 10, a rest of 5 that must start by 8, home by 25: it fits, and by 24 it does not."""
    for latest, served in ((25.0, 1), (24.0, 0)):
        vehicle = Vehicle((1,), latest=latest, rest=Break(1.0, 8.0, 5.0))
        plan = solve(one(vehicle), Limit(iterations=10))
        assert len(plan.tours) == served


@pytest.mark.slow
def test_longest_duration_waits_at_the_depot():
    """A window that opens at 100 costs no duration: the tour leaves at 90 and lasts 20."""
    window = {"ready": np.array([0.0, 100]), "due": np.array([1000.0, 200])}
    for longest, served in ((20.0, 1), (19.0, 0)):
        plan = solve(one(Vehicle((1,), max_duration=longest), **window), Limit(iterations=10))
        assert len(plan.tours) == served


@pytest.mark.slow
def test_price_decides():
    """A stop 20 away and back is served for a price of 21 and left out for 19."""
    for price, served in ((21.0, 1), (19.0, 0)):
        plan = solve(one(Vehicle((1,)), price=np.array([np.inf, price])), Limit(iterations=10))
        assert len(plan.tours) == served
        assert plan.cost == min(price, 20.0)


@pytest.mark.slow
def test_lock_stays():
    """A tour under way goes to its locked stops first, though the other order were shorter."""
    xy = np.array([[0.0, 0], [1, 0], [2, 0], [3, 0]])
    lock = ((0, np.array([3, 1], np.int32)),)
    problem = Problem(
        "lock", 1, xy, np.array([[0], [1], [1], [1]]), (Vehicle((3,), 1),), locks=lock
    )
    plan = solve(problem, Limit(iterations=200))
    assert plan.tours[0].tolist() == [3, 1, 2]
    assert plan.missing == 0


def test_lock_that_breaks_a_rule_is_refused():
    """A lock above capacity is one line that names it."""
    problem = Problem(
        "lock", 1, np.zeros((3, 2)), np.array([[0], [1], [1]]), (Vehicle((1,)),),
        locks=((0, np.array([1, 2], np.int32)),),
    )  # fmt: skip
    with pytest.raises(ProblemError, match="breaks capacity by 1"):
        solve(problem, Limit(iterations=1))


@pytest.mark.slow
def test_predicted_change_of_pairs():
    """Also where places of pairs are kept and looked up again: lc101, 3000 steps."""
    problem = read_problem(DATA / "lc101.txt")
    plan = first_plan(problem)
    improve(Job(problem, plan.tours, plan.vehicles, 0, 3000, 30.0, 1.0, audit=True))
