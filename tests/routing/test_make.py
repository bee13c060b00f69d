"""Tests of instances by rule and seed."""

import pytest

from routing.make import KINDS, make
from routing.road.case import case_of
from routing.road.case_file import read_case
from routing.road.formats import read_problem
from routing.road.problem import ProblemError


def path_of(folder, kind):
    """Where an instance of the kind is written."""
    return folder / f"{kind}{'.vrp' if kind == 'clustered' else '.toml'}"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_by_solver_and_judge(tmp_path, kind):
    """Both readers come to the same numbers, and the seed to the same bytes."""
    path = path_of(tmp_path, kind)
    make(kind, 30, 1, path)
    first = [file.read_bytes() for file in sorted(tmp_path.iterdir())]
    problem = read_problem(path)
    assert problem.stops == 30
    assert read_case(path).points == case_of(problem).points
    assert read_case(path).due == case_of(problem).due
    make(kind, 30, 1, path)
    assert [file.read_bytes() for file in sorted(tmp_path.iterdir())] == first


@pytest.mark.parametrize("kind", ["windows", "mixed", "depots", "skills"])
def test_every_stop_can_be_served_alone(tmp_path, kind):
    """No window closes before a vehicle can come, nor too late for it to be home in time."""
    make(kind, 200, 3, path_of(tmp_path, kind))
    problem = read_problem(path_of(tmp_path, kind))
    for row in range(problem.depots, problem.rows):
        ways = [
            ((problem.xy[row] - problem.xy[d]) ** 2).sum() ** 0.5 for d in range(problem.depots)
        ]
        visit = max(min(ways), problem.ready[row])
        assert visit <= problem.due[row]
        assert visit + problem.service[row] + min(ways) <= 1000


def test_skills_is_windows_with_skills(tmp_path):
    """Places, demands and windows of the two kinds are the same."""
    problems = []
    for kind in ("windows", "skills"):
        make(kind, 50, 2, path_of(tmp_path, kind))
        problems.append(read_problem(path_of(tmp_path, kind)))
    one, two = problems
    for column in ("xy", "demand", "ready", "due"):
        assert (getattr(one, column) == getattr(two, column)).all()
    assert two.skills.any()
    assert not one.skills.any()


@pytest.mark.parametrize(
    ("kind", "stops", "name", "said"),
    [
        ("odd", 5, "x.toml", "kind 'odd'"),
        ("mixed", 0, "x.toml", "--stops 0"),
        ("mixed", 5, "x.vrp", r"\.toml"),
    ],
)
def test_nonsense(tmp_path, kind, stops, name, said):
    """What makes no sense is one line."""
    with pytest.raises(ProblemError, match=said):
        make(kind, stops, 0, tmp_path / name)
