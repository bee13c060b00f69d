"""What lies under the pointer, and what a typed name means."""

from __future__ import annotations

import math
import re

import numpy as np

from viz.camera import Camera
from viz.couriers import couriers
from viz.frame import NOT_PLANNED, Frame, Scene
from viz.league.errands import TASK
from viz.places import at_cell, positions, shown_robots
from viz.view import CITY, Selection, View

# A cell by row and column, as `fleet operate` takes it and as the viewer tells of it.
_PLACE = re.compile(r"(?:cell|row)\s*(\d+)\s*,\s*(?:column\s*)?(\d+)")
REACH_PIXELS = 12.0  # a stop or small robot is hit from so far
LINE_PIXELS = 5.0  # and a tour's line


def hit(scene: Scene, frame: Frame, view: View, px: float, py: float) -> Selection:
    """Return what lies under a pixel."""
    floor_camera, city_camera = view.floor_camera, view.city_camera
    if view.shown == CITY and scene.has_city:  # the camera keeps where the floor was
        floor_camera = None
    if floor_camera is not None and floor_camera.holds(px, py):
        return _hit_floor(scene, frame, view, floor_camera, px, py)
    if city_camera is not None and city_camera.holds(px, py):
        return _hit_city(scene, frame, city_camera, px, py)
    return Selection()


def _hit_floor(
    scene: Scene, frame: Frame, view: View, camera: Camera, px: float, py: float
) -> Selection:
    floor = scene.floor
    assert floor is not None
    x, y = camera.to_plane(px, py)
    if len(frame.cells):
        xs, ys = positions(frame, floor.width)
        away = np.maximum(np.abs(xs + 0.5 - x), np.abs(ys + 0.5 - y))
        away[~shown_robots(frame, view)] = np.inf
        nearest = int(np.argmin(away))
        if away[nearest] <= max(0.5, 0.4 * REACH_PIXELS / camera.scale):
            return Selection("robot", nearest)
    column, row = int(np.floor(x)), int(np.floor(y))
    if not (0 <= column < floor.width and 0 <= row < floor.height):
        return Selection()
    return at_cell(scene, row * floor.width + column)


def _hit_city(scene: Scene, frame: Frame, camera: Camera, px: float, py: float) -> Selection:
    parcels = scene.parcels
    if parcels is None or not len(parcels):
        return Selection()
    tours, x, y = couriers(scene, frame)
    if len(tours):
        cx, cy = camera.to_screen(x, y)
        away = np.hypot(cx - px, cy - py)
        if away.min() <= REACH_PIXELS:
            return Selection("tour", int(tours[np.argmin(away)]))
    sx, sy = camera.to_screen(parcels.x, parcels.y)
    away = np.where(frame.parcel_state != 255, np.hypot(sx - px, sy - py), np.inf)
    nearest = int(np.argmin(away))
    if away[nearest] <= REACH_PIXELS:
        return Selection("parcel", nearest)
    tour, far = nearest_tour(scene, frame, camera, px, py)
    return Selection("tour", tour) if far <= LINE_PIXELS else Selection()


def nearest_tour(
    scene: Scene, frame: Frame, camera: Camera, px: float, py: float
) -> tuple[int, float]:
    """Return the planned tour whose line passes nearest to a pixel, and how far that is.

    The ways from and to the depot do not count, as all tours have them.
    """
    (stops, _), tour = scene.tours.flat(), scene.tours.flat_tours()
    if scene.parcels is None or len(stops) < 2:
        return -1, math.inf
    x, y = camera.to_screen(scene.parcels.x[stops], scene.parcels.y[stops])
    dx, dy = np.diff(x), np.diff(y)
    length = np.maximum(dx * dx + dy * dy, 1e-9)
    share = np.clip(((px - x[:-1]) * dx + (py - y[:-1]) * dy) / length, 0.0, 1.0)
    away = np.hypot(x[:-1] + share * dx - px, y[:-1] + share * dy - py)
    drawn = frame.tour_state[tour] != NOT_PLANNED
    away[(tour[1:] != tour[:-1]) | ~drawn[1:]] = np.inf
    k = int(np.argmin(away))
    return int(tour[k]), float(away[k])


def find(scene: Scene, frame: Frame, text: str) -> Selection:
    """Return what a typed name means: a robot's number, a parcel's name, or a kind and number.

    Several robots stand between commas: 17,4.  A cell has a number, or a row and a column: cell
    3,17.  A courier stands for its tour.
    """
    text = text.strip()
    place = _PLACE.fullmatch(text.lower())
    if place is not None:
        return _cell(scene, int(place[1]), int(place[2]))
    if "," in text:
        robots = [find(scene, frame, part) for part in text.split(",")]
        if all(robot.kind == "robot" for robot in robots):
            first, *others = dict.fromkeys(robot.number for robot in robots)
            return Selection("robot", first, tuple(others))
    words = text.lower().split()
    kinds = {"r": "robot", "s": "station", "c": "chute", "t": "tour", "p": "parcel"}
    kinds |= {"cell": "cell", "courier": "courier"}  # one letter is another's
    if scene.league:
        kinds["t"] = "task"
    if len(words) == 2 and words[1].isdecimal():
        for letter, kind in kinds.items():
            if kind.startswith(words[0]):
                return _existing(scene, frame, kinds[letter], int(words[1]))
    if len(text) > 1 and text[0].lower() in kinds and text[1:].isdecimal():
        found = _existing(scene, frame, kinds[text[0].lower()], int(text[1:]))
        if found.kind:
            return found
    if text.isdecimal():
        found = _existing(scene, frame, "robot", int(text))
        if found.kind:
            return found
    if scene.parcels is not None and text in scene.parcels.names:
        return Selection("parcel", scene.parcels.names.index(text))
    return Selection()


def _cell(scene: Scene, row: int, column: int) -> Selection:
    floor = scene.floor
    if floor is None or row >= floor.height or column >= floor.width:
        return Selection()
    return Selection("cell", row * floor.width + column)


def _tour_of_courier(scene: Scene, frame: Frame, courier: int) -> Selection:
    """Return the tour with which a courier left last."""
    tours = scene.tours
    left = np.where(tours.courier == courier, tours.depart_tick, -1)
    left[left > frame.time] = -1
    if not len(left) or left.max() < 0:
        return Selection()
    return Selection("tour", int(np.argmax(left)))


def _existing(scene: Scene, frame: Frame, kind: str, number: int) -> Selection:
    floor = scene.floor
    if kind == "courier":
        return _tour_of_courier(scene, frame, number)
    there = {
        "cell": floor.cells if floor else 0,
        "robot": len(frame.cells),
        "station": len(floor.stations) if floor and not scene.league else 0,
        "chute": len(floor.chutes) + len(floor.rejects) if floor and not scene.league else 0,
        "tour": len(scene.tours),
        "task": int(frame.errands[:, TASK].max(initial=-1)) + 1,
        "parcel": len(scene.parcels) if scene.parcels else 0,
    }
    if kind == "tour":
        number -= scene.first_tour
    return Selection(kind, number) if 0 <= number < there[kind] else Selection()
