"""What numbers a study lives, how it goes on, and a real one on a tiny floor."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import sizing, sweep
from fleet.__main__ import main
from fleet.events import PLAN
from fleet.run_folder import create
from fleet.scenario import Scenario
from fleet.sizing import Row
from fleet.world import World
from tests.fleet.pure_day import write_files


def test_the_numbers_of_a_study() -> None:
    """Both ends are lived; numbers one by one come in order and once."""
    assert sweep.parse_robots("50:300", 6) == [50, 100, 150, 200, 250, 300]
    assert len(sweep.parse_robots("50:1000", None)) == sweep.STEPS
    assert sweep.parse_robots("2:3", 8) == [2, 3]
    assert sweep.parse_robots("30,10,30", None) == [10, 30]


@pytest.mark.parametrize(
    ("text", "steps", "says"),
    [
        ("many", None, "not numbers"),
        ("1:2:3", None, "not numbers"),
        ("9:9", None, "nothing lies between"),
        ("0:9", None, "choose 1 to"),
        ("5,99999", None, "choose 1 to"),
        ("1:9", 1, "give 2 or more"),
        ("1,9", 4, "only for --robots A:B"),
    ],
)
def test_bad_numbers_are_one_line(text: str, steps: int | None, says: str) -> None:
    """Each says what is wrong."""
    with pytest.raises(ValueError, match=says):
        sweep.parse_robots(text, steps)


@given(low=st.integers(1, 500), more=st.integers(1, 5000), steps=st.integers(2, 30))
def test_steps_are_even(low: int, more: int, steps: int) -> None:
    """From A to B, ascending, no step more than one robot longer than another."""
    numbers = sweep.parse_robots(f"{low}:{low + more}", steps)
    assert (numbers[0], numbers[-1]) == (low, low + more)
    gaps = [b - a for a, b in pairwise(numbers)]
    assert min(gaps) >= 1
    assert max(gaps) - min(gaps) <= 1


def test_what_makes_another_study(tmp_path: Path) -> None:
    """The number of robots does not, the parcels do."""
    scenario = write_files(tmp_path)
    before = sweep.fingerprint(scenario)
    assert sweep.fingerprint(sweep.with_robots(scenario, 2)) == before
    (tmp_path / "tiny.csv").write_text("id,x,y,size\nA,1,1,1\n")
    assert sweep.fingerprint(scenario) != before


@pytest.mark.slow
def test_a_real_study_goes_on_where_it_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of three days two are there already: only the missing one is lived, all are told."""
    scenario = write_files(tmp_path)
    out, table = tmp_path / "rows.jsonl", tmp_path / "rows.csv"
    rows = []
    for robots in (2, 6):
        row = sweep.live_day(sweep.with_robots(scenario, robots), str(tmp_path), robots)
        rows.append({**row, "seed": 3, "day": sweep.fingerprint(scenario)})
    out.write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = (str(tmp_path / "tiny.toml"), "--out", str(out), "--workers", "1", "--json")
    again = ["sweep", *words, "--robots", "2:6", "--steps", "3", "--csv", str(table)]
    capsys.readouterr()
    assert main(again) == 0
    told = capsys.readouterr()
    assert "1 of 1 days: 4 robots" in told.err
    study = json.loads(told.out)
    assert [row["robots"] for row in study["rows"]] == [2, 4, 6]
    assert [study["rows"][0], study["rows"][2]] == rows
    assert all(row["delivered"] == 14 and row["lost"] == 0 for row in study["rows"])
    assert {"robots", "parcels_per_hour", "lead_p95_seconds", "waiting"} <= study["rows"][0].keys()
    assert study["knee"] in (None, 4, 6)
    assert len(out.read_text().splitlines()) == 3
    assert len(table.read_text().splitlines()) == 4


