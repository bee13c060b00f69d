"""The panel's counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fleet.events import ParcelState, TourState
from tests.viz.made import Made
from tests.viz.panel_rows import panel_rows
from viz.frame import NOT_PLANNED, Frame
from viz.gone import gone_tours
from viz.story import tell
from viz.view import Selection


class Planning(Made):
    """Four tours, of which the last is planned at tick 20; all but one wait for their chutes."""

    def __init__(self, *, taken: bool = False) -> None:
        super().__init__()
        tours = self.scene.tours
        tours.plan_tick[3] = 20
        if taken:  # the last is planned for what the third was planned for
            tours.stops[3] = tours.stops[2]

    def frame(self, time: float) -> Frame:
        """Return a moment."""
        states = np.array([TourState.OUT, *[TourState.PLANNED] * 3], np.uint8)
        states[self.scene.tours.plan_tick > time] = NOT_PLANNED
        return replace(super().frame(time), tour_state=states)


@pytest.mark.parametrize(
    ("time", "taken", "out"), [(10, False, "1 / 3"), (30, False, "1 / 4"), (30, True, "1 / 3")]
)
def test_tours_count_from_when_they_are_planned(
    monkeypatch: pytest.MonkeyPatch, time: float, taken: bool, out: str
) -> None:
    """And no longer when all their parcels were planned again."""
    assert panel_rows(monkeypatch, Planning(taken=taken), time)["tours out"] == out


def test_a_tour_whose_parcels_were_taken_out_is_gone() -> None:
    """Its card says that it has nothing left to bring, and before it is planned, that."""
    source = Planning()
    frame = source.frame(30)
    frame.parcel_state[source.scene.tours.stops[2]] = ParcelState.CANCELLED
    assert gone_tours(source.scene.tours, frame).tolist() == [False, False, True, False]
    _, lines = tell(source, source.scene, frame, Selection("tour", 2), None)
    assert lines[0].value == "has nothing left to bring"
    _, lines = tell(source, source.scene, source.frame(10), Selection("tour", 3), None)
    assert lines[0].value == "not planned yet"
