"""The floor on a surface: cells, chutes and their fill, queues, robots, and what is selected."""

from __future__ import annotations

import itertools

import numpy as np
import pygame

from fleet.events import ParcelState
from routing.floor.grid import Floor
from viz.boards import draw_numbers
from viz.camera import Camera
from viz.colours import FAULT, Palette, categories, mix
from viz.frame import Frame, Scene
from viz.marks import draw_closed, draw_told
from viz.sprites import DETAIL_FROM, FAULT_GROWTH, Sprites, sprite_index
from viz.text import Type
from viz.tiles import Tiles
from viz.view import Selection, View

SCALES_KEPT = 6
NUMBERS_FROM = 13.0  # pixels per cell from which numbers fit on queues and robots
_STEPS = np.array([(0, -1), (0, 1), (1, 0), (-1, 0)])


class FloorView:
    """Draws one floor; keeps tiles and sprites between frames."""

    def __init__(self, floor: Floor, palette: Palette, type_: Type) -> None:
        self.floor, self.palette, self.type = floor, palette, type_
        self.tiles = Tiles(floor, palette)
        self._sprites: dict[float, Sprites] = {}
        self._outward = outward(floor)
        self._heat: tuple[object, pygame.Surface] | None = None

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
        lines: Lines | None = None,
    ) -> None:
        """Draw the floor into the camera's rectangle."""
        area = pygame.Rect(camera.view)
        clip = target.get_clip()
        target.set_clip(area)
        target.fill(self.palette.ground, area)
        origin = camera.origin
        self.tiles.draw(target, area, origin, camera.scale)
        if heat is not None:
            self._draw_heat(target, camera, heat)
        self._draw_chutes(target, camera, scene, frame, view)
        draw_closed(target, camera, self.floor, self.palette, frame.closed)
        self._draw_queues(target, camera, frame)
        if lines is not None:
            self._draw_lines(target, camera, lines)
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
        if view.hidden:
            shown &= ~np.isin(kinds, list(view.hidden))
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
            target.fill(bar, rect)
            if scale >= NUMBERS_FROM:
                size = max(13, min(24, round(scale * 0.8)))
                number = self.type.render(str(queue), size, palette.ground)
                behind = number.get_rect(center=rect.center).inflate(6, 0)
                target.fill(bar, behind)
                target.blit(number, number.get_rect(center=rect.center))

    # -- overlays

    def _draw_heat(self, target: pygame.Surface, camera: Camera, heat: np.ndarray) -> None:
        floor = self.floor
        key = (heat.ctypes.data, len(heat), int(heat.sum()))
        if self._heat is None or self._heat[0] != key:
            self._heat = (key, heat_picture(floor, self.palette, heat))
        ox, oy = camera.origin
        picture = self._heat[1]
        left, top, right, bottom = camera.seen()
        x0, y0 = max(0, int(left)), max(0, int(top))
        x1, y1 = min(floor.width, int(right) + 1), min(floor.height, int(bottom) + 1)
        if x0 >= x1 or y0 >= y1:
            return
        part = picture.subsurface((x0, y0, x1 - x0, y1 - y0))
        scale = camera.scale
        size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
        target.blit(
            pygame.transform.scale(part, size), (round(x0 * scale + ox), round(y0 * scale + oy))
        )

    def _draw_lines(self, target: pygame.Surface, camera: Camera, lines: Lines) -> None:
        palette, width = self.palette, self.floor.width
        thick = max(2, round(camera.scale * 0.16))
        trail, ahead, granted = lines.trail, lines.ahead, lines.granted
        if len(trail) > 1:
            _polyline(target, camera, trail, width, mix(palette.label, palette.floor, 0.45), thick)
        if len(ahead) > 1:
            _polyline(target, camera, ahead, width, palette.select, thick, dashed=True)
        for cell in granted.tolist():
            row, column = divmod(cell, width)
            x, y = camera.to_screen(np.array(column), np.array(row))
            rect = pygame.Rect(
                round(float(x)), round(float(y)), round(camera.scale), round(camera.scale)
            )
            pygame.draw.rect(target, palette.select, rect.inflate(-2, -2), max(1, thick // 2))
        for start, end in lines.blocked:
            _polyline(target, camera, np.array([start, end]), width, palette.fault, thick)

    def _draw_selected(
        self, target: pygame.Surface, camera: Camera, scene: Scene, frame: Frame, view: View
    ) -> None:
        place = spot(scene, frame, view)
        if place is None:
            return
        palette, scale = self.palette, camera.scale
        x, y = camera.to_screen(np.array(place[0] + 0.5), np.array(place[1] + 0.5))
        radius = max(9, round(scale * 0.78 * (FAULT_GROWTH if scale < DETAIL_FROM else 1)))
        centre = round(float(x)), round(float(y))
        pygame.draw.circle(target, palette.ground, centre, radius + 2, 4)
        pygame.draw.circle(target, palette.select, centre, radius, max(2, round(scale * 0.1)))
        if view.selection.kind == "robot" and len(frame.goals):
            goal = int(frame.goals[view.selection.number])
            if goal >= 0:
                row, column = divmod(goal, self.floor.width)
                gx, gy = camera.to_screen(np.array(column), np.array(row))
                rect = pygame.Rect(round(float(gx)), round(float(gy)), round(scale), round(scale))
                pygame.draw.rect(target, palette.select, rect.inflate(4, 4), 2)


class Lines:
    """Lines of the selected robot: where it was, its way ahead, its grants, who blocks it."""

    def __init__(
        self,
        trail: np.ndarray,
        ahead: np.ndarray,
        granted: np.ndarray,
        blocked: list[tuple[int, int]],
    ) -> None:
        self.trail, self.ahead, self.granted, self.blocked = trail, ahead, granted, blocked


def positions(frame: Frame, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return robots' columns and rows between two ticks; float64.

    A robot that came further than a cell in one tick is not drawn sliding there.
    """
    y0, x0 = np.divmod(frame.cells, width)
    if frame.part <= 0:
        return x0.astype(np.float64), y0.astype(np.float64)
    y1, x1 = np.divmod(frame.next_cells, width)
    dx, dy = x1 - x0, y1 - y0
    near = np.abs(dx) + np.abs(dy) <= 2
    return x0 + dx * near * frame.part, y0 + dy * near * frame.part


def spot(scene: Scene, frame: Frame, view: View) -> tuple[float, float] | None:
    """Return column and row of what is selected on the floor, if it is there."""
    floor, selection = scene.floor, view.selection
    if floor is None:
        return None
    if selection.kind == "parcel":
        selection = place_of(scene, frame, selection.number)
    k = selection.number
    if selection.kind == "robot" and 0 <= k < len(frame.cells):
        xs, ys = positions(frame, floor.width)
        return float(xs[k]), float(ys[k])
    cell = -1
    if selection.kind == "cell":
        cell = k
    elif selection.kind == "station" and 0 <= k < len(floor.stations):
        cell = int(floor.stations[k])
    elif selection.kind == "chute":
        cells = np.concatenate([floor.chutes, floor.rejects])
        cell = int(cells[k]) if 0 <= k < len(cells) else -1
    if not 0 <= cell < len(floor.letters):
        return None
    row, column = divmod(cell, floor.width)
    return float(column), float(row)


def place_of(scene: Scene, frame: Frame, parcel: int) -> Selection:
    """Return the robot, station or chute where a parcel is; nothing if it is not on the floor."""
    if scene.parcels is None or not 0 <= parcel < len(frame.parcel_state):
        return Selection()
    state = frame.parcel_state[parcel]
    if state == ParcelState.ON_ROBOT:
        robots = np.flatnonzero(frame.tasks == parcel)
        if len(frame.boards):
            robots = np.flatnonzero((frame.boards == parcel).any(axis=1))
        return Selection("robot", int(robots[0])) if len(robots) else Selection()
    if state == ParcelState.AT_STATION:
        return Selection("station", int(scene.parcels.station[parcel]))
    if state == ParcelState.IN_CHUTE:
        tour = int(scene.tours.tour_of(len(scene.parcels))[parcel])
        chutes = np.flatnonzero(frame.chute_tours == tour)
        return Selection("chute", int(chutes[0])) if tour >= 0 and len(chutes) else Selection()
    return Selection()


def outward(floor: Floor) -> np.ndarray:
    """Return for each station the step to a blocked cell or the edge beside it, (0, 0) if none.

    The edge of the floor is preferred to a blocked cell inside.
    """
    result = np.zeros((len(floor.stations), 2), np.int64)
    for k, cell in enumerate(floor.stations.tolist()):
        row, column = divmod(cell, floor.width)
        best = 0
        for dx, dy in _STEPS.tolist():
            x, y = column + dx, row + dy
            outside = not (0 <= x < floor.width and 0 <= y < floor.height)
            score = 2 if outside else (0 if floor.free[y * floor.width + x] else 1)
            if score > best:
                best = score
                result[k] = dx, dy
    return result


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


def heat_picture(floor: Floor, palette: Palette, heat: np.ndarray) -> pygame.Surface:
    """Return one pixel a cell, from the first to the last colour of the palette's ramp."""
    top = float(np.quantile(heat[heat > 0], 0.99)) if (heat > 0).any() else 1.0
    level = np.sqrt(np.clip(heat / max(top, 1.0), 0, 1))
    ramp = np.array(palette.heat, np.float64)
    at = level * (len(ramp) - 1)
    low = np.minimum(at.astype(int), len(ramp) - 2)
    part = (at - low)[:, None]
    colours = (ramp[low] * (1 - part) + ramp[low + 1] * part).astype(np.uint8)
    picture = pygame.Surface((floor.width, floor.height), pygame.SRCALPHA)
    shape = (floor.height, floor.width)
    pygame.surfarray.pixels3d(picture)[:] = colours.reshape(*shape, 3).swapaxes(0, 1)
    alpha = np.where(heat > 0, 225, 0).astype(np.uint8)
    pygame.surfarray.pixels_alpha(picture)[:] = alpha.reshape(shape).T
    return picture


def _blits(target: pygame.Surface, pictures: list, places: object) -> None:
    if hasattr(target, "fblits"):  # pygame-ce: no rectangle for each blit
        target.fblits(zip(pictures, places))  # type: ignore[call-overload]  # noqa: B905
    else:
        target.blits(list(zip(pictures, places)), False)  # type: ignore[call-overload]  # noqa: B905


def _polyline(
    target: pygame.Surface,
    camera: Camera,
    cells: np.ndarray,
    width: int,
    colour: tuple[int, int, int],
    thick: int,
    *,
    dashed: bool = False,
) -> None:
    rows, columns = np.divmod(cells.astype(np.int64), width)
    xs, ys = camera.to_screen(columns + 0.5, rows + 0.5)
    points = list(zip(xs.tolist(), ys.tolist(), strict=True))
    if not dashed:
        pygame.draw.lines(target, colour, False, points, thick)
        return
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        pygame.draw.line(target, colour, (x0, y0), middle, thick)
