"""A curve that fits into a line of text."""

from __future__ import annotations

import numpy as np
import pygame

from viz.colours import Colour


def draw_small_curve(
    target: pygame.Surface, box: pygame.Rect, values: np.ndarray, colour: Colour
) -> None:
    """Draw a curve into a box, from zero up; nothing where there is no room or nothing known."""
    top = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
    if top <= 0 or box.width < 16:
        return
    xs = box.left + np.arange(len(values)) * (box.width / (len(values) - 1))
    ys = box.bottom - np.clip(values / top, 0, 1) * box.height
    points = [(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True) if y == y]
    if len(points) > 1:
        pygame.draw.aalines(target, colour, False, points)
