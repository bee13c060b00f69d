"""Tests of solution files."""

from dataclasses import replace

import numpy as np
import pytest

from routing.road.check import Answer, CheckError, read_answer
from routing.road.formats import read_problem, read_solution, write_solution
from routing.road.formats.solution import read_start
from routing.road.plan import make_plan
from routing.road.problem import ProblemError

TOML = """
stops = "s.csv"
objective = "cost"
[[depots]]
id = "here"
x = 0
y = 0
[[vehicles]]
name = "bike"
capacity = 1
count = 1
[[vehicles]]
name = "van"
capacity = 9
fixed = 50
"""


@pytest.fixture
def problem(tmp_path):
    """Three stops of which a bike takes one."""
    (tmp_path / "p.toml").write_text(TOML)
    (tmp_path / "s.csv").write_text("id,x,y,demand\na,1,0,1\nb,2,0,4\nc,3,0,4\n")
    return read_problem(tmp_path / "p.toml")


def test_a_plan_comes_back_with_its_vehicles(problem, tmp_path):
    """What was written is what one starts from, vehicle types too."""
    plan = make_plan(problem, [np.array([2, 3]), np.array([1])], np.array([1, 0]))
    write_solution(tmp_path / "x.sol", problem, plan)
    start = read_start(tmp_path / "x.sol", problem)
    assert [tour.tolist() for tour in start.tours] == [[2, 3], [1]]
    assert start.vehicles.tolist() == [1, 0]
    assert start.cost == plan.cost


def test_tours_without_a_vehicle_have_the_first(tmp_path):
    """As files of other programs."""
    (tmp_path / "x.sol").write_text("Route #1: 2 1\nRoute #2: 3\nVehicle #2: 1\nCost 7\n")
    solution = read_solution(tmp_path / "x.sol")
    assert [tour.tolist() for tour in solution.tours] == [[2, 1], [3]]
    assert solution.vehicles.tolist() == [0, 1]
    assert solution.cost == 7


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Route #1: 1\nVehicle #1: 2\n", "route 1 of it has vehicle 2; there are types 0 to 1"),
        ("Route #1: 1\nVehicle #1: -1\n", "route 1 of it has vehicle -1; there are types 0 to 1"),
        ("Route #1: 1\nVehicle #1: van\n", "line 2 is 'Vehicle #1: van'; give a vehicle's type"),
        ("Route #1: 1\nVehicle #1: 99999999999999999999\n", "line 2 is .*; give a vehicle's type"),
        ("Vehicle #1: 0\n", "line 1 is 'Vehicle #1: 0'; give a vehicle's type behind its route"),
    ],
)
def test_bad_vehicles(problem, tmp_path, text, says):
    """One line with file, place and remedy."""
    (tmp_path / "x.sol").write_text(text)
    with pytest.raises(ProblemError, match=rf"x\.sol: {says}"):
        read_start(tmp_path / "x.sol", problem)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffRoute #1: 2 1\nCost 7\n",
        "Route 1: 2 1\nCost 7\n",
        "Route  1 : 2 1\ncost: 7\n",
        "route #1: 2 1\r\nCost 7",
        "Instance name : t\nDate : 2008-01-09\nSolution\nRoute 1 : 2 1\nTime 12.5\nCost 7\n",
        "Route #1: 2 1\nVehicle types: [0]\nRoutes: 1\nUnserved: 3 4\nCost 7\n",
    ],
)
def test_files_of_other_programs(tmp_path, text):
    """A mark at the beginning, a number without #, and lines that say something else."""
    path = tmp_path / "x.sol"
    path.write_text(text, encoding="utf-8")
    solution = read_solution(path)
    assert [tour.tolist() for tour in solution.tours] == [[2, 1]]
    assert solution.cost == 7
    assert read_answer(path) == Answer([[2, 1]], [0], 7)


@pytest.mark.parametrize(
    "line",
    [
        "Rout #2: 3 4", "Ruote #2: 3 4", "Tour 2: 3 4", "#2: 3 4", "2: 3 4", "Route: 3 4",
        "Route #2 3 4", "Rout: 3", "3 4", "Tour: 3 4", "Route two: 3", "Vehicle: 1",
        "Vehicl #1: 1",
    ],
)  # fmt: skip
def test_a_misspelt_route_is_refused(tmp_path, line):
    """It is not passed over in silence, by the judge neither."""
    path = tmp_path / "x.sol"
    path.write_text(f"Route #1: 2 1\n{line}\nCost 7\n")
    said = rf"x\.sol: line 2 is '{line}'; write .*'Route #2: 3 4'"
    with pytest.raises(ProblemError, match=said):
        read_solution(path)
    with pytest.raises(CheckError, match=said):
        read_answer(path)


@pytest.mark.parametrize("cost", ["nan", "inf", "", "x"])
def test_a_cost_is_a_number(tmp_path, cost):
    """Nothing else is a claim."""
    path = tmp_path / "x.sol"
    path.write_text(f"Route #1: 2 1\nCost {cost}\n")
    with pytest.raises(ProblemError, match=r"line 2 is 'Cost.*'; give a number"):
        read_solution(path)
    with pytest.raises(CheckError, match=r"line 2 is 'Cost.*'; give a number"):
        read_answer(path)


@pytest.mark.parametrize("text", ["", "Cost 7\n"])
def test_no_tours_to_start_from(problem, tmp_path, text):
    """A file without a route is no plan to start from."""
    (tmp_path / "x.sol").write_text(text)
    with pytest.raises(ProblemError, match=r"x\.sol: has no line 'Route #1: ...'"):
        read_start(tmp_path / "x.sol", problem)


def test_a_plan_that_leaves_all_out_comes_back(problem, tmp_path):
    """What says that stops are left out is a plan, if one without tours."""
    optional = replace(problem, price=np.ones(problem.rows))
    write_solution(tmp_path / "x.sol", optional, make_plan(optional, []))
    assert read_start(tmp_path / "x.sol", optional).cost == 3
