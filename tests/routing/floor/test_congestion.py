"""Tests of costs that follow the traffic."""

import numpy as np

from routing.floor.congestion import Congestion, oncoming_weight

# Two cells side by side: state 0 is the west one heading east, 6 the east one heading west.
FORWARD = np.array([1, -1, -1, -1, -1, -1, 0, -1])


def test_oncoming_traffic_counts_little_on_sparse_floors():
    """It rises with the square, and in proportion from half of the cells on."""
    assert [oncoming_weight(share) for share in (0.0, 0.25, 0.5, 0.8)] == [0.0, 0.125, 0.5, 0.8]


def test_leaving_a_cell_whose_robot_waits_is_dearer_in_all_directions():
    """By its share of the last fifty steps, and less again once it drives."""
    congestion = Congestion(FORWARD, jam_units=50.0, oncoming_units=0.0)
    for _ in range(3):
        congestion.note(held_up=np.array([1]), moved=np.array([], int))
    assert congestion.units(robots=1).tolist() == [[3] * 4, [0] * 4]
    for _ in range(50):
        congestion.note(held_up=np.array([], int), moved=np.array([0]))
    assert congestion.units(robots=1).tolist() == [[1] * 4, [0] * 4]


def test_a_move_against_others_is_dearer_and_one_with_them_is_not():
    """Who goes along is taken off; other moves cost what they did."""
    congestion = Congestion(FORWARD, jam_units=0.0, oncoming_units=100.0)
    assert congestion.counts
    for _ in range(3):
        congestion.note(held_up=np.array([], int), moved=np.array([0]))
    assert congestion.units(robots=2).tolist() == [[0, 0, 0, 0], [0, 0, 6, 0]]
    assert not Congestion(FORWARD, 0.0, 0.0).counts
