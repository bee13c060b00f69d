"""Tests of problems in TOML with a table of stops."""

import math

import numpy as np
import pytest

from routing.road.case import case_of
from routing.road.case_file import read_case
from routing.road.formats import read_problem
from routing.road.problem import Break, ProblemError

TOML = """
stops = "stops.csv"
objective = "cost"
[[depots]]
id = "north"
x = 0
y = 10
due = 900
[[depots]]
id = "south"
x = 0
y = -10
[[vehicles]]
name = "van"
capacity = [5, 9]
count = 2
start = "south"
end = "anywhere"
fixed = 50
per_distance = 1.5
max_duration = 400
skills = ["cold"]
break = { earliest = 100, latest = 200, duration = 30 }
[[vehicles]]
name = "bike"
capacity = [1, 1]
[[locks]]
vehicle = "van"
stops = ["b"]
"""
CSV = """id,x,y,demand_1,demand_2,ready,due,service,price,skills,pickup
a,1,2,3,4,0,50,5,,cold,
b,3,4,1,0,,,,7.5,,
c,5,6,-3,-4,,,,,,a
"""


@pytest.fixture
def files(tmp_path):
    """The problem's two files."""
    (tmp_path / "p.toml").write_text(TOML)
    (tmp_path / "stops.csv").write_text(CSV)
    return tmp_path


def test_everything_is_read(files):
    """Depots first, then stops, with all that was said of them."""
    problem = read_problem(files / "p.toml")
    assert problem.xy.tolist() == [[0, 10], [0, -10], [1, 2], [3, 4], [5, 6]]
    assert problem.demand.tolist() == [[0, 0], [0, 0], [3, 4], [1, 0], [-3, -4]]
    assert problem.due.tolist() == [900, math.inf, 50, math.inf, math.inf]
    assert problem.price.tolist() == [math.inf] * 3 + [7.5, math.inf]
    assert problem.partner.tolist() == [-1, -1, 4, -1, 2]
    van, bike = problem.vehicles
    assert (van.capacity, van.count, van.start, van.end) == ((5, 9), 2, 1, None)
    assert van.rest == Break(100, 200, 30)
    assert (bike.start, bike.end, bike.count) == (0, 0, None)
    assert problem.skills.tolist() == [0, 0, van.skills, 0, 0]
    assert [(kind, rows.tolist()) for kind, rows in problem.locks] == [(0, [3])]


def test_the_judge_reads_the_same(files):
    """The judge's own reader comes to the same case."""
    mine, theirs = read_case(files / "p.toml"), case_of(read_problem(files / "p.toml"))
    assert mine == theirs


def test_degrees(tmp_path):
    """A degree of latitude is 111.2 km; the judge, who measures on his own, agrees."""
    path = tmp_path / "s.csv"
    path.write_text("id,lat,lon,demand\na,51,4,1\nb,50,5,1\n")
    problem = read_problem(path, depot=(50.0, 4.0), capacity=2)
    step = problem.xy - problem.xy[0]
    assert step[1].tolist() == pytest.approx([0, 111_195], abs=1)
    assert step[2, 0] == pytest.approx(111_195 * math.cos(math.radians(50)), abs=1)
    case = read_case(path, (50.0, 4.0), 2)
    np.testing.assert_allclose(case.points, problem.xy)


