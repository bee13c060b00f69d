"""What robots have on board where they carry several parcels: from the logs, and as numbers."""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import ParcelState
from viz.colours import Palette
from viz.text import Type

NO_BOARDS = np.zeros((0, 0), np.int32)
NUMBERS_FROM = 9.0  # pixels per cell from which a number fits on a robot


def boards_of(
    robots: int,
    places: int,
    tasks: tuple[np.ndarray, np.ndarray],
    states: np.ndarray,
    carriers: np.ndarray,
) -> np.ndarray:
    """Return the parcels on board of each robot, in the order of their drops, -1 behind.

    Parameters
    ----------
    robots, places
        How many robots there are, and parcels on each at most.
    tasks
        Robot and parcel of each task so far; the last ones of a robot in the order of its drops.
    states, carriers
        By parcel, its `events.ParcelState` and, where that is on a robot, which.
    """
    boards = np.full((robots, places), -1, np.int32)
    robot, parcel = tasks
    there = (states[parcel] == ParcelState.ON_ROBOT) & (carriers[parcel] == robot)
    robot, parcel = robot[there], parcel[there]
    _, last = np.unique(parcel[::-1], return_index=True)
    rows = np.sort(len(parcel) - 1 - last)
    count = np.zeros(robots, np.int64)
    for number, one in zip(robot[rows].tolist(), parcel[rows].tolist(), strict=True):
        if count[number] < places:
            boards[number, count[number]] = one
            count[number] += 1
    return boards


def draw_numbers(
    target: pygame.Surface, palette: Palette, type_: Type, scale: float, boards: np.ndarray,
    xs: np.ndarray, ys: np.ndarray,
) -> None:  # fmt: skip
    """Write on each robot that has more than one parcel on board how many.

    Parameters
    ----------
    boards, xs, ys
        Of all robots in view: their parcels, and left and top of their cells in pixels.
    """
    if not len(boards) or scale < NUMBERS_FROM:
        return
    size = max(9, min(22, round(scale * 0.62)))
    number = (boards >= 0).sum(axis=1)
    for k in np.flatnonzero(number > 1).tolist():
        surface = type_.render(str(int(number[k])), size, palette.text)
        rect = surface.get_rect(center=(round(xs[k] + scale / 2), round(ys[k] + scale / 2)))
        target.fill(palette.ground, rect)
        target.blit(surface, rect)
