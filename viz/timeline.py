"""The timeline under the picture: where one is, what was sorted when, and what went wrong."""

from __future__ import annotations

import numpy as np
import pygame

from viz.alarms import GRAVE
from viz.colours import Palette, mix
from viz.frame import Curves, Frame, Scene
from viz.text import Type
from viz.view import Layout, View
from viz.words import time_text

LABELS_APART = 12  # pixels, at least


class Timeline:
    """Draws the timeline; the curve is drawn once for each size and length."""

    def __init__(self, palette: Palette, type_: Type) -> None:
        self.palette, self.type = palette, type_
        self._curve: tuple[object, pygame.Surface] | None = None

    def draw(
        self,
        target: pygame.Surface,
        layout: Layout,
        scene: Scene,
        frame: Frame,
        view: View,
        *,
        span: tuple[int, int],
        curves: Curves | None,
        alarms: np.ndarray | None,
    ) -> pygame.Rect:
        """Draw it, and return the rectangle of the track."""
        palette = self.palette
        area = pygame.Rect(layout.timeline)
        target.fill(palette.ground, area)
        pygame.draw.line(target, palette.edge, area.topleft, area.topright)
        track = track_rect(layout)
        self._button(target, layout, paused=view.paused)
        target.fill(palette.raised, track)
        if curves is not None and len(curves.ticks) > 1:
            self._draw_curve(target, track, span, curves, alarms)
        x = x_of(track, span, frame.time)
        done = pygame.Rect(track.left, track.bottom - 3, x - track.left, 3)
        target.fill(palette.accent, done)
        head = pygame.Rect(x - 1, track.top - 4, 3, track.height + 8)
        target.fill(palette.select, head)
        size = max(13, layout.px(17))
        y = track.bottom + layout.px(5)
        begin, end = (time_text(scene, t) for t in span)
        self.type.put(target, begin, (track.left, y), size, palette.label)
        self.type.put(target, end, (track.right, y), size, palette.label, align="right")
        what = "tasks finished" if scene.league else "parcels sorted"
        wide = sum(self.type.width(text, size) for text in (begin, end, what))
        if wide + 2 * LABELS_APART > track.width:
            return track
        self.type.put(target, what, (track.centerx, y), size, palette.label, align="middle")
        return track

    def _button(self, target: pygame.Surface, layout: Layout, *, paused: bool) -> None:
        rect = button_rect(layout)
        colour = self.palette.text
        if paused:
            pygame.draw.polygon(target, colour, [rect.topleft, rect.midright, rect.bottomleft])
        else:
            bar = max(3, rect.width // 3)
            target.fill(colour, (rect.left, rect.top, bar, rect.height))
            target.fill(colour, (rect.right - bar, rect.top, bar, rect.height))

    def _draw_curve(
        self,
        target: pygame.Surface,
        track: pygame.Rect,
        span: tuple[int, int],
        curves: Curves,
        alarms: np.ndarray | None,
    ) -> None:
        marks = 0 if alarms is None else len(alarms)
        key = (track.size, span, int(curves.sorted[-1]), marks)
        if self._curve is None or self._curve[0] != key:
            self._curve = (key, self._curve_picture(track.size, span, curves, alarms))
        target.blit(self._curve[1], track)

    def _curve_picture(
        self,
        size: tuple[int, int],
        span: tuple[int, int],
        curves: Curves,
        alarms: np.ndarray | None,
    ) -> pygame.Surface:
        width, height = size
        picture = pygame.Surface(size)
        picture.fill(self.palette.raised)
        edges = np.linspace(span[0], max(span[1], span[0] + 1), width + 1)
        rate = np.diff(np.interp(edges, curves.ticks, curves.sorted.astype(np.float64)))
        rate = np.convolve(rate, np.ones(5) / 5, mode="same")
        top = rate.max(initial=0)
        if top > 0:
            colour = mix(self.palette.loaded, self.palette.raised, 0.45)
            for x, high in enumerate((rate / top * (height - 4)).round().astype(int).tolist()):
                if high:
                    picture.fill(colour, (x, height - high, 1, high))
        if alarms is not None and len(alarms):
            grave = alarms["tick"][np.isin(alarms["kind"], GRAVE)]
            columns = (grave - span[0]) / max(span[1] - span[0], 1) * (width - 1)
            for x in np.unique(columns.round().astype(int)).tolist():
                picture.fill(self.palette.fault, (x, 0, 2, height))
        return picture


def track_rect(layout: Layout) -> pygame.Rect:
    """Return where the track lies."""
    x, y, width, height = layout.timeline
    left = layout.px(48)
    high = max(8, height - layout.px(34))
    return pygame.Rect(x + left, y + layout.px(9), max(10, width - left - layout.px(18)), high)


def button_rect(layout: Layout) -> pygame.Rect:
    """Return where the play button lies."""
    x, y, _, height = layout.timeline
    side = layout.px(16)
    return pygame.Rect(x + layout.px(16), y + (height - side) // 2, side, side)


def x_of(track: pygame.Rect, span: tuple[int, int], time: float) -> int:
    """Return the pixel column of a time."""
    share = (time - span[0]) / max(span[1] - span[0], 1)
    return round(track.left + min(max(share, 0.0), 1.0) * (track.width - 1))


def time_at(track: pygame.Rect, span: tuple[int, int], x: float) -> float:
    """Return the time under a pixel column."""
    share = (x - track.left) / max(track.width - 1, 1)
    return span[0] + min(max(share, 0.0), 1.0) * (span[1] - span[0])