@pytest.mark.parametrize(("east", "west"), [("-179.5", 179.5), ("179.5", -179.5)])
def test_longitudes_go_on_beyond_half_round(tmp_path, east, west):
    """From 179.5 degrees east to 179.5 west it is one degree, for the judge, too."""
    path = tmp_path / "fiji.csv"
    path.write_text(f"id,lat,lon,demand\na,0,{east},1\nb,0,{west},1\n")
    problem = read_problem(path, depot=(0.0, west), capacity=2)
    assert abs(problem.xy[1, 0] - problem.xy[0, 0]) == pytest.approx(111_195, abs=1)
    case = read_case(path, (0.0, west), 2)
    np.testing.assert_allclose(case.points, problem.xy)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("p.toml", "count = 2", "cuont = 2", "unknown field `cuont`"),
        ("p.toml", "count = 2", 'count = "2"', "Expected `int"),
        ("p.toml", '"south"\nend', '"west"\nend', "names depot 'west'"),
        ("p.toml", 'vehicle = "van"', 'vehicle = "car"', "names vehicle 'car'"),
        ("p.toml", 'name = "bike"', 'name = "van"', "vehicle 'van', as several are named; give"),
        ("p.toml", '["b"]', '["z"]', "names stop 'z'"),
        ("p.toml", "capacity = [5, 9]", "capacity = [5]", "1 dimensions"),
        ("stops.csv", "b,3", "a,3", "line 3: id 'a' is also in line 2"),
        ("stops.csv", "b,3", ",3", "line 3: id is empty; name the stop"),
        (
            "p.toml",
            'id = "north"',
            'id = "c"',
            "line 4: stop 'c' has the id of a depot; rename one",
        ),
        ("stops.csv", "b,3,4", "b,x,4", "line 3: x is 'x'"),
        ("stops.csv", "b,3,4,1", "b,3,4,1.5", "line 3: demand_1 is 1.5"),
        ("stops.csv", ",,a", ",,q", "line 4: pickup 'q'"),
        ("stops.csv", "a,1,2", "a,1", "line 2 has 10 cells"),
        ("stops.csv", "price", "prize", "column 'prize' is unknown"),
        ("p.toml", "duration = 30", "duration = -45", "vehicle 0: break: duration is -45; give"),
        ("p.toml", "latest = 200", "latest = 50", "break: latest is 50; give 100 .earliest."),
        ("p.toml", "objective", "pace = -1\nobjective", "pace is -1; give"),
        ("p.toml", "objective", "pace = nan\nobjective", "pace is nan; give"),
        ("p.toml", '["b"]', '["b", "b"]', "the locks name stop 'b' twice"),
        ("p.toml", "[5, 9]", "[-2, 9]", "vehicle 0: capacity is -2; give"),
        ("p.toml", "[5, 9]", "[5, 99999999999999999999]", "capacity"),
        ("p.toml", "= 400", "= -400", "vehicle 0: max_duration is -400; give"),
        ("p.toml", "fixed = 50", "fixed = nan", "vehicle 0: fixed is nan; give"),
        ("p.toml", "per_distance = 1.5", "per_distance = -1", "per_distance is -1; give"),
        ("p.toml", 'start = "south"', 'start = "anywhere"', "names depot 'anywhere'"),
        ("stops.csv", "7.5", "-7.5", "price of stop 'b' is -7.5; give"),
        ("stops.csv", ",,a", ",,c", "stop 'c' names stop 'c' as its partner"),
        ("stops.csv", "-3,-4", "3,-4", r"line 4 is a delivery with demand \[3, -4\]; give"),
        ("stops.csv", "-3,-4", "-2,-4", r"of its partner stop 'c' \[-2, -4\]; give"),
        ("stops.csv", "b,3,4,1", "b,3,4,nan", "line 3: demand_1 is nan; give a whole number"),
        ("stops.csv", "b,3,4,1", "\nb,3,4,1e30", r"line 4: demand_1 is 1e\+30; give"),
        ("stops.csv", "b,3,4", "\nb,x,4", "line 4: x is 'x'"),
        ("stops.csv", "service", "x", "column 'x' stands twice in line 1; name each once"),
        ("stops.csv", "0,50", "60,50", "window of stop 'a' starts at 60"),
    ],
)
def test_bad_files(files, name, old, new, said):
    """A mistake is one line with file, place, value and remedy."""
    path = files / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(ProblemError, match=said) as caught:
        read_problem(files / "p.toml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "depot", "capacity", "said"),
    [
        ("id;x;y;demand\na;1;2;1\n", (0, 0), 5, "line 1 is 'id;x;y;demand'; put commas between"),
        ("id,x,y,demand\na,1,2,1\n", (0, 0), -5, "--capacity is -5; give a whole number from 0"),
        ("id,x,y,demand\na,1,2,1\n", (0, math.nan), 5, "xy of depot 'depot' is .0.0, nan.; give"),
        ("id,lat,lon,demand\na,950.1,2,1\n", (0, 0), 5, "line 2: lat is 950.1; give degrees"),
        ("id,lat,lon,demand\na,50,-181,1\n", (0, 0), 5, "line 2: lon is -181; give degrees"),
        ("id,lat,lon,demand\na,50,1,1\n", (91, 0), 5, "depot 'depot': lat is 91; give degrees"),
    ],
)
def test_bad_tables(tmp_path, text, depot, capacity, said):
    """A table's mistake, or one of its options, is one line."""
    path = tmp_path / "s.csv"
    path.write_text(text)
    with pytest.raises(ProblemError, match=rf"s\.csv: {said}"):
        read_problem(path, depot=depot, capacity=capacity)


def test_toml_that_is_no_utf_8(files):
    """It is one line."""
    (files / "p.toml").write_bytes(TOML.replace("van", "v\u00e4n").encode("latin-1"))
    with pytest.raises(ProblemError, match=r"p\.toml: not UTF-8 .*; save it as UTF-8"):
        read_problem(files / "p.toml")


def test_dimensions_by_number(files):
    """The tenth dimension comes after the ninth, for the judge as well."""
    head = ",".join(f"demand_{k}" for k in range(10, 0, -1))
    (files / "stops.csv").write_text(f"id,x,y,{head}\nb,1,2,10,9,8,7,6,5,4,3,2,1\n")
    sizes = list(range(1, 11))
    text = TOML.replace("[5, 9]", str(sizes)).replace("[1, 1]", str(sizes))
    (files / "p.toml").write_text(text)
    problem = read_problem(files / "p.toml")
    assert problem.demand[2].tolist() == sizes
    assert read_case(files / "p.toml") == case_of(problem)


def test_table_alone_needs_a_depot(files):
    """A table without depot and capacity says which options give them."""
    with pytest.raises(ProblemError, match="--depot"):
        read_problem(files / "stops.csv")
