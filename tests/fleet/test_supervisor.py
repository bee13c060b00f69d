"""What `fleet run` and `fleet controller` do when a part, the disk or an address fails."""

from __future__ import annotations

import argparse
import errno
import logging
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fleet import controller_command
from fleet import parts as supervisor
from fleet.__main__ import main
from fleet.controller_command import FAILED_EXIT
from fleet.deaths import MAX_BARREN, MAX_STILLBORN
from fleet.parts import Parts
from fleet.run_folder import create
from fleet.store import STORE, Store
from fleet.store_errors import DISK_EXIT, DiskError, StoreError
from tests.fleet.pure_day import write_files

FULL = sqlite3.OperationalError("database or disk is full")


class Dead:
    """A process that has ended."""

    def __init__(self, code: int) -> None:
        self.code = code

    def poll(self) -> int:
        """Return its exit code."""
        return self.code


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    """The parts of a day, in a process that keeps its own signal handlers."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return Parts()


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """Take what a command has made of the log back."""
    logger, raising = logging.getLogger("fleet"), logging.raiseExceptions
    kept = logger.handlers[:], logger.level
    yield
    for handler in logger.handlers:
        handler.close()
    logger.handlers[:], logging.raiseExceptions = kept[0], raising
    logger.setLevel(kept[1])


def test_signals_are_heeded_by_others_once_all_parts_have_ended() -> None:
    """Ctrl-C while the summary is made would be taken for one to parts that are gone."""
    both = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(one) for one in both]
    Parts().end()
    assert [signal.getsignal(one) for one in both] == before


def test_an_early_interrupt_is_no_failure(parts: Parts) -> None:
    """A controller that is told to end before it has its handlers ends by the signal."""
    parts.processes["controller"] = Dead(-signal.SIGTERM)  # type: ignore[assignment]
    parts.interrupted = True
    assert parts._watch() == 130


def test_a_full_disk_is_not_answered_with_a_restart(parts: Parts) -> None:
    """The controller's own exit code for it is an orderly one."""
    parts.processes["controller"] = Dead(DISK_EXIT)  # type: ignore[assignment]
    assert parts._watch() == DISK_EXIT


def test_a_controller_killed_after_the_day_has_ended_is_not_started_again(
    parts: Parts, tmp_path: Path
) -> None:
    """All is in the store, and another one would find nothing to go on with."""
    folder = tmp_path / "run"
    day = create(folder, write_files(tmp_path), lockstep=True)
    parts.progress = lambda: supervisor.progress(folder)
    parts.processes["controller"] = Dead(-signal.SIGKILL)  # type: ignore[assignment]
    parts.started["controller"] = time.monotonic()
    assert supervisor.progress(folder) == (-1, False)
    day.store.set_meta(ended=1)
    assert parts._watch() == 0
    day.store.close()


def test_a_part_that_dies_at_the_same_tick_for_ever_is_given_up(parts: Parts) -> None:
    """However long each life is; a tick in between, or another cause, makes hope new."""
    ticks = [7] * 3 + [8] * MAX_BARREN + [8]
    parts.started["host"] = -1e9
    verdicts = [parts._hopeless("host", 1, tick) for tick in ticks]
    assert verdicts == [False] * (3 + MAX_BARREN) + [True]
    assert not parts._hopeless("host", -9, 8)


def test_parts_that_die_young_once_each_are_not_given_up(parts: Parts) -> None:
    """Early deaths are counted by part."""
    for k in range(2 * MAX_STILLBORN):
        parts.started[f"host {k}"] = time.monotonic()
        assert not parts._hopeless(f"host {k}", -9, -1)
    verdicts = [parts._hopeless("host 0", -9, -1) for _ in range(MAX_STILLBORN)]
    assert verdicts == [False] * (MAX_STILLBORN - 1) + [True]


class Hanging(Dead):
    """A controller that has begun to write its line, and neither ends it nor heeds a signal."""

    stdout = SimpleNamespace(readline=lambda: _half_a_line())

    def poll(self) -> None:  # type: ignore[override]
        """Live on."""

    def terminate(self) -> None:
        """Heed no signal."""


def _half_a_line() -> bytes:
    if threading.current_thread() is threading.main_thread():
        pytest.fail("waits for the rest of the line")
    return b"{"


