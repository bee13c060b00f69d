"""Runs of another version of the program: refused in one line that says what, where and the remedy.

A run that cannot be gone on with is left as it is.
"""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from pathlib import Path

import msgspec
import pytest

from fleet.__main__ import main
from fleet.events import KINDS
from tests.fleet.pure_day import PureDay, write_files

OURS = "use the version of peakday that wrote it"


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a day that was stopped, with a snapshot and ticks behind it."""
    folder = tmp_path_factory.mktemp("half")
    run = PureDay(folder, write_files(folder)).live(until=0)
    for tick in range(1, 120):
        run.day.world.tick += 1
        run.tick()
        if tick == 60:
            run.day.store.begin()
            run.day.keep_snapshot()
            run.day.store.commit()
    run.day.store.close()
    return Path(run.day.folder)


def older(half: Path, folder: Path, change: str, *values: object) -> Path:
    """Return a copy of the run in which another version has written something otherwise."""
    copy = folder / "old"
    shutil.copytree(half, copy)
    db = sqlite3.connect(copy / "store.sqlite")
    db.execute(change, values)
    db.commit()
    db.close()
    return copy


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the one line with which a command refuses bad input."""
    assert main(list(words)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.mark.parametrize("words", [("run", "--resume"), ("controller", "--resume"), ("report",),
                                   ("check",), ("backup",)])  # fmt: skip
def test_a_run_of_the_last_schema_is_refused_in_one_line(
    half: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """By every command that reads one; its version and ours are named, and nothing is changed."""
    run = older(half, tmp_path, "PRAGMA user_version=5")
    before = (run / "store.sqlite").read_bytes()
    more = [str(tmp_path / "copy")] if words == ("backup",) else []
    line = refusal(capsys, *words, str(run), *more)
    assert str(run) in line
    assert "schema version 5" in line
    assert "version" in line.partition("; ")[2]
    assert (run / "store.sqlite").read_bytes() == before


def test_a_snapshot_of_another_layout_is_refused(
    half: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One without a value that we keep, and one whose columns have other fields."""
    plain: dict = {}
    db = sqlite3.connect(half / "store.sqlite")
    plain = msgspec.msgpack.decode(zlib.decompress(db.execute(
        "SELECT state FROM snapshot ORDER BY tick DESC").fetchone()[0]))  # fmt: skip
    db.close()
    short = {name: value for name, value in plain.items() if name != "tick"}
    for k, state in enumerate((short, plain | {"layout": "another"}, plain | {"robots": b"123"})):
        blob = zlib.compress(msgspec.msgpack.encode(state))
        run = older(half, tmp_path / str(k), "UPDATE snapshot SET state = ?", blob)
        line = refusal(capsys, "controller", "--resume", str(run))
        assert f"{run}: the snapshot of tick 60 " in line
        assert OURS in line


@pytest.mark.parametrize("events", [{"unheard of": b"1234"}, {"report": b"12345"},
                                    {"assign": b"\x7f" * KINDS["assign"].itemsize}])  # fmt: skip
def test_events_that_we_do_not_know_are_refused(
    half: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], events: dict[str, bytes]
) -> None:
    """A kind of another version, a row of another length, and one that makes no sense."""
    blob = zlib.compress(msgspec.msgpack.encode(events))
    run = older(half, tmp_path, "UPDATE journal SET events = ? WHERE tick = 80", blob)
    line = refusal(capsys, "controller", "--resume", str(run))
    assert f"{run}: tick 80 " in line
    assert OURS in line


def test_a_run_that_led_elsewhere_is_refused(
    half: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rules have changed since: the replay comes to another state."""
    run = older(half, tmp_path, "UPDATE journal SET state = x'0123456789abcdef' WHERE tick = 90")
    line = refusal(capsys, "controller", "--resume", str(run))
    assert f"{run}: tick 90 replays to another state" in line
    assert OURS in line
