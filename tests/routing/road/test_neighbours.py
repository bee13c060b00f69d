"""Tests of `routing.road.neighbours`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.road.neighbours import nearest


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.integers(2, 80), st.integers(0, 10**6))
def test_as_by_sorting(points, seed):
    """The tree finds what sorting all distances finds, ties by index."""
    random = np.random.default_rng(seed)
    xy = random.integers(0, 12, (points, 2)).astype(float)
    count = int(random.integers(1, points))
    near, length = nearest(xy, count)
    for i in range(points):
        apart = np.hypot(*(xy - xy[i]).T)
        order = [j for j in np.lexsort((np.arange(points), apart)) if j != i][:count]
        assert near[i].tolist() == order
        assert np.allclose(length[i], apart[order])
