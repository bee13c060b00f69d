"""Tests of CVRPLIB files."""

from pathlib import Path

import numpy as np
import pytest
import vrplib

from routing.road.formats import read_problem
from routing.road.formats.solution import read_solution
from routing.road.problem import ProblemError

DATA = Path(__file__).parents[3] / "data" / "road"

TINY = """NAME : tiny
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 5
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
DEMAND_SECTION
1 0
2 2
3 3
DEPOT_SECTION
1
-1
EOF
"""


def written(tmp_path, text):
    """The text as a file."""
    path = tmp_path / "x.vrp"
    path.write_text(text)
    return path


def test_tiny(tmp_path):
    """Three nodes: places, demands, capacity, distances to the nearest whole number."""
    problem = read_problem(written(tmp_path, TINY))
    assert problem.xy.tolist() == [[0, 0], [3, 4], [6, 8]]
    assert problem.demand.tolist() == [[0], [2], [3]]
    assert problem.vehicles[0].capacity == (5,)
    assert (problem.rounding, problem.objective) == ("nearest", "distance")


@pytest.mark.parametrize(
    ("form", "numbers", "table"),
    [
        ("LOWER_ROW", "1\n2 3", [[0, 1, 2], [1, 0, 3], [2, 3, 0]]),
        ("UPPER_ROW", "1 2\n3", [[0, 1, 2], [1, 0, 3], [2, 3, 0]]),
        ("UPPER_DIAG_ROW", "0 1 2\n0 3\n0", [[0, 1, 2], [1, 0, 3], [2, 3, 0]]),
        ("FULL_MATRIX", "0 1 2\n3 0 4\n5 6 0", [[0, 1, 2], [3, 0, 4], [5, 6, 0]]),
    ],
)
def test_matrices(tmp_path, form, numbers, table):
    """Lower and upper rows are mirrored, a full matrix may differ by direction."""
    head = TINY.replace("EUC_2D", f"EXPLICIT\nEDGE_WEIGHT_FORMAT : {form}")
    start, end = head.index("NODE_COORD"), head.index("DEMAND")
    text = head[:start] + "EDGE_WEIGHT_SECTION\n" + numbers + "\n" + head[end:]
    problem = read_problem(written(tmp_path, text))
    assert problem.distances.tolist() == table
    assert problem.rounding == "matrix"


def test_windows_are_dimacs(tmp_path):
    """A file with windows has distances cut to one decimal, and service at all stops."""
    windows = "TIME_WINDOW_SECTION\n1 0 99\n2 1 9\n3 2 8\nDEPOT_SECTION"
    text = TINY.replace("DEPOT_SECTION", windows).replace("EDGE", "SERVICE_TIME : 7\nEDGE", 1)
    problem = read_problem(written(tmp_path, text))
    assert problem.rounding == "dimacs"
    assert problem.due.tolist() == [99, 9, 8]
    assert problem.service.tolist() == [0, 7, 7]


