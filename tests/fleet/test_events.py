"""Events pack into the journal and come back; the hash knows no order of arrival and no epoch."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.events import (
    KINDS,
    REPORT,
    copied,
    hashed_bytes,
    pack,
    select,
    stacked,
    unlike,
    unpack,
)
from fleet.intake import newest


def _events(draw_rows):
    rng = np.random.default_rng(0)
    return {
        kind: np.frombuffer(rng.bytes(count * KINDS[kind].itemsize), KINDS[kind])
        for kind, count in draw_rows.items()
    }


@given(st.dictionaries(st.sampled_from(sorted(KINDS)), st.integers(0, 3)))
@settings(max_examples=30, deadline=None)
def test_unpack_returns_what_pack_packed(counts):
    """Every kind's rows come back byte for byte; kinds without rows are left out."""
    events = _events(counts)
    back = unpack(pack(events))
    assert set(back) == {kind for kind, rows in events.items() if len(rows)}
    for kind, rows in back.items():
        assert rows.dtype == KINDS[kind]
        assert rows.tobytes() == events[kind].tobytes()


def test_the_hash_does_not_know_epochs_or_the_order_of_kinds():
    """A resumed run has another epoch, and a dict may come in any order."""
    events = _events({"report": 2, "move": 3})
    other = {kind: events[kind].copy() for kind in ("move", "report")}
    other["report"]["epoch"] += 1
    assert hashed_bytes(events) == hashed_bytes(other)
    other["report"]["cell"] += 1
    assert hashed_bytes(events) != hashed_bytes(other)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 2**32 - 1))
def test_rows_taken_as_bytes_are_the_same_rows(count, more, seed):
    """Choosing, copying, joining and comparing mean the same by bytes as column by column."""
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


def test_of_several_reports_of_a_robot_the_last_to_come_counts():
    """By robot, whatever the order in which they came."""
    rows = np.zeros(4, REPORT)
    rows["robot"], rows["cell"] = [3, 1, 3, 0], [10, 11, 12, 13]
    kept = newest([rows[:2], rows[2:]])
    assert kept["robot"].tolist() == [0, 1, 3]
    assert kept["cell"].tolist() == [13, 11, 12]
    assert len(newest([])) == 0
