"""The floor's unmoving part, cut into tiles that are drawn once for each scale.

One picture of a whole floor does not fit into a graphics memory at every scale; tiles of 512
pixels do, and only those in view are made.
"""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np
import pygame

from routing.floor.grid import CHARGER, CHUTE, REJECT, STATION, Floor
from viz.colours import ARROW_CONTRAST, Colour, Palette, at_contrast, mix

TILE = 512
KEPT = 48
# Below so many pixels per cell columns of cells would come out visibly wider and narrower.
SMOOTH_BELOW = 5.0
GRID_FROM = 7.0  # pixels per cell from which grid lines and arrows are drawn
ARROWS = ">v<^"  # of one-way cells, by heading


class Tiles:
    """Draws the part of a floor that is in view."""

    def __init__(self, floor: Floor, palette: Palette) -> None:
        self.floor = floor
        self.palette = palette
        self._tiles: OrderedDict[tuple[float, bool, int, int], pygame.Surface] = OrderedDict()
        self._colours = cell_colours(floor, palette)
        letters = floor.letters.reshape(floor.height, floor.width)
        self._lanes = np.flatnonzero(np.isin(floor.letters, [ord(c) for c in ARROWS]))
        self._headings = np.array([ARROWS.index(chr(c)) for c in floor.letters[self._lanes]], int)
        self._arrows: tuple[float, list[pygame.Surface]] | None = None
        self._marked = np.isin(letters, [ord(c) for c in (*ARROWS, CHARGER, REJECT)])

    def draw(
        self,
        target: pygame.Surface,
        view: pygame.Rect,
        origin: tuple[float, float],
        scale: float,
        *,
        grid: bool = True,
    ) -> None:
        """Draw all tiles that touch the view; `origin` is where cell (0, 0) begins."""
        ox, oy = math.floor(origin[0]), math.floor(origin[1])
        wide, high = self.floor.width * scale, self.floor.height * scale
        left, right = max(0.0, view.left - ox), min(wide, float(view.right - ox))
        top, bottom = max(0.0, view.top - oy), min(high, float(view.bottom - oy))
        if left >= right or top >= bottom:
            return
        for j in range(int(top // TILE), math.ceil(bottom / TILE)):
            for i in range(int(left // TILE), math.ceil(right / TILE)):
                target.blit(self._tile(scale, grid, i, j), (ox + i * TILE, oy + j * TILE))

    def draw_arrows(
        self, target: pygame.Surface, view: pygame.Rect, origin: tuple[float, float], scale: float
    ) -> None:
        """Draw the arrows of one-way cells again, over what covers the floor."""
        if scale < GRID_FROM or not len(self._lanes):
            return
        rows, columns = np.divmod(self._lanes, self.floor.width)
        x, y = columns * scale + origin[0], rows * scale + origin[1]
        seen = (x > view.left - scale) & (x < view.right) & (y > view.top - scale)
        seen &= y < view.bottom
        if self._arrows is None or self._arrows[0] != scale:
            self._arrows = (scale, [self._arrow(scale, heading) for heading in range(4)])
        pictures = [self._arrows[1][k] for k in self._headings[seen].tolist()]
        places = zip(x[seen].astype(int).tolist(), y[seen].astype(int).tolist(), strict=True)
        target.blits(list(zip(pictures, places, strict=True)), False)

    def _arrow(self, scale: float, heading: int) -> pygame.Surface:
        """Return an arrow with a rim, seen on every colour of a heat map."""
        side = math.ceil(scale)
        picture, size = pygame.Surface((side, side), pygame.SRCALPHA), scale * 0.22
        for colour, more in ((self.palette.ground, 2), (self.palette.select, 0)):
            chevron(picture, scale / 2, scale / 2, size, heading, colour, more)
        return picture

    def _tile(self, scale: float, grid: bool, i: int, j: int) -> pygame.Surface:
        key = (scale, grid, i, j)
        tile = self._tiles.get(key)
        if tile is None:
            tile = self._make(scale, grid, i, j)
            self._tiles[key] = tile
            while len(self._tiles) > KEPT:
                self._tiles.popitem(last=False)
        else:
            self._tiles.move_to_end(key)
        return tile

    def _make(self, scale: float, grid: bool, i: int, j: int) -> pygame.Surface:
        floor, palette = self.floor, self.palette
        width = min(TILE, math.ceil(floor.width * scale) - i * TILE)
        height = min(TILE, math.ceil(floor.height * scale) - j * TILE)
        fine = 2 if scale < SMOOTH_BELOW else 1
        columns = (i * TILE + np.arange(width * fine) / fine) / scale
        rows = (j * TILE + np.arange(height * fine) / fine) / scale
        columns = np.minimum(columns, floor.width - 1).astype(int)
        rows = np.minimum(rows, floor.height - 1).astype(int)
        pixels = self._colours[rows[None, :], columns[:, None]]
        if grid and scale >= GRID_FROM:  # a hair line right of and below every free cell
            pixels = pixels.copy()
            free = floor.free.reshape(floor.height, floor.width)[rows[None, :], columns[:, None]]
            edge = np.zeros((width, height), bool)
            edge[np.flatnonzero(np.diff(columns, prepend=columns[0]) != 0), :] = True
            edge[:, np.flatnonzero(np.diff(rows, prepend=rows[0]) != 0)] = True
            pixels[edge & free] = pixels[edge & free] * 0.62 + np.array(palette.lane) * 0.38
        tile = pygame.Surface((width * fine, height * fine))
        pygame.surfarray.blit_array(tile, pixels.astype(np.uint8))
        if fine > 1:
            return pygame.transform.smoothscale(tile, (width, height))
        if scale >= GRID_FROM:
            self._marks(tile, scale, i * TILE, j * TILE)
        return tile

    def _marks(self, tile: pygame.Surface, scale: float, x0: int, y0: int) -> None:
        """Draw arrows of one-way cells, and what tells chargers and reject chutes by shape."""
        floor = self.floor
        first, last = int(x0 / scale), min(floor.width, int((x0 + TILE) / scale) + 1)
        above, below = int(y0 / scale), min(floor.height, int((y0 + TILE) / scale) + 1)
        arrow = at_contrast(self.palette.label, self.palette.floor, ARROW_CONTRAST)
        part = self._marked[above:below, first:last]
        for row, column in zip(*np.nonzero(part), strict=True):
            row, column = row + above, column + first
            letter = chr(floor.letters[row * floor.width + column])
            x, y = (column + 0.5) * scale - x0, (row + 0.5) * scale - y0
            if letter in ARROWS:
                chevron(tile, x, y, scale * 0.22, ARROWS.index(letter), arrow)
            else:
                colour = mix(self.palette.label, self.palette.floor, 0.25)
                place_mark(tile, letter, x, y, scale, colour)


def cell_colours(floor: Floor, palette: Palette) -> np.ndarray:
    """Return each cell's colour; uint8 of shape (height, width, 3)."""
    table = np.zeros((256, 3), np.uint8)
    table[:] = palette.floor
    table[ord("@")] = table[ord("T")] = palette.block
    table[ord(STATION)] = palette.station
    table[ord(CHUTE)] = palette.chute
    table[ord(REJECT)] = palette.reject
    table[ord(CHARGER)] = palette.charger
    return table[floor.letters.reshape(floor.height, floor.width)]


def chevron(
    target: pygame.Surface,
    x: float,
    y: float,
    size: float,
    heading: int,
    colour: Colour,
    more: int = 0,
) -> None:
    """Draw a small arrow head that points along a heading."""
    dx, dy = ((1, 0), (0, 1), (-1, 0), (0, -1))[heading]
    tip = (x + dx * size, y + dy * size)
    one = (x - dx * size * 0.3 - dy * size, y - dy * size * 0.3 + dx * size)
    other = (x - dx * size * 0.3 + dy * size, y - dy * size * 0.3 - dx * size)
    width = max(1, round(size / 3)) + more
    pygame.draw.lines(target, colour, False, [one, tip, other], width)


def place_mark(
    target: pygame.Surface, letter: str, x: float, y: float, scale: float, colour: Colour
) -> None:
    """Draw a flash on a charger, and a bar along the foot of a reject chute."""
    if letter == CHARGER:
        flash = (
            (0.1, -0.36),
            (-0.18, 0.06),
            (0.0, 0.06),
            (-0.1, 0.36),
            (0.18, -0.06),
            (0.0, -0.06),
        )
        pygame.draw.polygon(target, colour, [(x + a * scale, y + b * scale) for a, b in flash])
    else:
        high = max(1, round(scale * 0.16))
        bar = x - scale * 0.3, y + scale * 0.3 - high, scale * 0.6, high
        target.fill(colour, [round(part) for part in bar])


def small_map(floor: Floor, palette: Palette, width: int, height: int) -> pygame.Surface:
    """Return the whole floor as one small picture of at most that size."""
    scale = min(width / floor.width, height / floor.height)
    size = max(1, round(floor.width * scale)), max(1, round(floor.height * scale))
    colours = cell_colours(floor, palette).copy()
    colours[~floor.free.reshape(floor.height, floor.width)] = mix(
        palette.block, palette.label, 0.25
    )
    picture = pygame.Surface((floor.width, floor.height))
    pygame.surfarray.blit_array(picture, colours.swapaxes(0, 1))
    return pygame.transform.smoothscale(picture, size)
