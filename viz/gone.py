"""Tours that were planned and will never leave."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, TourState
from viz.frame import Frame, Tours

_WAITS = (TourState.PLANNED, TourState.SORTING, TourState.READY)
_TAKEN_OUT = (ParcelState.CANCELLED, ParcelState.REJECTED)


def gone_tours(tours: Tours, frame: Frame) -> np.ndarray:
    """Return which tours have nothing left to bring; bool[tours].

    Their parcels were taken out, or planned again into newer tours.
    """
    gone = np.zeros(len(tours), bool)
    waiting = np.isin(frame.tour_state, _WAITS)
    if not waiting.any():
        return gone
    stops, starts = tours.flat()
    tour = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(stops))))
    own = tours.tour_of(len(frame.parcel_state), frame.time)[stops] == tour
    own &= ~np.isin(frame.parcel_state[stops], _TAKEN_OUT)
    gone[waiting] = np.bincount(tour[own], minlength=len(tours))[waiting] == 0
    return gone
