"""Tests of instances by rule and seed."""

import pytest

from routing.road.case import case_of
from routing.road.case_file import read_case
from routing.road.formats import read_problem
from routing.road.make import KINDS, make
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
        ("mixed", 5, "a\nb.toml", r"--out: 'a\\nb.toml' holds what cannot be printed; name"),
        ("clustered", 5, "\udcff.vrp", "holds what cannot be printed; name another file"),
    ],
)
def test_nonsense(tmp_path, kind, stops, name, said):
    """What makes no sense is one line."""
    with pytest.raises(ProblemError, match=said):
        make(kind, stops, 0, tmp_path / name)


@pytest.mark.parametrize("name", ['q"t.toml', "back\\slash.toml", "Füße.toml"])
def test_any_name_can_be_read_again(tmp_path, name):
    """The table is named as TOML writes it."""
    make("windows", 5, 0, tmp_path / name)
    assert read_problem(tmp_path / name).stops == 5


def test_a_table_that_is_there_is_kept(tmp_path):
    """It is of something else where the .toml is not there; both are made again together."""
    (tmp_path / "keep.csv").write_text("mine")
    with pytest.raises(ProblemError) as refused:
        make("windows", 5, 0, tmp_path / "keep.toml")
    said = f"--out: {tmp_path / 'keep.csv'} would be written over; move it or name another file"
    assert str(refused.value) == said
    assert [file.name for file in tmp_path.iterdir()] == ["keep.csv"]
    assert (tmp_path / "keep.csv").read_text() == "mine"
    (tmp_path / "keep.toml").write_text("old")
    make("windows", 5, 0, tmp_path / "keep.toml")
    assert read_problem(tmp_path / "keep.toml").stops == 5


def test_stops_a_tour_that_make_no_vehicle(tmp_path):
    """One that takes less than a stop has, or more than a number may be, is not written."""
    most = 200_000_000_000
    for per_tour in (1, most + 1):
        with pytest.raises(ProblemError, match=f"--per-tour is {per_tour}; give 2 to {most}"):
            make("clustered", 50, 0, tmp_path / "x.vrp", per_tour)
        assert not list(tmp_path.iterdir())
    for per_tour in (2, most):
        make("clustered", 50, 0, tmp_path / "x.vrp", per_tour)
        assert read_problem(tmp_path / "x.vrp").stops == 50
