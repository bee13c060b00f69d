"""Defects of the store: what is kept, and when."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from fleet import day, record, store
from fleet.controller import Effects
from fleet.sim.controller import Killed, SimController
from fleet.sim.defect import Defect, named, swap

DEFECTS: dict[str, Defect] = {}


@named(DEFECTS)
def _acknowledged_before_commit(stack: ExitStack) -> None:
    """Clients have their answer before their parcels are durable."""
    swap(stack, SimController, "acknowledge_first", True)


@named(DEFECTS)
def _sent_before_commit(stack: ExitStack) -> None:
    """Hosts have their orders before these are durable."""
    last: list[Effects] = []

    def step(*args: Any, **how: Any) -> Effects:
        last[:] = [old_step(*args, **how)]
        return last[0]

    def live(this: SimController, now: int, outbox: Any, **how: Any) -> Effects | None:
        last.clear()
        try:
            return old_live(this, now, outbox, **how)
        except Killed:
            if last and not outbox.orders:
                outbox.orders.append(last[0].orders)
            raise

    old_step = swap(stack, day, "step", step)
    old_live = swap(stack, SimController, "live", live)
    swap(stack, SimController, "send_first", True)


@named(DEFECTS)
def _store_not_fenced(stack: ExitStack) -> None:
    """A controller that was taken over may still write."""
    swap(stack, store.Store, "begin", lambda this: this.db.execute("BEGIN IMMEDIATE"))


@named(DEFECTS)
def _moves_not_journalled(stack: ExitStack) -> None:
    """The journal leaves out which cells were granted."""

    def add_tick(a: Any, b: Any, c: Any, d: Any, effects: Effects, digest: bytes) -> bytes:
        events = {kind: rows for kind, rows in effects.events.items() if kind != "move"}
        return old(a, b, c, d, replace(effects, events=events), digest)

    old = swap(stack, record, "add_tick", add_tick)


@named(DEFECTS)
def _full_disk_ignored(stack: ExitStack) -> None:
    """The controller goes on from memory when a tick could not be written."""
    last: list[Effects] = []

    def step(*args: Any, **how: Any) -> Effects:
        last[:] = [old_step(*args, **how)]
        return last[0]

    def tick(this: day.Day, *args: Any, **how: Any) -> Effects:
        try:
            return old_tick(this, *args, **how)
        except sqlite3.OperationalError as error:
            if "full" not in str(error):
                raise
            if this.store.db.in_transaction:
                this.store.rollback()
            return last[0]

    old_step = swap(stack, day, "step", step)
    old_tick = swap(stack, day.Day, "tick", tick)
