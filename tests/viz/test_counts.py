"""The panel's counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pygame
import pytest

from fleet.events import ParcelState, TourState
from tests.viz.made import Made
from tests.viz.panel_rows import panel_rows
from viz.colours import CITY_GROUP_OF, DARK
from viz.draw import Picture
from viz.frame import NOT_PLANNED, Frame
from viz.gone import gone_tours
from viz.panel import PARCEL_PLACES
from viz.states import count_states
from viz.story import tell
from viz.view import Selection, View


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
    gone = gone_tours(source.scene.tours, frame.tour_state, frame.parcel_state, frame.time)
    assert gone.tolist() == [False, False, True, False]
    _, lines = tell(source, source.scene, frame, Selection("tour", 2), None)
    assert lines[0].value == "has nothing left to bring"
    _, lines = tell(source, source.scene, source.frame(10), Selection("tour", 3), None)
    assert lines[0].value == "not planned yet"


def test_every_parcel_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel's rows add up to all parcels, and each counts what has its mark in the city."""
    states = np.array([*ParcelState, ParcelState.MISSING, ParcelState.RETURNING], np.uint8)
    counts = count_states(np.bincount(states, minlength=256), len(states))

    class Mixed(Made):
        def frame(self, time: float) -> Frame:
            return replace(super().frame(time), counts=counts)

    rows = panel_rows(monkeypatch, Mixed(), 5)
    names = [words for _, words, _ in PARCEL_PLACES]
    told = {name: int(rows[name].split(" / ")[0]) for name in [*names, "to come"]}
    assert sum(told.values()) == len(states)
    for _, words, group in PARCEL_PLACES:
        marked = CITY_GROUP_OF[states] == group
        marked &= states != ParcelState.ACCEPTED
        assert told[words] == marked.sum()
    assert "set aside" not in rows


def test_the_bar_has_a_part_for_what_failed() -> None:
    """In the colour of its mark, behind what is under way."""
    source = Made()
    frame = replace(source.frame(5), counts=source.frame(5).counts | {"aside": 4, "at_station": 0})
    source.frame = lambda time: frame  # type: ignore[method-assign]
    pygame.font.init()
    surface = pygame.Surface((1280, 800))
    Picture(source, 1.0).draw(surface, 5, View())
    column = pygame.surfarray.array3d(surface)[-60:-14]
    red = (column == np.array(DARK.fault)).all(axis=2).sum(axis=0)
    assert red.max() >= 20  # a row of the bar
