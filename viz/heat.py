"""A heat map over the floor, from few to many."""

from __future__ import annotations

import numpy as np
import pygame

from routing.floor.grid import Floor
from viz.camera import Camera
from viz.colours import HEAT_ALPHA, Palette


class Heat:
    """Draws heat maps of one floor; keeps the last one's picture."""

    def __init__(self, floor: Floor, palette: Palette) -> None:
        self.floor, self.palette = floor, palette
        self._picture: tuple[object, pygame.Surface] | None = None

    def draw(self, target: pygame.Surface, camera: Camera, heat: np.ndarray) -> None:
        """Draw numbers of each cell as colours."""
        floor = self.floor
        key = (heat.ctypes.data, len(heat), int(heat.sum()))
        if self._picture is None or self._picture[0] != key:
            self._picture = (key, heat_picture(floor, self.palette, heat))
        blit_cells(target, camera, floor, self._picture[1])


def heat_picture(floor: Floor, palette: Palette, heat: np.ndarray) -> pygame.Surface:
    """Return one pixel a cell, from the first to the last colour of the palette's ramp."""
    level = np.sqrt(np.clip(heat / max(heat_top(heat), 1.0), 0, 1))
    return ramp_picture(floor, palette, level, heat > 0)


def heat_top(heat: np.ndarray) -> float:
    """Return from which number on cells have the last colour: one in a hundred that have any.

    0 where none has.
    """
    return max(float(np.quantile(heat[heat > 0], 0.99)), 1.0) if (heat > 0).any() else 0.0


def ramp_picture(
    floor: Floor, palette: Palette, level: np.ndarray, shown: np.ndarray
) -> pygame.Surface:
    """Return one pixel a cell in the colour of its level, 0 to 1; clear where it is not shown."""
    ramp = np.array(palette.heat, np.float64)
    at = np.where(shown, level, 0.0) * (len(ramp) - 1)
    low = np.minimum(at.astype(int), len(ramp) - 2)
    part = (at - low)[:, None]
    colours = (ramp[low] * (1 - part) + ramp[low + 1] * part).astype(np.uint8)
    picture = pygame.Surface((floor.width, floor.height), pygame.SRCALPHA)
    shape = (floor.height, floor.width)
    pygame.surfarray.pixels3d(picture)[:] = colours.reshape(*shape, 3).swapaxes(0, 1)
    alpha = np.where(shown, HEAT_ALPHA, 0).astype(np.uint8)
    pygame.surfarray.pixels_alpha(picture)[:] = alpha.reshape(shape).T
    return picture


def blit_cells(
    target: pygame.Surface, camera: Camera, floor: Floor, picture: pygame.Surface
) -> None:
    """Draw a picture of one pixel a cell over the part of the floor that is in view."""
    ox, oy = camera.origin
    left, top, right, bottom = camera.seen()
    x0, y0 = max(0, int(left)), max(0, int(top))
    x1, y1 = min(floor.width, int(right) + 1), min(floor.height, int(bottom) + 1)
    if x0 >= x1 or y0 >= y1:
        return
    part = picture.subsurface((x0, y0, x1 - x0, y1 - y0))
    scale = camera.scale
    size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    place = round(x0 * scale + ox), round(y0 * scale + oy)
    target.blit(pygame.transform.scale(part, size), place)
