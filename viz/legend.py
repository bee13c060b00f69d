"""The legend: how many robots are in which state, by colour and shape; and the heat map's colours.

A click on a line of it hides those robots.
"""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import RobotStatus
from viz.colours import (
    CATEGORIES,
    CHARGING,
    DROPPING,
    EMPTY,
    FAULT,
    IDLE,
    LATE,
    LATE_FLAG,
    LOADED,
    LOADING,
    OUT,
    PAUSED,
    SILENT,
    WAITING,
    Palette,
    categories,
)
from viz.facts import Spots
from viz.frame import Frame, Scene
from viz.pen import Pen
from viz.sprites import swatch
from viz.view import View

# Of each category, a status that has it.
LEGEND_STATUS = (
    RobotStatus.IDLE,
    RobotStatus.EMPTY,
    RobotStatus.LOADING,
    RobotStatus.LOADED,
    RobotStatus.DROPPING,
    RobotStatus.EMPTY | RobotStatus.WAITING,
    RobotStatus.EMPTY | LATE_FLAG,
    RobotStatus.FAULT,
    RobotStatus.EMPTY | RobotStatus.SILENT,
    RobotStatus.EMPTY | RobotStatus.PAUSED,
    RobotStatus.EMPTY | RobotStatus.OUT,
    RobotStatus.CHARGING,
)

TROUBLE = (FAULT, SILENT, LATE, PAUSED, OUT)  # the gravest first
# In which order they get a row of their own where there is little room.
_FIRST = (*TROUBLE, WAITING, LOADED, EMPTY, IDLE, LOADING, DROPPING, CHARGING)


class Legend:
    """Writes the legend; keeps its small robots."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._swatches: dict[tuple[int, int], pygame.Surface] = {}

    def write(self, pen: Pen, scene: Scene, frame: Frame, view: View, spots: Spots) -> bool:
        """Write heading and lines; `spots` gets where they can be clicked.  Tell if there is room.

        Where there is little, states that no robot is in give way first, and ordinary states then
        share a line.
        """
        total, kinds = len(frame.cells), categories(frame.status)
        heading = f"Robots  {total:,}"
        if view.robots is not None:
            first, last = view.robots[0], min(view.robots[1], total - 1)
            kinds = kinds[first : last + 1]
            heading = f"Robots {first} to {last} of {total:,}" if first <= last else "No robots"
        if not pen.heading(heading):
            return False
        count = np.bincount(kinds, minlength=len(CATEGORIES))
        league = scene.league is not None
        rows, joined = rows_that_fit(count, view.hidden, pen.lines, league=league)
        for kind in rows:
            name = _name(kind, league=league)
            picture = self._swatch(LEGEND_STATUS[kind], pen.line(15))
            if kind in view.hidden:
                picture, name = picture.copy(), f"{name} (hidden)"
                picture.set_alpha(70)
            row = pen.row(name, f"{count[kind]:,}", mark=picture)
            if row is not None:
                spots.legend.append((row, kind))
        if joined:
            names = ", ".join(_name(kind, league=league) for kind in joined)
            value = f"{count[joined].sum():,}"
            if not pen.fits(names, value):
                names = f"{len(joined)} other states"
            pen.row(names, value)
        pen.gap(4)
        return True

    def least(self, frame: Frame, *, every: bool) -> int:
        """Return how many lines say of `every` state how many are in it, or of trouble alone.

        A line that sums up all others tells nothing alone, so one of them has its own then, too.
        """
        there = np.unique(categories(frame.status)).tolist()
        trouble = [kind for kind in there if kind in TROUBLE]
        return len(there) if every else len(trouble) + min(len(there) - len(trouble), 2)

    def write_heat(self, pen: Pen, view: View, top: float, *, league: bool) -> None:
        """Write what the heat map's colours mean, from one to `top`, where that is known."""
        if not pen.room(2):
            return
        pen.gap(4)
        span = "whole run so far"
        if view.heat_window == "recent":
            span = "last 300 steps" if league else "last 5 minutes"
        pen.row(f"heat: {view.heat}", span)
        self._write_ramp(pen)
        unit = "visit" if view.heat == "visits" else "step" if league else "tick"
        if top > 1:
            pen.row("1", f"{top:,.0f} {unit}s or more")
        elif top:
            pen.row("", f"1 {unit} or more")

    def write_overlay(self, pen: Pen, view: View) -> None:
        """Write which file lies over the floor, and what its colours mean."""
        overlay = view.laid_over
        if overlay is None or not pen.room(4):
            return
        pen.skip(4)
        pen.row("overlay", overlay.name)
        row = overlay.row(view.selection.robot)
        if row < 0:
            pen.row(overlay.kind, f"{len(overlay.edges):,} edges")
            return
        robot, values = int(overlay.robots[row]), overlay.values[row]
        of = f"{overlay.kind}, robot {robot}" if robot >= 0 else overlay.kind
        known = values[~np.isnan(values)]
        pen.row(of, f"{known.min():,.4g} to {known.max():,.4g}" if len(known) else "nothing")
        self._write_ramp(pen)

    def _write_ramp(self, pen: Pen) -> None:
        bar = pygame.Rect(pen.left, pen.y, pen.width, pen.line(8))
        ramp = pygame.Surface((len(self.palette.heat), 1))
        for k, colour in enumerate(self.palette.heat):
            ramp.set_at((k, 0), colour)
        pen.target.blit(pygame.transform.smoothscale(ramp, bar.size), bar)
        pen.skip(14)

    def _swatch(self, status: int, size: int) -> pygame.Surface:
        key = int(status), size
        if key not in self._swatches:
            self._swatches[key] = swatch(size, self.palette, int(status))
        return self._swatches[key]


def rows_that_fit(
    count: np.ndarray, hidden: set[int], lines: int, *, league: bool = False
) -> tuple[list[int], list[int]]:
    """Return which categories have a row of their own in so many lines, and which share the last.

    Parameters
    ----------
    count
        Robots in each category.
    hidden
        Categories that are not drawn; their row stays, as a click on it shows them again.
    """
    usual = (EMPTY, WAITING) if league else range(WAITING + 1)
    wanted = [kind for kind in _FIRST if count[kind] or kind in hidden or kind in usual]

    def order(kind: int) -> int:
        if count[kind] and kind in TROUBLE:
            return 0
        return 1 if kind in hidden else 2 if count[kind] else 3

    wanted.sort(key=order)
    rows, rest = wanted[:lines], wanted[lines:]
    if any(count[kind] for kind in rest) and lines:
        rows, rest = wanted[: lines - 1], wanted[lines - 1 :]
    return sorted(rows), [kind for kind in rest if count[kind] and lines]


def _name(kind: int, *, league: bool) -> str:
    return "on an errand" if league and kind == EMPTY else CATEGORIES[kind]
