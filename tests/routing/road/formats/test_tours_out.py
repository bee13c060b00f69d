"""Tests of tours for other programs."""

import json

import numpy as np
import pytest

from routing.road.formats import read_problem
from routing.road.formats.tours_out import check_places, write_tours
from routing.road.plan import make_plan
from routing.road.problem import ProblemError


@pytest.fixture
def source(tmp_path):
    """Two stops in degrees."""
    path = tmp_path / "s.csv"
    path.write_text("id,lat,lon,demand\na,51,4,1\nb,50,5,1\n")
    return path


def test_geojson_gives_degrees_back(source, tmp_path):
    """A tour is a line from the depot over its stops and back, in longitudes and latitudes.

    The instance's file is not needed again: it may have gone meanwhile.
    """
    problem = read_problem(source, depot=(50.5, 4.5), capacity=2)
    source.unlink()
    plan = make_plan(problem, [np.array([1, 2], np.int32)])
    write_tours(tmp_path / "t.geojson", problem, plan)
    (tour,) = json.loads((tmp_path / "t.geojson").read_text())["features"]
    assert tour["geometry"]["coordinates"] == [[4.5, 50.5], [4, 51], [5, 50], [4.5, 50.5]]
    assert tour["properties"]["stops"] == ["a", "b"]


def test_csv_names_stops(source, tmp_path):
    """One line a visit; what is left out has no tour."""
    problem = read_problem(source, depot=(50.5, 4.5), capacity=2)
    write_tours(tmp_path / "t.csv", problem, make_plan(problem, [np.array([2])]))
    assert (tmp_path / "t.csv").read_text().splitlines() == [
        "tour,vehicle,position,id,name", "1,0,1,b,", ",,,a,",
    ]  # fmt: skip


def test_vehicles_go_by_their_names(source, tmp_path):
    """Where types of vehicle have names both forms tell them."""
    problem = read_problem(source, depot=(50.5, 4.5), capacity=2)
    plan = make_plan(problem, [np.array([2])])
    write_tours(tmp_path / "t.csv", problem, plan, ["van"])
    assert (tmp_path / "t.csv").read_text().splitlines()[1] == "1,0,1,b,van"
    write_tours(tmp_path / "t.geojson", problem, plan, ["van"])
    tour, _ = json.loads((tmp_path / "t.geojson").read_text())["features"]
    assert tour["properties"]["name"] == "van"


def test_unknown_suffix(source, tmp_path):
    """Another suffix is one line."""
    problem = read_problem(source, depot=(50.5, 4.5), capacity=2)
    with pytest.raises(ProblemError, match=r"\.sol, \.csv or \.geojson"):
        write_tours(tmp_path / "t.xls", problem, make_plan(problem, []))


def test_no_geojson_without_places(tmp_path):
    """A matrix alone says no places: one line, before the search."""
    path = tmp_path / "m.vrp"
    path.write_text(
        "NAME : m\nDIMENSION : 2\nCAPACITY : 1\nEDGE_WEIGHT_TYPE : EXPLICIT\n"
        "EDGE_WEIGHT_FORMAT : FULL_MATRIX\nEDGE_WEIGHT_SECTION\n0 5\n5 0\n"
        "DEMAND_SECTION\n1 0\n2 1\nDEPOT_SECTION\n1\n-1\nEOF\n"
    )
    problem = read_problem(path)
    check_places(tmp_path / "m.csv", problem)
    with pytest.raises(ProblemError, match="m gives no coordinates"):
        check_places(tmp_path / "m.geojson", problem)
