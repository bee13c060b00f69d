"""What happens by itself: when senders cancel their parcels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fleet import timers
from fleet.run_folder import resume
from tests.fleet.pure_day import PureDay, troubled


def test_cancellations_are_drawn_once_and_alike(tmp_path: Path) -> None:
    """Whether parcels come one by one or all at once, live or after a restart."""
    run = PureDay(tmp_path, troubled(tmp_path, parcels=20, cancelled_share=0.5)).live(until=40)
    day = run.day
    fresh = timers._cancel_ticks(day.world, 0)
    assert np.array_equal(timers.cancel_ticks(day.world), fresh)
    assert 0 < (fresh < timers.NEVER).sum() < 20
    for first in (1, 7, 20):
        day.world.cancel_ticks = fresh[:first]
        assert np.array_equal(timers.cancel_ticks(day.world), fresh)
    day.store.close()
    again = resume(day.folder, lockstep=True)
    assert np.array_equal(timers.cancel_ticks(again.world), fresh)
