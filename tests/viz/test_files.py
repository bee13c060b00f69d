"""Maps, tours and League files as sources."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pygame
import pytest

from tests.viz.made import MAP
from viz.alarms import ALARM_COLLISION
from viz.draw import Picture
from viz.find import find
from viz.source import SourceError, open_source
from viz.story import tell
from viz.view import Selection, View

VRP = """NAME : tiny
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 0 5
DEMAND_SECTION
1 0
2 1
3 2
4 3
DEPOT_SECTION
1
-1
EOF
"""
FIELD = "type octile\nheight 2\nwidth 4\nmap\n....\n.@..\n"


def test_a_map_is_a_floor_without_robots(tmp_path: Path) -> None:
    """Nothing moves on a map."""
    path = tmp_path / "made.map"
    path.write_text(MAP)
    source = open_source(str(path))
    assert source.scene.floor is not None
    assert len(source.scene.floor.stations) == 5
    assert len(source.frame(0).cells) == 0
    assert source.span() == (0, 0)


def test_tours_have_lengths_and_loads(tmp_path: Path) -> None:
    """A .sol is drawn over the .vrp beside it."""
    (tmp_path / "tiny.vrp").write_text(VRP)
    (tmp_path / "tiny.sol").write_text("Route #1: 1 2\nRoute #2: 3\nCost 30\n")
    source = open_source(str(tmp_path / "tiny.sol"))
    tours = source.scene.tours
    assert [stops.tolist() for stops in tours.stops] == [[0, 1], [2]]
    assert tours.distance.tolist() == [20, 10]
    assert tours.load.tolist() == [3, 3]
    frame = source.frame(0)
    assert find(source.scene, frame, "t2") == Selection("tour", 1)  # as the file counts them
    assert find(source.scene, frame, "t0") == Selection()
    title, lines = tell(source, source.scene, frame, Selection("tour", 1), None)
    assert title == "Tour 2"
    assert [line[:2] for line in lines] == [
        ("stops", "1"), ("load", "3"), ("distance", "10"), ("1. 3", ""),
    ]  # fmt: skip


def result(**more: object) -> dict:
    """Return a League result of two robots: one drives and turns, one waits."""
    plain: dict = {
        "actionModel": "MAPF_T",
        "teamSize": 2,
        "start": [[0, 0, "E"], [1, 3, "N"]],
        "actualPaths": ["F,F,R,F", "W,W,C,F"],
    }
    return {**plain, **more}


def write(folder: Path, plain: object) -> Path:
    """Write a result beside its map."""
    (folder / "field.map").write_text(FIELD)
    path = folder / "result.json"
    path.write_text(json.dumps(plain))
    return path


def test_a_league_result_is_replayed(tmp_path: Path) -> None:
    """F moves along the heading, R and C turn, W waits; between steps robots slide."""
    source = open_source(str(write(tmp_path, result())))
    assert source.span() == (0, 4)
    cells = [source.frame(t).cells.tolist() for t in range(5)]
    assert cells == [[0, 7], [1, 7], [2, 7], [2, 7], [6, 6]]
    assert source.frame(4).headings.tolist() == [1, 2]
    half = source.frame(0.5)
    assert (half.part, half.next_cells.tolist()) == (0.5, [1, 7])
    source.close()


def test_events_and_errors_of_2024(tmp_path: Path) -> None:
    """Goals follow the schedule, finished tasks are counted, errors become events."""
    plain = result(
        actualSchedule=["1:7", ""],
        tasks=[[7, 0, [0, 2, 1, 2]]],
        events=[[2, 0, 7, 1], [4, 0, 7, 2]],
        errors=[[0, 1, 4, "vertex conflict"]],
    )
    source = open_source(str(write(tmp_path, plain)))
    assert [int(source.frame(t).goals[0]) for t in range(5)] == [2, 2, 6, 6, -1]
    assert source.curves().sorted.tolist() == [0, 0, 0, 0, 1]
    assert [source.frame(t).errands.tolist() for t in (0, 2, 4)] == [
        [[2, 1, 7, 0], [6, 1, 7, 0]], [[2, 2, 7, 0], [6, 1, 7, 0]], [[2, 2, 7, 0], [6, 2, 7, 0]]
    ]  # fmt: skip
    alarms = source.alarms()
    alarms = alarms[alarms["kind"] == ALARM_COLLISION]
    assert (alarms["tick"][0], alarms["robot"][0]) == (4, 0)
    source.close()


def test_a_robot_as_it_went_on(tmp_path: Path) -> None:
    """The cells of the moments after this one, to the end of the result, and their line."""
    pygame.font.init()
    source = open_source(str(write(tmp_path, result())))
    picture, surface = Picture(source), pygame.Surface((640, 400))
    assert [picture._driven_by(0, tick).tolist() for tick in (0, 2, 4)] == [
        [0, 1, 2, 2, 6], [2, 2, 6], [6],
    ]  # fmt: skip
    seen = []
    for driven in (False, True):
        picture.draw(surface, 0.0, View(driven=driven, selection=Selection("robot", 0)))
        seen.append(pygame.surfarray.array3d(surface))
    assert (seen[0] != seen[1]).any()
    source.close()


def test_a_cell_tells_its_tasks(tmp_path: Path) -> None:
    """A clicked cell names the tasks there, those to be done first, and says how many more."""
    tasks = [[k, 0, [0, 2]] for k in range(10)]
    plain = result(actualSchedule=["1:0,3:1", ""], tasks=tasks, events=[[2, 0, 0, 1]])
    source = open_source(str(write(tmp_path, plain)))
    _, lines = tell(source, source.scene, source.frame(3), Selection("cell", 2), None)
    assert [line[:2] for line in lines[2:4]] == [
        ("task 1", "taken by robot 0"), ("task 2", "open"),
    ]  # fmt: skip
    assert lines[-1][:2] == ("further tasks", "2")
    _, lines = tell(source, source.scene, source.frame(3), Selection("cell", 3), None)
    assert [line.label for line in lines] == ["at", "kind"]
    source.close()


def test_2023_and_2026(tmp_path: Path) -> None:
    """2023 lists events by robot; 2026 counts runs of ticks, an action takes several."""
    plain = result(tasks=[[3, 0, 2]], events=[[[3, 0, "assigned"], [3, 2, "finished"]], []])
    source = open_source(str(write(tmp_path, plain)))
    assert int(source.frame(1).goals[0]) == 2
    assert source.curves().sorted.tolist() == [0, 0, 1, 1, 1]
    assert source.frame(1).errands.tolist() == [[2, 1, 3, 0]]
    source.close()
    plain = result(
        agentMaxCounter=2,
        actualPaths=["[(0,0,0,E,0):(F 3,W 1)]", "[(0,1,3,N,0):(W 4)]"],
    )
    source = open_source(str(write(tmp_path, plain)))
    assert [int(source.frame(t).cells[0]) for t in range(5)] == [0, 0, 1, 1, 1]
    source.close()


def test_a_problem_shows_where_robots_start(tmp_path: Path) -> None:
    """teamSize robots of the agent file stand on the map."""
    (tmp_path / "field.map").write_text(FIELD)
    (tmp_path / "a.agents").write_text("# version\n3\n0\n2\n7\n")
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"mapFile": "field.map", "agentFile": "a.agents", "teamSize": 2}))
    source = open_source(str(path))
    assert source.frame(0).cells.tolist() == [0, 2]
    source.close()


@pytest.mark.parametrize(
    ("fields", "agents", "said"),
    [
        ({"teamSize": None}, "1\n0\n", "teamSize None; give a whole number"),
        ({"teamSize": [2]}, "1\n0\n", r"teamSize \[2\]; give a whole number"),
        ({"teamSize": 1e400}, "1\n0\n", "teamSize inf; give a whole number"),
        ({"teamSize": -3}, "1\n0\n", "teamSize -3; give a whole number"),
        ({"teamSize": 3}, "2\n0\n2\n", "2 robots, but teamSize 3"),
        ({}, "2\n0\n99999999999999\n", "robot 1 starts at cell 99999999999999, off the map of 8"),
        ({}, "2\n-4\n1\n", "robot 0 starts at cell -4, off the map of 8 cells"),
        ({}, "2\n1\n5\n", "robot 1 starts at cell 5, which is blocked on"),
        ({}, "2\nx\n1\n", "'x' is no cell"),
        ({}, "0\n", "agents: count 0; give a whole number"),
        ({}, "1\n" + "9" * 5000, "'99999"),
        ({}, "", "is empty"),
        ({"mapFile": "a\0b"}, "1\n0\n", r"mapFile 'a\\x00b'; give a file's name"),
        ({"mapFile": 7}, "1\n0\n", "mapFile 7; give a file's name"),
        ({"agentFile": "gone"}, "1\n0\n", "gone: cannot be read"),
    ],
)
def test_bad_problems_are_one_clear_line(
    tmp_path: Path, fields: dict, agents: str, said: str
) -> None:
    """Each field and each line that cannot be meant is named with its value."""
    (tmp_path / "field.map").write_text(FIELD)
    (tmp_path / "a.agents").write_text(agents)
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"mapFile": "field.map", "agentFile": "a.agents", **fields}))
    with pytest.raises(SourceError, match=said) as caught:
        open_source(str(path))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"start": ' + b"[" * 100_000, "p.json: not JSON"),
        (b'{"start": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "p.json: not JSON"),
        (b'{"start": "\xff\xfe"}', "p.json: is no UTF-8 text"),
        (b'{"start": [[0, 0, "\xff"]], "actualPaths": ["W"]}', "p.json: "),
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, text: bytes, said: str) -> None:
    """Lists that lie too deep in one another, and bytes that are no letters."""
    (tmp_path / "field.map").write_text(FIELD)
    (tmp_path / "p.json").write_bytes(text)
    with pytest.raises(SourceError, match=said) as caught:
        open_source(str(tmp_path / "p.json"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        (result(start=[], actualPaths=[]), "no robots: start is empty"),
        (result(actualPaths=[]), "2 starts, but 0 paths"),
        (result(actualPaths=["F,F", "W,X"]), "robot 1 does 'X' at step 1; actions are F, R, C"),
        (result(actualPaths=["f,w", "W,W"]), "robot 0 does 'f' at step 0"),
        (result(actualPaths=["F,F,F,É", "W"]), "robot 0 does 'É' at step 3"),
        (result(actualPaths=["[(0,0,0,E,0):(F 1,X 2)]", "[]"]), "robot 0 does 'X'; actions are F"),
        (result(actionModel="MAPF", actualPaths=["R,F", "W,W"]), "'F' at step 1; actions are R, D"),
        (result(start=[[0, 10**12, "E"], [1, 3, "N"]]), "cannot be read"),
        (result(start=[[0, 0, "E"], [9, 9, "N"]]), "off the 2 x 4 map"),
        (result(start=[[1, 1, "E"], [1, 3, "N"]]), "starts on a blocked cell"),
        (result(actualPaths=["[(0,0,0,E,0):(W 9999999999)]", "[]"]), "robot 0 has more than"),
        (
            result(actualPaths=["[]", "[(0,1,3,N,0):(W 6" + "0" * 30 + ")]"]),
            "robot 1 has more than",
        ),
        (result(start=[[0, 0, "X"], [1, 3, "N"]]), "cannot be read"),
        (result(actualPaths=["F"]), "2 starts, but 1 paths"),
        (result(actualPaths=[1, 2]), "cannot be read"),
        (result(tasks=[[1]], events=[[1, 0, 1, 1]]), "cannot be read"),
        (result(tasks=5, events=7), "cannot be read"),
        (result(tasks=[[7, 0, [0, 2]]], events=[[1, 9, 7, 1]]), "robot 9 has a task"),
        (result(delayIntervals=[[], [], [[1, 2]]]), "3 rows for 2 robots"),
        (result(errors=[[99, 1, 2, "x"]]), "cannot be read"),
        ([1, 2], "not an object"),
        ({"a": 1}, "neither a League result"),
    ],
)
def test_bad_results_are_one_clear_line(tmp_path: Path, plain: object, said: str) -> None:
    """What is wrong is named in one line."""
    with pytest.raises(SourceError, match=said) as caught:
        open_source(str(write(tmp_path, plain)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.map", "type octile\nheight 1\n", "x.map"),
        ("x.sol", "Route #1: 1\n", "not beside it"),
        ("x.json", "{", "not JSON"),
        ("x.txt", "nothing", "x.txt"),
        ("x.bin", "", "not one that viz reads"),
        ("gone.map", None, "no such source"),
    ],
)
def test_bad_files_are_one_clear_line(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    """Broken, lonely, unknown and missing files are refused in one line."""
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(SourceError, match=said) as caught:
        open_source(str(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_a_result_needs_its_map(tmp_path: Path) -> None:
    """Two maps beside a result: neither is guessed; --map names one."""
    path = write(tmp_path, result())
    (tmp_path / "other.map").write_text(FIELD)
    with pytest.raises(SourceError, match="--map"):
        open_source(str(path))
    source = open_source(str(path), str(tmp_path / "field.map"))
    assert np.array_equal(source.frame(0).cells, [0, 7])
    source.close()


def test_a_result_finds_its_map_by_name(tmp_path: Path) -> None:
    """Of several beside it the one whose name begins its own, the longest of these."""
    path = write(tmp_path, result()).rename(tmp_path / "field-2-peakday.json")
    for name in ("field-2.map", "field-20.map", "other.map"):
        (tmp_path / name).write_text("type octile\nheight 2\nwidth 5\nmap\n.....\n.@...\n")
    source = open_source(str(path))
    assert source.scene.floor is not None
    assert source.scene.floor.name == str(tmp_path / "field-2.map")
    source.close()
    path = path.rename(tmp_path / "fiel.json")
    with pytest.raises(SourceError, match="no name of the 4 maps beside it begins its own"):
        open_source(str(path))


@pytest.mark.parametrize("name", ["", ".", "folder", "empty.sol"])
def test_what_holds_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """No name, folders without a run, a solution without a route."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.vrp").write_text(VRP)
    (tmp_path / "empty.sol").write_text("Cost 3\n")
    with pytest.raises(SourceError, match=r"without a run|no line `Route"):
        open_source(name)
