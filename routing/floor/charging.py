"""When a robot goes to charge, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routing.floor.distances import Distances
from routing.floor.grid import Floor


@dataclass(frozen=True)
class Thresholds:
    """Battery levels, as shares of a full battery.

    Attributes
    ----------
    low
        A free robot below this goes to charge where a charger is free.
    critical
        Below this a robot takes no further parcel, charger or not.
    enough
        A charging robot below this stays on its charger, above it may leave when it is needed.
    """

    low: float = 0.3
    critical: float = 0.1
    enough: float = 0.8


def to_chargers(
    floor: Floor,
    distances: Distances,
    cells: np.ndarray,
    levels: np.ndarray,
    taken: np.ndarray,
    thresholds: Thresholds | None = None,
) -> np.ndarray:
    """Send free robots with a low battery to the nearest free chargers, the emptiest first.

    Parameters
    ----------
    cells, levels
        By free robot, its cell and its battery's level.
    taken
        By charger, whether a robot charges there or is on its way.

    Returns
    -------
    np.ndarray
        By robot, an index into `floor.chargers`, or -1 (int32).
    """
    thresholds = thresholds or Thresholds()
    chosen = np.full(len(cells), -1, dtype=np.int32)
    open_chargers = ~np.asarray(taken, dtype=bool)
    low = np.flatnonzero(levels < thresholds.low)
    if not len(low) or not open_chargers.any():
        return chosen
    ways = distances.between(cells[low], floor.chargers)
    for position in np.argsort(levels[low], kind="stable").tolist():
        cost = np.where(open_chargers, ways[position], np.inf)
        charger = int(np.argmin(cost))
        if np.isfinite(cost[charger]):
            chosen[low[position]] = charger
            open_chargers[charger] = False
    return chosen


def may_work(
    levels: np.ndarray, charging: np.ndarray, thresholds: Thresholds | None = None
) -> np.ndarray:
    """Return which robots may take a parcel: not nearly empty, nor charging and not yet full
    enough (bool)."""
    thresholds = thresholds or Thresholds()
    return np.where(charging, levels >= thresholds.enough, levels >= thresholds.critical)
