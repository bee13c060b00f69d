"""The list of events: groups that one can hide, and only what concerns the selection.

Robots that fall silent or reboot together are one event of the list: a host has, with all of its
robots.
"""

from __future__ import annotations

import numpy as np

from fleet.events import Alarm, Operation
from viz.alarms import (
    ALARM_ASSIGNED,
    ALARM_CANCELLED,
    ALARM_COLLISION,
    ALARM_ERRAND,
    ALARM_FAILED,
    ALARM_FAULT,
    ALARM_FINISHED,
    ALARM_GIVEN_BACK,
    ALARM_MISSING,
    ALARM_MOVE,
    ALARM_REJECTED,
    ALARM_SHUT,
    ALARM_SILENT,
    ALARM_WALL,
    FIRST_REQUEST,
    FIRST_TOLD,
    OF_TASKS,
)
from viz.frame import Scene
from viz.view import Selection, View
from viz.words import alarm_text

GROUPS = ("trouble", "parcels", "operators", "assigned", "given back", "errands", "finished")
TROUBLE, PARCELS, OPERATORS, ASSIGNED, GIVEN_BACK, ERRANDS, FINISHED = range(len(GROUPS))


def _group_table() -> np.ndarray:
    table = np.full(256, TROUBLE, np.uint8)
    table[[ALARM_MISSING, ALARM_REJECTED, ALARM_FAILED, ALARM_CANCELLED, ALARM_SHUT]] = PARCELS
    table[[FIRST_REQUEST + what for what in Operation]] = OPERATORS
    table[ALARM_ASSIGNED], table[ALARM_GIVEN_BACK] = ASSIGNED, GIVEN_BACK
    table[ALARM_ERRAND], table[ALARM_FINISHED] = ERRANDS, FINISHED
    return table


GROUP_OF = _group_table()  # of each kind of ALARM
# What robots of a host do together, and rows among which those of the same tick are looked for.
TOGETHER = {ALARM_SILENT: "are silent", FIRST_TOLD + Alarm.REBOOTED: "rebooted"}
MOST_TOGETHER = 20_000
AT_CELL = (
    ALARM_FAULT, ALARM_SILENT, ALARM_COLLISION, ALARM_MOVE, ALARM_WALL,
    FIRST_REQUEST + Operation.CLOSE, FIRST_REQUEST + Operation.OPEN,
)  # fmt: skip


class Listing:
    """Which events are listed: worked out once where they or the wishes have changed.

    How far one has come among them is looked up, so that a million cost a frame nothing.
    """

    def __init__(self) -> None:
        self._key: object = None
        self._rows = np.zeros(0, np.int64)
        self._groups = [np.zeros(0, np.int64)] * len(GROUPS)

    def look(
        self, scene: Scene, alarms: np.ndarray, view: View, until: int | None = None
    ) -> tuple[np.ndarray, list[int]]:
        """Return the rows of `alarms` that are listed, and how many each group has, hidden or not.

        Where only what concerns the selection is listed, groups count only that.

        Parameters
        ----------
        until
            So many of the alarms have happened; None: all.
        """
        selection = view.selection if view.events_own else None
        ends = alarms[[0, -1]].tobytes() if len(alarms) else b""
        about = (selection.kind, selection.number, selection.others) if selection else ()
        key = len(alarms), ends, frozenset(view.events_hidden), about
        if key != self._key:
            self._key = key
            rows = np.arange(len(alarms))
            if selection is not None and selection.kind:
                rows = np.flatnonzero(concerns(scene, alarms, selection))
            groups = GROUP_OF[alarms["kind"][rows]]
            hidden = np.isin(np.arange(len(GROUPS)), list(view.events_hidden))
            self._rows = rows[~hidden[groups]]
            if selection is None:
                self._rows = self._rows[~_said_with_another(alarms[self._rows])]
            self._groups = [rows[groups == group] for group in range(len(GROUPS))]
        until = len(alarms) if until is None else until
        counts = [int(np.searchsorted(rows, until)) for rows in self._groups]
        return self._rows[: int(np.searchsorted(self._rows, until))], counts


def _said_with_another(alarms: np.ndarray) -> np.ndarray:
    """Return which rows are of a robot that did the same together with that of the row before."""
    kind, tick = alarms["kind"], alarms["tick"]
    again = np.zeros(len(alarms), bool)
    again[1:] = (kind[1:] == kind[:-1]) & (tick[1:] == tick[:-1])
    return again & np.isin(kind, list(TOGETHER))


def event_text(scene: Scene, alarms: np.ndarray, row: int, view: View) -> str:
    """Return what a row that is listed tells, for those that are not listed because of it too."""
    alarm = alarms[row]
    kind = int(alarm["kind"])
    if kind not in TOGETHER or view.events_own:
        return alarm_text(scene, alarm)
    near = alarms[row : row + MOST_TOGETHER]
    robots = near["robot"][(near["kind"] == kind) & (near["tick"] == alarm["tick"])]
    first, last = int(robots.min()), int(robots.max())
    if len(robots) == 1:
        return alarm_text(scene, alarm)
    if last - first + 1 == len(robots):
        return f"robots {first} to {last} {TOGETHER[kind]}"
    return f"{len(robots):,} robots {TOGETHER[kind]}"


def concerns(scene: Scene, alarms: np.ndarray, selection: Selection) -> np.ndarray:
    """Return which events concern what is selected; bool for each row."""
    kind, number = selection.kind, selection.number
    if kind == "robot":
        return np.isin(alarms["robot"], selection.robots)
    if kind == "parcel":
        return alarms["parcel"] == number
    if kind in ("station", "tour") and scene.has_city and scene.parcels is not None:
        parcels = np.zeros(len(scene.parcels), bool)
        if kind == "station":
            parcels = scene.parcels.station == number
        else:
            parcels[scene.tours.stops[number]] = True
        return (alarms["parcel"] >= 0) & parcels[np.minimum(alarms["parcel"], len(parcels) - 1)]
    if kind == "chute":
        return (alarms["kind"] == ALARM_SHUT) & (alarms["detail"] == number)
    of_tasks = np.isin(alarms["kind"], OF_TASKS)
    if kind == "task":
        return of_tasks & (alarms["detail"] == number)
    tasks = np.zeros(0, np.int32)
    if scene.league is not None:
        table = scene.league.table
        tasks = table["task"][table["cell"] == number]
    here = np.isin(alarms["kind"], AT_CELL) & (alarms["detail"] == number)
    return here | (of_tasks & np.isin(alarms["detail"], tasks))
