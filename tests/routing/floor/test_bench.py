"""The floor benchmark from the command line's arguments to its rows."""

import csv
import json
import sys

import pytest

from routing.__main__ import main
from routing.floor.bench_table import points
from routing.floor.generate import generate
from tests.routing.floor.test_formats import PLAN
from tests.routing.floor.test_grid import floor

MINE = """
import numpy as np

class Waits:
    def __init__(self, step_seconds):
        pass

    def prepare(self, floor, robots, edition):
        self.robots = robots

    def assign(self, view):
        return view.task

    def act(self, view, task):
        return np.full(self.robots, 3)

class NoArguments:
    pass

class Errs(Waits):
    def act(self, view, task):
        raise KeyError("robot 7")

class Ends(Waits):
    def act(self, view, task):
        raise SystemExit(3)

class Tells(Waits):
    def __init__(self, step_seconds):
        print(step_seconds)

class Follows(Waits):
    def __init__(self, step_seconds, following):
        print("following", following)

class Nothing(Waits):
    def act(self, view, task):
        return None

class FewTasks(Waits):
    def assign(self, view):
        return np.array([0])

class UnknownTask(Waits):
    def assign(self, view):
        return np.full(self.robots, 99999)

class HalfTasks(Waits):
    def assign(self, view):
        return np.full(self.robots, 0.5)
"""


@pytest.fixture
def problem(tmp_path, monkeypatch) -> str:
    """A League problem of four robots, and `my_planners` that can be imported."""
    (tmp_path / "my_planners.py").write_text(MINE)
    monkeypatch.syspath_prepend(tmp_path)
    return str(generate(PLAN, 4, 100, 3, name="p").write(tmp_path))


@pytest.mark.slow
def test_rows_have_their_keys_and_finished_ones_are_not_played_again(problem, tmp_path, capsys):
    """Two planners, one problem: judged rows, appended to a file and taken up from it."""
    out = tmp_path / "rows.jsonl"
    words = ["--planner", "peakday", "--planner", "pibt", "--steps", "30", "--tries", "20"]
    for _ in range(2):
        assert main(["bench", problem, *words, "--json", "--out", str(out)]) == 0
        answer = json.loads(capsys.readouterr().out)
    assert len(out.read_text().splitlines()) == 2
    row = answer["rows"][0]
    keys = "problem planner robots steps tick_ms following finished curve per_step_last_200 "
    keys += "planner_ms timeouts compile_seconds ok"
    assert set(keys.split()) <= set(row)
    assert row["stuck"] == 0  # in thirty steps nobody is for a hundred
    assert row["ok"]
    assert row["finished"] > answer["rows"][1]["finished"] / 2


def test_a_row_of_another_problem_of_that_name_is_not_taken(tmp_path, capsys):
    """Same name, robots and steps, other tasks: both are played and kept."""
    out = tmp_path / "rows.jsonl"
    for seed in (1, 2, 1):
        folder = tmp_path / str(seed)
        path = generate(PLAN, 4, 100, seed, name="p").write(folder)
        words = ["--planner", "pibt", "--steps", "3", "--tries", "1", "--out", str(out)]
        assert main(["bench", str(path), *words]) == 0
    contents = [json.loads(line)["content"] for line in out.read_text().splitlines()]
    assert len(contents) == len(set(contents)) == 2
    capsys.readouterr()
    assert main(["bench", str(tmp_path / "1" / "p.json"), str(tmp_path / "2" / "p.json")]) == 2
    assert "have one name; rename one" in capsys.readouterr().err


