"""Marks over robots: what is wrong with each is seen, however close they stand."""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import RobotStatus
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
