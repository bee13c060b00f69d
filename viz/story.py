"""What is under the pointer, and what there is to tell about it."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, RobotStatus, TourState
from viz.camera import Camera
from viz.colours import CATEGORIES, EMPTY, categories
from viz.expected import expected_tick
from viz.frame import Frame, Scene
from viz.league_errands import DONE, STAGES
from viz.places import positions, shown_robots
from viz.source import Source
from viz.view import Selection, View
from viz.way import Ways, waiting_chain
from viz.words import alarm_text, clock_text

EVENTS_TOLD = 3  # of a robot
TASKS_TOLD = 8  # of a cell
REACH_PIXELS = 12.0  # a stop or small robot is hit from so far

STATE_NAMES = {
    ParcelState.ACCEPTED: "accepted",
    ParcelState.AT_STATION: "at station {}",
    ParcelState.ON_ROBOT: "on robot {}",
    ParcelState.IN_CHUTE: "in chute {}",
    ParcelState.OUT: "out with tour {}",
    ParcelState.DELIVERED: "delivered",
    ParcelState.REJECTED: "in reject chute {}",
    ParcelState.CANCELLED: "cancelled",
    ParcelState.MISSING: "missing",
    ParcelState.RETURNING: "not delivered, comes back",
    ParcelState.RETURNED: "back at the depot",
}
TOUR_NAMES = {
    TourState.PLANNED: "waits for a chute",
    TourState.SORTING: "is being sorted",
    TourState.READY: "waits for its courier",
    TourState.OUT: "out",
    TourState.DONE: "done",
}

Lines = list[tuple[str, str]]


def hit(scene: Scene, frame: Frame, view: View, px: float, py: float) -> Selection:
    """Return what lies under a pixel."""
    floor_camera, city_camera = view.floor_camera, view.city_camera
    if floor_camera is not None and floor_camera.holds(px, py) and floor_camera.view[2]:
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
    cell = row * floor.width + column
    for kind, cells in (
        ("station", floor.stations),
        ("chute", np.concatenate([floor.chutes, floor.rejects])),
    ):
        found = np.flatnonzero(cells == cell)
        if len(found):
            return Selection(kind, int(found[0]))
    return Selection("cell", cell)


def _hit_city(scene: Scene, frame: Frame, camera: Camera, px: float, py: float) -> Selection:
    from viz.city_view import couriers

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
    return Selection("parcel", nearest) if away[nearest] <= REACH_PIXELS else Selection()


def find(scene: Scene, frame: Frame, text: str) -> Selection:
    """Return what a typed name means: a robot's number, a parcel's name, or a kind and number."""
    text = text.strip()
    words = text.lower().split()
    kinds = {"r": "robot", "s": "station", "c": "chute", "t": "tour", "p": "parcel"}
    if len(words) == 2 and words[1].isdigit():
        for letter, kind in kinds.items():
            if kind.startswith(words[0]):
                return _existing(scene, frame, kinds[letter], int(words[1]))
    if len(text) > 1 and text[0].lower() in kinds and text[1:].isdigit():
        found = _existing(scene, frame, kinds[text[0].lower()], int(text[1:]))
        if found.kind:
            return found
    if text.isdigit():
        found = _existing(scene, frame, "robot", int(text))
        if found.kind:
            return found
    if scene.parcels is not None and text in scene.parcels.names:
        return Selection("parcel", scene.parcels.names.index(text))
    return Selection()


def _existing(scene: Scene, frame: Frame, kind: str, number: int) -> Selection:
    floor = scene.floor
    there = {
        "robot": len(frame.cells),
        "station": len(floor.stations) if floor else 0,
        "chute": len(floor.chutes) + len(floor.rejects) if floor else 0,
        "tour": len(scene.tours),
        "parcel": len(scene.parcels) if scene.parcels else 0,
    }
    return Selection(kind, number) if number < there[kind] else Selection()


def tell(
    source: Source, scene: Scene, frame: Frame, selection: Selection, ways: Ways | None
) -> tuple[str, Lines]:
    """Return a title and lines (label, value) about what is selected; no label: a sentence."""
    number = selection.number
    if selection.kind == "robot" and 0 <= number < len(frame.cells):
        lines = _robot(scene, frame, number, ways)
        return f"Robot {number}", lines + _last_events(source, scene, frame, number)
    if selection.kind == "parcel" and scene.parcels and 0 <= number < len(scene.parcels):
        return f"Parcel {scene.parcels.names[number]}", _parcel(source, scene, frame, number)
    if selection.kind == "tour" and 0 <= number < len(scene.tours):
        return f"Tour {number}", _tour(scene, frame, number)
    floor = scene.floor
    if floor is None:
        return "", []
    if selection.kind == "station" and 0 <= number < len(floor.stations):
        return f"Station {number}", _station(scene, frame, number)
    if selection.kind == "chute" and 0 <= number < len(frame.chute_tours):
        return f"Chute {number}", _chute(scene, frame, number)
    if selection.kind == "cell" and 0 <= number < len(floor.letters):
        return f"Cell {number}", _cell(scene, frame, number)
    return "", []


def _where(scene: Scene, cell: int) -> str:
    assert scene.floor is not None
    row, column = divmod(cell, scene.floor.width)
    return f"row {row}, column {column}"


def where(scene: Scene, cell: int) -> str:
    """Return row and column of a cell, and what stands there for good."""
    place, name = _where(scene, cell), _place_name(scene, cell)
    return place if name == place else f"{name} · {place}"


def _robot(scene: Scene, frame: Frame, robot: int, ways: Ways | None) -> Lines:
    kind = int(categories(frame.status[robot : robot + 1])[0])
    lines: Lines = [
        ("state", "on an errand" if scene.league and kind == EMPTY else CATEGORIES[kind]),
        ("at", _where(scene, int(frame.cells[robot]))),
        ("faces", ("east", "south", "west", "north")[int(frame.headings[robot]) & 3]),
    ]
    if robot < len(frame.charges):
        lines.append(("battery", f"{int(frame.charges[robot])} %"))
    parcel, goal = int(frame.tasks[robot]), int(frame.goals[robot])
    if parcel >= 0 and scene.parcels is not None and parcel < len(scene.parcels):
        lines.append(("parcel", scene.parcels.names[parcel]))
    if robot < len(frame.boards):
        lines += _board(scene, frame.boards[robot])
    if goal >= 0:
        lines.append(("goal", _place_name(scene, goal)))
        if ways is not None:
            away = int(ways.row(goal)[int(frame.cells[robot])])
            lines.append(("cells to go", f"{away:,}"))
    if robot < len(frame.bases):
        lines.append(("holds", _holds(len(frame.base(robot)), frame.cells[robot] >= 0)))
    if ways is not None and frame.status[robot] & RobotStatus.WAITING:
        lines += [("", sentence) for sentence in why_it_waits(scene, frame, robot, ways)]
    return lines


def _last_events(source: Source, scene: Scene, frame: Frame, robot: int) -> Lines:
    """Return when and what a robot was last in the news, the newest first."""
    alarms = source.alarms()
    rows = alarms[(alarms["robot"] == robot) & (alarms["tick"] <= frame.time)]
    return [
        (clock_text(float(row["tick"]) * scene.tick_seconds), _of_robot(scene, row))
        for row in rows[::-1][:EVENTS_TOLD]
    ]


def _of_robot(scene: Scene, alarm: np.void) -> str:
    """Return what happened without the robot's own name in front."""
    return alarm_text(scene, alarm).removeprefix(f"robot {int(alarm['robot'])}").lstrip(": ")


