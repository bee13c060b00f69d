"""MovingAI scenarios: the first pairs of start and goal, played once."""

import json

import numpy as np
import pytest

from routing.__main__ import main
from routing.floor.arena import Game
from routing.floor.check_result import check_result
from routing.floor.grid import FloorError
from routing.floor.operations import FORWARD, WAIT
from routing.floor.results import result_of
from routing.floor.scenario import read_scenario

MAP = "type octile\nheight 2\nwidth 4\nmap\n....\n.@..\n"
PAIRS = ["0 p.map 4 2 0 0 2 0 2.0", "0 p.map 4 2 3 1 3 1 0", "0 p.map 4 2 3 0 0 1 4"]


def write(folder, *lines: str, version: str = "version 1"):
    """Write a scenario beside its map; columns are parted by tabs, as MovingAI has them."""
    (folder / "p.map").write_text(MAP)
    path = folder / "p-even-1.scen"
    path.write_text("\n".join([version, *(line.replace(" ", "\t") for line in lines)]) + "\n")
    return path


def test_first_pairs_are_read(tmp_path):
    """x is the column, y the row; `--robots` takes the first, else all are taken."""
    path = write(tmp_path, *PAIRS)
    problem = read_scenario(path)
    assert (problem.name, problem.robots, problem.once) == ("p-even-1", 3, True)
    assert problem.starts.tolist() == [0, 7, 3]
    assert [problem.task(robot).tolist() for robot in range(3)] == [[2], [7], [4]]
    assert read_scenario(path, 2).starts.tolist() == [0, 7]


def test_robots_are_done_when_all_stand_at_their_goals(tmp_path):
    """Who is pushed off its goal has its task again; costs count to the last arrival."""
    game = Game(read_scenario(write(tmp_path, *PAIRS[:2])))
    view = game.view()
    assert view.task.tolist() == [0, -1]
    assert [(number, cells.tolist()) for number, cells in view.new_tasks] == [(0, [2]), (1, [7])]
    game.apply(np.array([FORWARD, WAIT]))
    assert (game.finished, game.over) == (1, False)
    game.apply(np.array([FORWARD, WAIT]))
    assert (game.finished, game.over, game.arrived.tolist()) == (2, True, [2, 0])
    game.apply(np.array([FORWARD, WAIT]))
    assert (game.finished, game.over, game.view().task.tolist()) == (1, False, [0, -1])
    assert [number for number, _ in game.view().new_tasks] == [0]
    assert game.costs == 3
    assert result_of(game)["numTaskFinished"] == 1
    assert check_result(game.problem.floor.text(), result_of(game)) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": "nonsense"}, "p-even-1.scen:1: 'nonsense'; the first line is `version 1`"),
        ({"version": "version 2"}, "p-even-1.scen:1: 'version 2'; the first line is `version 1`"),
        ({"lines": []}, "p-even-1.scen: no pair of start and goal; give a line each"),
        ({"lines": ["0 p.map 4 2 0 0 2"]}, "p-even-1.scen:2: 7 columns; give bucket, map, width"),
        ({"lines": ["0 p.map 4 2 0 x 2 0 2"]}, "p-even-1.scen:2: start y 'x'; give a whole number"),
        ({"lines": ["0 p.map 4 2 0 -1 2 0 2"]}, "p-even-1.scen:2: start y '-1'; give a whole"),
        (
            {"lines": [PAIRS[0], "0 q.map 4 2 3 0 0 1 4"]},
            "p-even-1.scen:3: map 'q.map', but line 2",
        ),
        ({"lines": ["0 q.map 4 2 3 0 0 1 4"]}, "p-even-1.scen:2: map 'q.map' is not beside it"),
        ({"lines": ["0 p.map 8 2 0 0 2 0 2"]}, "p-even-1.scen:2: 8 x 2 cells, but p.map has 4 x 2"),
        ({"lines": ["0 p.map 4 2 1 1 2 0 2"]}, r"p-even-1.scen:2: start \(1, 1\) is not free"),
        ({"lines": ["0 p.map 4 2 0 0 4 0 2"]}, r"p-even-1.scen:2: goal \(4, 0\) is not free"),
        ({"lines": [PAIRS[0], PAIRS[0]]}, r"p-even-1.scen:3: start \(0, 0\) is taken by line 2"),
        (
            {"lines": [PAIRS[0], "0 p.map 4 2 3 0 2 0 1"]},
            r"p-even-1.scen:3: goal \(2, 0\) is taken by line 2",
        ),
        ({"robots": 4}, "p-even-1.scen: 3 pairs, but 4 robots asked for; ask for fewer"),
    ],
)
def test_bad_scenarios_are_refused(tmp_path, change, says):
    """File, line, value and remedy."""
    lines = change.get("lines", PAIRS)
    path = write(tmp_path, *lines, version=change.get("version", "version 1"))
    with pytest.raises(FloorError, match=says):
        read_scenario(path, change.get("robots"))


@pytest.mark.slow
def test_scenarios_are_played_and_judged(tmp_path, capsys):
    """Ours brings all robots to their goals; its result and the baseline's pass the judge."""
    path = write(tmp_path, *PAIRS)
    words = ["--planner", "peakday", "--planner", "pibt", "--steps", "60", "--tries", "50"]
    assert main(["bench", str(path), *words, "--results", str(tmp_path / "r"), "--json"]) == 0
    ours, _ = json.loads(capsys.readouterr().out)["rows"]
    assert ours["finished"] == 3
    assert 8 <= ours["makespan"] <= ours["sum_of_costs"] < 60
    for name in ("peakday", "pibt"):
        assert main(["check", str(tmp_path / "r" / f"p-even-1-{name}.json")]) == 0


def test_all_at_their_goals_from_the_start_is_no_step(tmp_path, capsys):
    """Nothing to plan is a row as well."""
    path = write(tmp_path, PAIRS[1])
    assert main(["bench", str(path), "--planner", "pibt", "--tries", "1"]) == 0
    assert "all 1 robots at their goals at step 0, sum of costs 0" in capsys.readouterr().out
