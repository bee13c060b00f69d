"""When parcels are expected."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState
from viz.expected import expected_tick
from viz.stored.replay import Replay


def test_what_is_expected_comes_about(replay: Replay) -> None:
    """Of a day whose couriers keep to the scenario, every forecast is right to a few ticks."""
    log = replay.log
    rows = np.isin(log.state, (ParcelState.DELIVERED, ParcelState.RETURNING))
    told = 0
    for tick in range(*replay.span(), 11):
        frame = replay.frame(tick)
        for parcel in np.flatnonzero(frame.parcel_state == ParcelState.OUT).tolist():
            expected = expected_tick(replay.scene, frame, parcel)
            came = log.tick[rows & (log.parcel == parcel) & (log.tick > tick)].min()
            assert abs(expected - came) <= 4
            told += 1
    assert told > 20


def test_nothing_is_expected_of_what_is_not_out(replay: Replay) -> None:
    """A parcel at its station or delivered has no forecast."""
    assert np.isnan(expected_tick(replay.scene, replay.frame(replay.span()[0]), 0))
    assert np.isnan(expected_tick(replay.scene, replay.frame(replay.span()[1]), 0))
