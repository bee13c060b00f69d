"""Tests of tables of stops."""

import pyarrow
import pytest
from pyarrow import parquet

from routing.road.formats import read_problem
from routing.road.problem import ProblemError


def test_parquet_is_as_csv(tmp_path):
    """The same stops from CSV and Parquet are the same problem."""
    rows = {"id": ["a", "b"], "x": [1.0, 2.0], "y": [0.0, 0.0], "demand": [1, 2]}
    rows["due"] = [9.0, None]
    parquet.write_table(pyarrow.table(rows), tmp_path / "s.parquet")
    (tmp_path / "s.csv").write_text("id,x,y,demand,due\na,1,0,1,9\nb,2,0,2,\n")
    one, two = (
        read_problem(tmp_path / name, depot=(0.0, 0.0), capacity=5)
        for name in ("s.csv", "s.parquet")
    )
    for column in ("xy", "demand", "due", "service"):
        assert getattr(one, column).tolist() == getattr(two, column).tolist()


def test_no_parquet(tmp_path):
    """A file that only says that it is Parquet is one line."""
    path = tmp_path / "s.parquet"
    path.write_text("hello")
    with pytest.raises(ProblemError, match=r"s\.parquet"):
        read_problem(path, depot=(0.0, 0.0), capacity=5)
