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


GOOD = "2 9 1\n0 0 0 0 0 99 0 0 0\n\n1 1 1 5 0 99 0 0 2\n2 2 2 -5 0 99 0 1 0\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("99 0 0 2", "99 0 2 2", r"line 4 names a pickup \(2\) and a delivery \(2\); give one"),
        ("99 0 0 2", "99 0 0 7", "line 4: delivery is 7; name a stop from 1 to 2, or 0"),
        ("99 0 0 2", "99 0 0 1e30", r"line 4: delivery is 1e\+30"),
        ("2 2 2 -5", "2 2 2 10", r"line 5 is a delivery with demand \[10\]; give"),
        ("2 2 2 -5", "2 2 2 -4", r"stop 1 is \[5\] and of its partner stop 2 \[-4\]"),
        ("1 1 1 5 ", "1 1 1 5.5 ", "line 4: demand is 5.5; give a whole number"),
        ("1 1 1 5 ", "1 1 1 nan ", "line 4: demand is nan"),
        ("2 9 1", "2 9.5 1", "line 1: the capacity is 9.5; give a whole number"),
        (
            "2 9 1",
            "2 9 1.5",
            "line 1: the speed is 1.5; only 1 is read, so give times as distances",
        ),
        ("2 9 1", "inf 9 1", "line 1: the number of vehicles is inf"),
    ],
)
def test_bad_files(tmp_path, old, new, said):
    """A bad file is one line that names the file, the line and what is wrong."""
    path = tmp_path / "x.txt"
    path.write_text(GOOD)
    assert read_problem(path).partner.tolist() == [-1, 2, 1]
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ProblemError, match=rf"x\.txt: .*{said}"):
        read_problem(path)


def test_unmatched_pair(tmp_path):
    """A delivery whose pickup names another is one line."""
    path = tmp_path / "x.txt"
    path.write_text("2 9 1\n0 0 0 0 0 99 0 0 0\n1 1 1 5 0 99 0 0 2\n2 2 2 -5 0 99 0 2 0\n")
    with pytest.raises(ProblemError, match="partner"):
        read_problem(path)
