"""When parcels will be at their doors, as far as one can tell from outside."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, TourState
from viz.couriers import BEHIND
from viz.frame import Frame, Scene
from viz.gone import TAKEN_OUT, TO_LEAVE
from viz.own_tour import own_tour


def expected_tick(scene: Scene, frame: Frame, parcel: int) -> float:
    """Return the tick at which a parcel should be at its door; nan if nothing tells."""
    tour = own_tour(scene, frame, parcel)
    if tour < 0:
        return float("nan")
    stops = scene.tours.stops[tour]
    return float(expected_ticks(scene, frame, tour)[np.flatnonzero(stops == parcel)[0]])


def expected_ticks(scene: Scene, frame: Frame, tour: int) -> np.ndarray:
    """Return the tick at which a tour's courier should be at each stop ahead of it, nan elsewhere.

    Reckons with the scenario's speed and time at a door: of a tour that is out from its last
    report; of one that is to leave from when it was planned to, or from now where that has passed.
    Opening hours of the doors before are not reckoned in.
    """
    stops = scene.tours.stops[tour]
    result = np.full(len(stops), np.nan)
    parcels, scenario = scene.parcels, scene.scenario
    if parcels is None or scenario is None or not len(frame.parcel_state):
        return result
    state, out = frame.parcel_state[stops], frame.tour_state[tour] == TourState.OUT
    seconds_a_tick = scene.tick_seconds
    since, place = planned_to_leave(scene, frame, tour), scene.depot or (0.0, 0.0)
    if out:
        ahead = np.flatnonzero(state == ParcelState.OUT)
    elif frame.tour_state[tour] in TO_LEAVE:
        own = scene.tours.tour_of(len(parcels), frame.time)[stops] == tour
        ahead = np.flatnonzero(own & ~np.isin(state, TAKEN_OUT))
        since = max(since, frame.time)
    else:
        return result
    if not len(ahead) or np.isnan(since):
        return result
    behind = stops[BEHIND[state]]
    if out and len(behind):
        since = float(frame.parcel_tick[behind].max())
        place = float(parcels.x[behind[-1]]), float(parcels.y[behind[-1]])
    else:
        if out:
            since = float(frame.parcel_tick[stops[ahead]].max())
        since += scenario.city.depart_seconds / seconds_a_tick
    x, y = (
        np.append(p, c[stops[ahead]]) for p, c in zip(place, (parcels.x, parcels.y), strict=True)
    )
    drive = np.cumsum(np.hypot(np.diff(x), np.diff(y))) / scene.courier_speed
    doors = np.arange(1, len(ahead) + 1) * scenario.city.stop_seconds / seconds_a_tick
    result[ahead] = since + drive + doors
    return result


def planned_to_leave(scene: Scene, frame: Frame, tour: int) -> float:
    """Return the tick at which a tour was planned to leave; nan where nobody planned that."""
    planned = int(scene.tours.plan_tick[tour])
    if scene.scenario is None or not 0 <= planned <= frame.time:
        return float("nan")
    return planned + scene.scenario.wave.sort_seconds / scene.tick_seconds
