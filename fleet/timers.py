"""What happens by itself as simulated time goes on, and when the next such thing happens.

Pure functions of the state, the scenario and the tick; every chance is a draw by name
(`faults.draw`), so that the same day has the same troubles whatever runs it.
"""

from __future__ import annotations

import numpy as np

from fleet import flow
from fleet.events import CANCEL, CHUTE, FOUND, WAVE, Events, ParcelState, RobotPhase, TourState
from fleet.faults import Chance, draw
from fleet.world import World

# Seconds after its arrival within which a sender who cancels does so.
CANCEL_WITHIN_SECONDS = 1200.0
NEVER = 2**62


def due(world: World, *, expected: int) -> Events:
    """Return this tick's own events: cancellations, chutes, found parcels, a closing wave.

    Parameters
    ----------
    world
        The state, its `tick` set, before this tick's events.
    expected
        Parcels that are known to come but have not been accepted yet.
    """
    events: Events = {}
    cancelled = np.flatnonzero(cancel_ticks(world) == world.tick)
    if len(cancelled):
        events["cancel"] = _rows(CANCEL, parcel=cancelled)
    blocked = _blocked_chute(world)
    if blocked >= 0:
        until = world.tick + world.scenario.ticks(world.scenario.troubles.blocked_seconds)
        events["chute"] = _rows(CHUTE, chute=[blocked], until=[until])
    rows = world.parcels
    missing = np.flatnonzero(rows["state"] == ParcelState.MISSING)
    found = missing[rows["until"][missing] <= world.tick]
    if len(found):
        events["found"] = _rows(FOUND, parcel=found)
    if _wave_closes(world, expected):
        events["wave"] = _rows(WAVE, wave=[world.waves])
    return events


def next_tick(world: World) -> int:
    """Return the earliest later tick at which something happens by itself, `NEVER` if none."""
    tick, rows = world.tick, world.parcels
    later = [NEVER]
    waiting = rows["ready"][rows["state"] == ParcelState.ACCEPTED]
    missing = rows["until"][rows["state"] == ParcelState.MISSING]
    shut = world.chutes["until"]
    for ticks in (waiting, missing, shut, cancel_ticks(world)):
        ticks = ticks[ticks > tick]
        if len(ticks):
            later.append(int(ticks.min()))
    if world.planned < world.waves:
        later.append(plan_tick(world))
    elif len(flow.at_hand(world)):
        later.append(max(_wave_tick(world), tick + 1))
    return min(later)


def plan_tick(world: World) -> int:
    """Return the tick at which the tours of the last closed wave enter."""
    return world.wave_tick + world.scenario.ticks(world.scenario.wave.plan_seconds)


def cancel_ticks(world: World) -> np.ndarray:
    """Return for each parcel the tick at which its sender cancels it, `NEVER` for most."""
    known = world.cancel_ticks
    if len(known) < len(world.parcels):  # drawn once, when a parcel is accepted
        world.cancel_ticks = np.concatenate([known, _cancel_ticks(world, len(known))])
    return world.cancel_ticks


def _cancel_ticks(world: World, first: int) -> np.ndarray:
    share, seed = world.scenario.troubles.cancelled_share, world.scenario.seed
    parcels = np.arange(first, len(world.parcels))
    ticks = np.full(len(parcels), NEVER)
    if share:
        within = world.scenario.ticks(CANCEL_WITHIN_SECONDS)
        some = parcels[draw(seed, Chance.CANCELLED, parcels) < share]
        later = draw(seed, Chance.CANCEL_TIME, some) * within
        ticks[some - first] = world.parcels["ready"][some] + 1 + later
    return ticks


def untoured(world: World, parcels: np.ndarray) -> np.ndarray:
    """Return which parcels no tour may take (no address); bool[k]."""
    share = world.scenario.troubles.untoured_share
    return draw(world.scenario.seed, Chance.UNTOURED, parcels) < share


def _blocked_chute(world: World) -> int:
    """Return the chute that blocks in this tick, -1 for none; nothing blocks on an empty floor."""
    per_hour = world.scenario.troubles.blocked_per_hour
    if not per_hour or (world.robots["phase"] == RobotPhase.IDLE).all():
        return -1
    seed = world.scenario.seed
    if draw(seed, Chance.BLOCKED, world.tick) >= per_hour * world.seconds(1) / 3600:
        return -1
    chute = int(draw(seed, Chance.BLOCKED_CHUTE, world.tick) * world.n_chutes)
    return chute if world.chutes["until"][chute] <= world.tick else -1


def _wave_closes(world: World, expected: int) -> bool:
    if world.planned < world.waves or world.tick < _wave_tick(world):
        return False
    if not world.scenario.wave.every_seconds:
        # One wave with all that is to come; what couriers bring back leaves when all are home.
        # Tours are asked first: there are fewer of them, and most of the day one is not home.
        if expected or (world.tours["state"] != TourState.DONE).any():
            return False
        rows = world.parcels["state"]
        if (rows == ParcelState.ACCEPTED).any() or (rows == ParcelState.MISSING).any():
            return False
    return len(flow.at_hand(world)) > 0


def _wave_tick(world: World) -> int:
    """Return the tick at which the next wave may close."""
    wave = world.scenario.wave
    first = int(np.ceil(wave.first_seconds / world.scenario.floor.tick_seconds - 1e-9))
    if not wave.every_seconds:
        return first
    every = world.scenario.ticks(wave.every_seconds)
    if world.tick <= first:
        return first
    return first + -(-(world.tick - first) // every) * every


def _rows(dtype: np.dtype, **columns: object) -> np.ndarray:
    n = len(next(iter(columns.values())))  # type: ignore[arg-type]
    rows = np.zeros(n, dtype)
    for name, values in columns.items():
        rows[name] = values
    return rows
