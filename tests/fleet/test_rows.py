"""Rows handled as bytes are what NumPy makes of them field by field."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet.events import REPORT
from fleet.rows import copied, put, select, stacked, unlike


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 2**32 - 1))
def test_rows_taken_as_bytes_are_the_same_rows(count, more, seed):
    """Choosing, copying, joining, comparing, writing: the same by bytes as column by column."""
    rng = np.random.default_rng(seed)
    rows, others = (
        np.frombuffer(rng.bytes(k * REPORT.itemsize), REPORT).copy() for k in (count, more)
    )
    mask = rng.random(count) < 0.5
    assert select(rows, mask).tobytes() == rows[mask].tobytes()
    assert select(rows, np.flatnonzero(mask)[::-1]).tobytes() == rows[mask][::-1].tobytes()
    assert stacked([rows, others], REPORT).tobytes() == rows.tobytes() + others.tobytes()
    changed = copied(rows)
    changed["cell"][mask] ^= 1
    assert unlike(changed, rows).tolist() == mask.tolist()
    put(rows, np.flatnonzero(mask), changed[mask])
    assert rows.tobytes() == changed.tobytes()
