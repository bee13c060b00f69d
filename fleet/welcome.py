"""What hosts and couriers are told when they come: where all stands, and what was said before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fleet import courier
from fleet.courier import Departure
from fleet.events import MAX_PARCELS, TourState
from fleet.store import Store
from fleet.world import World

CATCH_UP_TICKS = 512  # ticks in one batch; a host asks for the next when it has lived them


def host_welcome(
    world: World, store: Store, span: tuple[int, int], *, lockstep: bool
) -> tuple[dict[str, object], bytes, int]:
    """Return a host's welcome, its robots as last kept, and the tick after which they were.

    Parameters
    ----------
    span
        Its robots, first to last - 1.
    lockstep
        Whether a tick ends when every host has reported it.
    """
    first, last = span
    cells = np.frombuffer(bytes.fromhex(store.meta("opening_cells")), np.int32)
    headings = np.frombuffer(bytes.fromhex(store.meta("opening_headings")), np.uint8)
    last_tick = store.last_tick()
    before = last_tick - 1 if lockstep else last_tick
    loads = np.full((last - first, MAX_PARCELS), -1, np.int32)
    # On a real clock nothing leads back to where a lost host's robots were but their own word:
    # they stand where they last said and have lost their orders.
    lost = not lockstep and last_tick >= 0
    robots, kept, missed = b"", before, 0
    if lost:
        cells, headings = world.robots["cell"], world.robots["heading"]
        loads[:, 0] = world.robots["load"][first:last]
        if len(world.boards):
            loads = world.boards["said"][first:last]
    elif lockstep:
        kept, robots = store.robots(first, last, before)
        missed = store.db.execute(
            "SELECT count(*) FROM orders WHERE tick > ? AND tick <= ?", (kept, before)
        ).fetchone()[0]
    welcome: dict[str, object] = {
        "lockstep": lockstep,
        "cells": cells[first:last].tobytes(),
        "headings": headings[first:last].tobytes(),
        "lost": lost,
        "loads": loads.tobytes(),
        "charges": world.batteries["charge"][first:last].tobytes(),
        "catch_up": -(-missed // CATCH_UP_TICKS),
    }
    return welcome, robots, kept


def catch_up(store: Store, after: int) -> tuple[list[bytes], int]:
    """Return the orders of the next ticks before the last one.

    And the newest tick of these where there are more, else -1.
    """
    rows = store.db.execute(
        "SELECT tick, orders FROM orders WHERE tick > ? AND tick < ? ORDER BY tick LIMIT ?",
        (after, store.last_tick(), CATCH_UP_TICKS + 1),
    ).fetchall()
    frames = [tick.to_bytes(8, "little") + blob for tick, blob in rows[:CATCH_UP_TICKS]]
    return frames, rows[CATCH_UP_TICKS - 1][0] if len(rows) > CATCH_UP_TICKS else -1


def couriers_welcome(world: World, departure_of: Callable[[int], Departure]) -> dict[str, object]:
    """Return the couriers' welcome: the tours that are out, and how much is known of each."""
    out = [
        courier.pack(departure_of(tour), int(world.tours["reported"][tour]))
        for tour in np.flatnonzero(world.tours["state"] == TourState.OUT).tolist()
    ]
    return {"tick": world.tick, "out": out}
