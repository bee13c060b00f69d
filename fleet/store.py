"""The run's durable memory: journal, state, outbox, and what judges, reports and viewers read.

SQLite in WAL mode with full sync.  One transaction holds everything that one drained inbox
changed; nothing is acknowledged or sent before it is committed.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import sleep

import numpy as np

from fleet.event_bytes import pack, unpack
from fleet.events import ROBOT_FRAME, Events
from fleet.schema import SCHEMA, SCHEMA_VERSION
from fleet.store_errors import DiskError, FencedError, StoreError, damage, of_disk, of_this_version

KEYFRAME_TICKS = 64
STORE = "store.sqlite"  # in the run folder
ADDRESSES = "addresses.json"  # beside it: where the controller that runs the day listens

LOOK_SECONDS = 0.05  # longer than `is_written` takes


def lock(path: Path) -> int:
    """Return an open file that no other process has locked; the lock ends with its process.

    Raises
    ------
    StoreError
        If another process holds it.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # perhaps somebody only looks
            sleep(LOOK_SECONDS)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise StoreError(
            f"{path.parent}: another controller runs this day; end it first, or wait for it"
        ) from error
    except (ImportError, OSError):  # Windows, or a disk without locks: the epoch alone fences
        pass
    return file


def is_written(path: Path) -> bool:
    """Tell whether a controller has a store, as far as the disk knows locks.

    Nothing is written, and what is looked at is let go at once.
    """
    try:
        import fcntl

        file = os.open(_lock_of(path), os.O_RDONLY)
    except FileNotFoundError:
        return False
    except (ImportError, OSError):  # it cannot be told
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def _lock_of(path: Path) -> Path:
    """Return the file beside a store whose lock its writer holds."""
    return path.with_name(f"{path.name}.lock")


def _uri(path: Path) -> str:
    """Return how SQLite is asked to read a file, in a folder where nobody can write as well."""
    # There is no place for its side files, nor a writer for whom it would need them.
    still = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}"


