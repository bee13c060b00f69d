"""The camera, by hand and by property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.camera import Camera

BOUNDS = (0.0, 0.0, 40.0, 20.0)


def test_fits_the_whole_plane() -> None:
    """A new camera shows all, in the middle, at the largest scale that allows it."""
    camera = Camera(BOUNDS, (100, 50, 400, 400))
    assert camera.scale == 10
    assert camera.to_plane(300, 250) == (20, 10)
    assert camera.seen() == (0, -10, 40, 30)


def test_up_turns_y_over() -> None:
    """On a city's camera a greater y is higher on the screen."""
    camera = Camera(BOUNDS, (0, 0, 400, 200), up=True)
    _, ys = camera.to_screen(np.array([0.0, 0.0]), np.array([0.0, 20.0]))
    assert ys.tolist() == [200, 0]


@given(st.floats(0, 400), st.floats(0, 200), st.integers(-12, 12), st.booleans(), st.integers(0, 5))
def test_zoom_keeps_what_is_under_the_pointer(
    px: float, py: float, steps: int, up: bool, before: int
) -> None:
    """Zooming leaves the point of the plane under the pointer, unless it left the plane."""
    camera = Camera(BOUNDS, (0, 0, 400, 200), up=up)
    camera.zoom(before, 200, 100)
    x, y = camera.to_plane(px, py)
    camera.zoom(steps, px, py)
    left, top, right, bottom = BOUNDS
    if left < camera.x < right and top < camera.y < bottom:
        assert camera.to_plane(px, py) == (pytest.approx(x), pytest.approx(y))


@given(st.floats(-50, 90), st.floats(-50, 90), st.booleans())
def test_screen_and_plane_are_inverse(x: float, y: float, up: bool) -> None:
    """A point goes to the screen and back."""
    camera = Camera(BOUNDS, (10, 20, 300, 500), up=up)
    px, py = camera.to_screen(np.array(x), np.array(y))
    assert camera.to_plane(float(px), float(py)) == (pytest.approx(x), pytest.approx(y))


def test_pan_moves_the_picture_and_cannot_lose_it() -> None:
    """Dragging moves by pixels; the middle stays on the plane."""
    camera = Camera(BOUNDS, (0, 0, 400, 200))
    camera.pan(30, -20)
    assert (camera.x, camera.y) == (17, 12)
    camera.pan(1e9, 1e9)
    assert (camera.x, camera.y) == (0, 0)


def test_a_fitted_camera_stays_fitted_in_another_window() -> None:
    """Resizing refits what was fitted and keeps the scale of what was zoomed."""
    camera = Camera(BOUNDS, (0, 0, 400, 200))
    camera.look((0, 0, 800, 400))
    assert camera.scale == 20
    camera.zoom(1, 400, 200)
    scale = camera.scale
    camera.look((0, 0, 400, 200))
    assert camera.scale == scale
