"""Tests of OR-Tools' routing model of a problem."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.road import Break, Limit, Plan, Problem, ProblemError, Vehicle
from routing.road.ortools_model import solve_ortools
from routing.road.plan import make_plan
from tests.routing.road.rich import faults, problem_of

FEW = Limit(iterations=30)


def street(*places: float, **changes) -> Problem:
    """A depot at 0 and stops along a street, a unit of demand each, a van of ten."""
    facts = {"vehicles": (Vehicle((10,)),)} | changes
    rows = 1 + len(places)
    return Problem(
        name="street",
        depots=1,
        xy=np.array([[0.0, 0.0], *([place, 0.0] for place in places)]),
        demand=np.array([[0]] + [[1]] * (rows - 1)),
        **facts,
    )


def tours(plan: Plan) -> list[list[int]]:
    """The tours as lists, in order."""
    return sorted(tour.tolist() for tour in plan.tours)


def test_two_sides():
    """Vans of two: one tour a side."""
    plan = solve_ortools(street(1, 2, -1, -2, vehicles=(Vehicle((2,)),)), FEW)
    assert plan.cost == 8
    assert [sorted(tour) for tour in tours(plan)] == [[1, 2], [3, 4]]


@pytest.mark.parametrize("opens", [1000.0, 1.7e9, 1e12])
@pytest.mark.parametrize("shuts", [math.inf, 99.0])
def test_windows_far_behind_the_start(opens, shuts):
    """Stops that open long after any way is driven, or at a second since 1970, are planned."""
    ready = np.array([0.0, opens, opens])
    due = np.array([math.inf, opens + shuts, opens + shuts])
    plan = solve_ortools(street(1, 2, ready=ready, due=due), FEW)
    assert tours(plan) in ([[1, 2]], [[2, 1]])


def test_leaves_out_what_costs_more_than_its_price():
    """A stop 50 away with a price of 20 is left out; one 5 away is not."""
    plan = solve_ortools(street(5, 50, price=np.array([math.inf, 20.0, 20.0])), FEW)
    assert plan.unserved.tolist() == [2]
    assert plan.cost == 10 + 20


def test_vehicles_first():
    """One tour of 40 is better than two of 20 in all, where vehicles come first."""
    sides = {"vehicles": (Vehicle((10,)),), "objective": "vehicles"}
    plan = solve_ortools(street(5, -5, 10, -10, **sides), FEW)
    assert len(plan.tours) == 1


def test_price_of_a_vehicle():
    """A dear van of ten is taken where three cheap ones would cost more, and only there."""
    for fixed, kinds in ((10.0, [0, 0]), (50.0, [1])):
        fleet = (Vehicle((1,), fixed=fixed), Vehicle((10,), fixed=60.0))
        plan = solve_ortools(street(5, 6, vehicles=fleet, objective="cost"), FEW)
        assert plan.vehicles.tolist() == kinds


def test_skill_rest_and_open_end():
    """The stop goes to the vehicle with the skill, which ends there, and rests on its way."""
    fleet = (
        Vehicle((10,)),
        Vehicle((10,), skills=1, end=None, latest=30.0, rest=Break(3.0, 6.0, 20.0)),
    )
    problem = street(10, vehicles=fleet, skills=np.array([0, 1]))
    plan = solve_ortools(problem, FEW)
    assert plan.vehicles.tolist() == [1]
    assert plan.cost == 10
    assert faults(problem, plan) == []
    tight = replace(problem, vehicles=(fleet[0], replace(fleet[1], latest=29.0)))
    assert solve_ortools(tight, FEW).unserved.tolist() == [1]


def test_locks_stay():
    """A tour under way goes on from where it is, however far round."""
    problem = street(5, 10, 20, locks=((0, np.array([3, 1], np.int32)),))
    plan = solve_ortools(problem, FEW)
    assert faults(problem, plan) == []
    assert any(tour[:2] == [3, 1] for tour in tours(plan))


def test_pair_that_nobody_can_keep_is_left_out():
    """Its delivery closes before its pickup opens: the other stop is served all the same."""
    problem = street(5, 6, 7, ready=np.array([0.0, 50, 0, 0]), due=np.array([99.0, 60, 40, 99]))
    paired = replace(
        problem, demand=np.array([[0], [1], [-1], [0]]), partner=np.array([-1, 2, 1, -1])
    )
    assert tours(solve_ortools(paired, FEW)) == [[3]]


def test_starts_from_a_plan():
    """A plan to start from counts as the first solution; one that breaks a rule is told of."""
    problem = street(5, 10, vehicles=(Vehicle((1,)),))
    good = make_plan(problem, [np.array([1]), np.array([2])])
    assert solve_ortools(problem, Limit(iterations=1), start=good).cost == good.cost
    bad = solve_ortools(problem, FEW, start=make_plan(problem, [np.array([1, 2])]))
    assert "rejects" in bad.notes[0]
    assert len(bad.tours) == 2


def test_tells_of_better_plans():
    """Costs that are told fall, and the last is that of the plan."""
    told = []
    random = np.random.default_rng(3)
    problem = street(*random.integers(-50, 50, 12), vehicles=(Vehicle((4,)),))
    plan = solve_ortools(problem, FEW, on_cost=lambda cost, routes: told.append(cost))
    assert told == sorted(told, reverse=True)
    assert told[-1] == pytest.approx(plan.cost, abs=0.1)


def test_too_large():
    """A problem beyond what the matrices hold is one line."""
    problem = Problem.from_coordinates(np.zeros((7001, 2)), np.zeros(7001, int), 1)
    with pytest.raises(ProblemError, match="too many for OR-Tools"):
        solve_ortools(problem, FEW)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_judge_accepts(seed):
    """The judge finds nothing wrong with any answer to problems in which all rules meet."""
    problem = problem_of(seed)
    plan = solve_ortools(problem, Limit(iterations=3))
    assert faults(problem, plan) == []


def test_same_answer_twice():
    """With a count of solutions the tours are the same in each run."""
    random = np.random.default_rng(4)
    problem = street(*random.integers(-50, 50, 20), vehicles=(Vehicle((4,)),))
    assert tours(solve_ortools(problem, FEW)) == tours(solve_ortools(problem, FEW))


def test_a_window_that_is_over_before_the_clock_begins():
    """The stop is left out, the other is planned."""
    plan = solve_ortools(street(1, 2, ready=np.zeros(3) - 9, due=np.array([9.0, 9, -1])), FEW)
    assert (tours(plan), plan.unserved.tolist()) == ([[1]], [2])


@pytest.mark.parametrize("rest", [None, Break(-8, -6, 2)])
def test_shifts_that_begin_below_0(rest):
    """Moments below 0 are moments as any other."""
    van = Vehicle((2,), earliest=-9.0, latest=-1.0, rest=rest)
    due = np.array([math.inf, -3.0, -2.0])
    ready = np.full(3, -9.0)
    plan = solve_ortools(street(1, 2, ready=ready, due=due, vehicles=(van,)), FEW)
    assert (tours(plan) in ([[1, 2]], [[2, 1]]), len(plan.unserved)) == (True, 0)


def test_a_shift_between_two_whole_moments():
    """Who drives four from 9.2 on is back at 13.2, within 13.5, though all ways are whole."""
    van = Vehicle((10,), earliest=9.2, latest=13.5)
    plan = solve_ortools(street(2, vehicles=(van,), rounding="nearest"), FEW)
    assert tours(plan) == [[1]]


def test_appointments_between_two_whole_moments():
    """9:20 in hours is 9.3333; the rest as well may begin at one such moment alone."""
    at = 9.33333
    problem = street(
        1.0, 2.0, ready=np.array([0.0, at, 0.0]), due=np.array([np.inf, at, np.inf]),
        vehicles=(Vehicle((10,), rest=Break(5.12345, 5.12345, 1.0)),),
    )  # fmt: skip
    plan = solve_ortools(problem, FEW)
    assert not plan.missing
    assert faults(problem, plan) == []


def test_prices_that_leave_64_bits_in_whole_numbers():
    """All is served all the same."""
    price = np.array([np.inf, *[1e12] * 12, np.inf])
    dear = (Vehicle((10,), fixed=1e12, per_distance=1.125),)
    problem = street(*range(1, 14), price=price, vehicles=dear, objective="cost")
    plan = solve_ortools(problem, FEW)
    assert len(plan.unserved) == 0
    assert faults(problem, plan) == []
