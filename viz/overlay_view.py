"""An overlay file on the floor: its numbers as colours, its edges as arrows."""

from __future__ import annotations

import numpy as np
import pygame

from routing.floor.grid import Floor
from viz.camera import Camera
from viz.colours import Palette
from viz.heat import blit_cells, ramp_picture
from viz.overlay import Overlay

_TURNS = (0, -90, 180, 90)  # of an arrow to the east, by heading


class OverlayView:
    """Draws overlays of one floor; keeps the last one's picture."""

    def __init__(self, floor: Floor, palette: Palette) -> None:
        self.floor, self.palette = floor, palette
        self._picture: tuple[object, pygame.Surface] | None = None

    def draw(self, target: pygame.Surface, camera: Camera, overlay: Overlay, robot: int) -> None:
        """Draw an overlay, where it has several robots that of the selected one."""
        row = overlay.row(robot)
        if row >= 0:
            key = overlay.name, row
            if self._picture is None or self._picture[0] != key:
                values = overlay.values[row]
                picture = ramp_picture(self.floor, self.palette, levels(values), ~np.isnan(values))
                self._picture = key, picture
            blit_cells(target, camera, self.floor, self._picture[1])
        if len(overlay.edges):
            self._draw_edges(target, camera, overlay.edges)

    def _draw_edges(self, target: pygame.Surface, camera: Camera, edges: np.ndarray) -> None:
        """Draw an arrow head between the two cells of each edge in view."""
        width = self.floor.width
        y, x = np.divmod(edges, width)
        left, top, right, bottom = camera.seen()
        seen = (x[:, 0] > left - 2) & (x[:, 0] < right + 1)
        seen &= (y[:, 0] > top - 2) & (y[:, 0] < bottom + 1)
        x, y = x[seen], y[seen]
        px, py = camera.to_screen(x.mean(axis=1) + 0.5, y.mean(axis=1) + 0.5)
        dx, dy = x[:, 1] - x[:, 0], y[:, 1] - y[:, 0]
        heading = np.where(dx > 0, 0, np.where(dx < 0, 2, np.where(dy > 0, 1, 3)))
        side = max(3, round(camera.scale * 0.42))
        arrow = pygame.Surface((side, side), pygame.SRCALPHA)
        corners = [(0, 0), (side - 1, (side - 1) / 2), (0, side - 1)]
        pygame.draw.polygon(arrow, self.palette.label, corners)
        arrows = [pygame.transform.rotate(arrow, turn) for turn in _TURNS]
        places = zip(
            np.round(px - side / 2).astype(int).tolist(),
            np.round(py - side / 2).astype(int).tolist(),
            strict=True,
        )
        pictures = [arrows[k] for k in heading.tolist()]
        target.blits(list(zip(pictures, places, strict=True)), False)


def levels(values: np.ndarray) -> np.ndarray:
    """Return numbers as 0 to 1, from the least to the greatest; nan where there is none."""
    if np.isnan(values).all():
        return values
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return (values - low) / (high - low if high > low else 1.0)
