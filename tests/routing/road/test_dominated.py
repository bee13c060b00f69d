"""Tests of types of vehicle that are not needed."""

from dataclasses import replace

import numpy as np
import pytest

from routing.road import Limit, Problem, Vehicle, solve
from routing.road.dominated import needed_kinds
from tests.routing.road.rich import faults


def problem_with(*vehicles: Vehicle) -> Problem:
    """Depot at 0 and stops at 10 and 20 on a line, priced by vehicle."""
    return Problem(
        "line", 1, np.array([[0.0, 0], [10, 0], [20, 0]]), np.array([[0], [1], [1]]), vehicles,
        objective="cost",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("vehicles", "kinds"),
    [
        ((Vehicle((1,)), Vehicle((2,))), [1]),  # the larger one costs no more
        ((Vehicle((2,)), Vehicle((2,))), [1]),  # one of two equal ones stays
        ((Vehicle((1,)), Vehicle((2,), fixed=1.0)), [0, 1]),
        ((Vehicle((1,)), Vehicle((2,), count=1)), [0, 1]),
        ((Vehicle((1,), skills=1), Vehicle((2,))), [0, 1]),
        ((Vehicle((1,)), Vehicle((2,), skills=1)), [1]),
        ((Vehicle((1,)), Vehicle((2,), end=None)), [0, 1]),
    ],
)
def test_types_that_another_replaces(vehicles, kinds):
    """A type goes where another drives all its tours, for no more and in any number."""
    assert needed_kinds(problem_with(*vehicles)).tolist() == kinds


def test_all_types_stay_where_tours_are_under_way():
    """A locked beginning keeps its type."""
    problem = problem_with(Vehicle((1,)), Vehicle((2,)))
    locked = replace(problem, locks=((0, np.array([1], np.int32)),))
    assert needed_kinds(locked).tolist() == [0, 1]


@pytest.mark.slow
def test_plan_names_the_types_of_the_problem():
    """Tours of the type that is left carry its number in the whole problem, on the way too."""
    problem = problem_with(Vehicle((1,)), Vehicle((2,)))
    told = []
    plan = solve(problem, Limit(iterations=50), on_progress=lambda plan, share: told.append(plan))
    assert plan.vehicles.tolist() == [1]
    assert {kind for other in told for kind in other.vehicles.tolist()} == {1}
    assert faults(problem, plan) == []
