"""Fences, proofs and backups of a run's store."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from fleet.__main__ import main
from fleet.backup import backup
from fleet.run_folder import resume
from fleet.store import STORE, Store
from fleet.store_errors import FencedError, StoreError
from tests.fleet.pure_day import PureDay, write_files


def test_a_second_writer_is_kept_out(tmp_path: Path) -> None:
    """While one has the store, another is told so in one line; readers may come."""
    store = Store(tmp_path / "s", write=True)
    with pytest.raises(StoreError, match="another controller runs this day"):
        Store(tmp_path / "s", write=True)
    Store(tmp_path / "s").close()
    store.close()
    Store(tmp_path / "s", write=True).close()


def test_an_older_controller_can_write_nothing_more(tmp_path: Path) -> None:
    """Where the lock does not reach, the newer epoch fences the older controller off."""
    old = Store(tmp_path / "s", write=True)
    old.set_meta(epoch=0)
    assert old.claim() == 1
    (tmp_path / "s.lock").unlink()  # as on a disk that does not know locks
    new = Store(tmp_path / "s", write=True)
    assert new.claim() == 2
    with pytest.raises(FencedError, match="controller 2 has taken this run over; 1 ends"):
        old.begin()
    new.begin()
    new.commit()
    old.close()
    new.close()


def test_a_replay_proves_each_tick(tmp_path: Path) -> None:
    """A journal that leads to another state than it led to before is told with its tick."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=40)
    db = run.day.store.db
    db.execute("DELETE FROM snapshot")
    run.day.store.close()
    again = resume(tmp_path / "run", lockstep=True)
    assert again.hashes() == run.day.hashes()
    tick = again.store.last_tick()
    again.store.db.execute("UPDATE journal SET state = x'00' WHERE tick = ?", (tick,))
    again.store.close()
    with pytest.raises(StoreError, match=f"tick {tick} replays to another state"):
        resume(tmp_path / "run", lockstep=True)


def test_a_day_of_a_real_clock_does_not_go_on_in_lockstep(tmp_path: Path) -> None:
    """Its robots did not live tick by tick, so their orders cannot be relived; a number goes on."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=20)
    run.day.store.set_meta(lockstep=0)
    run.day.store.close()
    with pytest.raises(StoreError, match="has run on a real clock"):
        resume(tmp_path / "run", lockstep=True)
    assert resume(tmp_path / "run", lockstep=False).hashes() == run.day.hashes()


def test_a_damaged_store_is_told(tmp_path: Path) -> None:
    """Pages that are none are found at start, before anything is written."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=20)
    run.day.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    run.day.store.close()
    path = tmp_path / "run" / "store.sqlite"
    raw = bytearray(path.read_bytes())
    raw[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    path.write_bytes(raw)
    with pytest.raises(StoreError, match="restore a backup"):
        Store(path, write=True)


def test_a_backup_of_a_running_day_goes_on_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copied while the day runs, the file alone is enough to go on from its tick."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=40)
    assert main(["backup", str(tmp_path / "run"), str(tmp_path / "copy")]) == 0
    assert "tick 40" in capsys.readouterr().out
    hashes = run.day.hashes()
    run.live(until=60)
    run.day.store.close()
    (tmp_path / "other").mkdir()
    shutil.copyfile(tmp_path / "copy", tmp_path / "other" / "store.sqlite")
    again = resume(tmp_path / "other", lockstep=True)
    assert again.hashes() == hashes
    assert again.world.tick == 40
    again.store.close()
    with pytest.raises(StoreError, match="exists already"):
        backup(tmp_path / "run", tmp_path / "copy")


def test_a_copy_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A folder that is not there, or one that is a file, is named; nothing is left open."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=0)
    assert run.day.store.last_tick() >= 0
    with pytest.raises(StoreError, match="there is no folder"):
        backup(tmp_path / "run", tmp_path / "none" / "x.sqlite")
    (tmp_path / "y.sqlite.part").mkdir()
    with pytest.raises((StoreError, OSError)):
        backup(tmp_path / "run", tmp_path / "y.sqlite")


def test_a_backup_ends_though_the_day_commits_all_the_time(tmp_path: Path) -> None:
    """Whenever SQLite lets go of the source, a tick is committed."""
    (tmp_path / "run").mkdir()
    day = Store(tmp_path / "run" / STORE, write=True)
    day.set_meta(filler="x" * 10_000_000)  # thousands of pages
    steps: list[int] = []

    class Busy(Store):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self.db = self

        def backup(self, copy: sqlite3.Connection, **how: Any) -> None:
            def commit(*_: int) -> None:
                day.set_meta(tick=len(steps))
                steps.append(0)
                assert len(steps) < 20, "begins again and again"

            source = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
            source.backup(copy, progress=commit, **how)
            source.close()

        def close(self) -> None:
            pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fleet.backup.Store", Busy)
        backup(tmp_path / "run", tmp_path / "copy")
    day.close()
    with sqlite3.connect(tmp_path / "copy") as copy:
        (filler,) = copy.execute("SELECT length(value) FROM meta WHERE key = 'filler'").fetchone()
    assert filler == 10_000_000


@pytest.mark.parametrize("first", [200, 20_000])  # in the schema; in a table
def test_a_damaged_store_is_told_in_one_line(
    first: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite's own words have several; and nothing of a copy that came to no end stays."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=20)
    run.day.store.close()
    folder, copy = run.day.folder, tmp_path / "copy.sqlite"
    whole = (folder / STORE).read_bytes()
    (folder / STORE).write_bytes(whole[:first] + b"\xff" * (len(whole) - first))
    assert main(["backup", str(folder), str(copy)]) == 2
    error = capsys.readouterr().err
    assert "the copy is not sound (" in error
    assert len(error.splitlines()) == 1
    assert not list(tmp_path.glob("copy.sqlite*"))
    with pytest.raises(StoreError, match=r"^[^\n]*not a run's store \([^\n]*\); restore a backup$"):
        Store(folder / STORE, write=True)
