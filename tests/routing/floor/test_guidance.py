"""Lanes and quiet cells on floors one can read."""

import numpy as np

from routing.floor.guidance import (
    AGAINST,
    AGAINST_STRICT,
    against_with,
    aisles,
    lane_costs,
    quiet_cells,
)
from tests.routing.floor.test_grid import floor


def test_streets_alternate_whatever_their_spacing():
    """Neighbouring streets lead opposite ways; rows of holes are no streets."""
    plan = floor(".........", ".@.@.@.@.", ".........", ".@.@.@.@.", ".........")
    costs = lane_costs(plan, 4, 1.0).reshape(5, 9, 4)
    assert costs[0, 4].tolist()[::2] == [4, 8]
    assert costs[2, 4].tolist()[::2] == [8, 4]
    assert costs[4, 4].tolist()[::2] == [4, 8]
    assert (costs[1, :, ::2] == 4).all()


def test_arrows_decide_alone():
    """A drawn aisle costs the same either way: its arrow is the rule."""
    plan = floor("...", ">>>", "...")
    assert (lane_costs(plan, 4, 1.0).reshape(3, 3, 4)[1, :, ::2] == 4).all()


def test_lanes_are_strict_where_a_floor_is_crowded():
    """Eight free cells a robot are enough to pass each other; with fewer robots meet head-on."""
    plan = floor("........", "........")
    assert [against_with(plan, robots) for robots in (1, 2, 3)] == [
        AGAINST, AGAINST, AGAINST_STRICT,
    ]  # fmt: skip


def test_lanes_are_strict_where_robots_cannot_pass_each_other():
    """An aisle is one cell wide and three long; what is shorter is a gap."""
    assert not aisles(floor("......", "......", "@.@@.@", "......", "......")).any()
    plan = floor("......", "......", "@.@@@@", "@.@@@@", "@.@@@@", "......", "......")
    assert np.flatnonzero(aisles(plan)).tolist() == [13, 19, 25]
    assert against_with(plan, 1) == AGAINST_STRICT


def test_quiet_cells_are_away_from_stations_and_chutes():
    """Two cells from where parcels change hands; where there is no such cell, any plain one."""
    assert quiet_cells(floor("E....S")).tolist() == [2, 3]
    assert quiet_cells(floor("E..S")).tolist() == [1, 2]
