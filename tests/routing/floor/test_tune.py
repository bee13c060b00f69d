"""The tuner never ends below where it began, and repeats by seed."""

import json

import numpy as np
import pytest

from routing.__main__ import main
from routing.floor.generate import generate
from routing.floor.lookahead import AGAINST_SORTING
from routing.floor.settings import RANGES
from routing.floor.tune import tune
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
