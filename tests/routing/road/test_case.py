"""Tests of the judge's readers: they take what the solver's take, and refuse what those refuse."""

import math

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from routing.road.case import CheckError, case_of
from routing.road.case_file import read_case
from routing.road.check import check
from routing.road.formats import read_problem
from routing.road.plan import leg_distances
from routing.road.problem import Problem, ProblemError

VRP = """NAME : t
COMMENT : by hand
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
SOLOMON = """T

VEHICLE
NUMBER     CAPACITY
  2         9

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

0 0 0 0 0 99 0
1 3 4 5 0 50 1
"""
LILIM = "2 9 1\n0 0 0 0 0 99 0 0 0\n1 1 1 5 0 99 0 0 2\n2 2 2 -5 0 99 0 1 0\n"
CSV = "id,x,y,demand\na,3,4,1\nb,6,8,2\n"
TOML = """stops = "s.csv"
[[depots]]
id = "d"
x = 0
y = 0
[[vehicles]]
capacity = 5
"""
TEXTS = {"t.vrp": VRP, "r.txt": SOLOMON, "l.txt": LILIM, "s.csv": CSV, "t.toml": TOML}
MATRIX = VRP.replace("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : LOWER_ROW").replace(
    "NODE_COORD_SECTION\n1 0 0\n2 3 4\n3 6 8", "EDGE_WEIGHT_SECTION\n5\n10 5"
)
WINDOWED = VRP.replace("DIMENSION", "TYPE: vrptw\nDIMENSION").replace(
    "DEPOT_SECTION", "TIME_WINDOW_SECTION\n1 0 99\n2 1 9\n3 2 8\nDEPOT_SECTION"
)


def written(folder, name, old="", new=""):
    """One of the texts as a file, the table beside it, with a change."""
    (folder / "s.csv").write_text(CSV)
    assert old in TEXTS[name]
    (folder / name).write_text(TEXTS[name].replace(old, new, 1), encoding="utf-8")
    return folder / name


def options(path):
    """What a table needs beside it."""
    return {"depot": (0.0, 0.0), "capacity": 5} if path.suffix in (".csv", ".parquet") else {}


def assert_same(path):
    """Both readers come to the same case."""
    mine, theirs = (read(path, **options(path)) for read in (read_case, read_problem))
    theirs = case_of(theirs)
    if mine.matrix is not None:
        assert theirs.matrix.tolist() == mine.matrix
        theirs.matrix, theirs.points = mine.matrix, mine.points
    assert mine == theirs
    return mine


def assert_refused(path, said):
    """Both readers refuse the file in one line; the judge's says this."""
    with pytest.raises(ProblemError):
        read_problem(path, **options(path))
    with pytest.raises(CheckError, match=said) as caught:
        read_case(path, **options(path))
    assert "\n" not in str(caught.value)


