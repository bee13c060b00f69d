"""`routing check RESULT.json`: League results judged from the command line."""

import json

import pytest

from routing.__main__ import main
from tests.routing.floor.test_check_result import MAP, result

GOOD = result(
    [[0, 0, "E"]], ["F,F"], version="2024 LoRR", numTaskFinished=1, events=[[2, 0, 0, 1]],
    actualSchedule=["1:0"], tasks=[[0, 0, [0, 2]]],
)  # fmt: skip


@pytest.fixture
def check(tmp_path, capsys):
    """Return what writes a result beside its map, judges it and tells code, output and errors."""

    def run(played: object, *words: str) -> tuple[int, str, str]:
        (tmp_path / "p.map").write_text(MAP)
        path = tmp_path / "p-mine.json"
        path.write_text(played if isinstance(played, str) else json.dumps(played))
        code = main(["check", str(path), *words])
        seen = capsys.readouterr()
        return code, seen.out, seen.err

    return run


def test_a_good_result_is_ok(check, tmp_path):
    """The map is found beside it by name, or given."""
    ok = "ok: 1 robots, 2 steps, 1 tasks finished; moves and errands were judged\n"
    assert check(GOOD) == (0, ok, "")
    assert check(GOOD, "--map", str(tmp_path / "p.map")) == (0, ok, "")
    code, out, _ = check(GOOD, "--json")
    assert (code, json.loads(out)["ok"]) == (0, True)


def test_paths_alone_are_judged_as_far_as_they_go(check):
    """Most published best solutions hold no events, and the answer says so."""
    code, out, _ = check(result([[0, 0, "E"]], ["F,F"], version="2024 LoRR"))
    assert (code, out) == (0, "ok: 1 robots, 2 steps; only moves were judged: no events in it\n")


def test_violations_are_a_line_each(check):
    """Exit code 1."""
    code, out, _ = check(GOOD | {"actualPaths": ["R,F"], "start": [[0, 1, "E"]]})
    assert (code, out) == (
        1, "step 1, robot 0: into a wall: cell (1, 1)\n1 violations\n",
    )  # fmt: skip


def test_following_can_be_forbidden(check):
    """What execution under grants needs."""
    moves = result([[0, 0, "E"], [0, 1, "E"]], ["F", "F"])
    assert check(moves)[0] == 0
    code, out, _ = check(moves, "--no-following")
    assert (code, "followed" in out) == (1, True)


@pytest.mark.parametrize(
    ("played", "says"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ([1], "no League result: it has no 'start'"),
        ({"start": []}, "no League result: it has no 'actualPaths'"),
        (GOOD | {"start": [[0, 0]]}, "start 0: [0, 0]; a robot starts at [row, column, heading]"),
        (GOOD | {"start": [[0, 0, "X"]]}, "start 0: [0, 0, 'X']; a robot starts at"),
        (GOOD | {"start": 5}, "start: 5; give a list"),
        (GOOD | {"actualPaths": [5]}, "actualPaths 0: 5; a path is letters with commas"),
        (GOOD | {"actualPaths": ["[(0,0,0,E,0):(F 3)]"]}, "results of 2023 and 2024 are judged"),
        (GOOD | {"events": [[2, 1, 0, 1]]}, "events 0: [2, 1, 0, 1]; an event is"),
        (GOOD | {"events": [[2, 0, 0]]}, "events 0: [2, 0, 0]; an event is"),
        (GOOD | {"tasks": [[0, 0, [1]]]}, "tasks 0: [0, 0, [1]]; a task is"),
        (GOOD | {"tasks": [[0, 0, []]]}, "tasks 0: [0, 0, []]; a task is"),
        (GOOD | {"tasks": [[0, 0, 5]]}, "tasks 0: [0, 0, 5]; a task is"),
        (GOOD | {"actualSchedule": ["0-0"]}, "actualSchedule 0: '0-0'; a schedule is"),
        (GOOD | {"actualSchedule": []}, "actualSchedule: 0 lines for 1 robots"),
        (GOOD | {"actionModel": "MAPF"}, "actionModel: 'MAPF'; robots that turn ('MAPF_T') are"),
        (GOOD | {"actionModel": ["MAPF"]}, "actionModel: ['MAPF']; robots that turn"),
        (GOOD | {"teamSize": "1"}, "teamSize: '1'; give a whole number"),
        (GOOD | {"errors": 3}, "errors: 3; give a list"),
        ({k: v for k, v in GOOD.items() if k != "tasks"}, "'events', but no 'tasks'; give both"),
        (GOOD | {"numTaskFinished": "x"}, "numTaskFinished: 'x'; give a whole number"),
        (
            result([[0, 0, "E"]], ["F,F"], events=[[[0, 1, "done"]]], tasks=[[0, 0, 1]]),
            "events 0: [[0, 1, 'done']]; an event is",
        ),
    ],
)
def test_what_is_no_result_is_one_line(check, played, says):
    """File, place, value and remedy; exit code 2."""
    code, _, err = check(played)
    assert code == 2
    assert says in err
    assert err.startswith("routing: ")
    assert "p-mine.json" in err
    assert len(err.splitlines()) == 1


def test_without_a_map_nothing_is_judged(tmp_path, capsys):
    """A result does not name its map: the option does."""
    path = tmp_path / "lone.json"
    path.write_text(json.dumps(GOOD))
    assert main(["check", str(path)]) == 2
    assert "no map beside it whose name begins its own; give --map FILE" in capsys.readouterr().err
    assert main(["check", str(path), "--map", str(tmp_path / "none.map")]) == 2
    assert "none.map: cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (MAP.replace("height 2", "height 3"), "2 rows, but `height 3`; make them agree"),
        (MAP + "\n...", "3 rows, but `height 2`; make them agree"),
        (MAP.replace(".@.", ".@"), ":6: row of 2 letters, but `width 3`"),
        (MAP.replace("width 3", "width x"), ":3: 'width x'; lines 2 and 3 are"),
        (MAP.replace("width 3", "height 2"), "lines 2 to 4 are `height H`, `width W` and `map`"),
        (MAP.replace("type octile", "octile"), ":1: not a MovingAI map"),
        ("", ":1: not a MovingAI map"),
        ("\udcff", "not a map (it is no text)"),
    ],
)
def test_a_map_that_is_none_is_one_line(tmp_path, capsys, text, says):
    """File, place, value and remedy; exit code 2."""
    path = tmp_path / "p.json"
    path.write_text(json.dumps(GOOD))
    (tmp_path / "p.map").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main(["check", str(path)]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert (err.startswith("routing: "), "p.map" in err, len(err.splitlines())) == (True, True, 1)


@pytest.mark.parametrize("text", [MAP.replace("\n", "\r\n"), MAP + "\n\n", MAP.replace(".@", "h@")])
def test_maps_are_read_as_the_simulator_reads_them(check, tmp_path, text):
    """Lines may end as on Windows, and a letter that says nothing is floor."""
    path = tmp_path / "other.map"
    path.write_bytes(text.encode())
    assert check(GOOD, "--map", str(path))[0] == 0
