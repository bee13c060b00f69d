"""The city on a surface: depot, stops by where their parcels are, tours, couriers on the way."""

from __future__ import annotations

import numpy as np
import pygame

from fleet.events import TourState
from viz.camera import Camera
from viz.colours import (
    CITY_CHUTE,
    CITY_DONE,
    CITY_FAILED,
    CITY_FLOOR,
    CITY_GROUP_OF,
    CITY_OUT,
    CITY_WAITS,
    Colour,
    Palette,
    at_contrast,
    mix,
)
from viz.couriers import couriers
from viz.frame import Frame, Scene
from viz.own_tour import own_tour
from viz.stops import dot_size, late_stops, stop_mark, tour_mark, van_length
from viz.text import Type
from viz.view import View

# Of tours' lines with the ground, in the order in which they are drawn; those out have the colour
# as it is.  What is ready or out is meant to be read, the rest to be there.
LINE_CONTRAST = {
    TourState.PLANNED: 1.4,
    TourState.DONE: 1.4,
    TourState.SORTING: 2.0,
    TourState.READY: 3.0,
    TourState.OUT: 21.0,
}


class CityView:
    """Draws one city; keeps the tours' lines until camera or tours change."""

    def __init__(self, palette: Palette, type_: Type, unit: float = 1.0) -> None:
        self.palette, self.type, self.unit = palette, type_, unit
        self._lines: tuple[object, pygame.Surface] | None = None
        self._dots: dict[tuple[int, int], pygame.Surface] = {}

    def draw(
        self, target: pygame.Surface, camera: Camera, scene: Scene, frame: Frame, view: View
    ) -> None:
        """Draw the city into the camera's rectangle."""
        parcels = scene.parcels
        if parcels is None:
            return
        area = pygame.Rect(camera.view)
        clip = target.get_clip()
        target.set_clip(area)
        self._draw_lines(target, camera, scene, frame, view)
        groups = CITY_GROUP_OF[frame.parcel_state]
        known = frame.parcel_state != 255
        xs, ys = camera.to_screen(parcels.x, parcels.y)
        self._draw_stops(target, camera, scene, frame, groups, known, xs, ys)
        tour, k = selected(scene, frame, view)
        if tour >= 0:
            self._draw_selected_tour(target, camera, scene, frame, tour)
        if k >= 0:
            place = round(float(xs[k])), round(float(ys[k]))
            pygame.draw.circle(target, self.palette.select, place, self._px(9), self._px(2))
        self._draw_couriers(target, camera, scene, frame)
        self._draw_depot(target, camera, scene)
        if area.top:
            pygame.draw.line(target, self.palette.edge, area.topleft, area.topright)
        if area.left:
            pygame.draw.line(target, self.palette.edge, area.topleft, area.bottomleft)
        target.set_clip(clip)

    def _px(self, design: float) -> int:
        return max(1, round(design * self.unit))

    def _dot_size(self, camera: Camera, stops: int) -> int:
        return dot_size(camera, stops, self.unit)

    def dot(self, group: int, size: int) -> pygame.Surface:
        """Return a stop's mark: each group its own colour and shape."""
        key = (group, size)
        if key not in self._dots:
            self._dots[key] = stop_mark(self.palette, group, size)
        return self._dots[key]

    def _tour_dot(self, tour: int, size: int) -> pygame.Surface:
        """Return the mark of a stop whose tour is all that there is to tell."""
        key = (-1 - tour % len(self.palette.tours), size)
        if key not in self._dots:
            self._dots[key] = tour_mark(self.palette, tour_colour(self.palette, tour), size)
        return self._dots[key]

    def _draw_stops(
        self,
        target: pygame.Surface,
        camera: Camera,
        scene: Scene,
        frame: Frame,
        groups: np.ndarray,
        known: np.ndarray,
        xs: np.ndarray,
        ys: np.ndarray,
    ) -> None:
        left, top, width, height = camera.view
        size = self._dot_size(camera, len(xs))
        inside = known & (xs > left - size) & (xs < left + width + size)
        inside &= (ys > top - size) & (ys < top + height + size)
        late = late_stops(scene, frame)
        for group in (CITY_WAITS, CITY_DONE, CITY_FLOOR, CITY_CHUTE, CITY_OUT, CITY_FAILED):
            ids = np.flatnonzero(inside & (groups == group))
            if not len(ids):
                continue
            if not frame.counts and group == CITY_OUT:  # a file: nothing is under way
                tours = scene.tours.tour_of(len(xs), frame.time)
                marks = [self._tour_dot(tour, size) for tour in tours[ids].tolist()]
            else:
                marks = [self.dot(group, size)] * len(ids)
            half = marks[0].get_width() / 2
            x = np.round(xs[ids] - half).astype(int).tolist()
            y = np.round(ys[ids] - half).astype(int).tolist()
            target.blits(list(zip(marks, zip(x, y, strict=True), strict=True)), False)
        for k in np.flatnonzero(inside & late).tolist():
            place = round(float(xs[k])), round(float(ys[k]))
            pygame.draw.circle(target, self.palette.fault, place, size, self._px(2))

    def _draw_lines(
        self, target: pygame.Surface, camera: Camera, scene: Scene, frame: Frame, view: View
    ) -> None:
        area = pygame.Rect(camera.view)
        key = (camera.origin, camera.scale, camera.view, scene.version, frame.tour_state.tobytes())
        if self._lines is None or self._lines[0] != key:
            picture = pygame.Surface(area.size)
            picture.fill(self.palette.ground)
            self._paint_lines(picture, camera, scene, frame)
            self._lines = (key, picture)
        target.blit(self._lines[1], area)

    def _paint_lines(
        self, picture: pygame.Surface, camera: Camera, scene: Scene, frame: Frame
    ) -> None:
        """Draw tours: those out bright, those being sorted faint, those done hardly.

        Once all are done they are what there is to read.
        """
        palette = self.palette
        over = bool((frame.tour_state == TourState.DONE).all())
        for state in LINE_CONTRAST:
            for tour in np.flatnonzero(frame.tour_state == state).tolist():
                colour = line_colour(palette, tour, TourState.READY if over else state)
                # The ways from and to the depot lie on top of one another: faint.
                faint = mix(colour, palette.ground, 0.62)
                points = self._points(camera, scene, tour, picture)
                near = state == TourState.OUT and camera.scale >= camera.fit_scale() * 2
                if scene.depot is not None:
                    self._line(picture, faint, points[:2])
                    self._line(picture, faint, points[-2:])
                    points = points[1:-1]
                if len(points) > 1:
                    self._line(picture, colour, points, 2 if near else 1)

    def _line(
        self, target: pygame.Surface, colour: Colour, points: list[tuple[float, float]],
        design: float = 1,
    ) -> None:  # fmt: skip
        """Draw a line, smooth where it is a hair's."""
        pygame.draw.aalines(target, colour, False, points)
        if self._px(design) > 1:
            pygame.draw.lines(target, colour, False, points, self._px(design))

    def _points(
        self, camera: Camera, scene: Scene, tour: int, picture: pygame.Surface | None = None
    ) -> list[tuple[float, float]]:
        assert scene.parcels is not None
        stops = scene.tours.stops[tour]
        x, y = scene.parcels.x[stops], scene.parcels.y[stops]
        if scene.depot is not None:
            x = np.concatenate([[scene.depot[0]], x, [scene.depot[0]]])
            y = np.concatenate([[scene.depot[1]], y, [scene.depot[1]]])
        px, py = camera.to_screen(x, y)
        if picture is not None:
            px, py = px - camera.view[0], py - camera.view[1]
        return list(zip(px.tolist(), py.tolist(), strict=True))

    def _draw_selected_tour(
        self, target: pygame.Surface, camera: Camera, scene: Scene, frame: Frame, tour: int
    ) -> None:
        palette = self.palette
        points = self._points(camera, scene, tour)
        pygame.draw.lines(target, palette.ground, False, points, self._px(6))
        pygame.draw.lines(target, tour_colour(palette, tour), False, points, self._px(3))
        size = self._dot_size(camera, len(scene.parcels or ()))
        thick = self._px(2) if size > 5 * self.unit else self._px(1)
        places = [(round(x), round(y)) for x, y in (points[1:-1] if scene.depot else points)]
        for place in places:
            pygame.draw.circle(target, palette.select, place, size, thick)
        taken: list[pygame.Rect] = []
        for number, (x, y) in enumerate(places, 1):
            label = self.type.render(str(number), self._px(15), palette.text)
            rect = label.get_rect(midleft=(x + size + self._px(2), y))
            if rect.collidelist(taken) < 0:  # numbers that would lie over others are left out
                taken.append(rect)
                self._halo(target, str(number), rect)
                target.blit(label, rect)

    def _halo(self, target: pygame.Surface, text: str, rect: pygame.Rect) -> None:
        """Clear the ground around a number's strokes, so that no line runs through them."""
        clear = self.type.render(text, self._px(15), self.palette.ground)
        by = self._px(2)
        for dx in (-by, 0, by):
            for dy in (-by, 0, by):
                target.blit(clear, rect.move(dx, dy))

    def _draw_couriers(
        self, target: pygame.Surface, camera: Camera, scene: Scene, frame: Frame
    ) -> None:
        if scene.scenario is None:
            return
        palette = self.palette
        tours, x, y = couriers(scene, frame)
        px, py = camera.to_screen(x, y)
        long = van_length(camera, len(tours), self.unit)
        for tour, cx, cy in zip(tours.tolist(), px.tolist(), py.tolist(), strict=True):
            colour = tour_colour(palette, tour)
            van = pygame.Rect(0, 0, long, round(long * 0.7))
            van.center = round(cx), round(cy)
            one, two = self._px(2), self._px(4)
            pygame.draw.rect(target, palette.ground, van.inflate(two, two), border_radius=two)
            pygame.draw.rect(target, colour, van, border_radius=one)
            if long > 9 * self.unit:
                window = van.right - two, van.top + one, one, van.height - two
                pygame.draw.rect(target, palette.ground, window)

    def _draw_depot(self, target: pygame.Surface, camera: Camera, scene: Scene) -> None:
        if scene.depot is None:
            return
        x, y = camera.to_screen(np.array(scene.depot[0]), np.array(scene.depot[1]))
        px, py = round(float(x)), round(float(y))
        corners = ((-9, 8), (-9, -2), (0, -10), (9, -2), (9, 8))
        house = [(px + round(a * self.unit), py + round(b * self.unit)) for a, b in corners]
        pygame.draw.polygon(target, self.palette.ground, house, self._px(5))
        pygame.draw.polygon(target, self.palette.select, house)
        door = pygame.Rect(0, 0, self._px(6), self._px(7))
        door.midbottom = px, py + self._px(8)
        pygame.draw.rect(target, self.palette.ground, door)