def test_same_as_vrplib():
    """Places and demands are those that vrplib reads."""
    path = DATA / "X-n101-k25.vrp"
    problem, other = read_problem(path), vrplib.read_instance(path, compute_edge_weights=False)
    np.testing.assert_array_equal(problem.xy, other["node_coord"])
    np.testing.assert_array_equal(problem.demand[:, 0], other["demand"])
    assert problem.vehicles[0].capacity == (other["capacity"],)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("3 6 8\n", "", "NODE_COORD_SECTION"),
        ("2 3 4", "2 3 four", "line 8.*'2 3 four'"),
        ("3 6 8", "2 6 8", "line 9 names node 2 where 3 is due"),
        ("2 2\n", "2 -2\n", "demand"),
        ("2 2\n", "2 9\n", "above every capacity"),
        ("DIMENSION : 3", "DIMENSION : three", "DIMENSION is 'three'"),
        ("CAPACITY : 5\n", "", "CAPACITY is missing"),
        ("EUC_2D", "GEO", "'GEO'"),
        (
            "1 0\n2 2",
            "1 4\n2 2",
            "line 11: demand of the depot is 4; give 0, and what lies there a",
        ),
        ("2 2\n", "2 nan\n", "line 12: demand of node 2 is nan"),
        ("2 2\n", "2 inf\n", "line 12: demand of node 2 is inf"),
        ("2 2\n", "2 1e30\n", "line 12: demand of node 2 is 1e\\+30"),
        ("2 2\n", "2 1.5\n", "line 12: demand of node 2 is 1.5"),
        ("CAPACITY : 5", "CAPACITY : 5.5", "CAPACITY is '5.5'; give a whole number"),
        ("CAPACITY : 5", "CAPACITY : 1e30", "capacity is 1e\\+30; give"),
        ("CAPACITY : 5", "CAPACITY : inf", "CAPACITY is 'inf'"),
        ("CAPACITY", "DISTANCE : -5\nCAPACITY", "DISTANCE is '-5'; give a number from 0 up"),
        ("CAPACITY", "DISTANCE : nan\nCAPACITY", "DISTANCE is 'nan'"),
        ("CAPACITY", "SERVICE_TIME : nan\nCAPACITY", "SERVICE_TIME is 'nan'"),
        ("3 6 8", "3 6 1e300", "xy of stop 2 is .6.0, 1e.300.; give coordinates"),
        ("3 6 8", "3 6 inf", "xy of stop 2"),
        (
            "DEPOT_SECTION",
            "DEMAND_SECTION\n1 0\n2 1\n3 1\nDEPOT_SECTION",
            "line 14: DEMAND_SECTION stands twice, first in line 10; give it once",
        ),
        (
            "DEPOT_SECTION",
            "PRIZE_SECTION\n1 0\n2 9\n3 9\nDEPOT_SECTION",
            "line 14: PRIZE_SECTION is not read; state the problem in TOML",
        ),
        ("CVRP", "OVRP", "TYPE is 'OVRP'; read are CVRP"),
        (TINY, "NAME : tiny\n", "DIMENSION is missing"),
        ("CVRP", "VRPTW", "TYPE is 'VRPTW', and TIME_WINDOW_SECTION is missing; the file"),
        ("DEPOT_SECTION\n1\n-1\nEOF\n", "", "neither EOF nor the -1 of a DEPOT_SECTION; the"),
        ("-1\nEOF\n", "", "neither EOF nor the -1 of a DEPOT_SECTION"),
        ("NAME", "\0N\0A", "no plain text, or UTF-16; save it as UTF-8"),
    ],
)
def test_bad_files(tmp_path, old, new, said):
    """A bad file is one line that names the file and what is wrong."""
    path = written(tmp_path, TINY.replace(old, new, 1))
    with pytest.raises(ProblemError, match=said) as caught:
        read_problem(path)
    assert "\n" not in str(caught.value)


def test_negative_lower_row(tmp_path):
    """An entry below 0 is refused, not taken for 0; and a matrix has no rounding."""
    head = TINY.replace("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : LOWER_ROW")
    start, end = head.index("NODE_COORD"), head.index("DEMAND")
    path = written(tmp_path, head[:start] + "EDGE_WEIGHT_SECTION\n1\n-2 3\n" + head[end:])
    with pytest.raises(ProblemError, match="from depot 1 to stop 2 is -2; give a number from 0"):
        read_problem(path)
    with pytest.raises(ProblemError, match="a matrix, which --rounding dimacs cannot change"):
        read_problem(path, rounding="dimacs")


def test_a_file_that_ends_in_its_head_is_named(tmp_path):
    """Without a section, what is missing is said, and where."""
    with pytest.raises(ProblemError, match=r"x\.vrp: .*missing"):
        read_problem(written(tmp_path, TINY.split("NODE_COORD")[0]))


def test_a_solution_that_is_no_text_is_named(tmp_path):
    """The file and what is wrong, in one line."""
    path = tmp_path / "x.sol"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(ProblemError, match=r"x\.sol: is no text"):
        read_solution(path)
