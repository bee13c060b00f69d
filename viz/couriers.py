"""Where couriers are, between the doors that they report."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, TourState
from viz.frame import Frame, Scene

# Stops that a courier has behind it.
BEHIND = np.zeros(256, bool)
BEHIND[[ParcelState.DELIVERED, ParcelState.RETURNING, ParcelState.RETURNED]] = True


def couriers(scene: Scene, frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the tours that are out and where their couriers are.

    A courier drives from the door it reported last towards the next at the scenario's speed, and
    waits there until it reports.
    """
    parcels, depot = scene.parcels, scene.depot or (0.0, 0.0)
    assert parcels is not None
    flat, starts = scene.tours.flat()
    sizes = np.diff(np.append(starts, len(flat)))
    out = np.flatnonzero((frame.tour_state == TourState.OUT) & (sizes > 0))
    if not len(out):
        return out, np.zeros(0), np.zeros(0)
    state = frame.parcel_state[flat]
    at = np.arange(len(flat))
    ahead, done = state == ParcelState.OUT, BEHIND[state]
    some = np.flatnonzero(sizes > 0)

    def each(how: np.ufunc, values: np.ndarray) -> np.ndarray:
        """Reduce the values of each tour's stops."""
        return how.reduceat(values, starts[some])[np.searchsorted(some, out)]

    after = each(np.minimum, np.where(ahead, at, len(flat)))  # the next stop, if any
    before = each(np.maximum, np.where(done, at, -1))  # the last one reported
    ticks = frame.parcel_tick[flat]
    delay = scene.scenario.city.depart_seconds / scene.tick_seconds if scene.scenario else 0.0
    left = each(np.maximum, np.where(ahead, ticks, -1)) + delay
    since = np.where(before >= 0, each(np.maximum, np.where(done, ticks, -1)), left)
    x = np.append(parcels.x[flat], depot[0])
    y = np.append(parcels.y[flat], depot[1])
    home = len(flat)
    x0, y0 = (c[np.where(before >= 0, before, home)] for c in (x, y))
    x1, y1 = (c[np.where(after < len(flat), after, home)] for c in (x, y))
    way = np.hypot(x1 - x0, y1 - y0)
    gone = np.maximum(frame.time - since, 0.0) * scene.courier_speed
    share = np.where(way > 0, np.minimum(gone / np.where(way > 0, way, 1.0), 1.0), 1.0)
    return out, x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
