"""`fleet check` on run folders: what it passes, what it fails, and how it says so."""

import json
import shutil
import sqlite3
import zlib
from argparse import Namespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.check.command import judge, run
from fleet.check.recording import RecordingError, read_recording
from fleet.check.violations import Violations
from fleet.events import ParcelState
from tests.fleet.pure_day import record


def test_a_sound_run_passes(sound):
    """A day with all troubles in it breaks no rule, and has all the states that it should."""
    assert judge(sound).plain() == []
    seen = set(sound.log["state"].tolist())
    assert {ParcelState.MISSING, ParcelState.REJECTED, ParcelState.RETURNING} <= seen


def test_the_command_passes_a_sound_run(run_folder, capsys):
    """Exit code 0, and one JSON object that says so."""
    assert run(Namespace(what=str(run_folder), json=True)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert answer["violations"] == []
    assert run(Namespace(what=str(run_folder), json=False)) == 0
    assert "all is well" in capsys.readouterr().out


def test_the_command_fails_a_broken_file(run_folder, tmp_path, capsys):
    """A frame changed on disk makes exit code 1 and says what, where and how."""
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    db = sqlite3.connect(copy / "store.sqlite")
    tick, blob = db.execute("SELECT tick, robots FROM frame WHERE keyframe = 1").fetchone()
    raw = bytearray(zlib.decompress(blob))
    raw[0] ^= 7
    db.execute("UPDATE frame SET robots = ? WHERE tick = ?", (zlib.compress(bytes(raw)), tick))
    db.commit()
    db.close()
    assert run(Namespace(what=str(copy), json=True)) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert set(answer["violations"][0]) == {"what", "where", "detail"}


def test_a_run_of_another_version_is_one_line(run_folder, tmp_path):
    """A store with another schema is named as such, not as damaged."""
    copy = tmp_path / "old"
    shutil.copytree(run_folder, copy)
    db = sqlite3.connect(copy / "store.sqlite")
    db.execute("PRAGMA user_version=1")
    db.close()
    with pytest.raises(RecordingError, match="schema version 1, this judge reads"):
        run(Namespace(what=str(copy), json=False))


def test_what_is_no_run_is_one_line(tmp_path):
    """A missing run and a damaged store are told in one line."""
    with pytest.raises(ValueError, match="no such run"):
        run(Namespace(what=str(tmp_path / "none"), json=False))
    (tmp_path / "store.sqlite").write_bytes(b"not a database, but long enough to be read as one")
    with pytest.raises(RecordingError, match="not a whole run"):
        read_recording(tmp_path)


def test_many_violations_of_a_kind_are_counted():
    """The first twenty are shown in full; the rest becomes one line."""
    violations = Violations()
    violations.add_where("x", np.ones(25, bool), lambda k: (f"row {k}", "bad"))
    plain = violations.plain()
    assert len(plain) == 21
    assert plain[-1] == {"what": "x", "where": "...", "detail": "5 more"}


@pytest.mark.slow
@given(
    seed=st.integers(0, 10_000),
    robots=st.integers(1, 4),
    shares=st.tuples(*[st.sampled_from([0.0, 0.3])] * 4),
    blocked=st.sampled_from([0.0, 3000.0]),
)
@settings(max_examples=4, deadline=None, derandomize=True)
def test_no_trouble_breaks_a_rule(tmp_path_factory, seed, robots, shares, blocked):
    """Whatever goes wrong on a day, each parcel comes to one end and the judges find nothing."""
    names = ("missing_share", "failed_share", "cancelled_share", "untoured_share")
    folder = record(
        tmp_path_factory.mktemp("trouble"), seed=seed, robots=robots, blocked_per_hour=blocked,
        **dict(zip(names, shares, strict=True)),
    )  # fmt: skip
    assert judge(read_recording(folder)).plain() == []
