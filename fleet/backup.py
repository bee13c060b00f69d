"""A copy of a run's store, made while the run goes on."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
from pathlib import Path

from fleet.store import STORE, Store
from fleet.store_errors import StoreError, damage


def backup(run: Path, file: Path) -> int:
    """Copy a run's store into a file; return the newest tick in it.

    The copy is whole, checked and on disk before it gets its name, so that a backup that was
    broken off is never taken for one.

    Raises
    ------
    StoreError
        If there is no such run, the file exists, or the copy is not sound.
    """
    if file.exists():
        raise StoreError(f"{file}: exists already; name another file, or delete it")
    if not file.parent.is_dir():
        raise StoreError(f"{file}: there is no folder {file.parent}; make it, or name another file")
    store = Store(run / STORE)
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    try:
        copy = sqlite3.connect(part, isolation_level=None)
    except sqlite3.OperationalError as error:
        store.close()
        raise StoreError(f"{part}: cannot be written ({error}); name another file") from error
    whole = False
    try:
        # In one step, under one read snapshot: in WAL mode no writer waits for it, and it need not
        # begin again, as it would after each tick that another process commits between two steps.
        store.db.backup(copy)
        if fault := damage(copy):
            raise sqlite3.DatabaseError(fault)
        tick = copy.execute("SELECT coalesce(max(tick), -1) FROM journal").fetchone()[0]
        # A single file: whoever restores it need not know of SQLite's side files.
        copy.execute("PRAGMA journal_mode=DELETE")
        whole = True
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"{part}: the copy came to no end ({error}); make room, or name another file"
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{part}: the copy is not sound ({error}); check the disk") from error
    finally:
        copy.close()
        store.close()
        if not whole:  # it may be large, and the disk full
            part.unlink(missing_ok=True)
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    part.rename(file)
    return int(tick)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet backup`."""
    parser.add_argument("run", type=Path, help="run folder")
    parser.add_argument("file", type=Path, help="the copy; must not exist")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run `fleet backup`."""
    tick = backup(args.run, args.file)
    size = args.file.stat().st_size
    if args.json:
        print(json.dumps({"file": str(args.file), "bytes": size, "tick": tick}))
    else:
        print(f"{args.file}: {args.run} up to tick {tick}, {size / 1e6:.1f} MB")
    return 0