def stops_of(folder, **columns):
    """A Parquet table of two stops, with more columns."""
    rows = {"id": [0, 1], "x": [3.0, 6.0], "y": [4.0, 8.0], "demand": [1, 2]} | columns
    parquet.write_table(pyarrow.table(rows), folder / "s.parquet")
    return folder / "s.parquet"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        *((name, "", "\ufeff") for name in TEXTS),
        ("s.csv", "id,x,y,demand", "id, x, y, demand"),
        ("t.vrp", "COMMENT : by hand\n", "COMMENT : by hand\n" * 300),
        ("t.vrp", "DIMENSION : 3", "DIMENSION : 3.0"),
        ("t.vrp", "1 0\n2 2\n3 3\n", "1 0 2 2 3 3\n"),
        ("t.vrp", "1 0 0\n2 3 4\n", "1 0 0 2\n3 4\n"),
        ("t.vrp", VRP, VRP.lower()),
        ("t.vrp", "-1\nEOF", "-1 EOF\nDEMAND_SECTION\n1 0\n"),
        ("t.vrp", VRP, MATRIX),
        ("t.vrp", VRP, MATRIX.replace("LOWER_ROW", "UPPER_ROW").replace("10 5", "10 7")),
        ("t.vrp", VRP, MATRIX.replace("LOWER_ROW", "UPPER_DIAG_ROW").replace("10 5", "1 2 3 4 6")),
        ("t.vrp", "CAPACITY", "DISTANCE : 9\nCAPACITY"),
        ("t.vrp", "CAPACITY", "DISTANCE : 9\nSERVICE_TIME : 0\nCAPACITY"),
        ("t.vrp", "DEPOT", "TIME_WINDOW_SECTION\n1 0 99\n2 1 9\n3 2 8\nDEPOT"),
        ("t.vrp", "DEPOT", "DISPLAY_DATA_SECTION\n1 0 99\nDEPOT"),
        ("t.vrp", "DIMENSION : 3\n", "DIMENSION : 3\nTYPE: cvrp\n"),
        ("t.vrp", VRP, WINDOWED),
        ("t.vrp", "DEPOT_SECTION\n1\n-1\n", ""),
        ("t.vrp", "EOF\n", ""),
        ("t.toml", "capacity = 5", 'capacity = 5\nstart = ""\nend = ""'),
        ("t.toml", "capacity = 5", 'capacity = 5\n[[locks]]\nvehicle = ""\nstops = ["b"]'),
    ],
)
def test_the_judge_reads_what_the_solver_reads(tmp_path, name, old, new):
    """Marks at the beginning, blanks, many comments, small letters and free lines are no matter."""
    assert_same(written(tmp_path, name, old, new))


