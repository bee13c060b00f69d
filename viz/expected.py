"""When a parcel that is out will be at its door, as far as one can tell from outside."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, TourState
from viz.frame import Frame, Scene
from viz.own_tour import own_tour


def expected_tick(scene: Scene, frame: Frame, parcel: int) -> float:
    """Return the tick at which a parcel's courier should report it; nan if it is not on its way.

    Reckons from the last report of its tour with the scenario's speed and time at a door; opening
    hours of the doors before are not reckoned in.
    """
    parcels, scenario = scene.parcels, scene.scenario
    if parcels is None or scenario is None or not len(scene.tours):
        return float("nan")
    tour = own_tour(scene, frame, parcel)
    out = tour >= 0 and frame.tour_state[tour] == TourState.OUT
    if not out or frame.parcel_state[parcel] != ParcelState.OUT:
        return float("nan")
    stops = scene.tours.stops[tour]
    state = frame.parcel_state[stops]
    ahead = stops[state == ParcelState.OUT]
    behind = stops[
        np.isin(state, (ParcelState.DELIVERED, ParcelState.RETURNING, ParcelState.RETURNED))
    ]
    seconds_a_tick = scene.tick_seconds
    if len(behind):
        since = float(frame.parcel_tick[behind].max())
        x0, y0 = float(parcels.x[behind[-1]]), float(parcels.y[behind[-1]])
    else:
        since = float(frame.parcel_tick[ahead].max())
        since += scenario.city.depart_seconds / seconds_a_tick
        x0, y0 = scene.depot or (0.0, 0.0)
    before = ahead[: int(np.flatnonzero(ahead == parcel)[0]) + 1]
    x, y = np.append(x0, parcels.x[before]), np.append(y0, parcels.y[before])
    drive = float(np.hypot(np.diff(x), np.diff(y)).sum()) / scene.courier_speed
    return since + drive + len(before) * scenario.city.stop_seconds / seconds_a_tick
