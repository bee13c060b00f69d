"""Bases: where each robot's ends, when it is there, and whether it can be granted more.

This is what planners are told of the robots.
"""

from __future__ import annotations

import numpy as np

from fleet import horizon
from fleet.events import Out, RobotPhase
from fleet.world import World


def ends(world: World) -> np.ndarray:
    """Return where each robot's base ends; int32."""
    robots = world.robots
    ahead = robots["ahead"].astype(np.int64)
    last = robots["base"][np.arange(len(robots)), np.maximum(ahead - 1, 0)]
    return np.where(ahead > 0, last, robots["cell"]).astype(np.int32)


def origins(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return where each robot's base ends and the heading it will have there; int32, uint8."""
    robots = world.robots
    ahead = robots["ahead"].astype(np.int64)
    every = np.arange(len(robots))
    moving = ahead > 0
    last = ends(world)
    before = np.where(ahead > 1, robots["base"][every, np.maximum(ahead - 2, 0)], robots["cell"])
    heading = _way(before, last, world.floor.width)
    return last, np.where(moving, heading, robots["heading"]).astype(np.uint8)


def ready(world: World) -> np.ndarray:
    """Return the ticks until each robot is where its base ends, as far as one knows, and at least
    one where it may not be told more now; int32."""
    robots, width = world.robots, world.floor.width
    ticks = np.zeros(len(robots), np.int32)
    here, heading = robots["cell"].astype(np.int64), robots["heading"].astype(np.int64)
    for k in range(int(robots["ahead"].max(initial=0))):
        drives = robots["ahead"] > k
        way = _way(here, robots["base"][:, k], width)
        quarter = (way - heading) % 4
        ticks += np.where(drives, 1 + np.where(quarter == 3, 1, quarter) * world.timing.turn, 0)
        here, heading = np.where(drives, robots["base"][:, k], here), np.where(drives, way, heading)
    return np.maximum(ticks, np.where(may_be_told(world), 0, 1)).astype(np.int32)


def _way(here: np.ndarray, there: np.ndarray, width: int) -> np.ndarray:
    """Return the heading from cells to those beside them."""
    step = there - here
    return np.where(step == 1, 0, np.where(step == width, 1, np.where(step == -1, 2, 3)))


def movable(world: World) -> np.ndarray:
    """Return which robots may get one more cell now; bool[robots]."""
    return may_be_told(world) & (world.robots["phase"] != RobotPhase.CHARGING)


def may_be_told(world: World) -> np.ndarray:
    """Return which robots can take an order now; bool[robots]."""
    robots = world.robots
    return (
        _heeds(world)
        & (robots["ahead"] < horizon.cells(world))
        & ((robots["order"] < 0) | (robots["acked"] == robots["update"]))
    )


def _heeds(world: World) -> np.ndarray:
    """Return which robots take orders once they have reflected those they have; bool[robots]."""
    robots = world.robots
    return (
        (robots["online"] == 1)
        & (robots["fault"] == 0)
        & (robots["paused"] == 0)
        & (robots["out"] != Out.STANDS)
        & (not world.paused)
        & (robots["closed"] == 0)
        & (robots["anchor"] < 0)
        & (robots["cancel"] == 0)
    )


def going(world: World) -> np.ndarray:
    """Return which robots drive on from where their base ends, once they may be told; bool."""
    robots = world.robots
    return _heeds(world) & (robots["cell"] >= 0) & (robots["phase"] != RobotPhase.CHARGING)


def late(world: World) -> np.ndarray:
    """Return which robots stand longer than turning round, a move and the answer take; bool."""
    robots = world.robots
    usual = 2 * world.timing.turn + 1 + horizon.trips(world)
    return (robots["ahead"] > 0) & (world.tick - robots["sent"] > usual)
