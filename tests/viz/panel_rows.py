"""What the panel says, as text."""

from __future__ import annotations

import pygame
import pytest

from viz.colours import Colour
from viz.draw import Picture
from viz.pen import Pen
from viz.source import Source
from viz.view import View

SIZE = (1600, 1400)  # room for all there is to say


def panel_rows(
    patch: pytest.MonkeyPatch,
    source: Source,
    time: float,
    view: View | None = None,
    size: tuple[int, int] = SIZE,
) -> dict[str, str]:
    """Return the panel's rows at a moment, label and value; sentences have none."""
    rows: dict[str, str] = {}
    write, say = Pen.row, Pen.sentence

    def row(self: Pen, label: str, value: str, **how: object) -> pygame.Rect | None:
        where = write(self, label, value, **how)  # type: ignore[arg-type]
        if where is not None:
            rows[label] = value
        return where

    def sentence(self: Pen, text: str, colour: Colour | None = None) -> pygame.Rect:
        rows[text] = ""
        return say(self, text, colour)

    with patch.context() as patched:
        patched.setattr(Pen, "row", row)
        patched.setattr(Pen, "sentence", sentence)
        pygame.font.init()
        Picture(source, 1.0).draw(pygame.Surface(size), time, view or View(shown="both"))
    return rows
