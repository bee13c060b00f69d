"""F: the camera goes with what is selected, on the floor or in the city."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from fleet.events import TourState
from fleet.scenario import CityPart, FloorPart, Scenario
from tests.viz.desk import Desk
from tests.viz.made import Made
from viz.couriers import couriers
from viz.frame import Frame
from viz.view import Selection


class Delivered(Made):
    """Three tours of four are out, and their vans drive."""

    def __init__(self) -> None:
        super().__init__()
        self.scene.scenario = Scenario(
            name="x",
            floor=FloorPart(map="x", robots=1, tick_seconds=0.5),
            city=CityPart(courier_metres_per_second=4.0, depart_seconds=0.0),
        )

    def frame(self, time: float) -> Frame:
        """Return a moment."""
        frame = super().frame(time)
        frame.tour_state[0] = TourState.SORTING
        return frame


def follow(kind: str, number: int, shown: str) -> Desk:
    desk = Desk(Delivered())
    desk.session.view.shown, desk.session.view.selection = shown, Selection(kind, number)
    desk.draw()
    desk.key(pygame.K_f, "f")
    return desk


@pytest.mark.parametrize("shown", ["floor", "city", "both"])
def test_a_tour_is_followed_in_the_city(shown: str) -> None:
    """Its van stays in the middle while time passes; the floor does not move."""
    desk = follow("tour", 2, shown)
    view, scene = desk.session.view, desk.session.source.scene
    assert view.follow
    assert view.shown == ("both" if shown == "floor" else shown)
    seen = []
    for time in (1.0, 9.0):
        desk.session.go_to(time)
        desk.draw()
        camera = view.city_camera
        assert camera is not None
        tours, xs, ys = couriers(scene, desk.session.source.frame(time))
        k = tours.tolist().index(2)
        assert (camera.x, camera.y) == (pytest.approx(xs[k]), pytest.approx(ys[k]))
        seen.append((camera.x, camera.y))
    assert not np.allclose(*seen)
    assert view.floor_camera is None or view.floor_camera.fitted


def test_what_goes_nowhere_is_refused() -> None:
    """A line says so, and no camera moves."""
    for desk, said in (
        (follow("tour", 0, "both"), "no courier is on its way with this tour"),
        (follow("", -1, "both"), "nothing is selected"),
    ):
        view = desk.session.view
        assert not view.follow
        assert said in desk.session.said
        assert view.floor_camera is not None
        assert view.floor_camera.fitted
        assert view.city_camera is not None
        assert view.city_camera.fitted


def test_a_robot_is_followed_on_the_floor() -> None:
    """Which is shown for it."""
    desk = follow("robot", 2, "city")
    view = desk.session.view
    assert (view.shown, view.follow) == ("floor", True)
    assert view.floor_camera is not None
    at = view.floor_camera.x
    desk.session.go_to(2)
    desk.draw()
    assert view.floor_camera.x == at + 2


def test_f_again_lets_go() -> None:
    """And the camera stays where it is."""
    desk = follow("tour", 2, "city")
    desk.key(pygame.K_f, "f")
    assert not desk.session.view.follow
