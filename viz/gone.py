"""Tours that were planned and will never leave."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, TourState
from viz.frame import Tours

TO_LEAVE = (TourState.PLANNED, TourState.SORTING, TourState.READY)
TAKEN_OUT = (ParcelState.CANCELLED, ParcelState.REJECTED)


def gone_tours(
    tours: Tours, tour_state: np.ndarray, parcel_state: np.ndarray, time: float
) -> np.ndarray:
    """Return which tours have nothing left to bring at a time; bool[tours].

    Their parcels were taken out, or planned again into newer tours.
    """
    gone = np.zeros(len(tours), bool)
    waiting = np.isin(tour_state, TO_LEAVE)
    if not waiting.any():
        return gone
    (stops, _), tour = tours.flat(), tours.flat_tours()
    own = tours.tour_of(len(parcel_state), time)[stops] == tour
    own &= ~np.isin(parcel_state[stops], TAKEN_OUT)
    gone[waiting] = np.bincount(tour[own], minlength=len(tours))[waiting] == 0
    return gone
