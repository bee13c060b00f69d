"""The floor on a surface: cells, chutes and their fill, queues, robots, and what is selected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pygame

from routing.floor.grid import Floor
from viz.camera import Camera
from viz.colours import FAULT, Colour, Palette, categories, mix
from viz.frame import Frame, Scene
from viz.goals import draw_errands, draw_tasks
from viz.heat import Heat
from viz.lines import Lines, draw_lines
from viz.marks import draw_closed, draw_faulty, draw_told
from viz.on_board import draw_numbers
from viz.overlay_view import OverlayView
from viz.places import outward, positions, shown_robots, spot
from viz.sprites import DETAIL_FROM, FAULT_GROWTH, Sprites, sprite_index
from viz.starts import draw_starts
from viz.text import Type
from viz.tiles import Tiles
from viz.view import View

SCALES_KEPT = 6
OTHERS_COLOURS = (2, 4, 1, 5, 6)  # of the palette's tours, those that no robot has
NUMBERS_FROM = 13.0  # pixels per cell from which numbers fit on queues and robots


class FloorView:
    """Draws one floor; keeps tiles and sprites between frames."""

    def __init__(self, floor: Floor, palette: Palette, type_: Type) -> None:
        self.floor, self.palette, self.type = floor, palette, type_
        self.tiles = Tiles(floor, palette)
        self._sprites: dict[float, Sprites] = {}
        self._outward = outward(floor)
        self.heat = Heat(floor, palette)
        self.overlay = OverlayView(floor, palette)

    def sprites(self, scale: float) -> Sprites:
        """Return the robots' pictures at a scale."""
        if scale not in self._sprites:
            if len(self._sprites) >= SCALES_KEPT:
                self._sprites.pop(next(iter(self._sprites)))
            self._sprites[scale] = Sprites(scale, self.palette)
        return self._sprites[scale]

    def draw(
        self,
        target: pygame.Surface,
        camera: Camera,
        scene: Scene,
        frame: Frame,
        view: View,
        *,
        heat: np.ndarray | None = None,
        lines: Sequence[Lines] = (),
        starts: np.ndarray | None = None,
    ) -> None:
        """Draw the floor into the camera's rectangle."""
        area = pygame.Rect(camera.view)
        clip = target.get_clip()
        target.set_clip(area)
        target.fill(self.palette.ground, area)
        origin = camera.origin
        self.tiles.draw(target, area, origin, camera.scale, grid=view.grid)
        if heat is not None:
            self.heat.draw(target, camera, heat)
            self.tiles.draw_arrows(target, area, origin, camera.scale)
        if view.laid_over is not None:
            self.overlay.draw(target, camera, view.laid_over, view.selection.robot)
        self._draw_chutes(target, camera, scene, frame, view)
        draw_closed(target, camera, self.floor, self.palette, frame.closed)
        self._draw_queues(target, camera, frame)
        if view.errands:
            draw_errands(target, camera, self.palette, self.floor, frame.errands, view)
        if len(frame.errands):
            draw_tasks(target, camera, self.type, scene, frame, view)
        for each in lines:
            draw_lines(target, camera, self.palette, self.floor.width, each)
        if starts is not None:
            selected = view.selection.robot
            shown = shown_robots(frame, view)
            draw_starts(
                target, camera, self.palette, self.type, self.floor.width, starts, shown, selected
            )
        self.draw_robots(target, camera, frame, view)
        self._draw_selected(target, camera, scene, frame, view)
        target.set_clip(clip)

    # -- robots

    def draw_robots(self, target: pygame.Surface, camera: Camera, frame: Frame, view: View) -> None:
        """Draw all robots in view, faulty ones last."""
        if not len(frame.cells):
            return
        scale = camera.scale
        xs, ys = positions(frame, self.floor.width)
        ox, oy = camera.origin
        left, top, width, height = camera.view
        px = xs * scale + ox
        py = ys * scale + oy
        shown = (
            (px > left - scale * 2)
            & (px < left + width + scale)
            & (py > top - scale * 2)
            & (py < top + height + scale)
        )
        shown &= frame.cells >= 0  # else it is off the floor
        kinds = categories(frame.status)
        if view.hidden or view.robots is not None:
            shown &= shown_robots(frame, view)
        sprites = self.sprites(scale)
        index = sprite_index(frame.status, frame.headings)
        offset = sprites.offsets[index]
        # Truncation rounds, as all that is in view lies far above -4096.
        x = (px + (offset + 4096.5)).astype(np.int32) - 4096
        y = (py + (offset + 4096.5)).astype(np.int32) - 4096
        faulty = shown & (kinds == FAULT)
        ids = np.flatnonzero(shown & ~faulty)
        if faulty.any():
            ids = np.concatenate([ids, np.flatnonzero(faulty)])
        index, x, y = index[ids], x[ids], y[ids]
        surfaces = sprites.surfaces
        pictures = [surfaces[k] for k in index.tolist()]
        _blits(target, pictures, zip(x.tolist(), y.tolist(), strict=True))
        if not sprites.detailed:
            draw_faulty(target, self.palette, scale, px[faulty], py[faulty])
        draw_told(target, self.palette, scale, frame.status[ids], px[ids], py[ids])
        if len(frame.boards):
            board = frame.boards[ids]
            draw_numbers(target, self.palette, self.type, scale, board, px[ids], py[ids])
        if view.numbers and scale >= NUMBERS_FROM:
            size = max(11, min(22, round(scale * 0.5)))
            for robot, cx, cy in zip(ids.tolist(), px[ids].tolist(), py[ids].tolist(), strict=True):
                self._tag(target, str(robot), round(cx + scale / 2), round(cy - size * 0.5), size)

    def _tag(self, target: pygame.Surface, text: str, x: int, y: int, size: int) -> None:
        surface = self.type.render(text, size, self.palette.text)
        rect = surface.get_rect(midtop=(x, y))
        target.fill(self.palette.ground, rect.inflate(4, 0))
        target.blit(surface, rect)

    # -- chutes and stations

    def _draw_chutes(
        self, target: pygame.Surface, camera: Camera, scene: Scene, frame: Frame, view: View
    ) -> None:
        floor, palette, scale = self.floor, self.palette, camera.scale
        cells = np.concatenate([floor.chutes, floor.rejects])
        if not len(cells) or scale < 3:
            return
        busy = np.flatnonzero((frame.chute_tours >= 0) | (frame.chute_counts > 0))
        share = fill_shares(scene, frame)
        ox, oy = camera.origin
        area = pygame.Rect(camera.view).inflate(2 * scale, 2 * scale)
        for k in busy.tolist():
            row, column = divmod(int(cells[k]), floor.width)
            x, y = column * scale + ox, row * scale + oy
            if not area.collidepoint(x, y):
                continue
            tour = int(frame.chute_tours[k])
            colour = palette.tours[tour % len(palette.tours)] if tour >= 0 else palette.label
            colour = mix(colour, palette.floor, 0.35)
            inset = 1 if scale >= DETAIL_FROM else 0
            inner = pygame.Rect(
                round(x) + inset, round(y) + inset, round(scale) - inset, round(scale) - inset
            )
            target.fill(mix(colour, palette.floor, 0.72), inner)
            high = round(inner.height * share[k])
            if high:
                target.fill(colour, (inner.left, inner.bottom - high, inner.width, high))
        for k in np.flatnonzero(frame.chute_shut).tolist():
            row, column = divmod(int(cells[k]), floor.width)
            rect = pygame.Rect(
                round(column * scale + ox), round(row * scale + oy), round(scale), round(scale)
            )
            width = max(1, round(scale * 0.14))
            rect.inflate_ip(-2 * width, -2 * width)  # thick ends stay within
            pygame.draw.line(target, palette.fault, rect.topleft, rect.bottomright, width)
            pygame.draw.line(target, palette.fault, rect.bottomleft, rect.topright, width)

    def _draw_queues(self, target: pygame.Surface, camera: Camera, frame: Frame) -> None:
        """Draw a bar of waiting parcels at each station, away from the floor where it can be."""
        floor, palette, scale = self.floor, self.palette, camera.scale
        if scale < 3:
            return
        ox, oy = camera.origin
        area = pygame.Rect(camera.view).inflate(6 * scale, 6 * scale)
        bar = mix(palette.station, palette.text, 0.35)
        for station in np.flatnonzero(frame.queues).tolist():
            cell = int(floor.stations[station])
            row, column = divmod(cell, floor.width)
            x, y = (column + 0.5) * scale + ox, (row + 0.5) * scale + oy
            if not area.collidepoint(x, y):
                continue
            queue = int(frame.queues[station])
            length = min(2.2, 0.45 * np.log2(1 + queue)) * scale
            dx, dy = self._outward[station]
            thick = max(2, round(scale * 0.5))
            if dx or dy:
                x, y = x + dx * scale * 0.6, y + dy * scale * 0.6
                end = x + dx * length, y + dy * length
                rect = pygame.Rect(
                    round(min(x, end[0]) - (thick / 2 if dy else 0)),
                    round(min(y, end[1]) - (thick / 2 if dx else 0)),
                    round(abs(end[0] - x)) or thick,
                    round(abs(end[1] - y)) or thick,
                )
            else:
                rect = pygame.Rect(0, 0, thick, thick)
                rect.center = round(x), round(y)
            if scale < NUMBERS_FROM:
                target.fill(bar, rect)
                continue
            size = max(13, min(24, round(scale * 0.8)))
            number = self.type.render(str(queue), size, palette.ground)
            place = number.get_rect(center=rect.center)
            target.fill(bar, rect.union(place.inflate(6, 0)))  # one bar, as wide as its number
            target.blit(number, place)

    # -- overlays

    def _draw_selected(
        self, target: pygame.Surface, camera: Camera, scene: Scene, frame: Frame, view: View
    ) -> None:
        scale = camera.scale
        places = [(spot(scene, frame, view), self.palette.select, view.selection.number)]
        if view.selection.others:
            xs, ys = positions(frame, self.floor.width)
            for order, robot in enumerate(view.selection.others, 1):
                if robot < len(xs):
                    place = float(xs[robot]), float(ys[robot])
                    places.append((place, selected_colour(self.palette, order), robot))
        for where, colour, number in reversed(places):
            if where is None:
                continue
            x, y = camera.to_screen(np.array(where[0] + 0.5), np.array(where[1] + 0.5))
            radius = max(9, round(scale * 0.78 * (FAULT_GROWTH if scale < DETAIL_FROM else 1)))
            centre = round(float(x)), round(float(y))
            pygame.draw.circle(target, self.palette.ground, centre, radius + 2, 4)
            pygame.draw.circle(target, colour, centre, radius, max(2, round(scale * 0.1)))
            goal = int(frame.goals[number]) if view.selection.kind == "robot" else -1
            if goal >= 0:
                row, column = divmod(goal, self.floor.width)
                gx, gy = camera.to_screen(np.array(column), np.array(row))
                rect = pygame.Rect(round(float(gx)), round(float(gy)), round(scale), round(scale))
                pygame.draw.rect(target, colour, rect.inflate(4, 4), 2)


