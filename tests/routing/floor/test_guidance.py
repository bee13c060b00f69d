"""Lanes and quiet cells on floors one can read."""

import numpy as np

from routing.floor.granting import GrantPlanner
from routing.floor.guidance import (
    AGAINST,
    AGAINST_LONG,
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


def test_lanes_are_less_strict_where_ways_would_be_too_long_to_tell():
    """An aisle of 1,900 cells against its lane, at nine and three times a move; of 6,000, too."""
    for length, against in ((1000, AGAINST_STRICT), (1900, AGAINST_LONG), (6000, AGAINST)):
        plan = floor("S" + "." * (length - 2) + "E")
        assert against_with(plan, 1) == against
        distances = GrantPlanner(plan, against=against).distances
        assert np.isfinite(distances.between(plan.stations, plan.chutes)).all()


def test_quiet_cells_are_away_from_stations_and_chutes():
    """Two cells from where parcels change hands; where there is no such cell, any plain one."""
    assert quiet_cells(floor("E....S")).tolist() == [2, 3]
    assert quiet_cells(floor("E..S")).tolist() == [1, 2]
