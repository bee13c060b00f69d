"""Tests of the judge of tours."""

import math
from pathlib import Path

import pytest

from routing.road.check import Case, CheckError, check, judge

DATA = Path(__file__).parents[2] / "data" / "road"


def line() -> Case:
    """Depot at 0, stops at 3 and 4 on one axis, capacity 2, windows, one unit a length."""
    return Case(
        points=[(0, 0), (3, 0), (3, 4)],
        demand=[0, 1, 1],
        ready=[0, 0, 0],
        due=[math.inf, 3, 8],
        service=[0, 1, 1],
        capacity=2,
    )


def test_cost_by_hand():
    """Out 3, up 4, home 5: 12."""
    assert judge(line(), [[1, 2]], 12.0).ok


@pytest.mark.parametrize(
    ("routes", "what"),
    [
        ([[2, 1]], "late"),  # at 5 at the second stop, at 10 at the first
        ([[1]], "not visited"),
        ([[1, 2], [1]], "visited twice"),
        ([[1, 2, 7]], "unknown stop"),
    ],
)
def test_faults(routes, what):
    """Each fault has its name."""
    assert what in {violation["what"] for violation in judge(line(), routes).violations}


def test_capacity():
    """A load of 2 in a van of 1 is too much."""
    case = line()
    case.capacity = 1
    assert [v["what"] for v in judge(case, [[1, 2]]).violations] == ["capacity"]


def test_best_known_solution_of_a_public_instance():
    """The published solution of X-n101-k25 costs 27591 and breaks no rule."""
    verdict = check(DATA / "X-n101-k25.vrp", DATA / "X-n101-k25.sol")
    assert verdict.ok
    assert verdict.cost == 27591


def test_unreadable(tmp_path):
    """A file that is no instance is one line."""
    path = tmp_path / "x.vrp"
    path.write_text("hello")
    with pytest.raises(CheckError, match="cannot be read"):
        check(path, DATA / "X-n101-k25.sol")
