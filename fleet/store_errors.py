"""Why a run's store cannot be used: another version's, damaged, full, or taken over."""

from __future__ import annotations

import errno
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

DISK_EXIT = 4  # of a controller whose disk takes no more


class StoreError(ValueError):
    """A run folder that cannot be used; the message says why and what to do."""


class TakenError(StoreError):
    """A run folder that holds a run already, where a new one was to begin."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder}: holds a run already; use --resume {folder} or another --out")


class EndedError(StoreError):
    """A run folder whose day is over: there is nothing to go on with."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder}: this day has ended; `fleet report {folder}` shows it")


class DiskError(StoreError):
    """A disk that takes nothing more; what was accepted stands in the store."""

    def __init__(self, path: Path, error: Exception) -> None:
        super().__init__(
            f"{path}: the disk takes no more ({error}); make room; then `fleet run --resume "
            f"{path.parent}` goes on if the run had begun, for nothing accepted is lost"
        )


def of_disk(error: Exception) -> bool:
    """Tell whether an error is the disk's: it is full, or SQLite cannot write there."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    disk = ("database or disk is full", "disk I/O error")
    return isinstance(error, sqlite3.OperationalError) and str(error).startswith(disk)


def damage(db: sqlite3.Connection) -> str:
    """Return in one line what is wrong first in a store, "" where nothing is."""
    said: str = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    return "" if said == "ok" else " ".join(said.split())


@contextmanager
def of_this_version(what: str) -> Iterator[None]:
    """Tell in one line where what another version has kept cannot be taken in.

    Raises
    ------
    StoreError
        In the place of whatever comes of values that make no sense here.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, zlib.error, msgspec.MsgspecError) as error:
        raise StoreError(
            f"{what} cannot be taken in ({error!r}); use the version of peakday that wrote it, or "
            "restore a backup"
        ) from error


class FencedError(RuntimeError):
    """A newer controller has taken this run over; this one must write and send nothing more."""
