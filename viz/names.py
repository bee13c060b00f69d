"""Names of parcels and numbers of tasks at the cells where they are to be brought or done."""

from __future__ import annotations

import numpy as np
import pygame

from viz.camera import Camera
from viz.colours import Palette
from viz.frame import Frame, Scene
from viz.league.errands import CELL, DONE, STAGE, TASK, shown_errands
from viz.places import shown_robots
from viz.text import Type
from viz.view import View

NAMES_FROM = 16.0  # pixels per cell from which names fit
WIDEST = 4  # cells that one name may cover


def names_at(scene: Scene, frame: Frame, view: View) -> dict[int, list[str]]:
    """Return by cell what robots are to bring or fetch there, and which tasks are to be done."""
    result: dict[int, list[str]] = {}
    errands = frame.errands[frame.errands[:, STAGE] != DONE]
    if view.errands:  # those that are shown, else all
        errands = shown_errands(errands, view.errands)
    for cell, task in errands[:, [CELL, TASK]].tolist():
        result.setdefault(cell, []).append(str(task))
    busy = (frame.goals >= 0) & (frame.tasks >= 0) & shown_robots(frame, view)
    if scene.parcels is not None and busy.any():
        names = scene.parcels.names
        pairs = zip(frame.goals[busy].tolist(), frame.tasks[busy].tolist(), strict=True)
        for cell, parcel in pairs:
            if parcel < len(names):  # else a live run has not told of it yet
                result.setdefault(cell, []).append(names[parcel])
    return result


def label(names: list[str]) -> str:
    """Return the first name, and how many more there are."""
    return names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"


def draw_names(
    target: pygame.Surface, camera: Camera, palette: Palette, type_: Type, width: int,
    names: dict[int, list[str]],
) -> None:  # fmt: skip
    """Write a label on the lower edge of each cell that has names; `width`: of the floor."""
    scale = camera.scale
    if scale < NAMES_FROM or not names:
        return
    cells = np.array(list(names))
    row, column = np.divmod(cells, width)
    left, top, right, bottom = camera.seen()
    seen = (column > left - 1) & (column < right) & (row > top - 1) & (row < bottom)
    xs, ys = camera.to_screen(column[seen] + 0.5, row[seen] + 1.0)
    size = max(11, min(20, round(scale * 0.42)))
    clip = target.get_clip()
    target.set_clip(pygame.Rect(camera.view))
    for cell, x, y in zip(cells[seen].tolist(), xs.tolist(), ys.tolist(), strict=True):
        text = type_.cut(label(names[cell]), size, round(WIDEST * scale))
        surface = type_.render(text, size, palette.text)
        rect = surface.get_rect(midbottom=(round(x), round(y)))
        target.fill(palette.raised, rect.inflate(4, 0))
        target.blit(surface, rect)
    target.set_clip(clip)
