"""A disk that fails: the run's real SQLite files, torn where a crash tears them, or full."""

from __future__ import annotations

import shutil
from pathlib import Path

from fleet.store import STORE, Store


class Disk:
    """The folder of one run, and what a crash leaves of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "run-0"
        self._crashes = 0
        self.full = False

    def wal_bytes(self) -> int:
        """Return the length of the write-ahead log."""
        wal = self.folder / f"{STORE}-wal"
        return wal.stat().st_size if wal.exists() else 0

    def crash(self, store: Store, keep_wal_bytes: int | None = None) -> None:
        """Leave the files as the kernel has them now, and nobody who has them open.

        Parameters
        ----------
        store
            Of the process that dies; its transaction under way, if any, is never finished.
        keep_wal_bytes
            The log breaks off there: a write that was under way is torn.  None: nothing is torn.
        """
        self._crashes += 1
        after = self.root / f"run-{self._crashes}"
        after.mkdir()
        for file in self.folder.iterdir():
            if file.name.endswith("-shm"):
                continue  # memory of the dead processes
            shutil.copyfile(file, after / file.name)
        wal = after / f"{STORE}-wal"
        if keep_wal_bytes is not None and wal.exists():
            with wal.open("r+b") as log:
                log.truncate(keep_wal_bytes)
        store.close()
        shutil.rmtree(self.folder)
        self.folder = after

    def limit(self, store: Store) -> None:
        """Let a store grow, or not, as the disk now allows."""
        pages = store.db.execute("PRAGMA page_count").fetchone()[0] if self.full else 2**30
        store.db.execute(f"PRAGMA max_page_count={pages}")
