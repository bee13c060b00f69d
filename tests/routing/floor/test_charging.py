"""Robots with a low battery go to free chargers; nearly empty ones take no parcel."""

import numpy as np

from routing.floor.charging import may_work, to_chargers
from routing.floor.distances import Distances
from tests.routing.floor.test_grid import floor

PLAN = floor("C....C", "......")
DISTANCES = Distances(PLAN)


def test_the_emptiest_chooses_first():
    """Two low robots at the left: the emptier gets the near charger, a full one none."""
    got = to_chargers(
        PLAN, DISTANCES, np.array([6, 7, 8]), np.array([0.25, 0.05, 0.9]), np.array([False, False])
    )
    assert got.tolist() == [1, 0, -1]


def test_taken_chargers_are_left_alone():
    """Without a free charger nobody is sent."""
    got = to_chargers(PLAN, DISTANCES, np.array([6]), np.array([0.1]), np.array([True, True]))
    assert got.tolist() == [-1]


def test_who_may_work():
    """Not below critical; a charging robot not before it has enough."""
    levels = np.array([0.05, 0.2, 0.5, 0.9])
    assert may_work(levels, np.array([False, False, True, True])).tolist() == [
        False,
        True,
        False,
        True,
    ]
