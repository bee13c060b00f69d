"""Parcels and tours by state: how many, and since when."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, TourState
from viz.colours import CITY_FAILED, CITY_GROUP_OF
from viz.frame import NOT_PLANNED, Tours


def count_states(count: np.ndarray, accepted: int) -> dict[str, int]:
    """Return the panel's figures from the number of parcels in each state."""
    sorted_ = sum(
        int(count[s])
        for s in (
            ParcelState.IN_CHUTE,
            ParcelState.OUT,
            ParcelState.DELIVERED,
            ParcelState.RETURNING,
            ParcelState.RETURNED,
            ParcelState.REJECTED,
        )
    )
    return {
        "accepted": accepted,
        "to come": int(count[ParcelState.ACCEPTED]),
        "at_station": int(count[ParcelState.AT_STATION]),
        "on_robot": int(count[ParcelState.ON_ROBOT]),
        "in_chute": int(count[ParcelState.IN_CHUTE]),
        "sorted": sorted_,
        "out": int(count[ParcelState.OUT]),
        "delivered": int(count[ParcelState.DELIVERED]),
        "aside": int(count[CITY_GROUP_OF == CITY_FAILED].sum()),  # as the city marks them
    }


def tour_states(tours: Tours, time: float) -> np.ndarray:
    """Return each tour's `events.TourState` at a time, 255 before it was planned."""
    state = np.full(len(tours), NOT_PLANNED, np.uint8)
    for column, value in (
        (tours.plan_tick, TourState.PLANNED),
        (tours.chute_tick, TourState.SORTING),
        (tours.ready_tick, TourState.READY),
        (tours.depart_tick, TourState.OUT),
        (tours.home_tick, TourState.DONE),
    ):
        state[(column >= 0) & (column <= time)] = value
    return state
