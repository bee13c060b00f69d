"""Robots as small pictures: one for every state and heading, drawn once for each scale.

Shape tells what colour tells: a round one is idle, a box on top is a load, a hollow body waits, a
dashed one is silent, a cross is a fault; the wedge is the front.
"""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import RobotStatus
from viz.colours import KIND_BITS, LATE_FLAG, Colour, Palette, mix, robot_colour
from viz.marks import mark

SMOOTH = 4  # drawn so many times larger, then shrunk
DETAIL_FROM = 7.0  # pixels per cell; below, plain squares of the whole cell
KINDS = 7
FAULT_GROWTH = 1.35
TINY_FAULT_GROWTH = 3.0


class Sprites:
    """Sprites of all robots at one scale, indexed by `sprite_index`."""

    def __init__(self, scale: float, palette: Palette) -> None:
        self.scale = scale
        self.detailed = scale >= DETAIL_FROM
        body = max(2, round(scale * (0.86 if self.detailed else 1.0)))
        self.sizes = [body] * (KINDS * 16)
        self.surfaces: list[pygame.Surface] = []
        for index in range(KINDS * 16):
            kind, flags, heading = index // 16, (index // 4) % 4, index % 4
            size = body
            if kind == RobotStatus.FAULT:
                growth = FAULT_GROWTH if self.detailed else TINY_FAULT_GROWTH
                size = round(body * growth)
            self.sizes[index] = size
            waiting, silent = bool(flags & 1), bool(flags & 2)
            if self.detailed:
                sprite = _robot(size, palette, kind, waiting, silent, heading)
            else:
                sprite = _square(size, palette, kind, waiting, silent)
            self.surfaces.append(sprite)
        self.offsets = np.array([(scale - size) / 2 for size in self.sizes])


def sprite_index(status: np.ndarray, headings: np.ndarray) -> np.ndarray:
    """Return which sprite shows a robot; int64, from `events.RobotStatus` and heading."""
    status = status.astype(np.int64)
    kind = np.minimum(status & KIND_BITS, KINDS - 1)
    waiting = (status & RobotStatus.WAITING) != 0
    silent = (status & RobotStatus.SILENT) != 0
    return kind * 16 + silent * 8 + waiting * 4 + (headings & 3)


def swatch(size: int, palette: Palette, status: int) -> pygame.Surface:
    """Return a robot as the legend shows it."""
    kind = min(status & KIND_BITS, KINDS - 1)
    waiting = bool(status & RobotStatus.WAITING)
    silent = bool(status & RobotStatus.SILENT)
    sprite = _robot(size, palette, kind, waiting, silent, 0)
    if status & (RobotStatus.PAUSED | RobotStatus.OUT | LATE_FLAG):
        mark(sprite, sprite.get_rect(), palette, status)
    return sprite


def _square(size: int, palette: Palette, kind: int, waiting: bool, silent: bool) -> pygame.Surface:
    colour = robot_colour(palette, kind)
    if silent:
        colour = mix(palette.idle, palette.floor, 0.45)
    elif waiting and size < 5:
        colour = mix(colour, palette.floor, 0.45)
    sprite = pygame.Surface((size, size))
    sprite.fill(colour)
    if waiting and not silent and size >= 5:
        sprite.fill(mix(colour, palette.floor, 0.75), (1, 1, size - 2, size - 2))
    return sprite


def _robot(
    size: int, palette: Palette, kind: int, waiting: bool, silent: bool, heading: int
) -> pygame.Surface:
    big = size * SMOOTH
    canvas = pygame.Surface((big, big), pygame.SRCALPHA)
    colour = palette.idle if silent else robot_colour(palette, kind)
    # A clear border in the ground's colour keeps neighbours apart.
    body = pygame.Rect(0, 0, big, big).inflate(-big * 0.04, -big * 0.04)
    radius = round(big * 0.24)
    if kind == RobotStatus.IDLE and not silent:  # round and smaller: it asks for no attention
        body = body.inflate(-big * 0.14, -big * 0.14)
        radius = big // 2
    hollow = waiting or silent
    fill = mix(colour, palette.floor, 0.78) if hollow else colour
    pygame.draw.rect(canvas, fill, body, border_radius=radius)
    line = max(SMOOTH, round(big * 0.13))
    mark = colour if hollow else palette.ink
    if silent:
        _dashes(canvas, body, colour, line)
    elif hollow:
        pygame.draw.rect(canvas, colour, body, line, border_radius=radius)
    if kind == RobotStatus.FAULT and not silent:
        _cross(canvas, body, palette.ink, round(big * 0.14))
    else:
        tip = body.right / big - 0.06
        half = 0.13 if kind == RobotStatus.IDLE and not silent else 0.20
        front = [(tip, 0.5), (tip - 0.18, 0.5 - half), (tip - 0.18, 0.5 + half)]
        pygame.draw.polygon(canvas, mark, [(x * big, y * big) for x, y in front])
        box = pygame.Rect(
            round(big * 0.20), round(big * 0.28), round(big * 0.44), round(big * 0.44)
        )
        if kind in (RobotStatus.LOADED, RobotStatus.DROPPING):
            _box(canvas, box, mark, fill, half=kind == RobotStatus.DROPPING)
        elif kind == RobotStatus.LOADING:
            _box(canvas, box, mark, fill, outlined=True)
    sprite = pygame.transform.smoothscale(canvas, (size, size))
    return pygame.transform.rotate(sprite, -90 * heading)


def _box(
    canvas: pygame.Surface,
    box: pygame.Rect,
    mark: Colour,
    fill: Colour,
    *,
    outlined: bool = False,
    half: bool = False,
) -> None:
    pygame.draw.rect(canvas, mark, box, border_radius=box.width // 8)
    if outlined or half:
        inner = box.inflate(-box.width * 0.44, -box.height * 0.44)
        if half:  # on its way down
            inner.height //= 3
        pygame.draw.rect(canvas, fill, inner)


def _cross(canvas: pygame.Surface, body: pygame.Rect, colour: Colour, width: int) -> None:
    arm = body.inflate(-body.width * 0.46, -body.height * 0.46)
    pygame.draw.line(canvas, colour, arm.topleft, arm.bottomright, width)
    pygame.draw.line(canvas, colour, arm.bottomleft, arm.topright, width)


def _dashes(canvas: pygame.Surface, body: pygame.Rect, colour: Colour, width: int) -> None:
    part = body.width / 5
    for k in (0, 2, 4):
        start, end = body.left + k * part, body.left + (k + 1) * part
        pygame.draw.line(canvas, colour, (start, body.top), (end, body.top), width)
        pygame.draw.line(canvas, colour, (start, body.bottom - 1), (end, body.bottom - 1), width)
        start, end = body.top + k * part, body.top + (k + 1) * part
        pygame.draw.line(canvas, colour, (body.left, start), (body.left, end), width)
        pygame.draw.line(canvas, colour, (body.right - 1, start), (body.right - 1, end), width)