def test_driving_and_service_within_the_distance(tmp_path):
    """A file with DISTANCE and SERVICE_TIME bounds both together: 20 of way and 2 visits of 2."""
    path = written(tmp_path, "t.vrp", "CAPACITY", "DISTANCE : 23\nSERVICE_TIME : 2\nCAPACITY")
    case = assert_same(path)
    assert (case.wagons[0].longest, case.wagons[0].longest_time) == (math.inf, 23)
    (tmp_path / "a.sol").write_text("Route #1: 1 2\nCost 20\n")
    (fault,) = check(path, tmp_path / "a.sol").violations
    assert (fault["what"], fault["detail"]) == ("takes too long", "24, limit 23")
    path.write_text(path.read_text().replace("DISTANCE : 23", "DISTANCE : 24"))
    assert check(path, tmp_path / "a.sol").ok


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("t.vrp", "3 3\n", "", r"t\.vrp: cannot be read \(DEMAND_SECTION has 4 numbers, 3 nodes"),
        ("t.vrp", "1 0\n2 2\n", "1 3\n2 2\n", "the depot has the demand 3"),
        ("r.txt", "0 0 0 0 0 99", "0 0 0 2 0 99", "the depot has the demand 2"),
        ("t.vrp", "3 6 8\n", "", "NODE_COORD_SECTION has 6 numbers, 3 nodes need 9"),
        ("t.vrp", "3 6 8\n", "4 6 8\n", "NODE_COORD_SECTION names node 4 where 3 is due"),
        ("t.vrp", "3 6 8\n", "3 6 nan\n", "nan is no number"),
        ("t.vrp", "DEPOT", "SERVICE_TIME_SECTION\n1 0\n2 1\nDEPOT", "SERVICE_TIME_SECTION has 4"),
        ("t.vrp", "DEPOT", "TIME_WINDOW_SECTION\n1 0 9\nDEPOT", "TIME_WINDOW_SECTION has 3"),
        ("t.vrp", "DEPOT", "DEMAND_SECTION\n1 0\n2 2\n3 3\nDEPOT", "DEMAND_SECTION stands twice"),
        ("t.vrp", "DEPOT", "BACKHAUL_SECTION\n2\n-1\nDEPOT", "BACKHAUL_SECTION is not read"),
        ("t.vrp", "DIMENSION", "TYPE : OVRP\nDIMENSION", "TYPE is 'OVRP'; read are"),
        ("t.vrp", "1\n-1", "2\n-1", "the depot must be node 1"),
        ("t.vrp", "CAPACITY : 5\n", "", "CAPACITY is missing"),
        ("t.vrp", "EUC_2D", "GEO", "EDGE_WEIGHT_TYPE is 'GEO'"),
        ("t.vrp", VRP, MATRIX.replace("10 5", "10"), "EDGE_WEIGHT_SECTION has 2 numbers"),
        ("t.vrp", VRP, MATRIX.replace("LOWER_ROW", "LOWER_COL"), "FORMAT is 'LOWER_COL'"),
        ("t.vrp", VRP, WINDOWED.replace("TIME_WINDOW_SECTION\n1 0 99\n2 1 9\n3 2 8\n", ""),
         "TIME_WINDOW_SECTION is missing, with the TYPE 'vrptw'"),
        ("t.vrp", "DEPOT_SECTION\n1\n-1\nEOF\n", "", "neither EOF nor a DEPOT_SECTION with its -1"),
        ("t.vrp", "-1\nEOF\n", "", "neither EOF nor"),
        ("t.vrp", "EOF\n", "SERVICE_TIME_SECTION\n1 0\n2 1\n3 1", "neither EOF nor"),
        ("r.txt", "1 3 4 5 0 50 1", "1 3 4 5 0 50", "stop 1 has 6 numbers, 7 are due"),
        ("r.txt", "1 3 4 5", "2 3 4 5", "stop 2 stands where 1 is due"),
        ("r.txt", "0 50 1", "0 nan 1", "nan is no number"),
        ("l.txt", "2 9 1", "2 9 2", "the speed is 2; only 1"),
        ("l.txt", "0 1 0", "0 2 0", "stops 1 and 2 do not name each other"),
        ("s.csv", "b,6", "a,6", r"s\.csv: line 3: id 'a' stands twice"),
        ("s.csv", "b,6", ",6", r"s\.csv: line 3: id is not given"),
        ("t.toml", 'id = "d"', 'id = "b"', "'b' is the id of a stop and of a depot"),
        ("s.csv", "a,3,4,1", "a,nan,4,1", r"s\.csv: line 2: x is 'nan'"),
        ("s.csv", "a,3,4,1", "a,3,4", r"s\.csv: line 2 has 3 cells, 4 are due"),
        ("s.csv", "demand", "x", r"s\.csv: column 'x' stands twice"),
        ("s.csv", "y,demand", "demand,why", r"s\.csv: column 'why' is unknown"),
        ("s.csv", "demand", "price", r"s\.csv: column 'demand' is missing"),
        ("s.csv", "a,3,4,1\nb,6,8,2\n", "", r"s\.csv: holds no stops"),
        ("t.toml", "capacity = 5", "capacity = 5\ncuont = 2", "vehicle 1 has 'cuont'"),
        ("t.toml", "[[depots]]", "pase = 2\n[[depots]]", "the file has 'pase'"),
        ("t.toml", "y = 0", "y = 0\nprice = 2", "depot 1 has 'price'"),
        ("t.toml", "capacity = 5", "", "vehicle 1 has no 'capacity'"),
        ("t.toml", "capacity = 5", 'capacity = 5\ncount = "2"', "vehicle 1: count is '2'"),
        ("t.toml", "capacity = 5", "capacity = 5\nskills = [1]", r"vehicle 1: skills is \[1\]"),
        ("t.toml", "capacity = 5", "capacity = 5\nfixed = nan", "vehicle 1: fixed is nan"),
        ("t.toml", "capacity = 5", "capacity = [5, 5]", "vehicle 1 has 2 capacities, 1 demand"),
        ("t.toml", "y = 0", 'y = 0\n[[depots]]\nid = "d"\nx = 1\ny = 1', "depot 'd' stands twice"),
        ("t.toml", "capacity = 5", 'capacity = 5\nend = "e"', "there is no depot 'e'"),
        ("t.toml", "[[depots]]", 'objective = "fun"\n[[depots]]', "objective is 'fun'"),
    ],
)  # fmt: skip
def test_the_judge_refuses_what_the_solver_refuses(tmp_path, name, old, new, said):
    """A file that is cut off or contradicts itself is no case."""
    assert_refused(written(tmp_path, name, old, new), said)


