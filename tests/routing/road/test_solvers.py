"""Tests of solvers by name."""

import sys

import pytest

from routing.road import Limit, Problem, ProblemError
from routing.road.solvers import MissingError, solver


def test_users_own():
    """`module:function` is imported."""
    assert solver("routing.road.solvers:ortools") is solver("ortools")


def test_users_own_in_the_present_folder(tmp_path, monkeypatch):
    """The script `routing` does not have the present folder on its path, unlike `python -m`."""
    (tmp_path / "solver_here.py").write_text("def plan(): pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    assert solver("solver_here:plan").__name__ == "plan"


def test_users_own_that_ends_as_it_is_loaded(tmp_path, monkeypatch):
    """A module that calls `sys.exit` is named, and ends nothing else."""
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ProblemError, match="leaves:plan"):
        solver("leaves:plan")


@pytest.mark.parametrize("name", ["magic", "no_such_module:solve", "routing.road.solvers:nothing"])
def test_unknown(name):
    """A name that is no solver is one line."""
    with pytest.raises(ProblemError, match="--solvers"):
        solver(name)


@pytest.mark.parametrize("name", ["pyvrp", "vroom"])
def test_missing_peer_is_said(monkeypatch, name):
    """A peer that is not installed names the extra that brings it."""
    monkeypatch.setitem(sys.modules, name, None)
    problem = Problem.from_coordinates([(0, 0), (1, 0)], [0, 1], 1)
    with pytest.raises(MissingError, match="peers"):
        solver(name)(problem, Limit(seconds=1), 0, None, None)
