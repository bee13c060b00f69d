"""What a card says of a parcel's time at its door: promised, and planned, expected or not yet."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, TourState
from viz.expected import expected_tick, planned_to_leave
from viz.facts import Line
from viz.frame import Frame, Scene
from viz.own_tour import own_tour
from viz.words import clock_text

# States from which a parcel may still come to its door.
COMES = (
    ParcelState.ACCEPTED,
    ParcelState.AT_STATION,
    ParcelState.ON_ROBOT,
    ParcelState.IN_CHUTE,
    ParcelState.OUT,
    ParcelState.MISSING,
)


def promise(scene: Scene, frame: Frame, parcel: int) -> list[Line]:
    """Return when a parcel was promised, and whether it is late."""
    assert scene.parcels is not None
    due = float(scene.parcels.due_close[parcel])
    if np.isnan(due):
        return []
    delivered = frame.parcel_state[parcel] == ParcelState.DELIVERED
    at = float(frame.parcel_tick[parcel]) if delivered else frame.time
    late = at * scene.tick_seconds > due
    return [Line("promised by", clock_text(due) + (" · late" if late else ""), late=late)]


def forecast(scene: Scene, frame: Frame, parcel: int) -> list[Line]:
    """Return when a parcel should be at its door, in words that say how sure that is."""
    if frame.parcel_state[parcel] not in COMES or not frame.counts:
        return []
    tour = own_tour(scene, frame, parcel)
    if tour < 0:
        return [Line("tour", "none planned yet")]
    tick = expected_tick(scene, frame, parcel)
    if np.isnan(tick):
        return []
    assert scene.parcels is not None
    late = bool(tick * scene.tick_seconds > scene.parcels.due_close[parcel])
    time = clock_text(tick * scene.tick_seconds) + (" · late" if late else "")
    if frame.tour_state[tour] == TourState.OUT:
        return [Line("expected", "about " + time, late=late)]
    if planned_to_leave(scene, frame, tour) >= frame.time:
        return [Line("planned", "about " + time, late=late)]
    return [Line("expected", "not before " + time, late=late)]
