"""Marks over robots: what is wrong with each is seen, however close they stand."""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import RobotStatus
from tests.viz.desk import Desk
from tests.viz.scenes import Faulty
from viz.colours import DARK
from viz.marks import draw_faulty
from viz.sprites import Sprites


def test_faulty_neighbours_can_be_told_apart() -> None:
    """Where cells are small their marks cover each other; each has a core of its own on top."""
    target, scale = pygame.Surface((40, 20)), 4.0
    mark = Sprites(scale, DARK).surfaces[RobotStatus.FAULT * 16]
    xs, ys = np.array([12.0, 16.0, 24.0]), np.array([8.0, 8.0, 8.0])
    for x in xs.tolist():
        target.blit(mark, (x - 4, 4))
    draw_faulty(target, DARK, scale, xs, ys)
    column = pygame.surfarray.array3d(target)[:, 9]
    bright = (column == np.array(DARK.ink)).all(axis=1)
    assert int((np.diff(bright.astype(int)) == 1).sum()) == 3
    assert (column[11] == np.array(DARK.fault)).all()


def test_the_minimap_shows_where_robots_are_broken() -> None:
    """They may be far from what the window shows."""
    pygame.font.init()
    desk = Desk(Faulty())
    camera = desk.session.view.floor_camera
    assert camera is not None
    camera.centre(2.0, 8.0, 60.0)
    desk.draw()
    assert desk.session.drawn is not None
    seen = desk.surface.subsurface(desk.session.drawn.minimap)
    assert (pygame.surfarray.array3d(seen) == np.array(DARK.fault)).all(axis=2).sum() >= 9
