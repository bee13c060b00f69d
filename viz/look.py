"""Cameras moved so that what is selected is seen, as near as it is in view whole."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState
from viz.camera import Camera
from viz.city_view import selected
from viz.couriers import couriers
from viz.frame import Frame, Scene
from viz.places import positions, spot
from viz.view import CITY, FLOOR, FOUND_SCALE, Selection, View

ROOM_CELLS = 4  # around several robots that are looked at
ROOM_TOUR = 1.25  # of a tour's own extent, so that its numbers and neighbours are seen too
FOLLOWED_TOUR = 4.0  # times the scale of the whole city, at least, at which a van is followed
NEAREST_TOUR, NEAREST_STOP = 40.0, 12.0  # times the scale of the whole city
WORTH_THE_DEPOT = 0.6  # of the scale without it; further away it would make the tour a knot again


def bring_tour_near(camera: Camera, scene: Scene, tour: int, parcel: int = -1) -> None:
    """Look at a tour's stops, and at the depot where it is not far from them.

    A parcel without a tour stands for itself.  A camera that sees all of them large enough stays.
    """
    parcels = scene.parcels
    if parcels is None:
        return
    stops = scene.tours.stops[tour] if tour >= 0 else np.array([parcel])
    if not len(stops) or stops[0] < 0:
        return
    xs, ys = parcels.x[stops], parcels.y[stops]
    scale = _scale_for(camera, xs, ys)
    if scene.depot is not None:
        with_x, with_y = np.append(xs, scene.depot[0]), np.append(ys, scene.depot[1])
        if _scale_for(camera, with_x, with_y) >= WORTH_THE_DEPOT * scale:
            xs, ys, scale = with_x, with_y, _scale_for(camera, with_x, with_y)
    left, top, right, bottom = camera.seen()
    inside = (xs >= left) & (xs <= right) & (ys >= top) & (ys <= bottom)
    if not inside.all() or camera.scale < 0.6 * scale:
        camera.scale = scale
        camera.centre(float(xs.min() + xs.max()) / 2, float(ys.min() + ys.max()) / 2)


def look_at_city(camera: Camera, scene: Scene, frame: Frame, view: View, times: float) -> None:
    """Look so many times as near as at the whole city, at what is selected, or the depot."""
    camera.scale = times * camera.fit_scale()
    x, y = (camera.x, camera.y) if scene.depot is None else scene.depot
    tour, parcel = selected(scene, frame, view)
    if parcel >= 0 and scene.parcels is not None:
        x, y = float(scene.parcels.x[parcel]), float(scene.parcels.y[parcel])
    elif tour >= 0:
        x, y = camera.x, camera.y  # where its stops are
    camera.centre(x, y)


def _scale_for(camera: Camera, xs: np.ndarray, ys: np.ndarray) -> float:
    """Return the scale at which points fill the camera's rectangle, up to the nearest sensible."""
    wide, high = max(float(np.ptp(xs)), 1e-9), max(float(np.ptp(ys)), 1e-9)
    fill = min(camera.view[2] / wide, camera.view[3] / high) / ROOM_TOUR
    nearest = NEAREST_TOUR if len(xs) > 1 else NEAREST_STOP
    return min(fill, nearest * camera.fit_scale())


def whereabouts(scene: Scene, frame: Frame, view: View) -> tuple[str, float, float] | None:
    """Return on which picture (floor, city) and where what is selected can be followed, if at all.

    A tour is where its courier is, a parcel where its robot, or its courier, is.
    """
    kind, number = view.selection.kind, view.selection.number
    place = spot(scene, frame, view)
    if place is not None:
        return FLOOR, place[0] + 0.5, place[1] + 0.5
    if kind not in ("tour", "parcel") or scene.parcels is None or scene.scenario is None:
        return None
    if kind == "parcel" and frame.parcel_state[number] != ParcelState.OUT:
        return None
    tour, _ = selected(scene, frame, view)
    tours, xs, ys = couriers(scene, frame)
    for k in np.flatnonzero(tours == tour).tolist():
        return CITY, float(xs[k]), float(ys[k])
    return None


def follow(scene: Scene, frame: Frame, view: View) -> None:
    """Move the camera with what is selected; it stays where that is nowhere any more."""
    place = whereabouts(scene, frame, view)
    if place is None:
        return
    on, x, y = place
    camera = view.floor_camera if on == FLOOR else view.city_camera
    if camera is not None:
        camera.centre(x, y)


def why_not(selection: Selection) -> str:
    """Return why what is selected cannot be followed, in one line."""
    if not selection.kind:
        return "nothing is selected that could be followed; click it, or find it with /"
    if selection.kind == "tour":
        return "no courier is on its way with this tour; nothing to follow"
    return f"this {selection.kind} is not on its way; nothing to follow"


def bring_all_near(camera: Camera, scene: Scene, frame: Frame, robots: tuple[int, ...]) -> None:
    """Look at several robots at once, as near as they all are in view."""
    assert scene.floor is not None
    xs, ys = (part[list(robots)] + 0.5 for part in positions(frame, scene.floor.width))
    wide, high = np.ptp(xs) + 2 * ROOM_CELLS, np.ptp(ys) + 2 * ROOM_CELLS
    camera.scale = min(FOUND_SCALE, camera.view[2] / wide, camera.view[3] / high)
    camera.centre(float(xs.min() + xs.max()) / 2, float(ys.min() + ys.max()) / 2)
