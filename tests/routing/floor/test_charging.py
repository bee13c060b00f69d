"""Robots with a low battery go to free chargers; nearly empty ones take no parcel."""

import numpy as np

from routing.floor.charging import Thresholds, may_work, to_chargers
from routing.floor.distances import Distances
from tests.routing.floor.test_grid import floor

PLAN = floor("C....C", "......")
DISTANCES = Distances(PLAN)
LEVELS = Thresholds(go_at=0.3, stop_at=0.1, leave_at=0.8)


def test_the_emptiest_chooses_first():
    """Two low robots at the left: the emptier gets the near charger, a full one none."""
    levels = np.array([0.25, 0.05, 0.9])
    nobody = np.array([False, False])
    got = to_chargers(PLAN, DISTANCES, np.array([6, 7, 8]), levels, nobody, LEVELS)
    assert got.tolist() == [1, 0, -1]


def test_taken_chargers_are_left_alone():
    """Without a free charger nobody is sent."""
    taken = np.array([True, True])
    got = to_chargers(PLAN, DISTANCES, np.array([6]), np.array([0.1]), taken, LEVELS)
    assert got.tolist() == [-1]


def test_who_may_work():
    """Not below the level to stop at; a charging robot not before it has enough."""
    charge = np.array([0.05, 0.2, 0.5, 0.9])
    charging = np.array([False, False, True, True])
    assert may_work(charge, charging, LEVELS).tolist() == [False, True, False, True]