def test_results_leave_a_map_that_is_there(tmp_path, capsys):
    """The same map in other words stays as it is; another one is refused before the first game."""
    words = ["--robots", "1", "--steps", "2", "--tries", "1", "--planner", "pibt"]
    own = tmp_path / "o.map"
    own.write_text("type tile\nheight 1\nwidth 4\nmap\n...O\n")
    assert main(["bench", str(own), *words, "--results", str(tmp_path)]) == 0
    assert own.read_text().startswith("type tile")
    other = tmp_path / "other"
    other.mkdir()
    (other / "o.map").write_text("type octile\nheight 1\nwidth 3\nmap\n...\n")
    capsys.readouterr()
    assert main(["bench", str(own), *words, "--results", str(other)]) == 2
    assert "o.map there is another map" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--tasks", "1000001"], "--tasks: '1000001'; give a whole number from 1 to 1000000"),
        (["--errands", "1:99999999999"], "B <= 1000"),
        (["--steps", "0"], "--steps: '0'; give a whole number of at least 1"),
        (["--steps", "-4"], "--steps: '-4'; give a whole number of at least 1"),
        (["--tick-ms", "0"], "--tick-ms: '0'; give a number above 0"),
        (["--tick-ms", "-5"], "--tick-ms: '-5'; give a number above 0"),
        (["--tick-ms", "nan"], "--tick-ms: 'nan'; give a number above 0"),
        (["--tick-ms", "inf"], "--tick-ms: 'inf'; give a number above 0"),
        (["--tries", "-5"], "--tries: '-5'; give a whole number of at least 0"),
        (["--tasks", "-1"], "--tasks: '-1'; give a whole number from 1 to 1000000"),
        (["--robots", "0"], "--robots: '0'; give a whole number of at least 1"),
        (["--seed", "-1"], "--seed: '-1'; give a whole number from 0 to"),
        (["--seeds", "2:2"], "--seeds: '2:2'; give A:B with 0 <= A < B"),
        (["--errands", "5:2"], "--errands: '5:2'; give A:B with 1 <= A <= B"),
        (["--prepare-seconds", "-1"], "--prepare-seconds: '-1'; give a number of at least 0"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(words, says, capsys):
    """One line with option, value and remedy, and exit code 2."""
    with pytest.raises(SystemExit) as refused:
        main(["bench", "x.map", *words])
    assert refused.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--planner", "no.such:Thing"], "give one of peakday, pibt or module:Class"),
        (["--planner", "my_planners:None"], "give one of peakday, pibt or module:Class"),
        (["--results", "p.map"], "--results p.map: File exists; name a folder"),
        (["--plot", "curve.xyz"], "--plot curve.xyz: unknown kind of picture"),
        (["--robots", "99"], "99 robots on 13 connected free cells; take 1 to 13"),
        (["--tasks", "5"], "p.json has its own tasks; leave it out or give a map (.map)"),
        (["--errands", "1:4", "--robots", "3"], "--errands 1:4: "),
        (["--settings", "s.json"], "not for my_planners:Waits; leave it out or add --planner peak"),
        (["--prepare-seconds", "5"], "--prepare-seconds 5.0: not for my_planners:Waits"),
        (["--no-following"], "planner my_planners:Waits cannot be told; let its constructor take"),
    ],
)
def test_what_cannot_be_played_is_said_before_the_first_game(
    problem, words, says, tmp_path, capsys, monkeypatch
):
    """Even where another planner could be played first; the line names the command."""
    monkeypatch.chdir(tmp_path)
    played = ["--planner", "my_planners:Waits", "--steps", "3"]
    assert main(["bench", problem, *played, *words]) == 2
    seen = capsys.readouterr()
    assert seen.err.startswith("routing: ")
    assert says in seen.err
    assert len(seen.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("NoArguments", "TypeError: NoArguments() takes no arguments"),
        ("Errs", "KeyError: 'robot 7'"),
        ("Ends", "SystemExit: 3"),
        ("Nothing", "3 of 3 steps with invalid actions: all robots waited"),
        ("FewTasks", "ValueError: step 0: tasks of shape (1,); give one a robot"),
        ("HalfTasks", "ValueError: step 0: tasks are float64, not whole numbers"),
        ("UnknownTask", "ValueError: step 0, robot 0: task 99999 is not free"),
    ],
)
def test_a_planner_that_errs_is_a_row_and_the_others_are_played(problem, name, says, capsys):
    """As in the comparison of solvers of tours: not ok, with the error; exit code 1."""
    words = ["--steps", "3", "--planner", f"my_planners:{name}", "--planner", "my_planners:Waits"]
    assert main(["bench", problem, *words, "--json"]) == 1
    bad, good = json.loads(capsys.readouterr().out)["rows"]
    assert (bad["ok"], good["ok"]) == (False, True)
    assert says in bad["error"]
    assert main(["bench", problem, *words]) == 1
    assert says in capsys.readouterr().out


