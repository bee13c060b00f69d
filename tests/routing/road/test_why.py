"""Tests of `routing.road.why`."""

import numpy as np
import pytest

from routing.road.plan import make_plan
from routing.road.problem import Problem, ProblemError, Vehicle
from routing.road.warm import check_locks, without_faults
from routing.road.why import explain, tour_faults


def line(vehicle: Vehicle, demand: int = 1, **columns: object) -> Problem:
    """Depot at 0, stops at 10 and 20 on a line."""
    xy = np.array([[0.0, 0], [10, 0], [20, 0]])
    return Problem("line", 1, xy, np.array([[0], [1], [demand]]), (vehicle,), **columns)


def test_skill():
    """Nobody has the skill of stop 2."""
    problem = line(Vehicle((9,)), skills=np.array([0, 0, 4]))
    reason = explain(problem, make_plan(problem, [np.array([1])]))[0]
    assert (reason.row, reason.rule) == (2, "skills")
    assert "no vehicle has the skill" in reason.words


def test_window():
    """Stop 2 is 20 away and closes at 12: 8 too early."""
    problem = line(Vehicle((9,)), due=np.array([np.inf, np.inf, 12]))
    reason = explain(problem, make_plan(problem, [np.array([1])]))[0]
    assert (reason.rule, reason.missing) == ("window", pytest.approx(8.0))


def test_capacity_of_the_fleet():
    """One van of 2 holds stop 1 and lacks 1 for stop 2, which needs 2."""
    problem = line(Vehicle((2,), 1), demand=2)
    reason = explain(problem, make_plan(problem, [np.array([1])]))[0]
    assert (reason.rule, reason.missing) == ("capacity", 1.0)


def test_pair_in_the_wrong_order():
    """A delivery before its pickup is a fault of the pair."""
    problem = Problem(
        "pair", 1, np.zeros((3, 2)), np.array([[0], [1], [-1]]), (Vehicle((1,)),),
        partner=np.array([-1, 2, 1]),
    )  # fmt: skip
    assert tour_faults(problem, np.array([1, 2]), problem.vehicles[0]) == []
    assert [f.rule for f in tour_faults(problem, np.array([2, 1]), problem.vehicles[0])]


def test_warm_start_is_told_why():
    """A tour above capacity is dropped from a warm start, with the amount."""
    problem = line(Vehicle((1,)))
    plan, notes = without_faults(problem, make_plan(problem, [np.array([1, 2])]))
    assert plan.tours == []
    assert notes == ["start: tour 1 is dropped: capacity by 1"]


def test_stops_by_their_ids():
    """Reasons, dropped tours and locks name stops as the user does."""
    locked = {"locks": ((0, np.array([2])),)}
    problem = line(Vehicle((9,)), due=np.array([np.inf, np.inf, 12]), ids=("d", "a", "b"), **locked)
    reason = explain(problem, make_plan(problem, [np.array([1])]))[0]
    assert reason.words.startswith("stop 'b': window closes 8")
    _, notes = without_faults(problem, make_plan(problem, [np.array([1, 2])]))
    assert notes == ["start: tour 1 is dropped: window by 8 at stop 'b'"]
    with pytest.raises(ProblemError, match=r"lock \['b'\] .* breaks window by 8 at stop 'b'"):
        check_locks(problem)


def test_stops_by_their_numbers():
    """Without ids they count from 1, whatever the number of depots."""
    xy = np.array([[0.0, 0], [1, 0], [10, 0], [20, 0]])
    demand = np.array([[0], [0], [1], [1]])
    due = np.array([np.inf, np.inf, np.inf, 12])
    problem = Problem("two", 2, xy, demand, (Vehicle((9,)),), due=due)
    assert explain(problem, make_plan(problem, [np.array([2])]))[0].words.startswith("stop 2: ")
