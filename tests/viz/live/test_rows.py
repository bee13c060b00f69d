"""Tables that grow."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from viz.live.rows import Newest


@given(st.integers(1, 5), st.integers(0, 40))
def test_the_newest_rows_stay(kept: int, count: int) -> None:
    """After any number of rows the newest are there in order, and not many more."""
    table = Newest(kept, 2)
    for k in range(count):
        table.append(k, -k)
    found = table.column(0).tolist()
    assert found == list(range(count))[count - len(found) :]
    assert min(kept, count) <= len(table) <= 2 * kept
    assert (table.column(1) == -table.column(0)).all()


def test_what_was_read_does_not_change() -> None:
    """A column handed out before the older half went keeps its rows."""
    table = Newest(2, 1)
    for k in range(4):
        table.append(k)
    held = table.column(0)
    for k in range(4, 9):
        table.append(k)
    assert np.array_equal(held, [0, 1, 2, 3])