def _holds(ahead: int, here: bool) -> str:
    """Return how many cells nobody else may enter: where it is, and those released ahead of it."""
    if not here:
        return "no cell"
    return f"its cell and {ahead} ahead" if ahead else "its cell"


def _board(scene: Scene, board: np.ndarray) -> Lines:
    """Return how many parcels are on board, and which, in the order of their drops."""
    parcels = board[board >= 0].tolist()
    lines: Lines = [("on board", str(len(parcels)))]
    if scene.parcels is not None:
        lines += [("", scene.parcels.names[k]) for k in parcels if k < len(scene.parcels)]
    return lines


def why_it_waits(scene: Scene, frame: Frame, robot: int, ways: Ways) -> list[str]:
    """Return sentences: which robot holds the wanted cell, and the chain behind that."""
    chain = waiting_chain(ways, frame, robot)
    if not chain:
        return ["Waits; it has no goal."]
    first = chain[0]
    if first.wants < 0:
        goal = int(frame.goals[robot])
        return [f"Waits at its goal, {_place_name(scene, goal)}, until that is free for it."]
    if first.holder < 0:
        return ["Waits, though the cell it wants is free: it makes way for others."]
    names = [f"robot {link.holder}" for link in chain if link.holder >= 0]
    text = "Waits for " + ", which waits for ".join(names)
    last = chain[-1].holder
    if last >= 0 and last in [link.robot for link in chain]:
        return [text + ": a ring."]
    if last >= 0:
        kind = int(categories(frame.status[last : last + 1])[0])
        text += f" ({CATEGORIES[kind]})"
    return [text + "."]


