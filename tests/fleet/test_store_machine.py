"""The store against a list of ticks: commits, kills, torn logs, a full disk, a second writer."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fleet.events import CANCEL, ROBOT_FRAME
from fleet.sim.disk import Disk
from fleet.store import STORE, Store
from fleet.store_errors import FencedError


class Stores(RuleBasedStateMachine):
    """What is committed is there after any crash; what is not is not."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.disk = Disk(self.root)
        self.disk.folder.mkdir()
        self.store = Store(self.disk.folder / STORE, write=True)
        self.store.db.execute("PRAGMA synchronous=OFF")
        self.store.set_meta(epoch=0)
        self.store.claim()
        self.ticks: list[int] = []  # the model: committed ticks, their cancelled parcel

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.store.close()
        shutil.rmtree(self.root)

    def write(self, parcel: int) -> None:
        """Write the next tick, not yet committed."""
        tick = len(self.ticks)
        self.store.begin()
        rows = np.array([(parcel,)], CANCEL)
        self.store.add_events(tick, 1, {"cancel": rows}, b"")
        self.store.add_frame(tick, np.zeros(200, ROBOT_FRAME), (0, 0, 0, 0, 0))

    @rule(parcel=st.integers(0, 99))
    def commit(self, parcel: int) -> None:
        """A tick is written and committed, unless the disk is full."""
        try:
            self.write(parcel)
            self.store.commit()
        except sqlite3.OperationalError:
            assert self.disk.full
            if self.store.db.in_transaction:
                self.store.rollback()
            return
        self.ticks.append(parcel)

    @rule(full=st.booleans())
    def fill(self, full: bool) -> None:
        """The disk fills, or is freed."""
        self.disk.full = full
        self.disk.limit(self.store)

    @rule(parcel=st.integers(0, 99))
    def kill_before_commit(self, parcel: int) -> None:
        """The process dies with a transaction open."""
        try:
            self.write(parcel)
        except sqlite3.OperationalError:
            assert self.disk.full
        self.crash(None)

    @rule(parcel=st.integers(0, 99), share=st.floats(0, 1))
    def tear(self, parcel: int, share: float) -> None:
        """The process dies while its commit is being written."""
        self.disk.full = False
        self.disk.limit(self.store)
        self.store.db.execute("PRAGMA wal_autocheckpoint=0")
        whole = self.disk.wal_bytes()
        self.write(parcel)
        self.store.commit()
        grown = self.disk.wal_bytes()
        keep = whole + int((grown - whole) * share)
        if keep == grown:
            self.ticks.append(parcel)
        self.crash(keep)

    def crash(self, keep: int | None) -> None:
        """Reopen what is left."""
        self.disk.crash(self.store, keep)
        self.store = Store(self.disk.folder / STORE, write=True)
        full, self.disk.full = self.disk.full, False
        self.store.claim()
        self.disk.full = full
        self.disk.limit(self.store)

    @rule()
    def second_controller(self) -> None:
        """A later controller takes the store over; the earlier one is refused."""
        if self.disk.full:
            return
        epoch = self.store.epoch
        self.store.claim()
        self.store.epoch, later = epoch, self.store.epoch
        with pytest.raises(FencedError, match="taken this run over"):
            self.store.begin()
        assert not self.store.db.in_transaction
        self.store.epoch = later

    @invariant()
    def the_journal_is_what_was_committed(self) -> None:
        """Ticks and their events, in order, all of them and no more."""
        if self.store.db.in_transaction:
            return
        rows = [(tick, int(events["cancel"]["parcel"][0])) for tick, _, events in
                self.store.events()]  # fmt: skip
        assert rows == list(enumerate(self.ticks))


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
