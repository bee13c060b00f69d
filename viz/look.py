"""Cameras moved so that what is selected is seen."""

from __future__ import annotations

import numpy as np

from viz.camera import Camera
from viz.frame import Frame, Scene
from viz.places import positions
from viz.view import FOUND_SCALE, Selection

ROOM_CELLS = 4  # around several robots that are looked at


def bring_near(camera: Camera, scene: Scene, selection: Selection) -> None:
    """Move the camera so that a selected tour or parcel is seen, where it is not."""
    parcels, k = scene.parcels, selection.number
    if parcels is None:
        return
    stops = scene.tours.stops[k] if selection.kind == "tour" else np.array([k])
    if not len(stops):
        return
    x, y = parcels.x[stops], parcels.y[stops]
    left, top, right, bottom = camera.seen()
    if not ((x >= left) & (x <= right) & (y >= top) & (y <= bottom)).all():
        camera.centre(float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2)


def bring_all_near(camera: Camera, scene: Scene, frame: Frame, robots: tuple[int, ...]) -> None:
    """Look at several robots at once, as near as they all are in view."""
    assert scene.floor is not None
    xs, ys = (part[list(robots)] + 0.5 for part in positions(frame, scene.floor.width))
    wide, high = np.ptp(xs) + 2 * ROOM_CELLS, np.ptp(ys) + 2 * ROOM_CELLS
    camera.scale = min(FOUND_SCALE, camera.view[2] / wide, camera.view[3] / high)
    camera.centre(float(xs.min() + xs.max()) / 2, float(ys.min() + ys.max()) / 2)
