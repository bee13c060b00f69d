"""Whole pictures, compared with those that were looked at and found good.

`python -m tests.viz.test_draw` makes them anew; look at them before they are committed.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import numpy as np
import pygame
import pytest

from tests.viz.made import Made
from viz.colours import DARK, LIGHT
from viz.draw import Picture
from viz.view import Selection, View

GOLDEN = Path(__file__).parent / "golden"
SIZE = (640, 400)

# name -> view, zoom steps on the floor's middle
VIEWS: dict[str, tuple[View, int]] = {
    "floor": (View(), 0),
    "floor-light": (View(palette=LIGHT), 0),
    "floor-far": (View(), -8),
    "floor-near": (View(numbers=True, selection=Selection("robot", 7)), 5),
    "heat": (View(heat="visits"), 0),
    "heat-light": (View(palette=LIGHT, heat="waiting", heat_window="recent"), 0),
    "city": (View(shown="city", selection=Selection("tour", 1)), 0),
    "both-light": (View(palette=LIGHT, shown="both", goals=True), 0),
    "keys": (View(keys=True, note="find: 17_"), 0),
}


def paint(name: str) -> pygame.Surface:
    """Draw one of the views."""
    view, zoom = VIEWS[name]
    surface = pygame.Surface(SIZE)
    picture = Picture(Made())
    picture.draw(surface, 12.5, view)
    if zoom and view.floor_camera is not None:
        view.floor_camera.zoom(zoom, 200, 180)
        picture.draw(surface, 12.5, view)
    return surface


@pytest.mark.parametrize("name", VIEWS)
def test_pictures_look_as_they_did(name: str) -> None:
    """Few pixels differ from the golden picture, and little on the whole."""
    now = pygame.surfarray.array3d(paint(name)).astype(int)
    golden = pygame.surfarray.array3d(pygame.image.load(GOLDEN / f"{name}.png")).astype(int)
    away = np.abs(now - golden).max(axis=2)
    assert away.mean() < 1.5
    assert (away > 48).mean() < 0.01


def test_every_robot_state_has_its_own_picture() -> None:
    """No two states look alike, even without colour."""
    from viz.panel import LEGEND_STATUS
    from viz.sprites import swatch

    pygame.font.init()
    seen = []
    for status in LEGEND_STATUS:
        grey = pygame.surfarray.array3d(swatch(24, DARK, int(status))).mean(axis=2)
        edges = np.abs(np.diff(grey, axis=0)).astype(int)
        seen.append(edges)
    for k, one in enumerate(seen):
        for other in seen[:k]:
            assert np.abs(one - other).max() > 20


@pytest.mark.parametrize("size", [(240, 160), (500, 900), (1920, 1080)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    """Small, tall and large windows are drawn without an error, in every view."""
    for shown in ("floor", "city", "both"):
        view = View(shown=shown, selection=Selection("parcel", 3))
        surface = pygame.Surface(size)
        drawn = Picture(Made(), unit=1.5).draw(surface, 3.25, view)
        assert drawn.layout.size == size


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in VIEWS:
        pygame.image.save(paint(each), str(GOLDEN / f"{each}.png"))
