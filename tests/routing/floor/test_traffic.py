"""Where robots would drive, and how many a narrow floor carries."""

import numpy as np
import pytest

from routing.floor.grid import Floor
from routing.floor.guidance import lane_costs
from routing.floor.traffic import Traffic, expected_traffic
from tests.routing.floor.test_grid import floor


def traffic(plan: Floor, **options) -> Traffic | None:
    """Return the traffic of a floor whose moves and quarter turns cost four units."""
    return expected_traffic(plan, lane_costs(plan, 4, 2.0), 4, **options)


def test_two_cells_by_hand():
    """Half of the trips start at their goal, the others enter it; from 4 headings 0, 1, 2, 1 turns
    and a move: a mean of half of two steps."""
    found = traffic(floor(".."))
    assert found is not None
    assert found.entries.sum() == pytest.approx(0.5, abs=0.05)
    assert found.steps == pytest.approx(1.0, abs=0.1)


HALL = ["." * 20] * 20


def test_a_door_between_halls_is_narrow():
    """Half of all trips go through it; in one hall they spread."""
    side_by_side = [row + ("." if number == 10 else "@") + row for number, row in enumerate(HALL)]
    door = traffic(floor(*side_by_side))
    hall = traffic(floor(*HALL))
    assert door is not None
    assert hall is not None
    assert door.narrow
    assert not hall.narrow
    assert door.entries.max() == pytest.approx(0.5, abs=0.05)
    assert door.carried == int(0.5 * door.steps / door.busiest)
    assert np.array_equal(door.entries, traffic(floor(*side_by_side)).entries)


def test_no_trips_and_no_time():
    """One cell has no trips; without time for some rounds nothing is said."""
    assert traffic(floor(".")) is None
    assert traffic(floor(".@.")) is None
    assert traffic(floor(*HALL), until=0.0) is None