def selected_colour(palette: Palette, order: int) -> Colour:
    """Return the colour of a selected robot's lines: the one that the panel tells of stands out."""
    if order == 0:
        return palette.select
    return palette.tours[OTHERS_COLOURS[(order - 1) % len(OTHERS_COLOURS)]]


def fill_shares(scene: Scene, frame: Frame) -> np.ndarray:
    """Return how much of its tour each chute holds; 0 to 1."""
    counts = frame.chute_counts.astype(np.float64)
    whole = np.full(len(counts), 60.0)
    if scene.scenario is not None:
        whole[:] = scene.scenario.floor.chute_parcels
    sizes = np.array([len(s) for s in scene.tours.stops], np.float64)
    has = (frame.chute_tours >= 0) & (frame.chute_tours < len(sizes))
    whole[has] = np.maximum(sizes[frame.chute_tours[has]], 1)
    return np.minimum(counts / whole, 1.0)


def _blits(target: pygame.Surface, pictures: list, places: object) -> None:
    if hasattr(target, "fblits"):  # pygame-ce: no rectangle for each blit
        target.fblits(zip(pictures, places))  # type: ignore[call-overload]  # noqa: B905
    else:
        target.blits(list(zip(pictures, places)), False)  # type: ignore[call-overload]  # noqa: B905
