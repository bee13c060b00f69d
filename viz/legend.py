"""The legend: how many robots are in which state, by colour and shape; and the heat map's colours.

A click on a line of it hides those robots.
"""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import RobotStatus
from viz.colours import (
    CATEGORIES,
    EMPTY,
    LATE_FLAG,
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


class Legend:
    """Writes the legend; keeps its small robots."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._swatches: dict[tuple[int, int], pygame.Surface] = {}

    def write(self, pen: Pen, scene: Scene, frame: Frame, view: View, spots: Spots) -> None:
        """Write heading and lines; `spots` gets where they can be clicked."""
        total, kinds = len(frame.cells), categories(frame.status)
        heading = f"Robots  {total:,}"
        if view.robots is not None:
            first, last = view.robots[0], min(view.robots[1], total - 1)
            kinds = kinds[first : last + 1]
            heading = f"Robots {first} to {last} of {total:,}" if first <= last else "No robots"
        if not pen.heading(heading):
            return
        count = np.bincount(kinds, minlength=len(CATEGORIES))
        for kind, name in enumerate(CATEGORIES):
            rare = kind > WAITING or (scene.league and kind not in (EMPTY, WAITING))
            if not count[kind] and rare and kind not in view.hidden:
                continue
            if scene.league and kind == EMPTY:
                name = "on an errand"
            picture = self._swatch(LEGEND_STATUS[kind], pen.line(15))
            if kind in view.hidden:
                picture, name = picture.copy(), f"{name} (hidden)"
                picture.set_alpha(70)
            row = pen.row(name, f"{count[kind]:,}", mark=picture)
            if row is None:
                return
            spots.legend.append((row, kind))
        pen.skip(4)

    def write_heat(self, pen: Pen, view: View, top: float, *, league: bool) -> None:
        """Write what the heat map's colours mean, from one to `top`, where that is known."""
        if not pen.room(2):
            return
        pen.skip(4)
        span = "whole run so far"
        if view.heat_window == "recent":
            span = "last 300 steps" if league else "last 5 minutes"
        pen.row(f"heat: {view.heat}", span)
        self._write_ramp(pen)
        if top:
            unit = "visits" if view.heat == "visits" else "steps" if league else "ticks"
            pen.row("1", f"{top:,.0f} {unit} or more" if top > 1 else f"{unit}")

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
