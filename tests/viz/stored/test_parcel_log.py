"""The parcels' log."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from viz.stored.parcel_log import UNKNOWN, ParcelLog

ROWS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(0, 8)), max_size=40)


@given(ROWS, st.lists(st.floats(-1, 11), min_size=1, max_size=6))
def test_any_order_of_seeks_gives_what_replaying_gives(
    rows: list[tuple[int, int, int]], times: list[float]
) -> None:
    """Wherever one came from, states are those of the last rows not later than the time."""
    rows.sort(key=lambda row: row[0])
    table = np.array(rows, np.int32).reshape(-1, 3)
    places = np.arange(len(rows), dtype=np.int32)
    log = ParcelLog(5, table[:, 0], table[:, 1], table[:, 2], places)
    for time in times:
        log.go_to(time)
        states, since = [UNKNOWN] * 5, [-1] * 5
        for tick, parcel, state in rows:
            if tick <= time:
                states[parcel], since[parcel] = state, tick
        assert log.states.tolist() == states
        assert log.since.tolist() == since


def test_frames_handed_out_do_not_change() -> None:
    """Columns that somebody holds stay as they were when time goes on."""
    log = ParcelLog(1, *(np.array(c, np.int32) for c in ([0, 5], [0, 0], [1, 2], [0, 0])))
    log.go_to(1)
    held = log.states
    log.go_to(9)
    assert (held[0], log.states[0]) == (1, 2)
