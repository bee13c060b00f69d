"""The watch on who waits for whom: robots never wait for each other in a ring.

A base is granted whole, so no robot should ever need a cell that another one holds, and the
wait-for graph has no edge.  Should one appear all the same, and edges make a ring, planning cannot
break it, for what is released stays released: the robots of the ring are told to drop their orders,
and are planned anew from where they then say they stand.
"""

from __future__ import annotations

import numpy as np

from fleet.events import Alarm
from fleet.grants import FREE
from fleet.world import World


def waits(world: World) -> dict[int, int]:
    """Return for each robot that waits whom it waits for: who has the first cell it lacks."""
    robots, held = world.robots, world.held
    base = robots["base"]
    ahead = np.arange(base.shape[1]) < robots["ahead"][:, None]
    lacks = ahead & (held[base] != np.arange(len(robots))[:, None])
    found = np.flatnonzero(lacks.any(axis=1))
    if not len(found):
        return {}
    here = {int(cell): k for k, cell in enumerate(robots["cell"].tolist()) if cell >= 0}
    edges = {}
    for robot in found.tolist():
        cell = int(base[robot, np.argmax(lacks[robot])])
        holder = here.get(cell, int(held[cell]))  # who stands there has it, whatever is written
        if holder not in (FREE, robot):
            edges[robot] = holder
    return edges


def rings(edges: dict[int, int]) -> list[list[int]]:
    """Return the cycles of a graph in which each node has one edge at most; each from its least."""
    found, seen = [], set()
    for start in sorted(edges):
        way: list[int] = []
        node = start
        while node in edges and node not in seen:
            seen.add(node)
            way.append(node)
            node = edges[node]
        if node in way:
            ring = way[way.index(node) :]
            least = ring.index(min(ring))
            found.append(ring[least:] + ring[:least])
    return found


def watch(world: World) -> None:
    """Raise an alarm for each ring of robots that wait, and let them drop their orders."""
    edges = waits(world)
    robots = world.robots
    for ring in rings(edges):
        if all(robots["cancel"][ring]) or (robots["anchor"][ring] >= 0).any():
            continue  # it is being broken
        for robot in ring:
            world.alarms.append((Alarm.CYCLE, robot, edges[robot], 0))
        robots["cancel"][ring] = 1
        world.held[robots["cell"][ring]] = ring
