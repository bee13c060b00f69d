"""Marks over cells that are closed, and over robots that are paused, out or late."""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import RobotStatus
from routing.floor.grid import Floor
from viz.camera import Camera
from viz.colours import LATE_FLAG, Palette, mix

SMALLEST = 4  # pixels of a robot below which a mark is its whole square


def draw_closed(
    target: pygame.Surface, camera: Camera, floor: Floor, palette: Palette, cells: np.ndarray
) -> None:
    """Draw a barrier over each closed cell: a framed bar across."""
    scale = camera.scale
    side = max(2, round(scale))
    for cell in cells.tolist():
        row, column = divmod(cell, floor.width)
        x, y = camera.to_screen(np.array(column), np.array(row))
        rect = pygame.Rect(round(float(x)), round(float(y)), side, side)
        target.fill(mix(palette.fault, palette.floor, 0.6), rect)
        if side >= SMALLEST:
            bar = pygame.Rect(0, 0, round(side * 0.7), max(1, round(side * 0.22)))
            bar.center = rect.center
            target.fill(palette.text, bar)
            pygame.draw.rect(target, palette.fault, rect, max(1, round(side * 0.1)))


def draw_told(
    target: pygame.Surface, palette: Palette, scale: float, status: np.ndarray,
    xs: np.ndarray, ys: np.ndarray,
) -> None:  # fmt: skip
    """Mark robots that are paused, out or late.

    Parameters
    ----------
    status, xs, ys
        Of all robots in view: `events.RobotStatus`, and left and top of their cells in pixels.
    """
    told = np.flatnonzero(status & (RobotStatus.PAUSED | RobotStatus.OUT | LATE_FLAG))
    for k in told.tolist():
        place = pygame.Rect(round(xs[k]), round(ys[k]), round(scale), round(scale))
        mark(target, place, palette, int(status[k]))


def mark(target: pygame.Surface, place: pygame.Rect, palette: Palette, status: int) -> None:
    """Draw one robot's mark: two bars: paused; an empty frame: out; an hourglass: late."""
    if place.width < SMALLEST:
        target.fill(palette.text, place)
        return
    if status & RobotStatus.OUT:
        line = max(1, round(place.width * 0.12))
        pygame.draw.rect(target, palette.ground, place, line * 2)
        pygame.draw.rect(target, palette.text, place, line)
        return
    if not status & RobotStatus.PAUSED:
        _hourglass(target, place, palette)
        return
    wide = max(1, round(place.width * 0.16))
    for side in (-1, 1):
        bar = pygame.Rect(0, 0, wide, round(place.height * 0.6))
        bar.center = place.centerx + side * wide, place.centery
        target.fill(palette.ground, bar.inflate(2, 2))
    for side in (-1, 1):
        bar = pygame.Rect(0, 0, wide, round(place.height * 0.6))
        bar.center = place.centerx + side * wide, place.centery
        target.fill(palette.text, bar)


def _hourglass(target: pygame.Surface, place: pygame.Rect, palette: Palette) -> None:
    across, high = place.width * 0.22, place.height * 0.3
    x, y = place.center
    for grown, colour in ((max(1.0, place.width * 0.05), palette.ground), (0.0, palette.text)):
        for up in (-1, 1):
            end = y + up * (high + grown)
            wide = across + 2 * grown
            corners = [(x - wide, end), (x + wide, end), (x, y - up * 2 * grown)]
            pygame.draw.polygon(target, colour, corners)


def draw_faulty(
    target: pygame.Surface, palette: Palette, scale: float, xs: np.ndarray, ys: np.ndarray
) -> None:
    """Draw a core in each faulty robot's own cell; for small cells, where marks are larger.

    Parameters
    ----------
    xs, ys
        Of the faulty robots in view: left and top of their cells in pixels.
    """
    side = max(1, round(scale) - 1)  # neighbours stay apart
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        target.fill(palette.ink, (round(x), round(y), side, side))
