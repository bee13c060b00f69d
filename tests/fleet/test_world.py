"""The state of a day: its opening, its snapshot, its hash."""

import numpy as np
import pytest

from fleet.events import ParcelState
from fleet.world import opening, parcel_rows, restore, snapshot, state_hash
from routing.floor.grid import Floor
from tests.fleet.pure_day import OPEN, PureDay, troubled


@pytest.fixture
def tiny(tmp_path):
    """A day in the middle of its work, with parcels in many states."""
    day = PureDay(tmp_path, troubled(tmp_path))
    for _ in range(60):
        day.live_one()
    return day.day


def test_robots_open_on_different_plain_cells(tmp_path):
    """Each holds its own cell and nothing else, the same for the same seed."""
    one = opening(troubled(tmp_path), Floor.parse(OPEN), base_cells=1)
    two = opening(troubled(tmp_path), Floor.parse(OPEN), base_cells=1)
    cells = one.robots["cell"]
    assert len(set(cells.tolist())) == len(cells)
    assert set(one.floor.letters[cells].tolist()) == {ord(".")}
    assert one.held[cells].tolist() == [0, 1, 2]
    assert (one.held >= 0).sum() == 3
    assert state_hash(one) == state_hash(two)
    other = opening(troubled(tmp_path, seed=2), Floor.parse(OPEN), base_cells=1)
    assert state_hash(other) != state_hash(one)


def test_restore_brings_back_what_snapshot_took(tiny):
    """Into an opening world of the same scenario, bit for bit."""
    again = opening(tiny.scenario, tiny.floor, base_cells=1)
    assert state_hash(again) != state_hash(tiny.world)
    restore(again, snapshot(tiny.world))
    assert state_hash(again) == state_hash(tiny.world)
    again.robots["cell"][0] += 1  # what was restored may be changed
    assert state_hash(again) != state_hash(tiny.world)


def test_the_hash_does_not_know_the_epoch(tiny):
    """A resumed controller's orders carry another epoch and mean the same."""
    before = state_hash(tiny.world)
    tiny.world.robots["epoch"] += 1
    assert state_hash(tiny.world) == before


def test_a_parcel_is_ready_in_the_tick_after_its_time(tiny):
    """A time between two ticks is rounded up, one on a tick is not."""
    parcels = tiny.book.take(np.arange(3))
    parcels.ready_seconds[:] = [0.0, 0.25, 0.26]
    rows = parcel_rows(tiny.scenario, parcels)
    assert rows["ready"].tolist() == [0, 1, 2]
    assert set(rows["state"].tolist()) == {ParcelState.ACCEPTED}
