"""Tests of best known solutions beside instances."""

import json

from routing.road.formats.best_known import best_known


def test_solution_beside(tmp_path):
    """NAME.sol counts for the objective of distance alone."""
    (tmp_path / "x.sol").write_text("Route #1: 1 2\nRoute #2: 3\nCost 12.5\n")
    assert best_known(tmp_path / "x.vrp", "distance") == (12.5, 2)
    assert best_known(tmp_path / "x.vrp", "vehicles") == (None, None)


def test_catalogue(tmp_path):
    """best_known.json has an entry an objective."""
    entry = {"best_known_cost": 5.0, "solved_with_vehicles": 3}
    (tmp_path / "best_known.json").write_text(json.dumps({"x": entry}))
    assert best_known(tmp_path / "x.txt", "vehicles") == (5.0, 3)
    assert best_known(tmp_path / "x.txt", "distance") == (None, None)
