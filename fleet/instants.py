"""Instant actions: what robots are told to do at once, beside their orders.

A paused robot is told to stop (VDA 5050 startPause) where it is, within its base; what it holds it
keeps.  One that is taken out is told to drop its order (cancelOrder); one that is not heard of is
asked how it is (stateRequest), and one that is new what it is (factsheetRequest).

What robots are to be told follows from the state alone, one thing at a time: as long as one does
not say what it should, it is told again, and after a while somebody is told of it.
"""

from __future__ import annotations

import numpy as np

from fleet.events import ORDER, Action, ActionState, Alarm, Link, Sheet
from fleet.rows import indices, select
from fleet.world import World

# Simulated seconds from the first sending of an instant action until an alarm says that it is not
# done; so long a robot is also left alone that has answered without a factsheet.
TIMEOUT_SECONDS = 10.0
# Beyond the longest thing that a robot does without a word; then it is asked how it is.
SILENT_SECONDS = 3.0


def set_link(world: World, rows: np.ndarray) -> None:
    """Robots of a host are reachable, or not, or may have said what never came (`events.LINK`)."""
    for first, last, link in rows.tolist():
        world.robots["unsure"][first:last] = 1
        if link != Link.GAP:
            world.robots["online"][first:last] = link == Link.ONLINE
        if link == Link.ONLINE:
            # What was asked while nobody was there is asked anew: its time counts from now on.
            asked = world.robots["asked"][first:last]
            asked[asked == Action.STATE_REQUEST] = Action.NONE


def take(world: World, rows: np.ndarray) -> None:
    """Take in what states (dtype `events.REPORT`) say of instant actions; late ones say nothing."""
    robots = world.robots
    ids = indices(rows)
    robots["heard"][ids] = world.tick
    newest, state = robots["reflected"][ids], robots["instant_state"][ids]
    news = (rows["instant"] > newest) | (
        (rows["instant"] == newest) & (rows["instant_state"] >= state)
    )
    # A robot that has rebooted may have forgotten what it was told.
    news |= rows["order"] < 0
    news &= robots["cell"][ids] >= 0
    if not news.all():  # seldom; rows are wide
        ids, rows = ids[news], select(rows, news)
    robots["reflected"][ids] = rows["instant"]
    robots["instant_state"][ids] = rows["instant_state"]
    robots["halted"][ids] = rows["paused"]
    current = (rows["instant"] == robots["instants"][ids]) & (
        rows["instant_state"] >= ActionState.FINISHED
    )
    if not current.any():
        return
    robots["unsure"][ids[current & (rows["instant_kind"] == Action.STATE_REQUEST)]] = 0
    refused = current & (rows["instant_kind"] == Action.FACTSHEET_REQUEST)
    refused &= rows["instant_state"] == ActionState.FAILED
    robots["sheet"][ids[refused]] = Sheet.REFUSED
    for robot in ids[refused].tolist():
        world.alarms.append((Alarm.FACTSHEET, robot, -1, 0))


def settle(world: World) -> None:
    """After a tick's reports: who has nothing left to drop need not drop it; who is silent?"""
    robots = world.robots
    held = (robots["ahead"] > 0) | (robots["closed"] == 1)
    told = (robots["order"] >= 0) & (robots["acked"] != robots["update"])
    busy = held | told
    robots["cancel"][~busy & (robots["anchor"] < 0)] = 0
    waited = np.minimum(world.tick - robots["heard"], world.tick - robots["sent"])
    timing = world.timing
    longest = max(timing.load, timing.drop, timing.turn, timing.plug)
    silent = waited >= world.scenario.ticks(SILENT_SECONDS) + longest
    silent &= busy & (robots["halted"] == 0) & (robots["online"] == 1)
    robots["unsure"][silent] = 1


def wanted(world: World) -> np.ndarray:
    """Return which instant action each robot is to be told now (`events.Action`); uint8."""
    robots = world.robots
    online = robots["online"] == 1
    kinds = np.zeros(len(robots), np.uint8)
    answered = (robots["asked"] == Action.FACTSHEET_REQUEST) & _done(world)
    tired = answered & (world.tick - robots["asked_tick"] < timeout(world))
    kinds[online & (robots["sheet"] == Sheet.UNKNOWN) & ~tired] = Action.FACTSHEET_REQUEST
    kinds[robots["unsure"] == 1] = Action.STATE_REQUEST
    kinds[online & (robots["cancel"] == 1)] = Action.CANCEL_ORDER
    paused = (robots["paused"] == 1) | bool(world.paused)
    other = online & (paused != (robots["halted"] == 1))
    kinds[other] = np.where(paused[other], Action.START_PAUSE, Action.STOP_PAUSE)
    kinds[robots["cell"] < 0] = 0
    return kinds


def _done(world: World) -> np.ndarray:
    """Return of which robots the newest instant action has come to its end; bool."""
    robots = world.robots
    return np.asarray(
        (robots["reflected"] >= robots["instants"])
        & (robots["instant_state"] >= ActionState.FINISHED)
    )


def timeout(world: World) -> int:
    """Return the ticks after which an instant action should have been done."""
    return world.scenario.ticks(TIMEOUT_SECONDS)


def due(
    world: World, *, again: bool, patience: int = 0, raised: np.ndarray | None = None
) -> np.ndarray:
    """Return the instant actions of this tick (dtype `events.ORDER`).

    Parameters
    ----------
    again
        Whether those that no report reflects are sent again.
    patience
        Ticks before which nobody is told that one is not done, where more than `timeout`.
    raised
        In a replay, the alarms (dtype `events.ALARM`) that there were: it knows no patience.
    """
    robots = world.robots
    kinds = wanted(world)
    ids = np.flatnonzero(kinds)
    new = (robots["asked"][ids] != kinds[ids]) | _done(world)[ids]
    fresh = ids[new]
    robots["instants"][fresh] += 1
    robots["asked"][fresh] = kinds[fresh]
    robots["asked_tick"][fresh] = world.tick
    if again:  # to a host that is silent one question is enough
        unheard = (robots["reflected"][ids] < robots["instants"][ids]) & (
            robots["online"][ids] == 1
        )
        ids = ids[new | unheard]
    else:
        ids = fresh
    rows = np.zeros(len(ids), ORDER)
    rows["robot"], rows["epoch"] = ids, world.epoch
    rows["order"], rows["action"] = robots["instants"][ids], robots["asked"][ids]
    rows["start"] = rows["cells"] = rows["parcel"] = -1
    _watch(world, kinds, patience, raised)
    return rows


def _watch(world: World, kinds: np.ndarray, patience: int, raised: np.ndarray | None) -> None:
    """Raise an alarm for each robot that does not do what it is told, and take back old ones."""
    robots = world.robots
    age = world.tick - robots["asked_tick"]
    late = (kinds != 0) & ~_done(world) & (age >= timeout(world))
    alarmed = robots["alarmed"] == 1
    fresh = late & ~alarmed & (robots["online"] == 1)
    if raised is None:
        fresh &= age >= patience
    else:
        told = raised["robot"][raised["what"] == Alarm.UNREFLECTED]
        fresh &= np.isin(np.arange(len(robots)), told)
    for what, who in (
        (Alarm.UNREFLECTED, fresh),
        (Alarm.REFLECTED, alarmed & ~late),
    ):
        robots["alarmed"][who] = what == Alarm.UNREFLECTED
        for robot in np.flatnonzero(who).tolist():
            world.alarms.append((what, robot, int(robots["asked"][robot]), int(age[robot])))
