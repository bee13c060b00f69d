"""`routing make league`: what a benchmark draws for a map, as League files."""

import json

import pytest

from routing.__main__ import main
from routing.floor.formats import Problem
from routing.floor.generate import generate
from tests.routing.floor.test_formats import PLAN

WORDS = ["--robots", "4", "--tasks", "60", "--errands", "2:3", "--seed", "7"]


@pytest.fixture
def plan(tmp_path) -> str:
    """A map with stations and chutes."""
    path = tmp_path / "x.map"
    path.write_text(PLAN.text())
    return str(path)


def test_what_is_written_reads_back_as_drawn(plan, tmp_path):
    """Map, starts, tasks and how many are shown; of this edition, and by the seed."""
    out = tmp_path / "p.json"
    assert main(["make", "league", plan, *WORDS, "--out", str(out)]) == 0
    drawn = generate(PLAN, 4, 60, 7, errands=(2, 3))
    read = Problem.read(out)
    assert (read.name, read.edition, read.robots, read.tasks) == ("p", 2024, 4, 60)
    assert read.digest() == drawn.digest()
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["make", "league", plan, *WORDS, "--out", str(out)]) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


@pytest.mark.slow
def test_it_is_played_as_the_map_is(plan, tmp_path, capsys):
    """The same tasks, and the same game of the planner with the same seed."""
    out = tmp_path / "p.json"
    assert main(["make", "league", plan, *WORDS, "--out", str(out)]) == 0
    played = ["--steps", "30", "--tries", "20", "--seed", "7", "--json"]
    rows = []
    for words in ([str(out)], [plan, *WORDS]):
        assert main(["bench", *words, *played]) == 0
        rows += json.loads(capsys.readouterr().out)["rows"]
    assert rows[0]["content"] == rows[1]["content"]
    assert rows[0]["finished"] == rows[1]["finished"] > 0


def test_a_map_that_is_there_is_left_alone(tmp_path):
    """Beside its map a problem names it; in other words it may be the same floor."""
    own = tmp_path / "o.map"
    own.write_text("type tile\nheight 1\nwidth 4\nmap\n...O\n")
    out = tmp_path / "o.json"
    assert main(["make", "league", str(own), "--robots", "2", "--out", str(out)]) == 0
    assert own.read_text().startswith("type tile")
    assert Problem.read(out).robots == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["x.map", "--out", "p.txt"], "--out p.txt: a League problem is JSON; name a .json file"),
        (["x.map", "--out", "no/p.json"], "there is no folder no; make it first"),
        (["x.map", "--robots", "99", "--out", "p.json"], "99 robots on 13 connected free cells"),
        (["no.map", "--out", "p.json"], "no.map: cannot be read"),
        (["x.map", "--out", "other.json"], "--out other.json: other.map is another map; name anot"),
        (["x.map", "--out", "a.json"], "--out a.json: a.agents would be written over; move it or"),
    ],
)
def test_what_cannot_be_written_is_one_line(plan, words, says, tmp_path, capsys, monkeypatch):
    """Nothing is made or changed, and the exit code is 2."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.map").write_text("type octile\nheight 1\nwidth 3\nmap\n...\n")
    (tmp_path / "a.agents").write_text("mine")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["make", "league", "--robots", "2", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("routing: ")
    assert says in line
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["x.map"], "the following arguments are required: --out"),
        (["--out", "p.json"], "the following arguments are required: MAP"),
        (["x.map", "--tasks", "0"], "--tasks: '0'; give a whole number from 1 to 1000000"),
        (["x.map", "--errands", "3:2"], "--errands: '3:2'; give A:B with 1 <= A <= B"),
        (["x.map", "--seed", "-1"], "--seed: '-1'; give a whole number from 0 to"),
        (["x.map", "--stops", "5", "--out", "p.json"], "unrecognized arguments: --stops 5"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(words, says, capsys):
    """One line with option, value and remedy, and exit code 2."""
    with pytest.raises(SystemExit) as refused:
        main(["make", "league", *words])
    assert refused.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


def test_the_other_kinds_name_it(capsys):
    """Who asks what can be made is told of floors, too."""
    with pytest.raises(SystemExit) as ended:
        main(["make", "--help"])
    assert ended.value.code == 0
    assert "routing make league -h" in " ".join(capsys.readouterr().out.split())
