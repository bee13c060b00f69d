"""Tests of Li and Lim's files."""

from pathlib import Path

import pytest

from routing.road.formats import read_problem
from routing.road.problem import ProblemError

DATA = Path(__file__).parents[3] / "data" / "road"


def test_pairs():
    """Each pickup names its delivery and back, with opposite demands."""
    problem = read_problem(DATA / "lc101.txt")
    stops = range(1, problem.rows)
    assert all(problem.partner[problem.partner[row]] == row for row in stops)
    assert all(problem.demand[row] == -problem.demand[problem.partner[row]] for row in stops)
    assert problem.objective == "vehicles"


def test_unmatched_pair(tmp_path):
    """A delivery whose pickup names another is one line."""
    path = tmp_path / "x.txt"
    path.write_text("2 9 1\n0 0 0 0 0 99 0 0 0\n1 1 1 5 0 99 0 0 2\n2 2 2 -5 0 99 0 2 0\n")
    with pytest.raises(ProblemError, match="partner"):
        read_problem(path)
