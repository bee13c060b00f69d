"""Robots that collided: marked on the floor."""

from __future__ import annotations

import numpy as np
import pygame

from viz.alarms import ALARM_COLLISION
from viz.camera import Camera
from viz.colours import Palette
from viz.frame import Frame
from viz.places import positions

SMALLEST = 5  # pixels of a mark's radius, however small robots are


def collided(alarms: np.ndarray, tick: int) -> tuple[np.ndarray, np.ndarray]:
    """Return robots that had collided before a tick, and those that collide at it; sorted."""
    rows = alarms[(alarms["kind"] == ALARM_COLLISION) & (alarms["robot"] >= 0)]
    now = np.unique(rows["robot"][rows["tick"] == tick])
    before = np.unique(rows["robot"][rows["tick"] < tick])
    return np.setdiff1d(before, now), now


def draw_collided(
    target: pygame.Surface, camera: Camera, palette: Palette, width: int, frame: Frame,
    alarms: np.ndarray, shown: np.ndarray,
) -> None:  # fmt: skip
    """Draw a thin ring around robots that have collided, a thick one where they do so now.

    Parameters
    ----------
    width
        Of the floor, in cells.
    alarms
        What went wrong so far; dtype ALARM.
    shown
        Which robots are shown at all; bool[robots].
    """
    shown = shown & (frame.cells >= 0)
    scale = camera.scale
    radius = max(SMALLEST, round(scale * 0.6))
    xs, ys = positions(frame, width)
    px, py = camera.to_screen(xs + 0.5, ys + 0.5)
    clip = target.get_clip()
    target.set_clip(pygame.Rect(camera.view))
    before, now = collided(alarms, frame.tick)
    for robots, line in ((before, max(1, round(scale * 0.06))), (now, max(3, round(scale * 0.12)))):
        robots = robots[robots < len(shown)]
        for k in robots[shown[robots]].tolist():
            centre = round(float(px[k])), round(float(py[k]))
            pygame.draw.circle(target, palette.fault, centre, radius + line, line)
    target.set_clip(clip)