def test_a_controller_that_writes_no_line_can_be_interrupted(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever it has written so far: Ctrl-C does not wait for the rest."""

    def start(*_: str, **__: Any) -> Hanging:
        parts.interrupted = True
        return Hanging(0)

    monkeypatch.setattr(supervisor, "start", start)
    words = argparse.Namespace(workers=1, speed="max", record_wire=None, keys=None)
    assert parts.run(tmp_path, words, [(0, 1)], window=False) == 130


@pytest.mark.parametrize(("code", "opened"), [(-9, 1), (1, 1), (0, 0), (2, 0), (130, 0)])
def test_a_window_that_was_killed_comes_back_and_one_that_was_closed_does_not(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, code: int, opened: int
) -> None:
    """A window ends by itself with the exit codes of `viz`."""
    windows: list[list[str]] = []
    monkeypatch.setattr(supervisor.subprocess, "Popen", lambda words, **_: windows.append(words))
    parts.window = Dead(code)  # type: ignore[assignment]
    parts.started["window"] = -1e9
    parts._look_at_window()
    assert len(windows) == opened


def test_a_window_that_cannot_stay_open_is_left_closed(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day goes on without it."""
    windows: list[Dead] = []

    def open_window(*_: object, **__: object) -> Dead:
        windows.append(Dead(1))
        return windows[-1]

    monkeypatch.setattr(supervisor.subprocess, "Popen", open_window)
    parts._open_window()
    for _ in range(3 * MAX_STILLBORN):
        parts._look_at_window()
    assert parts.window is None
    assert len(windows) == 1 + MAX_STILLBORN


@pytest.mark.parametrize("full", [FULL, OSError(errno.ENOSPC, "disk is full")])
def test_a_full_disk_ends_the_controller_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    quiet_log: None, full: Exception,
) -> None:  # fmt: skip
    """It says which file, that the disk is full and what to do, in run.log too; exit code 4."""
    monkeypatch.setattr(
        controller_command, "open_day", lambda *_, **__: SimpleNamespace(folder=tmp_path)
    )

    def fail(*_: object) -> int:
        raise full

    monkeypatch.setattr(controller_command, "_run", fail)
    assert main(["controller", "x.toml"]) == DISK_EXIT
    error = capsys.readouterr().err
    assert len(error.strip().splitlines()) == 1
    for words in (str(tmp_path / STORE), "disk is full", "make room", "fleet run --resume"):
        assert words in error
        assert words in (tmp_path / "run.log").read_text()


@pytest.mark.parametrize("fault", [AssertionError, ValueError, sqlite3.OperationalError, OSError])
def test_what_fails_otherwise_leaves_its_traceback_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet_log: None, fault: type[Exception]
) -> None:
    """The terminal of a service is gone when somebody looks; the run folder is not.

    A `ValueError` of a tick is no bad input either: `fleet run` would not start it again.
    """
    monkeypatch.setattr(
        controller_command, "open_day", lambda *_, **__: SimpleNamespace(folder=tmp_path)
    )

    def fail(*_: object) -> int:
        raise fault("broken")

    monkeypatch.setattr(controller_command, "_run", fail)
    assert main(["controller", "x.toml"]) == FAILED_EXIT
    assert f"{fault.__name__}: broken" in (tmp_path / "run.log").read_text()


def test_a_full_disk_at_the_start_leaves_no_half_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told as what it is, and the same command works once there is room."""
    scenario = write_files(tmp_path)
    opens = Store._open_to_write

    def full(store: Store) -> int:
        opens(store)
        raise FULL

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_open_to_write", full)
        with pytest.raises(DiskError, match=r"disk is full.*make room"):
            create(tmp_path / "run", scenario, lockstep=True)
    assert not (tmp_path / "run").exists()
    create(tmp_path / "run", scenario, lockstep=True).store.close()


def test_a_disk_that_is_full_before_the_store_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The map is copied first; it is told in the same words, and nothing is left."""
    scenario = write_files(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "disk is full")

    monkeypatch.setattr("fleet.run_folder.shutil.copyfile", full)
    with pytest.raises(DiskError, match=r"disk is full.*make room"):
        create(tmp_path / "run", scenario, lockstep=True)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("with_tables", [False, True])
