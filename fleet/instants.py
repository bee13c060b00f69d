"""Instant actions: what robots are told to do at once, beside their orders.

A paused robot is told to stop (VDA 5050 startPause) where it is, within its base; what it holds it
keeps.  What robots are to be told follows from the state alone: as long as one does not say what
it should, it is told again.
"""

from __future__ import annotations

import numpy as np

from fleet.events import ORDER, Action
from fleet.world import World


def take(world: World, rows: np.ndarray) -> None:
    """Take in what states (dtype `events.REPORT`) say of instant actions; late ones say nothing."""
    robots, ids = world.robots, rows["robot"]
    # A robot that has rebooted may have forgotten what it was told.
    news = (rows["instant"] >= robots["reflected"][ids]) | (rows["order"] < 0)
    news &= robots["cell"][ids] >= 0
    ids, rows = ids[news], rows[news]
    robots["reflected"][ids] = rows["instant"]
    robots["halted"][ids] = rows["paused"]


def disobedient(world: World) -> np.ndarray:
    """Return which robots do not say yet that they are paused, or that they go on; bool."""
    robots = world.robots
    paused = (robots["paused"] == 1) | bool(world.paused)
    there = (robots["online"] == 1) & (robots["cell"] >= 0)
    return np.asarray(there & (paused != (robots["halted"] == 1)))


def due(world: World, *, again: bool) -> np.ndarray:
    """Return the instant actions of this tick (dtype `events.ORDER`).

    Parameters
    ----------
    again
        Whether those that no report reflects are sent again.
    """
    robots = world.robots
    ids = np.flatnonzero(disobedient(world))
    paused = (robots["paused"][ids] == 1) | bool(world.paused)
    wanted = np.where(paused, Action.START_PAUSE, Action.STOP_PAUSE)
    done = robots["reflected"][ids] >= robots["instants"][ids]
    new = (robots["asked"][ids] != wanted) | done
    robots["instants"][ids[new]] += 1
    robots["asked"][ids[new]] = wanted[new]
    ids = ids if again else ids[new]
    rows = np.zeros(len(ids), ORDER)
    rows["robot"], rows["epoch"] = ids, world.epoch
    rows["order"], rows["action"] = robots["instants"][ids], robots["asked"][ids]
    rows["start"] = rows["cells"] = rows["parcel"] = -1
    return rows