def test_a_number_of_robots_is_lived_once_with_each_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second call, with one seed more, lives that one's days alone."""
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    lived = []

    def live_days(days: list[Scenario], workers: int, keep: Callable[[int, Row], None]) -> None:
        for number, day in enumerate(days):
            lived.append((day.floor.robots, day.seed))
            blank = dict.fromkeys(sizing.COLUMNS, 0) | {"ended": True}
            rate = 100.0 * day.floor.robots + day.seed
            keep(number, {**blank, "robots": day.floor.robots, "parcels_per_hour": rate})

    monkeypatch.setattr(sweep, "live_days", live_days)
    assert main(["sweep", "tiny.toml", "--robots", "2,4", "--seeds", "3"]) == 0
    assert main(["sweep", "tiny.toml", "--robots", "2,4", "--seeds", "3:5", "--json"]) == 0
    assert lived == [(2, 3), (4, 3), (2, 4), (4, 4)]
    means = json.loads(capsys.readouterr().out.splitlines()[-1])["means"]
    assert [(row["seeds"], row["parcels_per_hour"]) for row in means] == [(2, 203.5), (2, 403.5)]


def test_days_share_tours_with_those_of_their_seed_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wave of the same parcels is planned once for each seed, as `fleet run` would plan it."""
    planned = []

    def plan_wave(world: World, *_: object) -> np.ndarray:
        planned.append(world.scenario.seed)
        return np.zeros(1, PLAN)

    monkeypatch.setattr(sweep, "plan_wave", plan_wave)
    scenario = write_files(tmp_path)
    for number, seed in enumerate((3, 4, 3)):
        one = msgspec.structs.replace(scenario, seed=seed)
        day = create(tmp_path / str(number), one, lockstep=True)
        sweep.shared_tours(day, tmp_path)
        day.store.close()
    assert planned == [3, 4]


def test_more_robots_than_the_floor_has_cells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused in one line before any day is lived."""
    write_files(tmp_path)
    assert main(["sweep", str(tmp_path / "tiny.toml"), "--robots", "2:500"]) == 2
    error = capsys.readouterr().err
    assert "free cells" in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize("option", ["--out", "--csv", "--plot"])
def test_a_folder_in_place_of_a_file_is_told_before_any_day(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after hours, by the system's words."""
    write_files(tmp_path)
    folder = tmp_path / "folder.png"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep, "plot_fault", lambda path: "")  # where pictures cannot be drawn, too
    monkeypatch.setattr(sweep, "live_days", None)
    assert main(["sweep", "tiny.toml", "--robots", "2,4", option, str(folder)]) == 2
    told = capsys.readouterr().err
    assert told == f"fleet sweep: {option} {folder}: is a folder; name a file in it\n"


@pytest.mark.parametrize("option", ["--out", "--csv", "--plot"])
def test_what_a_study_reads_is_not_written_over(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the scenario nor its parcels, and its own rows neither."""
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep, "plot_fault", lambda path: "")  # where pictures cannot be drawn, too
    monkeypatch.setattr(sweep, "live_days", None)
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for name in files:
        assert main(["sweep", "tiny.toml", "--robots", "2,4", option, str(name)]) == 2
        assert f"{option} {name}: is read, too" in capsys.readouterr().err
    assert all(path.read_bytes() == before for path, before in files.items())
    if option != "--out":
        words = ["sweep", "tiny.toml", "--robots", "2,4", "--out", "rows.jsonl"]
        assert main([*words, option, "rows.jsonl"]) == 2
        assert f"{option} rows.jsonl: is written by --out, too" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--out", "--csv", "--plot"])
def test_a_missing_folder_is_told_before_any_day(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As by the other commands, and nothing is made."""
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep, "plot_fault", lambda path: "")  # where pictures cannot be drawn, too
    monkeypatch.setattr(sweep, "live_days", None)
    before = sorted(tmp_path.iterdir())
    assert main(["sweep", "tiny.toml", "--robots", "2,4", option, "new/rows.csv"]) == 2
    assert (
        f"{option} new/rows.csv: there is no folder new; make it first" in capsys.readouterr().err
    )
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", ["bench hostile", "bench late", "bench kill"])
@pytest.mark.parametrize("seed", ["-1", "x", "9" * 30])
def test_a_seed_that_is_none_is_one_line(
    command: str, seed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Option, value and remedy, before any day."""
    with pytest.raises(SystemExit) as refused:
        main([*command.split(), "--seed", seed])
    assert refused.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"argument --seed: {seed!r}; give a whole number from 0 to 9223372036854775807" in line


def test_help_ends_its_question_once(capsys: pytest.CaptureFixture[str]) -> None:
    """What a command does may be a question."""
    with pytest.raises(SystemExit):
        main(["sweep", "--help"])
    assert "\nHow many robots does a day need?\n" in capsys.readouterr().out
