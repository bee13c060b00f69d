"""Where robots want to go: lines to their goals, and the errands of a League result."""

from __future__ import annotations

import numpy as np
import pygame

from routing.floor.grid import Floor
from viz.camera import Camera
from viz.colours import Palette
from viz.frame import Frame, Scene
from viz.league.errands import CELL, DONE, OPEN, ROBOT, STAGE, TAKEN, TASK, shown_errands
from viz.places import positions, shown_robots
from viz.text import Type
from viz.view import View

NUMBERS_FROM = 14.0  # pixels per cell from which the errands of a task are numbered


def draw_errands(
    target: pygame.Surface, camera: Camera, palette: Palette, floor: Floor, errands: np.ndarray,
    view: View,
) -> None:  # fmt: skip
    """Draw a square on each cell with errands: hollow: open; full: taken; small, grey: done.

    A cell with several shows one that is taken before one that is open, and what is done last.
    """
    rows = shown_errands(errands, view.errands)
    left, top, right, bottom = camera.seen()
    y, x = np.divmod(rows[:, CELL], floor.width)
    rows = rows[(x > left - 1) & (x < right) & (y > top - 1) & (y < bottom)]
    # Ten thousand errands stand on fewer cells: one square each.
    rows = rows[np.argsort(np.array([1, 0, 2])[rows[:, STAGE]], kind="stable")]
    _, first = np.unique(rows[:, CELL], return_index=True)
    rows = rows[first]
    y, x = np.divmod(rows[:, CELL], floor.width)
    # Where names stand at the cells' lower edge, there is room above.
    xs, ys = camera.to_screen(x + 0.5, y + (0.3 if view.names else 0.5))
    clip = target.get_clip()
    target.set_clip(pygame.Rect(camera.view))
    for stage in (DONE, OPEN, TAKEN):
        square = errand_mark(palette, stage, camera.scale)
        half = square.get_width() / 2
        here = rows[:, STAGE] == stage
        places = zip(
            np.round(xs[here] - half).astype(int).tolist(),
            np.round(ys[here] - half).astype(int).tolist(),
            strict=True,
        )
        target.blits([(square, place) for place in places], False)
    target.set_clip(clip)


def errand_mark(palette: Palette, stage: int, cell: float) -> pygame.Surface:
    """Return an errand as it looks at so many pixels a cell."""
    side = max(2, round(cell * (0.3 if stage == DONE else 0.5)))
    square = pygame.Surface((side, side), pygame.SRCALPHA)
    if stage == DONE:
        square.fill(palette.label)
    else:
        width = 0 if stage == TAKEN else max(1, side // 5)
        pygame.draw.rect(square, palette.loaded, square.get_rect(), width)
    return square


def draw_tasks(
    target: pygame.Surface, camera: Camera, type_: Type, scene: Scene, frame: Frame, view: View
) -> None:
    """Draw the errands of the selected robots' tasks, or of a selected task, in their order."""
    assert scene.floor is not None
    width, rows = scene.floor.width, frame.errands
    xs, ys = positions(frame, width)
    if view.selection.kind == "task":
        _chain(target, camera, view.palette, type_, width, rows, view.selection.number, None)
    for robot in view.selection.robots:
        if robot >= len(frame.cells):
            continue
        mine = rows[(rows[:, ROBOT] == robot) & (rows[:, STAGE] == TAKEN)]
        for task in np.unique(mine[:, TASK]).tolist():
            start = float(xs[robot]), float(ys[robot])
            _chain(target, camera, view.palette, type_, width, rows, task, start)


def _chain(
    target: pygame.Surface, camera: Camera, palette: Palette, type_: Type, width: int,
    errands: np.ndarray, task: int, start: tuple[float, float] | None,
) -> None:  # fmt: skip
    """Draw one task: a line through its errands, from a robot on only through what is left."""
    rows = errands[errands[:, TASK] == task]
    numbers = np.arange(1, len(rows) + 1)
    if start is not None:
        numbers, rows = numbers[rows[:, STAGE] != DONE], rows[rows[:, STAGE] != DONE]
    y, x = (part.astype(np.float64) for part in np.divmod(rows[:, CELL], width))
    px, py = camera.to_screen(x + 0.5, y + 0.5)
    points = list(zip(px.tolist(), py.tolist(), strict=True))
    line = points
    if start is not None:
        sx, sy = camera.to_screen(np.array(start[0] + 0.5), np.array(start[1] + 0.5))
        line = [(float(sx), float(sy)), *points]
    clip = target.get_clip()
    target.set_clip(pygame.Rect(camera.view))
    if len(line) > 1:
        pygame.draw.aalines(target, palette.loaded, False, line)
    side = max(6, round(camera.scale * 0.7))
    size = max(10, min(20, round(camera.scale * 0.5)))
    for number, stage, place in zip(numbers.tolist(), rows[:, STAGE].tolist(), points, strict=True):
        square = pygame.Rect(0, 0, side, side)
        square.center = round(place[0]), round(place[1])
        target.fill(palette.ground, square.inflate(2, 2))
        colour = palette.label if stage == DONE else palette.loaded
        pygame.draw.rect(target, colour, square, max(1, side // 8))
        if camera.scale >= NUMBERS_FROM:
            text = type_.render(str(number), size, colour)
            target.blit(text, text.get_rect(center=square.center))
    target.set_clip(clip)


def draw_goals(
    target: pygame.Surface, camera: Camera, scene: Scene, frame: Frame, view: View
) -> None:
    """Draw a thin line from each robot to its goal."""
    assert scene.floor is not None
    has = np.flatnonzero((frame.goals >= 0) & (frame.cells >= 0) & shown_robots(frame, view))
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