class Store:
    """One run's SQLite file.  A writer has it alone; readers may come and go meanwhile."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self.path = path
        if not write and not path.exists():
            raise StoreError(f"{path}: no such run; name a run folder that `fleet run` made")
        self.epoch: int | None = None  # of the controller that has claimed it
        self._lock = lock(_lock_of(path)) if write else None
        try:
            if write:
                self.db = sqlite3.connect(path, isolation_level=None)
                version = self._open_to_write()
            else:
                self.db = sqlite3.connect(_uri(path), uri=True, isolation_level=None)
                version = self._version()
        except sqlite3.DatabaseError as error:
            self.close()
            if of_disk(error):
                raise DiskError(path, error) from error
            raise StoreError(f"{path}: not a run's store ({error}); restore a backup") from error
        if not version and not self._tables():
            self.close()
            raise StoreError(
                f"{path}: is empty, not a run's store; name a run folder that `fleet run` made"
            )
        if version != SCHEMA_VERSION:
            self.close()
            raise StoreError(
                f"{path}: schema version {version}, this program reads {SCHEMA_VERSION}; "
                "use the version of peakday that wrote it"
            )
        self._previous_frame: np.ndarray | None = None
        self._robots: dict[tuple[int, int], tuple[int, int, int, bytes]] = {}  # to be written

    def _version(self) -> int:
        return self.db.execute("PRAGMA user_version").fetchone()[0]

    def _tables(self) -> bool:
        return self.db.execute("SELECT 1 FROM sqlite_master").fetchone() is not None

    def _open_to_write(self) -> int:
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("PRAGMA busy_timeout=5000")
        if not self._version() and not self._tables():
            # One transaction, so that a kill leaves either nothing or a whole store.
            script = f"BEGIN; {SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
            self.db.executescript(script)
        elif fault := damage(self.db):
            raise sqlite3.DatabaseError(fault)
        return self._version()

    def close(self) -> None:
        """Close the file, and let another writer have it."""
        if hasattr(self, "db"):
            self.db.close()
        self.unlock()

    def unlock(self) -> None:
        """Let another writer open the file; from then on the epoch alone fences."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def claim(self, **values: object) -> int:
        """Make this the run's only controller: return a new epoch, which fences off earlier ones.

        Small named values are kept with it.

        The lock keeps a second controller out where both see one disk; the epoch, read again in
        every transaction, where the lock does not reach.
        """
        self.begin()
        epoch = int(self.meta("epoch")) + 1
        self.set_meta(epoch=epoch, **values)
        self.commit()
        self.epoch = epoch
        return epoch

    # -- writing: all calls of one tick stand between begin and commit

    def begin(self) -> None:
        """Open the tick's transaction.

        Raises
        ------
        FencedError
            If a newer controller has claimed the run.
        """
        self.db.execute("BEGIN IMMEDIATE")
        if self.epoch is not None and int(self.meta("epoch")) != self.epoch:
            newer = self.meta("epoch")
            self.db.execute("ROLLBACK")
            raise FencedError(
                f"{self.path}: controller {newer} has taken this run over; {self.epoch} ends"
            )

    def commit(self) -> None:
        """Make the tick durable."""
        self.db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget the tick; the next frame is a keyframe, since it may follow a forgotten one."""
        self.db.execute("ROLLBACK")
        self._previous_frame = None

    def set_meta(self, **values: object) -> None:
        """Keep small named values."""
        self.db.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in values.items()]
        )

    def add_events(
        self, tick: int, epoch: int, events: Events, digest: bytes, state: bytes = b""
    ) -> None:
        """Append one tick's events and the controller's epoch.

        ``digest`` is the hash over all events so far, ``state`` that over the state after them.
        """
        self.db.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?)",
            (tick, epoch, pack(events), digest, state),
        )
        self.db.executemany(
            "INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", self._robots.values()
        )
        self._robots = {}

    def hashes(self, tick: int) -> tuple[bytes, bytes]:
        """Return a tick's hash over all events so far, and that over the state; empty: none."""
        row = self.db.execute(
            "SELECT digest, state FROM journal WHERE tick = ?", (tick,)
        ).fetchone()
        return (b"", b"") if row is None else (bytes(row[0]), bytes(row[1]))

    def add_orders(self, tick: int, orders: np.ndarray) -> None:
        """Append the orders (dtype `events.ORDER`) that go out after this tick's commit."""
        self.db.execute(
            "INSERT INTO orders VALUES (?, ?)", (tick, zlib.compress(orders.tobytes(), 1))
        )

    def add_frame(self, tick: int, robots: np.ndarray, counts: tuple[int, ...]) -> None:
        """Append what the robots reported (dtype `ROBOT_FRAME`) and five parcel counts.

        A frame is the difference to the one before it, except every 64th.
        """
        key = self._previous_frame is None or tick % KEYFRAME_TICKS == 0
        raw = robots.view(np.uint8)
        if not key:
            assert self._previous_frame is not None
            raw = raw ^ self._previous_frame
        self._previous_frame = robots.view(np.uint8).copy()
        self.db.execute(
            "INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (tick, int(key), zlib.compress(raw.tobytes(), 1), *counts),
        )

    def add_snapshot(self, tick: int, state: bytes) -> None:
        """Keep the whole state; the two newest stay."""
        self.db.execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?)", (tick, state))
        self.db.execute(
            "DELETE FROM snapshot WHERE tick NOT IN "
            "(SELECT tick FROM snapshot ORDER BY tick DESC LIMIT 2)"
        )

    def put_robots(self, first: int, last: int, tick: int, robots: bytes) -> None:
        """Keep how a host's simulated robots stood after a tick, in the place of the last time.

        It is written with the events of the next tick.
        """
        self._robots[first, last] = (first, last, tick, zlib.compress(robots, 1))

    # -- reading

    def meta(self, key: str, default: str | None = None) -> str:
        """Return a small named value."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None:
            if default is None:
                raise StoreError(f"{self.path}: has no {key!r}; the run never started")
            return default
        return row[0]

    def last_tick(self) -> int:
        """Return the newest committed tick, -1 where there is none."""
        return self.db.execute("SELECT coalesce(max(tick), -1) FROM journal").fetchone()[0]

    def events(self, after: int = -1) -> Iterator[tuple[int, int, Events]]:
        """Yield (tick, epoch, events) for each committed tick after the given one."""
        rows = self.db.execute(
            "SELECT tick, epoch, events FROM journal WHERE tick > ? ORDER BY tick", (after,)
        )
        for tick, epoch, blob in rows:
            with of_this_version(f"{self.path.parent}: tick {tick}"):
                events = unpack(blob)
            yield tick, epoch, events

    def orders(self, tick: int) -> bytes | None:
        """Return the orders sent after a tick (dtype `events.ORDER`), None after a quiet one."""
        row = self.db.execute("SELECT orders FROM orders WHERE tick = ?", (tick,)).fetchone()
        return None if row is None else zlib.decompress(row[0])

    def robots(self, first: int, last: int, before: int) -> tuple[int, bytes]:
        """Return the tick and the rows of what a host's robots last kept; -1 where they have not.

        No later than a tick `before`.
        """
        row = self.db.execute(
            "SELECT tick, robots FROM robots WHERE first = ? AND last = ? AND tick <= ?",
            (first, last, before),
        ).fetchone()
        return (-1, b"") if row is None else (row[0], zlib.decompress(row[1]))

    def frames(self, first: int = 0, last: int = 2**31) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (tick, robots) for first <= tick <= last; robots has dtype `ROBOT_FRAME`."""
        start = self.db.execute(
            "SELECT coalesce(max(tick), 0) FROM frame WHERE keyframe = 1 AND tick <= ?", (first,)
        ).fetchone()[0]
        current = np.empty(0, np.uint8)
        rows = self.db.execute(
            "SELECT tick, keyframe, robots FROM frame WHERE tick BETWEEN ? AND ? ORDER BY tick",
            (start, last),
        )
        for tick, key, blob in rows:
            raw = np.frombuffer(zlib.decompress(blob), np.uint8)
            current = raw.copy() if key else current ^ raw
            if tick >= first:
                yield tick, current.view(ROBOT_FRAME)

    def snapshot(self) -> tuple[int, bytes] | None:
        """Return the newest whole state and its tick."""
        return self.db.execute(
            "SELECT tick, state FROM snapshot ORDER BY tick DESC LIMIT 1"
        ).fetchone()

    def insert(self, table: str, rows: Iterable[tuple]) -> None:
        """Append rows to a table, all columns given (None lets SQLite number them)."""
        rows = list(rows)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