def selected(scene: Scene, frame: Frame, view: View) -> tuple[int, int]:
    """Return the tour and the parcel that what is selected stands for; -1 where there is none.

    A robot stands for the parcel it has, a chute for its tour.
    """
    kind, number = view.selection.kind, view.selection.number
    assert scene.parcels is not None
    tour = parcel = -1
    if kind == "tour" and 0 <= number < len(scene.tours):
        tour = number
    elif kind == "chute" and 0 <= number < len(frame.chute_tours):
        tour = int(frame.chute_tours[number])
    elif kind == "robot" and 0 <= number < len(frame.tasks):
        parcel = int(frame.tasks[number])
    elif kind == "parcel":
        parcel = number
    if not 0 <= parcel < len(scene.parcels):
        parcel = -1
    else:
        tour = own_tour(scene, frame, parcel)
    return (tour if tour < len(scene.tours) else -1), parcel


def tour_colour(palette: Palette, tour: int) -> Colour:
    """Return a tour's colour; neighbours in number differ."""
    return palette.tours[tour % len(palette.tours)]


def line_colour(palette: Palette, tour: int, state: int) -> Colour:
    """Return the colour of a tour's line."""
    return at_contrast(tour_colour(palette, tour), palette.ground, LINE_CONTRAST[TourState(state)])
