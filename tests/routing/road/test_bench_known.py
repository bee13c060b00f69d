"""Tests of the best known solutions that gaps are reckoned from."""

import json

import pytest

from routing.road.bench_known import best_known
from routing.road.problem import ProblemError


def test_solution_beside(tmp_path):
    """NAME.sol counts for the objective of distance alone."""
    (tmp_path / "x.sol").write_text("Route #1: 1 2\nRoute #2: 3\nCost 12.5\n")
    assert best_known(tmp_path / "x.vrp", "distance") == (12.5, 2)
    assert best_known(tmp_path / "x.vrp", "vehicles") == (None, None)


def test_catalogue(tmp_path):
    """best_known.json has an entry an objective; it may begin with a byte order mark."""
    entry = {"best_known_cost": 5, "solved_with_vehicles": 3, "by": "us"}
    (tmp_path / "best_known.json").write_text(json.dumps({"x": entry}), encoding="utf-8-sig")
    assert best_known(tmp_path / "x.txt", "vehicles") == (5.0, 3)
    assert best_known(tmp_path / "x.txt", "distance") == (None, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"x": {"best_known_cost": "5"}}', "x: Expected `float | null`, got `str`"),
        (b'{"x": {"best_known_cost": -5}}', "x: best_known_cost is -5; give a number from 0 to"),
        (b'{"x": {"best_known_cost": NaN}}', "x: best_known_cost is nan; give a number from 0"),
        (b'{"x": {"solved_with_vehicles": "3"}}', "x: Expected `int | null`, got `str`"),
        (b'{"x": 5}', "x: Expected `object`, got `int`"),
        (b"[]", "is no object of entries; correct it or move it away"),
        (b'{"x"', "Expecting ':' delimiter"),
        (b"[" * 100_000, "is nested too deep; correct it or move it away"),
        (b'{"\xff"', "not UTF-8 (invalid start byte); save it as UTF-8"),
    ],
)
def test_catalogue_that_says_something_else(tmp_path, text, said):
    """One line names the file, the entry and what is wrong with it."""
    (tmp_path / "best_known.json").write_bytes(text)
    with pytest.raises(ProblemError) as refused:
        best_known(tmp_path / "x.txt", "vehicles")
    assert str(refused.value).startswith(f"{tmp_path / 'best_known.json'}: {said}")


def test_solution_beside_without_a_number(tmp_path):
    """A cost that is none is refused."""
    (tmp_path / "x.sol").write_text("Cost nan\n")
    with pytest.raises(ProblemError, match=r"x\.sol: line 1 is 'Cost nan'; give a number"):
        best_known(tmp_path / "x.vrp", "distance")
