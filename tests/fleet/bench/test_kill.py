"""The kill benchmark: a few kills in slices, and what its rows add up to."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fleet import spare
from fleet.__main__ import main
from fleet.bench import kill, kill_day
from fleet.bench.kill import figures
from fleet.line import TOLD_EXIT
from fleet.parts import Parts
from routing.kept_rows import kept_rows
from tests.fleet.pure_day import shortened

ROW = {"parcels": 3, "lost": 0, "doubled": 0, "collisions": 0, "other_hashes": 0,
       "killed": {"host": 2, "viewer": 1}, "resume_ms": {"host": [10.0, 30.0]}}  # fmt: skip


def test_rows_add_up() -> None:
    """Kills by part, times by part and of all, and any fault makes it fail."""
    sums = figures([ROW, ROW | {"killed": {"controller": 1}, "resume_ms": {"controller": [50.0]}}])
    assert sums["ok"]
    assert sums["killed"] == {"host": 2, "viewer": 1, "controller": 1}
    assert sums["resume_ms_by_part"]["host"]["max"] == 30
    assert (sums["resumed"], sums["resume_ms"]["max"]) == (3, 50)
    assert not figures([ROW | {"lost": 1}])["ok"]
    assert not figures([ROW | {"resume_ms": {"host": [2500.0]}}])["ok"]


class Clock:
    """A day under a killer's eyes, and its clock: a second passes at each look."""

    def __init__(self, events: dict[int, Callable[[], Any]]) -> None:
        self.now = 0
        self.events = events

    def wait(self, _: float) -> bool:
        """Let a second pass; the day is not over."""
        self.now += 1
        self.events.get(self.now, lambda: None)()
        return False


@pytest.mark.parametrize(("part", "resume_ms"), [("controller", 3000), ("host 0:6", 4000)])
def test_a_controller_is_there_with_its_first_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, resume_ms: float
) -> None:
    """Its time to the next tick begins there; that of others with their process."""
    parts: Any = SimpleNamespace(started={part: 0})
    killer = kill_day._Killer(parts, tmp_path, 1, random.Random(1))
    ticks = [7]
    over: Any = Clock({
        2: lambda: parts.started.update({part: 2}),
        3: lambda: (tmp_path / "run.log").write_text("controller 2 begins at tick 7"),
        6: lambda: ticks.append(8),
    })  # fmt: skip
    killer.over = over
    monkeypatch.setattr(killer, "_tick", lambda: ticks[-1])
    monkeypatch.setattr(kill_day, "time", SimpleNamespace(monotonic=lambda: over.now))
    killer._wait_for_work(part, 0, 0)
    assert killer.resume_ms == {part.split()[0]: [resume_ms]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hosts", "0"], "--hosts 0: choose 1 to the 12 robots of this day"),
        (["--hosts", "13"], "--hosts 13: choose 1 to the 12 robots of this day"),
        (["--kills", "0"], "--kills 0: choose at least one"),
        (["--scenario", "{own}"], "own.toml: city.parcels is not set"),
        (["--out", "/nowhere/x.jsonl"], "--out /nowhere/x.jsonl: there is no folder /nowhere"),
    ],
)
def test_what_cannot_be_is_told_before_the_first_day(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line and 2; no hosts would wait for ever."""
    own = tmp_path / "own.toml"
    own.write_text('name = "own"\n[floor]\nmap = "own.map"\nrobots = 2\n')
    monkeypatch.setattr(kill, "day_under_kills", lambda *_, **__: pytest.fail("a day began"))
    assert main(["bench", "kill", *(word.format(own=own) for word in words)]) == 2
    assert said in capsys.readouterr().err


def test_told_to_end_it_says_what_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line and with 130, and only where rows are kept."""

    def told(*_: Any, **__: Any) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return TOLD_EXIT

    monkeypatch.setattr(Parts, "run", told)
    assert main(["bench", "kill"]) == 130
    assert capsys.readouterr().err == ""
    assert main(["bench", "kill", "--out", str(tmp_path / "x.jsonl")]) == 130
    said = f"stopped; the same command goes on with {tmp_path / 'x.jsonl'}\n"
    assert capsys.readouterr().err == said


@pytest.mark.slow
def test_a_second_call_goes_on_where_the_first_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One kill, then one more: the rows of before are not run again."""
    monkeypatch.setattr(spare, "FIRST_SECONDS", 1e9)  # days as short as these need no spares
    out = str(tmp_path / "rows.jsonl")
    words = ["--scenario", str(shortened(tmp_path, 40)), "--out", out, "--json"]
    main(["bench", "kill", "--kills", "1", *words])
    first = json.loads(capsys.readouterr().out)
    rows = kept_rows(Path(out))
    main(["bench", "kill", "--kills", "2", *words])
    figures = json.loads(capsys.readouterr().out)
    assert (first["kills"], figures["kills"]) == (1, 2)
    assert figures["lost"] == figures["doubled"] == figures["other_hashes"] == 0
    assert kept_rows(Path(out))[: len(rows)] == rows