def test_a_planner_in_the_present_folder_is_found(tmp_path, monkeypatch, capsys):
    """The script `routing` does not have the present folder on its path, unlike `python -m`."""
    (tmp_path / "planners_here.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    path = str(generate(PLAN, 4, 100, 3, name="p").write(tmp_path))
    assert main(["bench", path, "--planner", "planners_here:Waits", "--steps", "3"]) == 0


def test_a_planner_that_was_mended_is_played_again(problem, tmp_path):
    """Rows with an error are kept in the file, and do not stand for a run."""
    out = tmp_path / "rows.jsonl"
    words = ["bench", problem, "--steps", "3", "--planner", "my_planners:Waits", "--out", str(out)]
    assert main(words) == 0
    row = json.loads(out.read_text())
    out.write_text(json.dumps(row | {"ok": False, "error": "KeyError: 7"}) + "\n")
    assert main(words) == 0
    assert [json.loads(line)["ok"] for line in out.read_text().splitlines()] == [False, True]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ok": None}, "Expected `bool`, got `null` - at `$.ok`"),
        ({"planner_ms": 3}, "at `$.planner_ms`"),
        ({"planner_ms": {"p50": 1, "p99": 1}}, "missing required field `max`"),
        ({"timeouts": "none"}, "at `$.timeouts`"),
        ({"curve": [0, "x"]}, "at `$.curve["),
        ({"ok": False, "violations": ["swapped"]}, "at `$.violations["),
    ],
)
def test_kept_rows_that_cannot_be_shown_are_told(problem, tmp_path, capsys, changed, said):
    """By file and line, and they stay."""
    out = tmp_path / "rows.jsonl"
    words = ["bench", problem, "--steps", "3", "--planner", "my_planners:Waits", "--out", str(out)]
    assert main(words) == 0
    out.write_text(json.dumps(json.loads(out.read_text()) | changed) + "\n")
    before = out.read_text()
    capsys.readouterr()
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"routing: {out}: line 1: ")
    assert said in line
    assert out.read_text() == before


def test_rows_of_other_preparation_do_not_mix(problem, tmp_path):
    """What was played after a second of it does not stand for ten minutes of it."""
    out = tmp_path / "rows.jsonl"
    words = ["bench", problem, "--steps", "3", "--tries", "3", "--out", str(out)]
    for more in ([], ["--prepare-seconds", "1"], ["--prepare-seconds", "1"], []):
        assert main([*words, *more]) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row.get("prepare_seconds") for row in rows] == [None, 1.0]


def test_a_planner_is_given_some_time(problem, capsys):
    """Also where a step is shorter than what is kept back of longer ones."""
    words = ["--planner", "my_planners:Tells", "--steps", "3", "--tick-ms", "10"]
    main(["bench", problem, *words])
    (said,) = {float(line) for line in capsys.readouterr().out.splitlines()[:2]}
    assert 0 < said < 0.01


@pytest.mark.parametrize(
    ("row", "drawn"),
    [
        ({"curve": [4, 9], "finished": 9, "steps": 100}, ([50, 100], [4, 9])),
        ({"curve": [4], "finished": 6, "steps": 80}, ([50, 80], [4, 6])),
        ({"curve": [], "finished": 2, "steps": 500, "makespan": 10}, ([10], [2])),
        ({"curve": [2], "finished": 3, "steps": 70, "makespan": None}, ([50, 70], [2, 3])),
        ({"steps": 70, "error": "KeyError: 7"}, ([], [])),
    ],
)
def test_curves_are_drawn_to_the_last_step(row, drawn):
    """Rows have every fiftieth step; games of fewer were drawn as nothing at all."""
    assert points(row) == drawn


