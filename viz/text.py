"""Text on surfaces: the bundled font in a few sizes, every rendered string kept for a while."""

from __future__ import annotations

import re

import pygame

from viz.colours import Colour

KEPT = 1000  # rendered strings, and widths of strings; a picture has some hundred
# Letters are drawn so much larger and shrunk: at their own size hinting spaces them unevenly.
SMOOTH = 2
_TOKENS = re.compile(r"[0-9]|[^0-9]+")


class Type:
    """Renders text; digits have equal width, and the font needs nothing from the machine."""

    def __init__(self) -> None:
        if not pygame.font.get_init():
            pygame.font.init()
        self._fonts: dict[int, pygame.font.Font] = {}
        self._widths: dict[tuple[str, int], int] = {}
        self._rendered: dict[tuple[str, int, Colour], pygame.Surface] = {}

    def font(self, size: int) -> pygame.font.Font:
        """Return the font that is drawn for a size."""
        if size not in self._fonts:
            self._fonts[size] = pygame.font.Font(None, size * SMOOTH)
        return self._fonts[size]

    def width(self, text: str, size: int) -> int:
        """Return how wide a text is in pixels."""
        key = text, size
        if key not in self._widths:
            if len(self._widths) >= KEPT:
                self._widths.pop(next(iter(self._widths)))
            font = self.font(size)
            wide = sum(self._step(token, font) for token in _TOKENS.findall(text))
            self._widths[key] = -(-wide // SMOOTH)
        return self._widths[key]

    def _step(self, token: str, font: pygame.font.Font) -> int:
        """Return how far the pen goes on; the same for every digit, where kerning would differ."""
        return font.size("0" if token.isdigit() else token)[0]

    def _draw(self, text: str, size: int, colour: Colour) -> pygame.Surface:
        font = self.font(size)
        tokens = _TOKENS.findall(text)
        if len(tokens) == 1 and not text.isdigit():
            return font.render(text, True, colour)
        wide = sum(self._step(token, font) for token in tokens)
        whole = pygame.Surface((max(wide, 1), font.get_height()), pygame.SRCALPHA)
        x = 0
        for token in tokens:
            whole.blit(font.render(token, True, colour), (x, 0))
            x += self._step(token, font)
        return whole

    def render(self, text: str, size: int, colour: Colour) -> pygame.Surface:
        """Return the text as a surface."""
        key = (text, size, colour)
        surface = self._rendered.pop(key, None)
        if surface is None:
            large = self._draw(text, size, colour)
            small = -(-large.get_width() // SMOOTH), -(-large.get_height() // SMOOTH)
            surface = pygame.transform.smoothscale(large, small)
            if len(self._rendered) >= KEPT:
                self._rendered.pop(next(iter(self._rendered)))
        self._rendered[key] = surface
        return surface

    def put(
        self,
        target: pygame.Surface,
        text: str,
        place: tuple[int, int],
        size: int,
        colour: Colour,
        *,
        align: str = "left",
        width: int | None = None,
    ) -> pygame.Rect:
        """Draw text at a place and return the rectangle that it fills.

        `align` says which end of the line the place is; text wider than `width` is cut with an
        ellipsis.
        """
        if width is not None:
            text = self.cut(text, size, width)
        surface = self.render(text, size, colour)
        rect = surface.get_rect()
        x, y = place
        if align == "right":
            x -= rect.width
        elif align == "middle":
            x -= rect.width // 2
        rect.topleft = (x, y)
        target.blit(surface, rect)
        return rect

    def cut(self, text: str, size: int, width: int) -> str:
        """Return the text, or as much of it as fits with an ellipsis."""
        if self.width(text, size) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + "…", size) <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…"

    def wrap(self, text: str, size: int, width: int, lines: int = 3) -> list[str]:
        """Return the text in at most so many lines."""
        words, line = text.split(), ""
        result: list[str] = []
        while words:
            longer = f"{line} {words[0]}".strip()
            if not line or self.width(longer, size) <= width:
                line = longer
                words.pop(0)
            elif len(result) == lines - 1:
                line = f"{line} {' '.join(words)}"
                break
            else:
                result.append(line)
                line = ""
        return [*result, self.cut(line, size, width)] if line else result