def _place_name(scene: Scene, cell: int) -> str:
    floor = scene.floor
    assert floor is not None
    for name, cells in (
        ("station", floor.stations),
        ("chute", np.concatenate([floor.chutes, floor.rejects])),
        ("charger", floor.chargers),
    ):
        found = np.flatnonzero(cells == cell)
        if len(found):
            return f"{name} {int(found[0])}"
    return _where(scene, cell)


def _parcel(source: Source, scene: Scene, frame: Frame, parcel: int) -> Lines:
    lines: Lines = []
    parcels = scene.parcels
    assert parcels is not None
    due = float(parcels.due_close[parcel])
    if not np.isnan(due):
        lines.append(("due by", clock_text(due)))
    tour_of = scene.tours.tour_of(len(parcels))
    if tour_of[parcel] >= 0:
        lines.append(("tour", str(int(tour_of[parcel]))))
    for tick, state, place in source.story(parcel):
        if tick <= frame.time:
            name = STATE_NAMES[ParcelState(state)].format(place)
            lines.append((name, clock_text(tick * scene.tick_seconds)))
    expected = expected_tick(scene, frame, parcel)
    if not np.isnan(expected):
        lines.append(("expected", "about " + clock_text(expected * scene.tick_seconds)))
    return lines


def _tour(scene: Scene, frame: Frame, tour: int) -> Lines:
    tours = scene.tours
    stops = tours.stops[tour]
    states = frame.parcel_state[stops] if len(frame.parcel_state) else np.zeros(0, np.uint8)
    lines: Lines = []
    if frame.tour_state[tour] in TOUR_NAMES:
        lines.append(("state", TOUR_NAMES[TourState(int(frame.tour_state[tour]))]))
    lines.append(("stops", str(len(stops))))
    if frame.counts:
        lines.append(("sorted", str(int((states == ParcelState.IN_CHUTE).sum()))))
        lines.append(("delivered", str(int((states == ParcelState.DELIVERED).sum()))))
    if tours.load[tour] > 0:
        lines.append(("load", f"{int(tours.load[tour]):,}"))
    if not np.isnan(tours.distance[tour]) and tours.distance[tour] > 0:
        lines.append(("distance", f"{float(tours.distance[tour]):,.0f}"))
    for name, column in (
        ("planned", tours.plan_tick),
        ("got its chute", tours.chute_tick),
        ("ready", tours.ready_tick),
        ("left", tours.depart_tick),
        ("back", tours.home_tick),
    ):
        if 0 <= column[tour] <= frame.time:
            lines.append((name, clock_text(float(column[tour]) * scene.tick_seconds)))
    return lines


def _station(scene: Scene, frame: Frame, station: int) -> Lines:
    assert scene.floor is not None
    cell = int(scene.floor.stations[station])
    coming = np.flatnonzero(frame.goals == cell)
    lines: Lines = [
        ("at", _where(scene, cell)),
        ("parcels waiting", f"{int(frame.queues[station]):,}"),
        ("robots coming", str(len(coming))),
    ]
    if len(coming):
        lines.append(("", "Robots " + ", ".join(str(k) for k in coming[:12].tolist())))
    return lines


def _chute(scene: Scene, frame: Frame, chute: int) -> Lines:
    assert scene.floor is not None
    cells = np.concatenate([scene.floor.chutes, scene.floor.rejects])
    tour = int(frame.chute_tours[chute])
    lines: Lines = [("at", _where(scene, int(cells[chute])))]
    if chute >= len(scene.floor.chutes):
        lines.append(("kind", "reject chute"))
    lines.append(("parcels", f"{int(frame.chute_counts[chute]):,}"))
    if 0 <= tour < len(scene.tours):
        lines.append(("tour", f"{tour}, {len(scene.tours.stops[tour])} stops"))
    lines.append(("robots coming", str(int((frame.goals == cells[chute]).sum()))))
    if frame.chute_shut[chute]:
        lines.append(("", "Shut: its bag is changed, or it is blocked."))
    return lines


def _cell(scene: Scene, frame: Frame, cell: int) -> Lines:
    floor = scene.floor
    assert floor is not None
    letter = chr(int(floor.letters[cell]))
    kind = {"@": "blocked", "T": "blocked", "C": "charger"}.get(letter, "floor")
    if letter in "><^v":
        kind = "one-way"
    lines: Lines = [("at", _where(scene, cell)), ("kind", kind)]
    tasks = frame.errands[frame.errands[:, 0] == cell]
    tasks = tasks[np.argsort(tasks[:, 1] == DONE, kind="stable")]  # what is to be done comes first
    lines += [(f"task {task}", STAGES[stage]) for _, stage, task in tasks[:TASKS_TOLD].tolist()]
    if len(tasks) > TASKS_TOLD:
        lines.append(("further tasks", f"{len(tasks) - TASKS_TOLD:,}"))
    return lines
