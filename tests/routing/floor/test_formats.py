"""League files: what is written reads back, and bad ones are one clear line."""

import json

import numpy as np
import pytest

from routing.floor.formats import Problem
from routing.floor.generate import generate
from routing.floor.grid import FloorError
from tests.routing.floor.test_grid import floor

PLAN = floor("E...S", ".@.@.", "E...S")


@pytest.mark.parametrize("edition", [2023, 2024])
def test_problem_reads_back(tmp_path, edition):
    """Robots, tasks, reveal and edition survive a trip through files."""
    problem = generate(PLAN, 3, 20, 1, edition=edition)
    again = Problem.read(problem.write(tmp_path))
    assert np.array_equal(again.starts, problem.starts)
    assert np.array_equal(again.errands, problem.errands)
    assert np.array_equal(again.first, problem.first)
    assert (again.reveal, again.edition) == (problem.reveal, edition)


def test_tasks_lead_from_stations_to_chutes():
    """On a sorting floor a generated task begins at a station; the same seed gives the same."""
    problem = generate(PLAN, 3, 50, 2, errands=(2, 3))
    assert np.isin(problem.errands[problem.first[:-1]], PLAN.stations).all()
    assert set(np.diff(problem.first)) == {2, 3}
    assert np.array_equal(problem.errands, generate(PLAN, 3, 50, 2, errands=(2, 3)).errands)


def test_comments_are_skipped_and_only_the_first_robots_taken(tmp_path):
    """As in the League's files."""
    path = generate(PLAN, 3, 5, 1).write(tmp_path)
    agents = path.with_suffix(".agents")
    agents.write_text("# a comment\n4\n0\n2\n4\n10\n")
    assert Problem.read(path).starts.tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"teamSize": 9}, "3 robots, but 9 asked for"),
        ({"taskFile": "none.tasks"}, "none.tasks: cannot be read"),
        ({"mapFile": None}, "'mapFile' is missing"),
    ],
)
def test_bad_problems_are_refused(tmp_path, change, says):
    """Missing keys, files and robots are named in one line."""
    path = generate(PLAN, 3, 5, 1, name="p").write(tmp_path)
    head = json.loads(path.read_text()) | change
    path.write_text(json.dumps({key: value for key, value in head.items() if value is not None}))
    with pytest.raises(FloorError, match=says):
        Problem.read(path)


def test_cells_must_be_free():
    """A robot in a wall, or two in one cell, are refused."""
    with pytest.raises(FloorError, match="robot cell 6 is not free"):
        Problem.of_lists("p", PLAN, [6], [[0, 4]])
    with pytest.raises(FloorError, match="two robots start in one cell"):
        Problem.of_lists("p", PLAN, [0, 0], [[0, 4]])
    with pytest.raises(FloorError, match="take 1 to 13"):
        generate(PLAN, 14, 5, 0)
