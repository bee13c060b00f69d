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
    go_at
        A free robot below this goes to charge where a charger is free.
    stop_at
        Below this a robot takes no further parcel, charger or not.
    leave_at
        A charging robot below this stays on its charger, above it may leave when it is needed.
    """

    go_at: float
    stop_at: float
    leave_at: float


def to_chargers(
    floor: Floor,
    distances: Distances,
    cells: np.ndarray,
    levels: np.ndarray,
    taken: np.ndarray,
    thresholds: Thresholds,
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
    chosen = np.full(len(cells), -1, dtype=np.int32)
    open_chargers = ~np.asarray(taken, dtype=bool)
    low = np.flatnonzero(levels < thresholds.go_at)
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


def may_work(levels: np.ndarray, charging: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Return which robots may take a parcel: not nearly empty, nor charging and not yet full
    enough (bool)."""
    return np.where(charging, levels >= thresholds.leave_at, levels >= thresholds.stop_at)
