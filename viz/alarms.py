"""What a person should hear of: troubles of robots and parcels, and what became of tasks."""

from __future__ import annotations

import numpy as np

from fleet.events import Alarm, Operation, ParcelState
from viz.colours import FAULT, SILENT, categories
from viz.stored.parcel_log import ParcelLog
from viz.view import Selection

ALARM = np.dtype(
    [
        ("tick", "i4"),
        ("kind", "u1"),
        ("robot", "i4"),
        ("parcel", "i4"),
        # Its cell; of a chute, or of a task of a League result, which; of what the controller
        # tells, see there.
        ("detail", "i4"),
    ]
)
ALARM_KINDS = (
    "fault", "silent", "missing", "rejected", "not delivered", "cancelled", "collision", "shut",
    "planner late", "move refused", "task refused", "assigned", "given back", "errand", "finished",
    "into a wall",
    *(what.name.lower() for what in Operation), *(what.name.lower() for what in Alarm),
)  # fmt: skip
(
    ALARM_FAULT, ALARM_SILENT, ALARM_MISSING, ALARM_REJECTED, ALARM_FAILED, ALARM_CANCELLED,
    ALARM_COLLISION, ALARM_SHUT, ALARM_PLANNER, ALARM_MOVE, ALARM_TASK, ALARM_ASSIGNED,
    ALARM_GIVEN_BACK, ALARM_ERRAND, ALARM_FINISHED, ALARM_WALL,
) = range(16)  # fmt: skip
OF_TASKS = (ALARM_TASK, ALARM_ASSIGNED, ALARM_GIVEN_BACK, ALARM_ERRAND, ALARM_FINISHED)
FIRST_REQUEST = 16 - min(Operation)  # kind of a request, less what it is
FIRST_TOLD = FIRST_REQUEST + max(Operation) + 1 - min(Alarm)  # and of what the controller tells
GRAVE = (
    ALARM_FAULT, ALARM_SILENT, ALARM_COLLISION, ALARM_PLANNER, ALARM_MOVE, ALARM_TASK,
    ALARM_WALL, FIRST_TOLD + Alarm.UNREFLECTED, FIRST_TOLD + Alarm.CYCLE,
)  # fmt: skip

PARCEL_ALARMS = {
    ParcelState.MISSING: ALARM_MISSING,
    ParcelState.REJECTED: ALARM_REJECTED,
    ParcelState.RETURNING: ALARM_FAILED,
    ParcelState.CANCELLED: ALARM_CANCELLED,
}


def parcel_alarms(log: ParcelLog) -> np.ndarray:
    """Return the rows of a log that a person should see; dtype `alarms.ALARM`."""
    kinds = np.full(256, 255, np.uint8)
    kinds[list(PARCEL_ALARMS)] = list(PARCEL_ALARMS.values())
    kind = kinds[log.state]
    rows = np.flatnonzero(kind != 255)
    result = np.full(len(rows), -1, ALARM)
    result["tick"], result["kind"] = log.tick[rows], kind[rows]
    result["parcel"] = log.parcel[rows]
    return result


def request_alarm(tick: int, what: int, robot: int, cell: int) -> tuple[int, int, int, int, int]:
    """Return the row of ALARM of an operator's request that was done."""
    return tick, FIRST_REQUEST + what, robot, -1, cell


def told_alarm(tick: int, what: int, robot: int, detail: int) -> tuple[int, int, int, int, int]:
    """Return the row of ALARM of what the controller tells of a robot (`fleet.events.Alarm`)."""
    return tick, FIRST_TOLD + what, robot, -1, detail


def robot_alarms(
    tick: int, before: np.ndarray | None, status: np.ndarray, cells: np.ndarray
) -> list[tuple[int, int, int, int, int]]:
    """Return rows of ALARM for robots that have newly failed or fallen silent."""
    now = categories(status)
    was = categories(before) if before is not None and len(before) == len(now) else None
    rows = []
    for kind, alarm in ((FAULT, ALARM_FAULT), (SILENT, ALARM_SILENT)):
        fresh = now == kind
        if was is not None:
            fresh &= was != kind
        rows += [(tick, alarm, k, -1, int(cells[k])) for k in np.flatnonzero(fresh).tolist()]
    return rows


def collisions(
    tick: int, before: np.ndarray | None, cells: np.ndarray
) -> list[tuple[int, int, int, int, int]]:
    """Return rows of ALARM for robots that share a cell or have changed places with another.

    Only what newly came about; of the robots concerned each has a row.
    """
    robots = np.arange(len(cells))
    order = np.argsort(cells, kind="stable")
    same = np.zeros(len(cells), bool)  # off the floor is no place to meet
    twins = cells[order][1:] == cells[order][:-1]
    same[order[1:][twins]] = same[order[:-1][twins]] = True
    if before is not None and len(before) == len(cells):
        moved = cells != before
        same &= moved
        holder = np.full(int(max(cells.max(initial=0), before.max(initial=0))) + 1, -1)
        stood = before >= 0
        holder[before[stood]] = robots[stood]
        other = holder[cells]
        same |= moved & stood & (other >= 0) & (cells[other] == before)
    same &= cells >= 0
    return [(tick, ALARM_COLLISION, k, -1, int(cells[k])) for k in np.flatnonzero(same).tolist()]


def walls_entered(
    tick: int, before: np.ndarray, cells: np.ndarray, walls: np.ndarray
) -> list[tuple[int, int, int, int, int]]:
    """Return rows of ALARM for robots that have driven into a wall; `walls`: bool of each cell."""
    fresh = np.flatnonzero(walls[cells] & (cells != before) & (cells >= 0))
    return [(tick, ALARM_WALL, k, -1, int(cells[k])) for k in fresh.tolist()]


def concerned(alarm: np.void) -> Selection:
    """Return the robot, parcel, task, chute or cell that a row of ALARM is about."""
    kind, detail = int(alarm["kind"]), int(alarm["detail"])
    if kind in OF_TASKS:
        return Selection("task", detail)
    for name in ("robot", "parcel"):
        if alarm[name] >= 0:
            return Selection(name, int(alarm[name]))
    places = {
        ALARM_SHUT: "chute",
        FIRST_REQUEST + Operation.CLOSE: "cell",
        FIRST_REQUEST + Operation.OPEN: "cell",
    }
    if kind in places and detail >= 0:
        return Selection(places[kind], detail)
    return Selection()
