"""The pen that fills the panel: rows, headings and sentences from top to bottom, while room is."""

from __future__ import annotations

import numpy as np
import pygame

from viz.colours import Colour, Palette
from viz.text import Type
from viz.view import Layout

HEADING = 8, 9, 22  # design pixels above and below its line, and down to the first row
APART = 6  # pixels between a row's label and its value, at least
CURVE_WIDTH, VALUE_WIDTH = 64, 62  # design pixels of a row's curve, and of the value behind it


class Pen:
    """Writes down a column of the window."""

    def __init__(
        self, target: pygame.Surface, layout: Layout, palette: Palette, type_: Type, bottom: int
    ) -> None:
        area = pygame.Rect(layout.panel)
        margin = layout.px(16)
        self.target, self.layout, self.palette, self.type = target, layout, palette, type_
        self.left, self.right = area.left + margin, area.right - margin
        self.y, self.bottom = area.top + layout.px(14), bottom

    @property
    def width(self) -> int:
        """Return how wide a line may be."""
        return self.right - self.left

    def size(self, design: float) -> int:
        """Return a type size; never so small that it cannot be read."""
        return max(13, round(design * self.layout.unit))

    def line(self, design: float = 20) -> int:
        """Return a height in pixels."""
        return self.layout.px(design)

    @property
    def lines(self) -> int:
        """Return how many lines fit."""
        return max(0, (self.bottom - self.y) // self.line())

    def room(self, lines: int) -> bool:
        """Tell whether so many lines fit."""
        return self.y + lines * self.line() <= self.bottom

    def skip(self, design: float) -> None:
        """Leave some room."""
        self.y += self.line(design)

    def gap(self, design: float) -> None:
        """Leave some room, unless what is kept below would have less."""
        self.y = max(self.y, min(self.y + self.line(design), self.bottom))

    def text(
        self, text: str, design: float, colour: Colour | None = None, *, down: float = 0
    ) -> None:
        """Write a text from the left, and go down."""
        place = (self.left, self.y)
        colour = colour or self.palette.text
        self.type.put(self.target, text, place, self.size(design), colour, width=self.width)
        self.y += self.line(down)

    def pair(self, left: str, right: str, design: float, colour: Colour, *, down: float) -> None:
        """Write two texts at both ends of a line, and go down; the left one is cut if need be."""
        size, width = self.size(design), self.width
        if right:
            shown = self.type.put(
                self.target, right, (self.right, self.y), size, colour, align="right"
            )
            width = max(10, shown.left - self.left - self.line(8))
        self.type.put(self.target, left, (self.left, self.y), size, colour, width=width)
        self.y += self.line(down)

    def fits(self, label: str, value: str) -> bool:
        """Tell whether a row of these is as wide as the panel at most."""
        size = self.size(19)
        return self.type.width(label, size) + APART + self.type.width(value, size) <= self.width

    def row(
        self,
        label: str,
        value: str,
        *,
        curve: np.ndarray | None = None,
        mark: pygame.Surface | None = None,
        colour: Colour | None = None,
    ) -> pygame.Rect | None:
        """Write a label left and its value right, a mark before and a curve between them.

        Return the rectangle of the row; None where there is no room for it.
        """
        if not self.room(1):
            return None
        size, top, left = self.size(19), self.y, self.left
        if mark is not None:
            middle = top + round(self.type.font(size).get_height() / 4)
            self.target.blit(mark, mark.get_rect(midleft=(left, middle)))
            left += mark.get_width() + self.line(8)
        shown = self.type.put(
            self.target, value, (self.right, top), size, colour or self.palette.text,
            align="right", width=self.right - left,
        )  # fmt: skip
        width = max(10, shown.left - left - APART)
        named = self.type.put(
            self.target, label, (left, top), size, self.palette.label, width=width
        )
        if curve is not None:
            right = min(self.right - self.line(VALUE_WIDTH), shown.left - 8)
            width = min(self.line(CURVE_WIDTH), right - named.right - 8)
            box = pygame.Rect(right - width, top + self.line(1), width, self.line(13))
            _draw_curve(self.target, box, curve, self.palette.accent)
        self.y += self.line()
        return pygame.Rect(self.left, top, self.width, self.y - top)

    def heading(self, text: str) -> bool:
        """Write a heading under a line, if it and a row fit; tell whether they do."""
        above, below, down = HEADING
        if self.y + sum(self.line(part) for part in (*HEADING, 18)) > self.bottom:
            return False
        self.skip(above)
        ends = (self.left, self.y), (self.right, self.y)
        pygame.draw.line(self.target, self.palette.edge, *ends)
        self.skip(below)
        self.text(text, 20, down=down)
        return True

    def sentence(self, text: str, colour: Colour | None = None) -> pygame.Rect:
        """Write a text in as many lines as it takes and there is room; return their rectangle."""
        top, size = self.y, self.size(18)
        lines = min(3, max(1, (self.bottom - self.y) // self.line(18)))
        for line in self.type.wrap(text, size, self.width, lines):
            place = (self.left, self.y)
            self.type.put(self.target, line, place, size, colour or self.palette.text)
            self.skip(18)
        return pygame.Rect(self.left, top, self.width, self.y - top)


def _draw_curve(
    target: pygame.Surface, box: pygame.Rect, values: np.ndarray, colour: Colour
) -> None:
    """Draw a curve into a box, from zero up; nothing where there is no room or nothing known."""
    if box.width < 16 or not np.isfinite(values).any():
        return
    top = float(np.nanmax(values)) or 1.0  # all zeros are a line at the foot
    xs = box.left + np.arange(len(values)) * (box.width / (len(values) - 1))
    ys = box.bottom - np.clip(values / top, 0, 1) * box.height
    points = [(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True) if y == y]
    if len(points) > 1:
        pygame.draw.aalines(target, colour, False, points)
