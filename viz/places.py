"""Where things are on a floor: robots between ticks, what is selected, what a parcel is in."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState
from routing.floor.grid import Floor
from viz.colours import categories
from viz.frame import Frame, Scene
from viz.league.errands import CELL, DONE, STAGE, TASK
from viz.own_tour import own_tour
from viz.view import Selection, View

_STEPS = np.array([(0, -1), (0, 1), (1, 0), (-1, 0)])


def positions(frame: Frame, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return robots' columns and rows between two ticks; float64.

    A robot that came further than a cell in one tick is not drawn sliding there.
    """
    y0, x0 = np.divmod(frame.cells, width)
    if not np.any(frame.part):
        return x0.astype(np.float64), y0.astype(np.float64)
    y1, x1 = np.divmod(frame.next_cells, width)
    dx, dy = x1 - x0, y1 - y0
    near = np.abs(dx) + np.abs(dy) <= 2
    return x0 + dx * near * frame.part, y0 + dy * near * frame.part


def shown_robots(frame: Frame, view: View) -> np.ndarray:
    """Return which robots the user wants to see; bool[robots].

    Of those outside the range asked for only the selected ones are seen.
    """
    shown = np.ones(len(frame.cells), bool)
    if view.robots is not None:
        first, last = view.robots
        shown[:first] = False
        shown[last + 1 :] = False
        shown[[k for k in view.selection.robots if 0 <= k < len(shown)]] = True
    if view.hidden:
        shown &= ~np.isin(categories(frame.status), list(view.hidden))
    return shown


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
    if selection.kind == "task":
        rows = frame.errands[frame.errands[:, TASK] == k]
        left = rows[rows[:, STAGE] != DONE]
        cell = int((left if len(left) else rows[::-1])[0, CELL]) if len(rows) else -1
    elif selection.kind == "cell":
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


def at_cell(scene: Scene, cell: int) -> Selection:
    """Return the station or chute at a cell, or the cell itself.

    Robots of the League go to errands, which may be anywhere: its maps have neither.
    """
    assert scene.floor is not None
    floor = scene.floor
    if scene.league is not None:
        return Selection("cell", cell)
    for kind, cells in (
        ("station", floor.stations),
        ("chute", np.concatenate([floor.chutes, floor.rejects])),
    ):
        found = np.flatnonzero(cells == cell)
        if len(found):
            return Selection(kind, int(found[0]))
    return Selection("cell", cell)


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
        tour = own_tour(scene, frame, parcel)
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
