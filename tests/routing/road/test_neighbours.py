"""Tests of `routing.road.neighbours`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.road import Problem
from routing.road.neighbours import nearest, neighbours


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.integers(2, 80), st.integers(0, 10**6))
def test_as_by_sorting(points, seed):
    """The tree finds what sorting all distances finds, ties by index, but at one address."""
    random = np.random.default_rng(seed)
    xy = random.integers(0, 12, (points, 2)).astype(float)
    count = int(random.integers(1, points))
    near, length = nearest(xy, count)
    for i in range(points):
        apart = np.hypot(*(xy - xy[i]).T)
        order = [j for j in np.lexsort((np.arange(points), apart)) if j != i][:count]
        assert len({i, *near[i].tolist()}) == count + 1
        assert length[i, -1] == 0.0 or near[i].tolist() == order
        assert np.allclose(length[i], apart[order])


def test_many_stops_at_one_address_have_different_neighbours():
    """Each of 500 has others near it, and a chain of them reaches all."""
    near, length = nearest(np.zeros((500, 2)), 10)
    assert not length.any()
    assert np.unique(near).size == 500
    reached = {0}
    while more := {int(j) for i in reached for j in near[i]} - reached:
        reached |= more
    assert len(reached) == 500


def test_near_in_time_by_the_matrix_of_durations():
    """Of two stops as far away the one that can be reached in time is nearer."""
    distances = np.full((4, 4), 5.0)
    durations = np.full((4, 4), 5.0)
    durations[1, 2] = durations[2, 1] = 90.0
    due = np.array([np.inf, 20.0, 20.0, 20.0])
    problem = Problem.from_matrices(distances, [0, 1, 1, 1], 3, durations=durations, due=due)
    assert neighbours(problem, 1).tolist() == [[2], [2], [0]]
