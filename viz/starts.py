"""Where robots started."""

from __future__ import annotations

import numpy as np
import pygame

from viz.camera import Camera
from viz.colours import Palette
from viz.text import Type

NUMBERS_FROM = 20.0  # pixels per cell from which a start says whose it is


def draw_starts(
    target: pygame.Surface, camera: Camera, palette: Palette, type_: Type, width: int,
    starts: np.ndarray, shown: np.ndarray, selected: int,
) -> None:  # fmt: skip
    """Draw a ring at each robot's first cell, with its number in it where that fits.

    Parameters
    ----------
    width
        Of the floor, in cells.
    starts
        Each robot's first cell, -1 where it was off the floor.
    shown
        Which robots are shown at all; bool[robots].
    selected
        The robot whose start stands out, -1 for none.
    """
    scale = camera.scale
    left, top, right, bottom = camera.seen()
    row, column = np.divmod(starts, width)
    seen = (column > left - 1) & (column < right) & (row > top - 1) & (row < bottom)
    ids = np.flatnonzero(shown & seen & (starts >= 0))
    xs, ys = camera.to_screen(column[ids] + 0.5, row[ids] + 0.5)
    clip = target.get_clip()
    target.set_clip(pygame.Rect(camera.view))
    radius = max(2, round(scale * 0.42))
    line = max(1, round(scale * 0.07))
    size = max(10, min(20, round(scale * 0.42)))
    for robot, x, y in zip(ids.tolist(), xs.tolist(), ys.tolist(), strict=True):
        colour = palette.select if robot == selected else palette.label
        centre = round(x), round(y)
        pygame.draw.circle(target, colour, centre, radius, line * (2 if robot == selected else 1))
        if scale >= NUMBERS_FROM:
            number = type_.render(str(robot), size, colour)
            target.blit(number, number.get_rect(center=centre))
    target.set_clip(clip)
