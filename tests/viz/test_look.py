"""Where cameras look when something is selected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image

from tests.viz.desk import Desk
from tests.viz.made import Made
from viz.__main__ import main
from viz.camera import Camera
from viz.look import bring_tour_near
from viz.save import unit_of_picture
from viz.view import city_bounds

ROOM = (0, 0, 400, 300)


def camera_on(tour: int, parcel: int = -1, made: Made | None = None) -> Camera:
    scene = (made or Made()).scene
    camera = Camera(city_bounds(scene), ROOM, up=True)
    bring_tour_near(camera, scene, tour, parcel)
    return camera


def filled(camera: Camera, stops: np.ndarray) -> float:
    """Return which share of the picture's nearer sides the stops take, all of them in it."""
    parcels = Made().scene.parcels
    assert parcels is not None
    xs, ys = camera.to_screen(parcels.x[stops], parcels.y[stops])
    assert xs.min() > 0
    assert xs.max() < 400
    assert ys.min() > 0
    assert ys.max() < 300
    return max(np.ptp(xs) / 400, np.ptp(ys) / 300)


@pytest.mark.parametrize("tour", range(4))
def test_a_tour_fills_its_picture(tour: int) -> None:
    """All stops are seen, as large as they can be with some room around."""
    stops = Made().scene.tours.stops[tour]
    assert 0.45 <= filled(camera_on(tour), stops) <= 0.9


def test_a_depot_far_off_is_left_out() -> None:
    """One in the midst of the stops is seen."""
    camera = camera_on(0)
    assert np.all(np.array(camera.to_screen(np.array(0.0), np.array(0.0))) > 0)
    made = Made()
    made.scene.depot = (600.0, 0.0)
    camera = camera_on(0, made=made)
    assert filled(camera, made.scene.tours.stops[0]) > 0.7


def test_one_stop_is_not_looked_at_through_a_microscope() -> None:
    """A parcel that is in no tour yet stands alone, with the streets around it."""
    camera = camera_on(-1, 23)
    left, _, right, _ = camera.seen()
    assert right - left > 5


def test_what_is_seen_large_enough_stays() -> None:
    """Another parcel of the same tour does not make the picture jump."""
    made = Made()
    camera = Camera(city_bounds(made.scene), ROOM, up=True)
    bring_tour_near(camera, made.scene, 0)
    camera.pan(3, 0)
    before = camera.x, camera.y, camera.scale
    bring_tour_near(camera, made.scene, 0, 1)
    assert (camera.x, camera.y, camera.scale) == before


def test_find_brings_a_tour_near(desk: Desk) -> None:
    """In a window, too."""
    desk.key(ord("/"), "/")
    desk.type("t0")
    camera = desk.session.view.city_camera
    assert camera is not None
    assert camera.scale > 1.5 * camera.fit_scale()


def test_large_pictures_have_large_type(run_folder: Path, tmp_path: Path) -> None:
    """4K is Full HD twice as fine; --scale asks for another size of type."""
    pygame.font.init()
    assert unit_of_picture((640, 400)) == unit_of_picture((1920, 1080)) == 1
    assert unit_of_picture((3840, 2160)) == 2
    wide = []
    for name, options in (("plain", []), ("twice", ["--scale", "2"])):
        out = tmp_path / f"{name}.png"
        assert main([str(run_folder), "--out", str(out), "--size", "2400x900", *options]) == 0
        edge = np.array(Image.open(out).convert("RGB"))[5]  # the panel begins with a line
        wide.append(2400 - int(np.flatnonzero((edge == (0x34, 0x3B, 0x46)).all(axis=1))[0]))
    assert wide == [300, 600]