def test_a_kill_while_a_run_folder_is_made_leaves_no_half_run(
    tmp_path: Path, *, with_tables: bool
) -> None:
    """Nothing was accepted yet: the same command begins anew, and then it is a run."""
    scenario = write_files(tmp_path)
    path = tmp_path / "run" / STORE
    path.parent.mkdir()
    if with_tables:
        Store(path, write=True).close()
    else:
        path.touch()
    create(path.parent, scenario, lockstep=True).store.close()
    with pytest.raises(StoreError, match="holds a run already"):
        create(path.parent, scenario, lockstep=True)


@pytest.mark.parametrize("taken", [False, True])
def test_a_refused_address_leaves_no_run_folder(tmp_path: Path, *, taken: bool) -> None:
    """The corrected command would be told that the folder holds a run already."""
    write_files(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        address = f"tcp://127.0.0.1:{port}" if taken else "tcp://192.0.2.1:5570"
        words = ["controller", str(tmp_path / "tiny.toml"), "--out", str(tmp_path / "run")]
        assert main([*words, "--bind-clients", address]) == 2
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["controller", "x.toml", "--bind", "tcp://127.0.0.1:99999"],
        ["run", "--resume", "x", "--seed", "4"],
        ["run", "--resume", "x", "--robots", "4"],
        ["host", "{0}/tiny.toml", "--robots", "²:3", "--connect", "tcp://127.0.0.1:9"],
        ["host", "{0}/tiny.toml", "--connect", "tcp://127.0.0.1:²"],
        ["operate", "tcp://127.0.0.1:9", "close", "²"],
    ],
)
def test_what_looks_right_and_is_not_is_named_with_a_remedy(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port that would wrap round, an option without effect, a digit that is no number."""
    write_files(tmp_path)
    assert main([word.format(tmp_path) for word in words]) == 2
    error = capsys.readouterr().err
    assert any(remedy in error for remedy in ("write", "choose", "leave"))
    assert len(error.splitlines()) == 1


def test_too_many_hosts_leave_no_run_folder(tmp_path: Path) -> None:
    """Nor does a wrong number of hosts."""
    write_files(tmp_path)
    words = ["run", str(tmp_path / "tiny.toml"), "--no-view", "--out", str(tmp_path / "run")]
    assert main([*words, "--hosts", "5"]) == 2
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--hosts", "2"), "robots 0:2, 2:4; make it with `fleet keys {0} --host 0:2 --host 2:4`"),
        ((), "holds no key of a host of robots 0:4;"),
    ],
)
def test_keys_that_hosts_lack_are_named_before_anything_starts(
    words: tuple[str, ...], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line with all of them; hosts without keys would be started again and again."""
    write_files(tmp_path)
    keys, run = tmp_path / "keys", tmp_path / "run"
    assert main(["keys", str(keys)]) == 0
    start = ["run", str(tmp_path / "tiny.toml"), "--no-view", "--out", str(run)]
    assert main([*start, "--keys", str(keys), *words]) == 2
    error = capsys.readouterr().err
    assert says.format(keys) in error
    assert len(error.splitlines()) == 1
    assert not run.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--robots", "0"), ("--robots", "-3"), ("--seed", "-1"), ("--workers", "-1"),
        ("--speed", "1e-300"), ("--record-wire", "/nowhere/wire.jsonl"), ("--record-wire", "/"),
    ],
)  # fmt: skip
def test_an_option_out_of_bounds_is_one_line_and_leaves_no_run_folder(
    words: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bounds of a scenario hold for what the command line puts in the place of its values."""
    write_files(tmp_path)
    start = ["run", str(tmp_path / "tiny.toml"), "--no-view", "--out", str(tmp_path / "run")]
    assert main([*start, *words]) == 2
    error = capsys.readouterr().err
    assert words[1] in error
    assert any(remedy in error for remedy in ("choose", "write", "make it first"))
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_a_refused_start_leaves_no_record_of_the_wire(tmp_path: Path) -> None:
    """The day is admitted before the file is opened."""
    wire = tmp_path / "wire.jsonl"
    assert main(["controller", str(tmp_path / "none.toml"), "--record-wire", str(wire)]) == 2
    assert not wire.exists()
