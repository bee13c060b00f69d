"""What clicks, drags and the wheel do."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from tests.viz.desk import Desk
from tests.viz.made import TICKS
from viz.colours import WAITING
from viz.timeline import button_rect, x_of
from viz.view import Selection
from viz.words import where_text


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
    assert where_text(scene, 13) == "station 4 · row 0, column 13"
    assert where_text(scene, 17) == "row 1, column 3"


def test_the_right_button_adds_and_takes_away_robots(desk: Desk) -> None:
    """Each is drawn; the newest is the one that the panel tells of."""
    place = {robot: desk.pixel(*where) for robot, where in ((3, (4.5, 3.5)), (6, (9.5, 5.5)))}
    desk.click(desk.pixel(7.5, 4.5))
    seen = []
    for robot, selected in ((3, (3,)), (6, (6, 3)), (3, (6,)), (6, ())):
        desk.click(place[robot], button=3)
        assert desk.session.view.selection.robots == selected
        seen.append(pygame.surfarray.array3d(desk.surface).tobytes())
    assert len(set(seen)) == 4
    desk.click(desk.pixel(7.5, 4.5), button=3)  # there is no robot
    assert desk.session.view.selection.kind == ""


def test_a_story_leads_on(desk: Desk) -> None:
    """A click on a robot's goal tells of that, and brings it to the middle."""
    desk.session.select(Selection("robot", 6))
    desk.draw()
    assert desk.session.drawn is not None
    rect, line = desk.session.drawn.spots.story[0]
    assert line.to == Selection("station", 1)
    desk.click(rect.center)
    assert desk.session.view.selection == line.to
    desk.session.go_to(30)
    desk.session.select(Selection("robot", 5))
    desk.draw()
    desk.click(desk.session.drawn.spots.story[-1][0].center)  # its fault
    assert (desk.session.time, desk.session.view.selection) == (10, Selection("robot", 5))


def test_a_click_on_a_line_selects_its_tour() -> None:
    """Between two stops, away from both."""
    desk = Desk()
    desk.key(pygame.K_TAB, "\t")
    view, scene = desk.session.view, desk.session.source.scene
    assert view.city_camera is not None
    assert scene.parcels is not None
    x, y = (part[[18, 19]].mean() for part in (scene.parcels.x, scene.parcels.y))
    px, py = view.city_camera.to_screen(np.array(x), np.array(y))
    desk.click((round(float(px)), round(float(py))))
    assert view.selection == Selection("tour", 3)


def test_what_is_found_is_brought_into_view() -> None:
    """A tour far from where one looks comes to the middle; several robots are all seen."""
    desk = Desk()
    desk.key(pygame.K_TAB, "\t")
    camera = desk.session.view.city_camera
    assert camera is not None
    camera.centre(80.0, 80.0, 40.0)
    assert desk.session.find("t3")
    parcels = desk.session.source.scene.parcels
    assert parcels is not None
    assert camera.x == pytest.approx((parcels.x[18:].min() + parcels.x[18:].max()) / 2)
    assert desk.session.find("0, 7")
    desk.draw()
    assert desk.session.view.selection == Selection("robot", 0, (7,))
    floor = desk.session.view.floor_camera
    assert floor is not None
    left, top, right, bottom = floor.seen()
    assert left < 0.5 < 5.5 < right
    assert top < 1.5 < 7.5 < bottom
