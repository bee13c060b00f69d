"""How judges find rows: keys in order, and a search that says what is not there."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet.check.lookup import find, keys

numbers = st.lists(st.integers(0, 2**31 - 1), max_size=12)


@given(numbers, numbers)
def test_found_is_what_is_there_and_where(ordered, wanted):
    """As a plain search would say."""
    ordered = sorted(set(ordered))
    wanted = wanted + ordered[:3]
    k, known = find(np.array(ordered, np.int64), np.array(wanted, np.int64))
    assert known.tolist() == [one in ordered for one in wanted]
    assert [ordered[j] for j in k[known]] == [one for one in wanted if one in ordered]


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)), max_size=12))
def test_keys_sort_as_robot_then_number(pairs):
    """No two pairs share a key."""
    columns = np.array(pairs, np.int32).reshape(-1, 2)
    assert sorted(keys(*columns.T).tolist()) == [(a << 32) | b for a, b in sorted(pairs)]