def test_several_vehicles_of_one_name_and_a_lock(tmp_path):
    """A lock must say which vehicle it means."""
    lock = '[[vehicles]]\ncapacity = 9\n[[locks]]\nvehicle = ""\nstops = ["b"]\n'
    path = written(tmp_path, "t.toml", "capacity = 5\n", f"capacity = 5\n{lock}")
    assert_refused(path, "a lock names vehicle '', as several are named")


def test_no_number_is_none_in_parquet(tmp_path):
    """NaN in a column of numbers is an empty cell: a stop without a price must be served."""
    nan = math.nan
    path = stops_of(tmp_path, due=[nan, 9.0], ready=[nan, 1.0], price=[7.0, nan], service=[nan, 2])
    case = assert_same(path)
    assert case.due == [math.inf, math.inf, 9]
    assert case.price == [math.inf, 7, math.inf]
    (tmp_path / "a.sol").write_text("Unserved: 1 2\nCost 7\n")
    verdict = check(path, tmp_path / "a.sol", **options(path))
    assert [fault["what"] for fault in verdict.violations] == ["not visited"]
    assert verdict.cost == 7


@pytest.mark.parametrize("pickup", [[None, 0], [math.nan, 0.0], ["", "0"]])
def test_the_pickup_may_be_called_0(tmp_path, pickup):
    """A whole number is one id, written with a point or without."""
    case = assert_same(stops_of(tmp_path, demand=[1, -1], pickup=pickup))
    assert case.pickup_of == {2: 1}


def test_parquet_that_is_no_table_of_stops(tmp_path):
    """No rows, a folder, one name for two columns, and a text are one line each."""
    assert_refused(stops_of(tmp_path, id=[], x=[], y=[], demand=[]), "holds no stops")
    path = tmp_path / "d.parquet"
    path.mkdir()
    assert_refused(path, r"d\.parquet: is a folder; name a file")
    columns = [pyarrow.array([1]) for _ in range(5)]
    table = pyarrow.Table.from_arrays(columns, ["id", "x", "y", "demand", "x"])
    parquet.write_table(table, tmp_path / "s.parquet")
    assert_refused(tmp_path / "s.parquet", "column 'x' stands twice")
    (tmp_path / "s.parquet").write_text("hello")
    assert_refused(tmp_path / "s.parquet", "name a Parquet file")


@pytest.mark.parametrize("name", ["t.vrp", "r.txt", "l.txt", "t.toml"])
def test_options_of_tables_alone(tmp_path, name):
    """A file that says depot and capacity itself takes no option for them."""
    path = written(tmp_path, name)
    for option, words in (
        ({"capacity": 1}, "--capacity 1 is for a table"),
        ({"depot": (1.0, -2.5)}, "--depot 1,-2.5 is for a table"),
    ):
        with pytest.raises(ProblemError, match=words):
            read_problem(path, **option)
        with pytest.raises(CheckError, match=words):
            read_case(path, **option)


@pytest.mark.parametrize("rounding", ["dimacs", "nearest"])
def test_coordinates_with_decimals_are_measured_as_the_format_does(rounding: str) -> None:
    """(20.7, 8.3) and (3.8, 8.3) are 16.9 apart, whatever binary numbers are."""
    places = np.random.default_rng(1).integers(0, 1000, (300, 2)) / 10
    places[150:, 1] = places[:150, 1]
    places[0], places[1] = (20.7, 8.3), (3.8, 8.3)
    problem = Problem.from_coordinates(places, [0, *[1] * 299], 9, rounding=rounding)
    case = case_of(problem)
    here, there = np.arange(150), np.arange(150, 300)
    ours = leg_distances(problem, here, there).tolist()
    assert [case.distance(a, b) for a, b in zip(here, there, strict=True)] == ours
    assert case.distance(0, 1) == (16.9 if rounding == "dimacs" else 17.0)
