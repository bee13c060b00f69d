"""Which chutes tours take first: on a row of chutes one can count, then on drawn floors."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from routing.floor.chute_order import chute_order
from routing.floor.grid import Floor
from tests.routing.floor.test_grid import floor

ROW = floor("E.......", "SSSSSSSS", "........")


def test_few_robots_bring_parcels_to_the_nearest():
    """One robot needs 12 of 24 cells, half of the floor: the nearer half of the chutes first."""
    order = chute_order(ROW, robots=1)
    assert sorted(order[:4].tolist()) == [0, 1, 2, 3]
    assert order[4:].tolist() == [4, 5, 6, 7]


def test_many_robots_have_the_whole_floor():
    """The first two are of both halves, the first four of all quarters."""
    order = chute_order(ROW, robots=100)
    assert sorted((order[:2] // 4).tolist()) == [0, 1]
    assert sorted((order[:4] // 2).tolist()) == [0, 1, 2, 3]


def test_a_floor_without_chutes_has_no_order():
    """There is nothing to order, and nothing to err about."""
    assert chute_order(floor("E..."), robots=1).tolist() == []


@given(
    letters=st.lists(st.sampled_from("..SSE@"), min_size=42, max_size=42),
    robots=st.integers(1, 20),
)
def test_each_chute_comes_once(letters, robots):
    """Whatever the floor, the order names all of its chutes."""
    drawn = np.array([ord(c) for c in ["E", "S", *letters[2:]]], np.uint8).reshape(6, 7)
    plan = Floor.of_letters(drawn)
    assert sorted(chute_order(plan, robots).tolist()) == list(range(len(plan.chutes)))
