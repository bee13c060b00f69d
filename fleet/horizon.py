"""How many cells are released ahead of each robot: as many as the line to it needs.

A robot that reflects an order a tick after it was sent always drives with two cells; the longer
the answer takes, the more it needs not to stop at the end of its base.  More than that only keeps
cells from others.  Time is counted in ticks from the first sending to the reflection, so that a
simulated run measures the same each time.
"""

from __future__ import annotations

import numpy as np

from fleet.world import World

LEAST_CELLS = 2
# Round trips are kept in eighths of a tick, and each new one counts for an eighth (Jacobson 1988).
EIGHTHS = 3
LONGEST_TICKS = 8  # an outage says nothing of the line


def measure(world: World, ids: np.ndarray) -> None:
    """Take in that robots have just reflected what was sent to them last."""
    robots = world.robots
    ticks = np.minimum(np.maximum(world.tick - robots["sent"][ids], 1), LONGEST_TICKS)
    known = robots["round_trip"][ids]
    later = known + ticks + (-known >> EIGHTHS)  # rounded up, as below, so that both agree
    robots["round_trip"][ids] = np.where(known == 0, ticks << EIGHTHS, later)


def cells(world: World) -> np.ndarray:
    """Return how many cells may be released ahead of each robot; int[robots]."""
    most = world.base_cells
    return np.minimum(np.maximum(1 + trips(world), min(LEAST_CELLS, most)), most)


def trips(world: World) -> np.ndarray:
    """Ticks from an order to its reflection, rounded up, 0 where none was seen; int64[robots]."""
    return -(-world.robots["round_trip"].astype(np.int64) >> EIGHTHS)
