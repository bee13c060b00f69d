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


@pytest.mark.parametrize("edition", [2023, 2024])
def test_one_task_a_robot_is_known_where_a_file_does_not_say(tmp_path, edition):
    """The League's driver takes it so; only the files of 2024 say one and a half."""
    path = generate(PLAN, 3, 20, 1, edition=edition).write(tmp_path)
    head = json.loads(path.read_text())
    del head["numTasksReveal"]
    path.write_text(json.dumps(head))
    assert Problem.read(path).reveal == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"teamSize": 9}, "3 robots, but 9 asked for"),
        ({"taskFile": "none.tasks"}, "none.tasks: cannot be read"),
        ({"mapFile": None}, "'mapFile' is missing"),
        ({"mapFile": 5}, "p.json: mapFile 5; give a file's name"),
        ({"agentFile": ["a"]}, r"p.json: agentFile \['a'\]; give a file's name"),
        ({"taskFile": ""}, "p.json: taskFile ''; give a file's name"),
        ({"teamSize": "two"}, "p.json: teamSize 'two'; give a whole number of at least 1"),
        ({"teamSize": -1}, "p.json: teamSize -1; give a whole number of at least 1"),
        ({"teamSize": 1.5}, "p.json: teamSize 1.5; give a whole number of at least 1"),
        ({"teamSize": True}, "p.json: teamSize True; give a whole number of at least 1"),
        ({"numTasksReveal": "x"}, "p.json: numTasksReveal 'x'; give a number above 0, to 1000"),
        ({"numTasksReveal": -1}, "p.json: numTasksReveal -1; give a number above 0"),
        ({"numTasksReveal": 0}, "p.json: numTasksReveal 0; give a number above 0"),
        ({"numTasksReveal": float("nan")}, "p.json: numTasksReveal nan; give a number above 0"),
        ({"numTasksReveal": 1e300}, r"p.json: numTasksReveal 1e\+300; give a number above 0"),
        (
            {"version": None, "taskAssignmentStrategy": "greedy"},
            "p.json: taskAssignmentStrategy 'greedy'; 'roundrobin' is played",
        ),
        ({"version": "2026 LoRR"}, "p.json: version '2026 LoRR'; problems of 2023 and 2024"),
        ({"version": None}, "p.tasks:2: '[0-9,]*'; a task of 2023 is one cell"),
    ],
)
def test_bad_problems_are_refused(tmp_path, change, says):
    """Missing keys, files and robots are named in one line."""
    path = generate(PLAN, 3, 5, 1, name="p").write(tmp_path)
    head = json.loads(path.read_text()) | change
    path.write_text(json.dumps({key: value for key, value in head.items() if value is not None}))
    with pytest.raises(FloorError, match=says):
        Problem.read(path)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("tasks", "1\n10,14,\n", "p.tasks:2: '10,14,'; cells are whole numbers with commas"),
        ("tasks", "1\n10,,14\n", "p.tasks:2: '10,,14'; cells are whole numbers with commas"),
        ("tasks", "1\n\u00b2\n", "p.tasks:2: '\u00b2'; cells are whole numbers"),
        ("tasks", "# a\n\n1\n0,99999999999999\n", "p.tasks:4: cell 99999999999999 is not free"),
        ("tasks", "1\n" + "9" * 5000, "p.tasks:2: '9999"),
        ("tasks", "2\n0,4\n0,6\n", "p.tasks:3: cell 6 is not free on .*p.map; check that"),
        ("tasks", "\u00b2\n0,4\n", "p.tasks:1: '\u00b2'; the first line that is no comment is"),
        ("tasks", "", "p.tasks: is empty; give a count and a line for each"),
        ("tasks", "0\n", "p.tasks:1: '0'; give at least one"),
        ("tasks", "5\n0,4\n", "p.tasks: 1 lines, but the count says 5"),
        ("agents", "1\n0,1\n", "p.agents:2: '0,1'; a robot starts in one cell"),
        ("agents", "1\n6\n", "p.agents:2: cell 6 is not free"),
        ("agents", "1\n15\n", "p.agents:2: cell 15 is not free"),
        ("agents", "# a\n3\n0\n4\n0\n", "p.agents:5: cell 0; two robots start there"),
    ],
)
def test_bad_lines_are_refused(tmp_path, name, text, says):
    """File, line, value and remedy."""
    path = generate(PLAN, 1, 5, 1, name="p").write(tmp_path)
    if name == "agents" and text.startswith("#"):
        path.write_text(path.read_text().replace('"teamSize": 1', '"teamSize": 3'))
    (tmp_path / f"p.{name}").write_text(text, encoding="utf-8")
    with pytest.raises(FloorError, match=says):
        Problem.read(path)


def test_files_that_are_no_text_are_refused(tmp_path):
    """A picture named as task file is one line as well."""
    path = generate(PLAN, 1, 5, 1, name="p").write(tmp_path)
    (tmp_path / "p.tasks").write_bytes(b"\x89PNG\xff")
    with pytest.raises(FloorError, match=r"p\.tasks: is no text; give a League file"):
        Problem.read(path)
    path.write_text("[" * 100_000)
    with pytest.raises(FloorError, match=r"p\.json: not JSON"):
        Problem.read(path)


def test_cells_must_be_free():
    """A robot in a wall, or two in one cell, are refused."""
    with pytest.raises(FloorError, match="robot cell 6 is not free"):
        Problem.of_lists("p", PLAN, [6], [[0, 4]])
    with pytest.raises(FloorError, match="two robots start in one cell"):
        Problem.of_lists("p", PLAN, [0, 0], [[0, 4]])
    with pytest.raises(FloorError, match="task cell 99999999999999 is not free"):
        Problem.of_lists("p", PLAN, [0], [[0, 99999999999999]])
    with pytest.raises(FloorError, match="take 1 to 13"):
        generate(PLAN, 14, 5, 0)
