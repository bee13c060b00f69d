"""What clicks, drags and the wheel do."""

from __future__ import annotations

import pygame
import pytest

from tests.viz.desk import Desk
from tests.viz.made import TICKS
from viz.colours import WAITING
from viz.story import where
from viz.timeline import button_rect, x_of


def test_dragging_the_timeline_seeks(desk: Desk) -> None:
    """The moment follows the pointer on the track; the button plays."""
    drawn = desk.session.drawn
    assert drawn is not None
    middle = x_of(drawn.track, (0, TICKS), TICKS / 2), drawn.track.centery
    desk.drag((drawn.track.left, drawn.track.centery), middle)
    assert desk.session.time == pytest.approx(TICKS / 2, abs=0.1)
    desk.click(button_rect(drawn.layout).center)
    assert not desk.session.view.paused


def test_a_click_tells_what_is_there(desk: Desk) -> None:
    """Robots come before what they stand on; stations, chutes, cells and nothing follow."""
    for place, kind, number in (
        ((7.5, 4.5), "cell", 63),
        ((4.5, 3.5), "robot", 3),
        ((13.5, 0.5), "station", 4),
        ((2.5, 2.5), "chute", 0),
        ((-2.0, -2.0), "", -1),
    ):
        desk.click(desk.pixel(*place))
        assert (desk.session.view.selection.kind, desk.session.view.selection.number) == (
            kind,
            number,
        )


def test_dragging_moves_the_floor_and_selects_nothing(desk: Desk) -> None:
    """What was under the pointer stays under it."""
    before = desk.pixel(5, 5)
    desk.drag((300, 300), (340, 310))
    assert desk.pixel(5, 5) == (before[0] + 40, before[1] + 10)
    assert desk.session.view.selection.kind == ""
    desk.key(pygame.K_HOME)
    assert desk.pixel(5, 5) == before


def test_the_wheel_zooms_about_the_pointer(desk: Desk) -> None:
    """Zooming keeps the cell under the pointer."""
    place = desk.pixel(5, 5)
    desk.session.mouse.wheel(3, place)
    desk.draw()
    assert desk.pixel(5, 5) == pytest.approx(place, abs=2)  # the pixel's rounding, three steps in
    assert desk.session.drawn is not None
    assert desk.session.drawn.minimap is not None


def test_the_legend_filters(desk: Desk) -> None:
    """A click on a line of the legend hides those robots; they cannot be hit any more."""
    drawn = desk.session.drawn
    assert drawn is not None
    rect = next(rect for rect, kind in drawn.spots.legend if kind == WAITING)
    desk.click(rect.center)
    assert desk.session.view.hidden == {WAITING}
    desk.click(desk.pixel(9.5, 5.5))  # robot 6 waits there
    assert desk.session.view.selection.kind == "cell"
    desk.key(pygame.K_ESCAPE)
    desk.click(rect.center)
    assert desk.session.view.hidden == set()


def test_the_cell_under_the_pointer_is_named(desk: Desk) -> None:
    """Where the mouse rests on the floor, row and column stand in its corner."""
    before = pygame.surfarray.array3d(desk.surface)
    desk.mouse(pygame.MOUSEMOTION, desk.pixel(13.5, 0.5), rel=(1, 1), buttons=(0, 0, 0))
    desk.draw()
    assert (pygame.surfarray.array3d(desk.surface) != before).any()
    scene = desk.session.source.scene
    assert where(scene, 13) == "station 4 · row 0, column 13"
    assert where(scene, 17) == "row 1, column 3"
