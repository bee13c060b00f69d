"""Lines of a selected robot: where it was, its way ahead, its grants, who blocks it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pygame

from viz.camera import Camera
from viz.colours import Colour, Palette, mix


@dataclass(frozen=True)
class Lines:
    """Cells of a selected robot: where it was, its way, what it holds ahead, who blocks it."""

    trail: np.ndarray
    ahead: np.ndarray
    granted: np.ndarray
    blocked: list[tuple[int, int]]
    driven: np.ndarray  # cells of the next moments, as they are recorded
    colour: Colour  # of its way


def draw_lines(
    target: pygame.Surface, camera: Camera, palette: Palette, width: int, lines: Lines
) -> None:
    """Draw the lines of a selected robot on a floor of that width."""
    thick = max(2, round(camera.scale * 0.16))
    trail, ahead, granted = lines.trail, lines.ahead, lines.granted
    if len(trail) > 1:
        own = palette.label if lines.colour == palette.select else lines.colour
        _polyline(target, camera, trail, width, mix(own, palette.floor, 0.45), thick)
    driven = lines.driven[lines.driven >= 0]
    if len(driven) > 1:
        colour = palette.accent if lines.colour == palette.select else lines.colour
        _polyline(target, camera, driven, width, colour, max(1, thick // 2))
        _stands(target, camera, driven, width, colour)
    if len(ahead) > 1:
        _polyline(target, camera, ahead, width, lines.colour, thick, dashed=True)
    for cell in granted.tolist():
        row, column = divmod(cell, width)
        x, y = camera.to_screen(np.array(column), np.array(row))
        rect = pygame.Rect(
            round(float(x)), round(float(y)), round(camera.scale), round(camera.scale)
        )
        pygame.draw.rect(target, lines.colour, rect.inflate(-2, -2), max(1, thick // 2))
    for start, end in lines.blocked:
        _polyline(target, camera, np.array([start, end]), width, palette.fault, thick)


def _stands(
    target: pygame.Surface, camera: Camera, cells: np.ndarray, width: int, colour: Colour
) -> None:
    """Draw a square where it waits or turns: where it is for two moments or more."""
    side = max(3, round(camera.scale * 0.34))
    for cell in np.unique(cells[1:][np.diff(cells) == 0]).tolist():
        row, column = divmod(cell, width)
        x, y = camera.to_screen(np.array(column + 0.5), np.array(row + 0.5))
        square = pygame.Rect(0, 0, side, side)
        square.center = round(float(x)), round(float(y))
        target.fill(colour, square)


def _polyline(
    target: pygame.Surface,
    camera: Camera,
    cells: np.ndarray,
    width: int,
    colour: tuple[int, int, int],
    thick: int,
    *,
    dashed: bool = False,
) -> None:
    rows, columns = np.divmod(cells.astype(np.int64), width)
    xs, ys = camera.to_screen(columns + 0.5, rows + 0.5)
    points = list(zip(xs.tolist(), ys.tolist(), strict=True))
    if not dashed:
        pygame.draw.lines(target, colour, False, points, thick)
        return
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        pygame.draw.line(target, colour, (x0, y0), middle, thick)
