"""The tuner never ends below where it began, and repeats by seed."""

import json

import numpy as np
import pytest

from routing.__main__ import main
from routing.floor.entry import Peakday
from routing.floor.generate import generate
from routing.floor.lookahead import AGAINST_GAPS, AGAINST_SORTING
from routing.floor.settings import RANGES
from routing.floor.tune import tune, usual
from tests.routing.floor.test_formats import PLAN


@pytest.mark.slow
def test_best_is_the_most_finished_and_repeats():
    """Three games on a tiny floor, twice."""
    problem = generate(PLAN, 3, 50, 1)
    runs = [
        tune(problem, games=3, steps=20, tries=10, rng=np.random.default_rng(5)) for _ in range(2)
    ]
    assert runs[0] == runs[1]
    best, played = runs[0]
    assert played[0]["against"] == AGAINST_SORTING  # as without a file of settings
    assert {"finished": max(row["finished"] for row in played), **best} in played
    assert all(low <= best[name] <= high for name, (low, high, _) in RANGES.items())


def test_settings_that_are_only_as_good_change_nothing(tmp_path, monkeypatch, capsys):
    """The usual ones stay, and the command says that nothing was found."""
    monkeypatch.setattr("routing.floor.tune.play", lambda *_: 7)
    problem = generate(PLAN, 3, 50, 1, name="p")
    best, played = tune(problem, games=4, steps=20, tries=10, rng=np.random.default_rng(5))
    assert best == usual(problem)
    assert len(played) == 4
    out = tmp_path / "settings.json"
    words = ["--games", "4", "--out", str(out)]
    assert main(["tune", str(problem.write(tmp_path)), *words]) == 0
    assert json.loads(out.read_text()) == best
    said = capsys.readouterr().out
    assert said.startswith("p: 7 tasks with the usual settings, no more with others: {")


@pytest.mark.slow
def test_it_tunes_without_following_too(tmp_path, monkeypatch):
    """From the usual settings of that, with games that are played so."""
    told = []

    class Told(Peakday):
        def __init__(self, **given):
            told.append(given["settings"]["following"])
            super().__init__(**given)

    monkeypatch.setattr("routing.floor.tune.Peakday", Told)
    path, out = generate(PLAN, 3, 50, 1, name="p").write(tmp_path), tmp_path / "settings.json"
    words = ["--games", "1", "--steps", "3", "--tries", "3", "--no-following", "--out", str(out)]
    assert main(["tune", str(path), *words]) == 0
    assert told == [False, False]  # the usual settings, and the game
    assert json.loads(out.read_text())["against"] == AGAINST_GAPS


@pytest.mark.parametrize("name", ["p.map", "p.scen"])
def test_only_a_league_problem_is_tuned_on(tmp_path, capsys, name):
    """A map has no tasks, and a scenario is over when all are there."""
    generate(PLAN, 3, 50, 1, name="p").write(tmp_path)
    assert main(["tune", str(tmp_path / name)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"routing: {tmp_path / name}: no League problem; give one (.json), as")


@pytest.mark.slow
def test_command_writes_settings_that_the_benchmark_plays(tmp_path, capsys):
    """`routing tune` shows each game; `routing bench --settings` takes its file, and names them."""
    problem = str(generate(PLAN, 3, 50, 1, name="p").write(tmp_path))
    out = tmp_path / "settings.json"
    words = ["--games", "2", "--steps", "20", "--tries", "10", "--out", str(out)]
    assert main(["tune", problem, *words]) == 0
    assert "game 2/2" in capsys.readouterr().err
    settings = json.loads(out.read_text())
    assert settings.keys() == RANGES.keys()
    words = ["--steps", "20", "--tries", "10", "--settings", str(out), "--json"]
    assert main(["bench", problem, *words]) == 0
    row = json.loads(capsys.readouterr().out)["rows"][0]
    assert row["ok"]
    assert row["settings"] == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[1]", "give an object"),
        ('{"speed": 1}', "known are against"),
        ('{"turn_cost": 2.5}', "give a whole number from 1 to 7"),
        ('{"skip": 2}', "give a number from 0.05 to 0.6"),
    ],
)
def test_bad_settings_are_one_line(tmp_path, capsys, text, said):
    """What, where, the value and the remedy, and exit code 2."""
    problem = str(generate(PLAN, 3, 50, 1, name="p").write(tmp_path))
    bad = tmp_path / "bad.json"
    bad.write_text(text)
    assert main(["bench", problem, "--settings", str(bad)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert str(bad) in err
    assert err.count("\n") == 1