def test_seeds_are_a_row_each_and_go_into_a_table(tmp_path, problem, capsys):
    """`--seeds 0:2` draws two problems for a map; `--csv` has their rows without curves."""
    folder, table = tmp_path / "results", tmp_path / "rows.csv"
    words = ["--seeds", "0:2", "--robots", "3", "--steps", "3", "--planner", "my_planners:Waits"]
    words += ["--csv", str(table), "--results", str(folder), "--json"]
    assert main(["bench", problem.replace(".json", ".map"), *words]) == 0
    assert [row["seed"] for row in json.loads(capsys.readouterr().out)["rows"]] == [0, 1]
    with table.open() as file:
        assert [(row["seed"], row["late"], row["ok"]) for row in csv.DictReader(file)] == [
            ("0", "0", "True"), ("1", "0", "True"),
        ]  # fmt: skip
    assert sorted(file.name for file in folder.glob("*.json")) == [
        "p-my_planners.Waits-seed-1.json", "p-my_planners.Waits.json",
    ]  # fmt: skip


@pytest.mark.slow
def test_seeds_reach_our_planner(tmp_path, problem):
    """What a League problem gives is the same with all seeds; what the planner draws is not."""
    words = ["--seeds", "0:2", "--steps", "40", "--tries", "30", "--results", str(tmp_path / "r")]
    assert main(["bench", problem, *words]) == 0
    first, second = (
        json.loads((tmp_path / "r" / name).read_text())
        for name in ("p-peakday.json", "p-peakday-seed-1.json")
    )
    assert first["start"] == second["start"]
    assert first["actualPaths"] != second["actualPaths"]


def test_a_map_of_walls_has_no_free_cell(tmp_path, capsys):
    """Said as such, and not as a range of robots from 1 to 0."""
    walls = tmp_path / "walls.map"
    walls.write_text("type octile\nheight 1\nwidth 2\nmap\n@@\n")
    assert main(["bench", str(walls)]) == 2
    assert f"routing: {walls}: no free cell; draw some floor with '.'" in capsys.readouterr().err


def test_drawn_tasks_can_be_reached(tmp_path, capsys):
    """Stations and chutes that are walled off are in no task."""
    plan = floor("E.S@E", "...@.", "...@S")
    drawn = generate(plan, 2, 50, 1)
    assert set(drawn.errands.tolist()) == {0, 2}
    apart = floor("E..@S", "...@.")
    assert not {0, 4}.issubset(generate(apart, 2, 50, 1).errands.tolist())


def test_flags_may_be_short_before_a_floor(problem, capsys):
    """What argparse takes for `--no-following` is no option with a value."""
    words = [problem, "--planner", "my_planners:Follows", "--steps", "2"]
    assert main(["bench", "--no-f", *words]) == 0
    assert "grants" in capsys.readouterr().out


def test_a_planner_that_takes_following_is_told(problem, capsys):
    """Also where it is allowed; the planner then need not know what is usual."""
    words = [problem, "--planner", "my_planners:Follows", "--steps", "2"]
    for more, told in (([], "following True"), (["--no-following"], "following False")):
        assert main(["bench", *words, *more]) == 0
        assert told in capsys.readouterr().out


def test_what_is_for_a_map_may_stand_beside_other_problems(problem, tmp_path, capsys):
    """Drawn tasks are asked for one of them, and settings of one planner of several."""
    words = [problem, str(tmp_path / "o.map"), "--planner", "my_planners:Waits", "--tasks", "5"]
    (tmp_path / "o.map").write_text("type octile\nheight 1\nwidth 4\nmap\n....\n")
    assert main(["bench", *words, "--robots", "2", "--steps", "2"]) == 0
    assert main(["bench", *words[:1], *words[2:]]) == 2


def test_a_scenario_draws_no_tasks(tmp_path, capsys):
    """Each robot has the goal of its line."""
    assert main(["bench", str(tmp_path / "s.scen"), "--errands", "2:3"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("routing: --errands 2:3: ")
    assert "s.scen has its own tasks" in line


def test_planners_of_one_module_are_told_apart(problem, capsys):
    """Their names stand in the table to the end."""
    names = ["my_planners:Waits", "my_planners:Nothing"]
    main(["bench", problem, "--steps", "2", *(f"--planner={name}" for name in names)])
    head, *rows = capsys.readouterr().out.splitlines()[:3]
    assert [row.split()[1] for row in rows] == names
    assert {len(row) - len(row.split()[-1]) for row in rows} == {len(head) - len("judge")}
