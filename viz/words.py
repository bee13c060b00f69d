"""Words that more than one part of the picture uses: times, events, how the picture moves."""

from __future__ import annotations

import numpy as np

from fleet.events import Action, Alarm, Operation
from fleet.messages import INSTANT_TYPES
from fleet.requests import describe
from viz.alarms import (
    ALARM_ASSIGNED,
    ALARM_ERRAND,
    ALARM_FINISHED,
    ALARM_GIVEN_BACK,
    ALARM_KINDS,
    ALARM_MOVE,
    ALARM_SHUT,
    ALARM_TASK,
    ALARM_WALL,
    FIRST_REQUEST,
    FIRST_TOLD,
)
from viz.frame import Scene
from viz.places import at_cell
from viz.view import View

# What the League calls the letters of its maps; tasks have errands at either, and elsewhere.
LEAGUE_CELLS = {"E": "emitter", "S": "service point"}

LIVE_STATES = ("live", "lost")  # of a run whose controller one watches


def alarm_text(scene: Scene, alarm: np.void) -> str:
    """Return what happened in a few words."""
    kind = ALARM_KINDS[int(alarm["kind"])]
    robot, parcel = int(alarm["robot"]), int(alarm["parcel"])
    if int(alarm["kind"]) >= FIRST_TOLD + min(Alarm):
        return _told(Alarm(int(alarm["kind"]) - FIRST_TOLD), robot, int(alarm["detail"]))
    if int(alarm["kind"]) >= FIRST_REQUEST + min(Operation):
        return describe(int(alarm["kind"]) - FIRST_REQUEST, robot, int(alarm["detail"]))
    if int(alarm["kind"]) == ALARM_TASK:
        return f"task {int(alarm['detail'])} refused"
    if int(alarm["kind"]) in (ALARM_ASSIGNED, ALARM_GIVEN_BACK, ALARM_ERRAND, ALARM_FINISHED):
        return _of_task(scene, alarm)
    if int(alarm["kind"]) == ALARM_MOVE:
        return f"robot {robot}: move refused"
    if int(alarm["kind"]) == ALARM_WALL:
        return f"robot {robot} drives into a wall"
    if int(alarm["kind"]) == ALARM_SHUT:
        return f"chute {int(alarm['detail'])} shut"
    if kind == "collision":
        return f"robot {robot} collides"
    if robot >= 0:
        return f"robot {robot} {'has a fault' if kind == 'fault' else 'is silent'}"
    if scene.parcels is not None and 0 <= parcel < len(scene.parcels):
        return f"parcel {scene.parcels.names[parcel]} {kind}"
    return kind


def _of_task(scene: Scene, alarm: np.void) -> str:
    """Return what became of a task of a League result."""
    kind, robot, task = int(alarm["kind"]), int(alarm["robot"]), int(alarm["detail"])
    if kind == ALARM_ERRAND:
        done = 0
        if scene.league is not None:
            done = int((scene.league.errands_of(task)["done"] <= alarm["tick"]).sum())
        return f"robot {robot}: errand {done} of task {task}"
    what = {ALARM_ASSIGNED: "gets", ALARM_GIVEN_BACK: "gives back", ALARM_FINISHED: "finishes"}
    return f"robot {robot} {what[kind]} task {task}"


def _told(what: Alarm, robot: int, detail: int) -> str:
    """Return in a few words what the controller tells; its log says more."""
    if what == Alarm.CYCLE:
        return f"robots {robot} and {detail} wait in a ring"
    if what == Alarm.UNREFLECTED:
        return f"robot {robot}: {INSTANT_TYPES[Action(detail)]} not done"
    if what == Alarm.REFLECTED:
        return f"robot {robot}: {INSTANT_TYPES[Action(detail)]} done after all"
    if what == Alarm.REBOOTED:
        return f"robot {robot} rebooted"
    return f"robot {robot}: factsheet does not fit"


def cell_text(scene: Scene, cell: int) -> str:
    """Return row and column of a cell."""
    assert scene.floor is not None
    row, column = divmod(cell, scene.floor.width)
    return f"row {row}, column {column}"


def where_text(scene: Scene, cell: int) -> str:
    """Return row and column of a cell, and what stands there for good."""
    place, name = cell_text(scene, cell), place_text(scene, cell)
    if scene.league is not None and scene.floor is not None:
        name = LEAGUE_CELLS.get(chr(int(scene.floor.letters[cell])), place)
    return place if name == place else f"{name} · {place}"


def place_text(scene: Scene, cell: int) -> str:
    """Return what stands at a cell for good; row and column where nothing does."""
    there = at_cell(scene, cell)
    if there.kind != "cell":
        return f"{there.kind} {there.number}"
    assert scene.floor is not None
    found = np.flatnonzero(scene.floor.chargers == cell)
    if len(found) and scene.league is None:
        return f"charger {int(found[0])}"
    return cell_text(scene, cell)


def time_text(scene: Scene, tick: float) -> str:
    """Return a moment as one says it: a time since opening, of a League result a step."""
    return f"step {int(tick):,}" if scene.league else clock_text(tick * scene.tick_seconds)


def clock_text(seconds: float) -> str:
    """Return seconds since opening as h:mm:ss."""
    whole = int(seconds + 1e-6)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def status_line(view: View, state: str, *, timed: bool, ended: bool) -> str:
    """Return how the picture moves: state, speed asked and speed got."""
    if timed and ended:
        return f"{state} · at its end"
    if not timed or view.still:
        return state
    if view.paused:  # a live run itself goes on
        return f"{state} · " + ("view frozen, Space: now" if state in LIVE_STATES else "paused")
    if view.following:
        return f"{state} · newest" + ("" if np.isnan(view.got) else f", ×{view.got:.3g}")
    asked = f"×{view.speed:g}"
    if not np.isnan(view.got) and abs(view.got - view.speed) > 0.05 * view.speed:
        asked += f" (gets ×{view.got:.3g})"
    return f"{state} · {asked}"
