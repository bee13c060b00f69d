"""Stops of a city: how each is marked, how large, and which are late."""

from __future__ import annotations

import math

import numpy as np
import pygame

from fleet.events import ParcelState
from viz.camera import Camera
from viz.colours import (
    CITY_CHUTE,
    CITY_DONE,
    CITY_FLOOR,
    CITY_OUT,
    CITY_WAITS,
    Colour,
    Palette,
    mix,
)
from viz.frame import Frame, Scene

SMALLEST_DOT = 2  # pixels


def dot_size(camera: Camera, stops: int, unit: float = 1.0) -> int:
    """Return a stop's size in pixels: larger the closer one looks, smaller where they crowd.

    `unit`: pixels per design pixel.
    """
    left, _, right, _ = camera.bounds
    zoom = camera.scale * (right - left) / max(camera.view[2], 1)
    most = max(SMALLEST_DOT, round(0.7 * _apart(camera, stops)))
    near = max(4.0, 3.4 + 1.6 * np.log2(max(zoom, 0.6)))
    return int(min(round(12 * unit), most, round(near * unit)))


def van_length(camera: Camera, vans: int, unit: float = 1.0) -> int:
    """Return a van's length in pixels: smaller where vans crowd, as in a small window."""
    return int(min(13 * unit, max(7 * unit, round(0.55 * _apart(camera, vans)))))


def _apart(camera: Camera, things: int) -> float:
    """Return how many pixels things are apart that are spread over the city."""
    left, top, right, bottom = camera.bounds
    return camera.scale * math.sqrt((right - left) * abs(bottom - top) / max(things, 1))


def stop_mark(palette: Palette, group: int, size: int) -> pygame.Surface:
    """Return a stop: a faint dot waits, a box rides, a dot is in its chute, a ring is out, ..."""
    smooth = 4
    big = (size + 2) * smooth
    mark = pygame.Surface((big, big), pygame.SRCALPHA)
    middle, radius = (big // 2, big // 2), size * smooth // 2
    if group == CITY_WAITS:
        pygame.draw.circle(mark, mix(palette.label, palette.ground, 0.35), middle, radius * 3 // 4)
    elif group == CITY_FLOOR:
        box = pygame.Rect(0, 0, radius * 2, radius * 2)
        box.center = middle
        pygame.draw.rect(mark, palette.loaded, box)
    elif group == CITY_CHUTE:
        pygame.draw.circle(mark, mix(palette.loaded, palette.ground, 0.3), middle, radius)
    elif group == CITY_OUT:
        pygame.draw.circle(mark, palette.empty, middle, radius)
        pygame.draw.circle(mark, palette.ground, middle, radius * 2 // 5)
    elif group == CITY_DONE:
        pygame.draw.circle(mark, mix(palette.empty, palette.ground, 0.45), middle, radius * 4 // 5)
    else:
        arm = radius
        x, y = middle
        for sign in (1, -1):
            pygame.draw.line(
                mark,
                palette.fault,
                (x - arm, y - sign * arm),
                (x + arm, y + sign * arm),
                smooth * 2,
            )
    return pygame.transform.smoothscale(mark, (size + 2, size + 2))


def tour_mark(palette: Palette, colour: Colour, size: int) -> pygame.Surface:
    """Return a dot with a border that keeps it apart from its tour's line."""
    smooth = 4
    big = (size + 2) * smooth
    mark = pygame.Surface((big, big), pygame.SRCALPHA)
    pygame.draw.circle(mark, palette.ground, (big // 2, big // 2), big // 2)
    pygame.draw.circle(mark, colour, (big // 2, big // 2), size * smooth // 2)
    return pygame.transform.smoothscale(mark, (size + 2, size + 2))


def late_stops(scene: Scene, frame: Frame) -> np.ndarray:
    """Return which stops' windows have closed before their parcel came; bool[parcels]."""
    assert scene.parcels is not None
    due = scene.parcels.due_close
    delivered = frame.parcel_state == ParcelState.DELIVERED
    seconds = np.where(delivered, frame.parcel_tick, frame.time) * scene.tick_seconds
    return np.nan_to_num(due, nan=np.inf) < seconds
