"""Where robots want to go: lines to all goals, and the errands of a League result."""

from __future__ import annotations

import numpy as np
import pygame

from routing.floor.grid import Floor
from viz.camera import Camera
from viz.colours import Palette
from viz.frame import Frame, Scene
from viz.league_errands import DONE, TAKEN
from viz.places import positions, shown_robots
from viz.view import View


def draw_errands(
    target: pygame.Surface, camera: Camera, palette: Palette, floor: Floor, frame: Frame
) -> None:
    """Draw a square for each errand that is not done: hollow until somebody has taken it."""
    rows = frame.errands[frame.errands[:, 1] != DONE]
    clip = target.get_clip()
    target.set_clip(pygame.Rect(camera.view))
    side = max(2, round(camera.scale * 0.5))
    y, x = np.divmod(rows[:, 0], floor.width)
    xs, ys = camera.to_screen(x + 0.5, y + 0.5)
    for px, py, stage in zip(xs.tolist(), ys.tolist(), rows[:, 1].tolist(), strict=True):
        square = pygame.Rect(0, 0, side, side)
        square.center = round(px), round(py)
        width = 0 if stage == TAKEN else max(1, side // 5)
        pygame.draw.rect(target, palette.loaded, square, width)
    target.set_clip(clip)


def draw_goals(
    target: pygame.Surface, camera: Camera, scene: Scene, frame: Frame, view: View
) -> None:
    """Draw a thin line from each robot to its goal."""
    assert scene.floor is not None
    has = np.flatnonzero((frame.goals >= 0) & shown_robots(frame, view))
    xs, ys = positions(frame, scene.floor.width)
    rows, columns = np.divmod(frame.goals[has], scene.floor.width)
    x0, y0 = camera.to_screen(xs[has] + 0.5, ys[has] + 0.5)
    x1, y1 = camera.to_screen(columns + 0.5, rows + 0.5)
    clip = target.get_clip()
    target.set_clip(pygame.Rect(camera.view))
    lines = zip(x0.tolist(), y0.tolist(), x1.tolist(), y1.tolist(), strict=True)
    for a, b, c, d in lines:
        pygame.draw.line(target, view.palette.lane, (a, b), (c, d))
    target.set_clip(clip)
