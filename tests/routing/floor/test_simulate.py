"""A simulated shift on a small floor, under the judge."""

from pathlib import Path

import numpy as np
import pytest

from routing.floor.check import check_moves
from routing.floor.grid import Floor
from routing.floor.simulate import simulate

MAPS = Path(__file__).parents[3] / "maps"


@pytest.mark.slow
def test_small_floor_sorts_every_parcel_without_a_collision():
    """Twelve robots sort 200 parcels; the judge finds nothing; time is split up wholly."""
    plan = Floor.read(MAPS / "small.map")
    figures = simulate(plan, 12, 200, 4000, np.random.default_rng(1), record=True)
    assert figures.sorted == 200
    assert check_moves(plan, np.array(figures.cells)) == []
    assert sum(figures.share.values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.slow
def test_platform_sorts_more_than_twenty_thousand_parcels_an_hour():
    """350 robots at 2.4 m/s with quarter-second turns, 6 + 4 ticks to load and drop."""
    plan = Floor.read(MAPS / "platform.map")
    figures = simulate(plan, 350, 20_000, 600, np.random.default_rng(1), waiting=3000)
    assert figures.parcels_per_hour > 20_000
    assert figures.share["waiting"] + figures.share["idle"] < 0.4
