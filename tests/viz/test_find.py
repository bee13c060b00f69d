"""What a typed name means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fleet.events import TourState
from tests.viz.made import Made
from viz.find import find
from viz.view import Selection


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cell 5", Selection("cell", 5)),
        ("Cell 17", Selection("cell", 17)),
        ("cell 2,3", Selection("cell", 2 * 14 + 3)),  # as `fleet operate` has it: ROW,COLUMN
        ("row 2, column 3", Selection("cell", 2 * 14 + 3)),  # as the viewer tells of it
        ("cell 140", Selection()),
        ("cell 2,14", Selection()),
        ("c5", Selection("chute", 5)),
        ("2,3", Selection("robot", 2, (3,))),
    ],
)
def test_cells_are_found_as_they_are_told(text: str, found: Selection) -> None:
    """By number, or by row and column."""
    source = Made()
    assert find(source.scene, source.frame(0), text) == found


def test_a_courier_is_its_tour() -> None:
    """The one it is out with, else the last that it brought; none before it ever left."""
    source = Made()
    tours = source.scene.tours
    tours.courier[:] = 2, 1, 2, 2
    tours.depart_tick[:] = 5, 6, 20, -1
    states = np.array([TourState.DONE, TourState.OUT, TourState.OUT, TourState.READY], np.uint8)
    for time, name, found in (
        (30, "courier 2", Selection("tour", 2)),
        (10, "courier 2", Selection("tour", 0)),
        (10, "courier 1", Selection("tour", 1)),
        (2, "courier 1", Selection()),
        (30, "courier 3", Selection()),
    ):
        frame = replace(source.frame(time), tour_state=states)
        assert find(source.scene, frame, name) == found
