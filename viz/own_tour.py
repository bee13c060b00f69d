"""Which tour a parcel is of at a moment."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, TourState
from viz.frame import Frame, Scene

# Where a parcel is before it lies with its tour's others.
_BEFORE = (
    ParcelState.ACCEPTED,
    ParcelState.AT_STATION,
    ParcelState.ON_ROBOT,
    ParcelState.MISSING,
)


def own_tour(scene: Scene, frame: Frame, parcel: int) -> int:
    """Return a parcel's tour, -1 where none is planned yet.

    One that has come back waits at its station: it is no more of the tour that left with it.
    """
    if scene.parcels is None or not len(scene.tours):
        return -1
    tour = int(scene.tours.tour_of(len(scene.parcels), frame.time)[parcel])
    if tour < 0 or not len(frame.parcel_state):
        return tour
    left = frame.tour_state[tour] in (TourState.OUT, TourState.DONE)
    return -1 if left and np.isin(frame.parcel_state[parcel], _BEFORE) else tour
