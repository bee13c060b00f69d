"""The store keeps what was committed, forgets what was not, and opens after any kill."""

import errno
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.check.recording import read_recording
from fleet.events import MOVE, ORDER, ROBOT_FRAME
from fleet.store import KEYFRAME_TICKS, Store, is_written, lock
from fleet.store_errors import StoreError
from tests.fleet.pure_day import PureDay, write_files

COUNTS = (0, 0, 0, 0, 0)


def _frame(*cells):
    rows = np.zeros(len(cells), ROBOT_FRAME)
    rows["cell"] = cells
    return rows


def _add_frame(store, tick, *cells):
    store.begin()
    store.add_frame(tick, _frame(*cells), COUNTS)
    store.commit()


def _cells(store, *span):
    return {tick: rows["cell"].tolist() for tick, rows in store.frames(*span)}


def test_events_orders_and_meta_come_back(tmp_path):
    """What one tick wrote is read by another connection."""
    store = Store(tmp_path / "s", write=True)
    moves = np.array([(0, 5)], MOVE)
    orders = np.zeros(2, ORDER)
    store.begin()
    store.set_meta(seed=3, name="x")
    store.add_events(4, 1, {"move": moves}, b"digest")
    store.add_orders(4, orders)
    store.commit()
    reader = Store(tmp_path / "s")
    assert (reader.meta("seed"), reader.meta("none", "-")) == ("3", "-")
    assert reader.last_tick() == 4
    assert reader.orders(4) == orders.tobytes()
    assert reader.orders(5) is None
    ((tick, epoch, events),) = reader.events()
    assert (tick, epoch, events["move"].tolist()) == (4, 1, moves.tolist())
    assert list(reader.events(after=4)) == []
    with pytest.raises(StoreError, match="never started"):
        reader.meta("none")


def test_what_was_rolled_back_is_forgotten(tmp_path):
    """The next frame does not build on one that was never committed."""
    store = Store(tmp_path / "s", write=True)
    _add_frame(store, 1, 10)
    store.begin()
    store.add_frame(2, _frame(99), COUNTS)
    store.rollback()
    _add_frame(store, 2, 11)
    assert _cells(store) == {1: [10], 2: [11]}


@given(
    st.lists(
        st.tuples(st.integers(1, 90), st.booleans(), st.integers(0, 9)), min_size=1, max_size=8
    ),
    st.data(),
)
@settings(max_examples=25, deadline=None)
def test_frames_come_back_from_any_tick(tmp_path_factory, steps, data):
    """Across keyframes, jumps of the clock and restarts, every span of frames is as written."""
    path = tmp_path_factory.mktemp("frames") / "s"
    store, tick, written = Store(path, write=True), 0, {}
    for jump, restart, cell in steps:
        if restart:
            store.close()
            store = Store(path, write=True)
        tick += jump
        written[tick] = [cell, 7]
        _add_frame(store, tick, cell, 7)
    first = data.draw(st.integers(0, tick))
    last = data.draw(st.integers(first, tick + KEYFRAME_TICKS))
    expected = {t: cells for t, cells in written.items() if first <= t <= last}
    assert _cells(store, first, last) == expected
    store.close()


def test_the_two_newest_snapshots_stay(tmp_path):
    """A run may be long; its store need not keep every state."""
    store = Store(tmp_path / "s", write=True)
    assert store.snapshot() is None
    for tick in (1, 5, 9):
        store.add_snapshot(tick, bytes([tick]))
    assert store.snapshot() == (9, b"\x09")
    assert store.db.execute("SELECT count(*) FROM snapshot").fetchone() == (2,)


def test_a_store_killed_while_it_was_made_is_made_again(tmp_path):
    """An empty file, and one whose schema was begun, become whole stores."""
    (tmp_path / "empty").touch()
    made = Store(tmp_path / "empty", write=True)
    made.set_meta(a=1)
    made.close()
    half = sqlite3.connect(tmp_path / "half")
    half.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    half.commit()
    half.close()
    with pytest.raises(StoreError, match="schema version 0"):
        Store(tmp_path / "half", write=True)


def test_making_a_store_is_one_transaction(tmp_path, monkeypatch):
    """A kill on the way leaves no table behind, so that the next start makes all of them."""
    import fleet.store

    monkeypatch.setattr(fleet.store, "SCHEMA", fleet.store.SCHEMA + "CREATE nonsense;")
    with pytest.raises(StoreError):
        Store(tmp_path / "s", write=True)
    monkeypatch.undo()
    Store(tmp_path / "s", write=True).set_meta(a=1)


def test_a_run_is_read_where_nobody_can_write(tmp_path, monkeypatch):
    """As in an archive: SQLite has no place for its side files there, and need not have any."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=20)
    run.day.store.close()
    folder = run.day.folder
    monkeypatch.setattr(os, "access", lambda *_: False)
    store = Store(folder / "store.sqlite")
    assert store.last_tick() == read_recording(folder).ticks[-1]
    store.close()
    assert not list(folder.glob("store.sqlite-*"))


def test_what_is_no_store_is_one_line(tmp_path):
    """A missing file, another file, and a store of another version."""
    with pytest.raises(StoreError, match="no such run"):
        Store(tmp_path / "none")
    (tmp_path / "text").write_text("not a database, but long enough to be taken for one, really")
    with pytest.raises(StoreError, match="not a run's store"):
        Store(tmp_path / "text")
    store = Store(tmp_path / "new", write=True)
    store.db.execute("PRAGMA user_version=99")
    store.close()
    with pytest.raises(StoreError, match="schema version 99"):
        Store(tmp_path / "new")


def test_a_run_may_lie_in_a_folder_of_any_name(tmp_path, monkeypatch):
    """What has a meaning in a URI has none in a path, be it absolute or not."""
    monkeypatch.chdir(tmp_path)
    for name in ("day#1", "day?mode=rw", "50%25"):
        folder = Path(name)
        folder.mkdir()
        made = Store(folder / "s", write=True)
        made.set_meta(a=name)
        made.close()
        store = Store(folder / "s")
        assert store.meta("a") == name
        store.close()


def test_a_run_is_known_to_be_written_while_its_lock_is_held(tmp_path):
    """Looking at the lock takes it from nobody, and one that nobody holds says so."""
    path = tmp_path / "store.sqlite"
    assert not is_written(path)
    store = Store(path, write=True)
    assert is_written(path)
    store.close()
    assert not is_written(path)
    Store(path, write=True).close()


def test_a_disk_without_locks_is_written_all_the_same(tmp_path, monkeypatch):
    """There the epoch alone keeps a second controller from writing."""
    fcntl = pytest.importorskip("fcntl")

    def none(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    os.close(lock(tmp_path / "x.lock"))


def test_a_look_at_the_lock_keeps_no_controller_out(tmp_path, monkeypatch):
    """One that starts in the very moment of a look tries again."""
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "x.lock"
    look = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(look, fcntl.LOCK_SH)
    monkeypatch.setattr("fleet.store.sleep", lambda seconds: fcntl.flock(look, fcntl.LOCK_UN))
    os.close(lock(path))
    os.close(look)
