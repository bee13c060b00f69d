"""Events pack into the journal and come back; the hash knows no order of arrival and no epoch."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.event_bytes import hashed_bytes, pack, unpack
from fleet.events import KINDS


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
