"""Tests of Solomon's and Homberger's files."""

from pathlib import Path

import numpy as np
import pytest
import vrplib

from routing.road.formats import read_problem
from routing.road.problem import ProblemError

DATA = Path(__file__).parents[3] / "data" / "road"


def test_same_as_vrplib():
    """Places, demands and windows are those that vrplib reads."""
    path = DATA / "R101.txt"
    problem = read_problem(path)
    other = vrplib.read_instance(path, "solomon", compute_edge_weights=False)
    np.testing.assert_array_equal(problem.xy, other["node_coord"])
    np.testing.assert_array_equal(problem.demand[:, 0], other["demand"])
    np.testing.assert_array_equal(
        np.column_stack([problem.ready, problem.due]), other["time_window"]
    )
    np.testing.assert_array_equal(problem.service, other["service_time"])
    assert (problem.vehicles[0].count, problem.vehicles[0].capacity) == (25, (200,))
    assert (problem.rounding, problem.objective) == ("exact", "vehicles")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("25         200", "25 inf", "line 5: the capacity is inf; give a whole number"),
        ("25         200", "25 200.5", "line 5: the capacity is 200.5"),
        ("49          10 ", "49        10.5 ", "line 11: demand is 10.5; give a whole number"),
        ("49          10 ", "49        1e30 ", r"line 11: demand is 1e\+30"),
    ],
)
def test_bad_files(tmp_path, old, new, said):
    """Nothing is cut to a whole number."""
    path = tmp_path / "x.txt"
    text = (DATA / "R101.txt").read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ProblemError, match=rf"x\.txt: {said}"):
        read_problem(path)


def test_free_blanks(tmp_path):
    """Names of columns may be apart by any number of blanks or tabs."""
    path = tmp_path / "x.txt"
    text = (DATA / "R101.txt").read_text()
    path.write_text(text.replace("CUST NO.", "CUST\t  NO."))
    assert read_problem(path).demand.tolist() == read_problem(DATA / "R101.txt").demand.tolist()


def test_cut_off(tmp_path):
    """A file that ends within a line is one line with its number."""
    path = tmp_path / "x.txt"
    path.write_text((DATA / "R101.txt").read_text()[:1200])
    with pytest.raises(ProblemError, match=r"x\.txt: line \d+ "):
        read_problem(path)
