"""What there is to tell about what is selected: a title, and lines under it."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, RobotStatus
from viz.colours import CATEGORIES, EMPTY, LATE, categories
from viz.events import GROUP_OF, OPERATORS, concerns
from viz.facts import Line
from viz.frame import Frame, Scene
from viz.league.story import done_by, errands_at, task_story, tasks_of
from viz.own_tour import own_tour
from viz.places import at_cell
from viz.promises import forecast, promise
from viz.source import Source
from viz.tour_card import tour_card
from viz.view import Selection
from viz.way import FAR, Ways, waiting_chain
from viz.words import (
    LEAGUE_CELLS,
    alarm_text,
    cell_text,
    clock_text,
    place_text,
    time_text,
)

EVENTS_TOLD = 3  # of what is selected
OTHERS_TOLD = 3  # of the robots selected besides

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


def tell(
    source: Source, scene: Scene, frame: Frame, selection: Selection, ways: Ways | None
) -> tuple[str, list[Line]]:
    """Return a title and lines about what is selected."""
    number = selection.number
    if selection.kind == "robot" and 0 <= number < len(frame.cells):
        others = selection.others
        lines = [Line("and", f"robot {k}", Selection("robot", k)) for k in others[:OTHERS_TOLD]]
        if len(others) > OTHERS_TOLD:
            lines.append(Line("and", f"{len(others) - OTHERS_TOLD} more"))
        lines += _robot(scene, frame, number, ways)
        lines += _last_events(source, scene, frame, Selection("robot", number))
        return f"Robot {number}", lines + done_by(scene, frame, number)
    if selection.kind == "task":
        return f"Task {number}", task_story(scene, frame, number)
    if selection.kind == "parcel" and scene.parcels and 0 <= number < len(scene.parcels):
        return f"Parcel {scene.parcels.names[number]}", _parcel(source, scene, frame, number)
    if selection.kind == "tour" and 0 <= number < len(scene.tours):
        return f"Tour {number + scene.first_tour}", tour_card(scene, frame, number)
    floor = scene.floor
    if floor is None:
        return "", []
    if selection.kind == "station" and 0 <= number < len(floor.stations):
        lines = _station(scene, frame, number)
        return f"Station {number}", lines + _last_events(source, scene, frame, selection)
    if selection.kind == "chute" and 0 <= number < len(frame.chute_tours):
        lines = _chute(scene, frame, number)
        return f"Chute {number}", lines + _last_events(source, scene, frame, selection)
    if selection.kind == "cell" and 0 <= number < len(floor.letters):
        lines = _cell(scene, frame, number)
        return f"Cell {number}", lines + _last_events(source, scene, frame, selection)
    return "", []


def _robot(scene: Scene, frame: Frame, robot: int, ways: Ways | None) -> list[Line]:
    kind = int(categories(frame.status[robot : robot + 1])[0])
    lines = [
        Line("state", "on an errand" if scene.league and kind == EMPTY else CATEGORIES[kind]),
        Line("at", cell_text(scene, int(frame.cells[robot]))),
        Line("faces", ("east", "south", "west", "north")[int(frame.headings[robot]) & 3]),
    ]
    if robot < len(frame.charges):
        lines.append(Line("battery", f"{int(frame.charges[robot])} %"))
    parcel, goal = int(frame.tasks[robot]), int(frame.goals[robot])
    if parcel >= 0 and scene.parcels is not None and parcel < len(scene.parcels):
        name = scene.parcels.names[parcel]
        if robot >= len(frame.boards) or parcel not in frame.boards[robot]:  # else it stands there
            lines.append(Line("parcel", name, Selection("parcel", parcel)))
        lines += promise(scene, frame, parcel) + forecast(scene, frame, parcel)
    if robot < len(frame.boards):
        lines += _board(scene, frame.boards[robot])
    lines += tasks_of(frame, robot)
    if goal >= 0:
        lines.append(Line("goal", place_text(scene, goal), at_cell(scene, goal)))
        if ways is not None:
            away = int(ways.row(goal)[int(frame.cells[robot])])
            lines.append(Line("cells to go", f"{away:,}" if away != FAR else "no way there"))
    if robot < len(frame.bases):
        lines.append(Line("holds", _holds(len(frame.base(robot)), frame.cells[robot] >= 0)))
    if kind == LATE:
        lines.append(Line("", "Late: it may go on, and has not stirred for a while."))
    elif ways is not None and frame.status[robot] & RobotStatus.WAITING:
        lines += why_it_waits(scene, frame, robot, ways)
    return lines


def _last_events(source: Source, scene: Scene, frame: Frame, selection: Selection) -> list[Line]:
    """Return when and how what is selected was last in the news, the newest first."""
    alarms = source.alarms()
    alarms = alarms[GROUP_OF[alarms["kind"]] <= OPERATORS]  # tasks tell what became of them
    rows = alarms[concerns(scene, alarms, selection) & (alarms["tick"] <= frame.time)]
    lines = []
    for row in rows[::-1][:EVENTS_TOLD]:
        text = alarm_text(scene, row).removeprefix(f"{selection.kind} {selection.number}")
        at = float(row["tick"])
        lines.append(Line(time_text(scene, at), text.lstrip(": "), at=at))
    return lines


def _holds(ahead: int, here: bool) -> str:
    """Return how many cells nobody else may enter: where it is, and those released ahead of it."""
    if not here:
        return "no cell"
    return f"its cell and {ahead} ahead" if ahead else "its cell"


def _board(scene: Scene, board: np.ndarray) -> list[Line]:
    """Return how many parcels are on board, and which, in the order of their drops."""
    parcels = board[board >= 0].tolist()
    lines = [Line("on board", str(len(parcels)))]
    if scene.parcels is not None:
        names = scene.parcels.names
        for drop, k in enumerate(parcels, 1):
            if k < len(names):
                lines.append(Line(f"drop {drop}", names[k], Selection("parcel", k)))
    return lines


def why_it_waits(scene: Scene, frame: Frame, robot: int, ways: Ways) -> list[Line]:
    """Return a sentence: which robot holds the wanted cell, and the chain behind that."""
    chain = waiting_chain(ways, frame, robot)
    if not chain:
        return [Line("", "Waits; it has no goal.")]
    first = chain[0]
    if first.wants < 0:
        goal = int(frame.goals[robot])
        return [
            Line("", f"Waits at its goal, {place_text(scene, goal)}, until that is free for it.")
        ]
    if first.holder < 0:
        return [Line("", "Waits, though the cell it wants is free: it makes way for others.")]
    names = [f"robot {link.holder}" for link in chain if link.holder >= 0]
    text = "Waits for " + ", which waits for ".join(names)
    last, to = chain[-1].holder, Selection("robot", first.holder)
    if last >= 0 and last in [link.robot for link in chain]:
        return [Line("", text + ": a ring.", to)]
    if last >= 0:
        kind = int(categories(frame.status[last : last + 1])[0])
        text += f" ({CATEGORIES[kind]})"
    return [Line("", text + ".", to)]


def _parcel(source: Source, scene: Scene, frame: Frame, parcel: int) -> list[Line]:
    lines = promise(scene, frame, parcel)
    tour = own_tour(scene, frame, parcel)
    if tour >= 0:
        stops = scene.tours.stops[tour]
        place = int(np.flatnonzero(stops == parcel)[0]) + 1
        lines.append(Line("tour", str(tour + scene.first_tour), Selection("tour", tour)))
        lines.append(Line("stop", f"{place} of {len(stops)}"))
    for tick, state, place in source.story(parcel):
        if tick <= frame.time:
            name = STATE_NAMES[ParcelState(state)].format(place)
            value = clock_text(tick * scene.tick_seconds)
            lines.append(Line(name, value, at=float(tick)))
    return lines + forecast(scene, frame, parcel)


def _station(scene: Scene, frame: Frame, station: int) -> list[Line]:
    assert scene.floor is not None
    cell = int(scene.floor.stations[station])
    coming = np.flatnonzero(frame.goals == cell)
    lines = [
        Line("at", cell_text(scene, cell)),
        Line("parcels waiting", f"{int(frame.queues[station]):,}"),
        Line("robots coming", str(len(coming))),
    ]
    if len(coming):
        lines.append(Line("", "Robots " + ", ".join(str(k) for k in coming[:12].tolist())))
    return lines + errands_at(frame, cell)


def _chute(scene: Scene, frame: Frame, chute: int) -> list[Line]:
    assert scene.floor is not None
    cells = np.concatenate([scene.floor.chutes, scene.floor.rejects])
    tour = int(frame.chute_tours[chute])
    lines = [Line("at", cell_text(scene, int(cells[chute])))]
    if chute >= len(scene.floor.chutes):
        lines.append(Line("kind", "reject chute"))
    lines.append(Line("parcels", f"{int(frame.chute_counts[chute]):,}"))
    if 0 <= tour < len(scene.tours):
        value = f"{tour}, {len(scene.tours.stops[tour])} stops"
        lines.append(Line("tour", value, Selection("tour", tour)))
    lines.append(Line("robots coming", str(int((frame.goals == cells[chute]).sum()))))
    if frame.chute_shut[chute]:
        lines.append(Line("", "Shut: its bag is changed, or it is blocked."))
    return lines + errands_at(frame, int(cells[chute]))


def _cell(scene: Scene, frame: Frame, cell: int) -> list[Line]:
    floor = scene.floor
    assert floor is not None
    letter = chr(int(floor.letters[cell]))
    kind = {"@": "blocked", "T": "blocked", "C": "charger"}.get(letter, "floor")
    if scene.league is not None:
        kind = LEAGUE_CELLS.get(letter, kind)
    if letter in "><^v":
        kind = "one-way"
    if cell in frame.closed:
        kind += ", closed"
    lines = [Line("at", cell_text(scene, cell)), Line("kind", kind)]
    return lines + errands_at(frame, cell)
