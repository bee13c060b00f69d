"""Sources at the edges of what is seen: nothing yet, no room left, much broken, all done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fleet.events import Alarm, Operation, ParcelState, RobotStatus, TourState
from tests.viz.made import TICKS, Made
from viz.alarms import (
    ALARM,
    ALARM_COLLISION,
    ALARM_FAILED,
    ALARM_FAULT,
    ALARM_MISSING,
    ALARM_SILENT,
    request_alarm,
    told_alarm,
)
from viz.colours import LATE_FLAG
from viz.frame import Curves, Frame, Parcels, empty_frame, no_tours


class Empty(Made):
    """Before opening: a floor and a depot, no robot and no parcel."""

    def __init__(self) -> None:
        super().__init__()
        none = np.zeros(0)
        self.scene.parcels = Parcels([], none, none, np.zeros(0, np.int32), none)
        self.scene.tours = no_tours()

    def frame(self, time: float) -> Frame:
        """Return a moment in which nothing has happened."""
        return empty_frame(self.scene, time)

    def curves(self) -> Curves:
        """Return no curves."""
        return Curves()

    def alarms(self) -> np.ndarray:
        """Return nothing."""
        return np.zeros(0, ALARM)


class Crowded(Made):
    """Robots on three free cells of four, most of them waiting, and queues at all stations."""

    def frame(self, time: float) -> Frame:
        """Return a moment."""
        frame = super().frame(time)
        floor = self.scene.floor
        assert floor is not None
        free = np.flatnonzero(floor.free)
        cells = free[np.arange(len(free)) % 4 != 3].astype(np.int32)
        n = len(cells)
        kinds = np.array([RobotStatus.LOADED, RobotStatus.EMPTY, RobotStatus.LOADED], np.uint8)
        waits = np.where(np.arange(n) % 5 != 0, RobotStatus.WAITING, 0).astype(np.uint8)
        goals = np.concatenate([floor.chutes, floor.stations])
        return replace(
            frame,
            cells=cells,
            next_cells=cells,
            headings=(np.arange(n) % 4).astype(np.uint8),
            status=kinds[np.arange(n) % 3] | waits,
            goals=goals[np.arange(n) % len(goals)].astype(np.int32),
            tasks=np.full(n, -1, np.int32),
            queues=np.full(len(floor.stations), 480, np.int32),
            chute_counts=np.full(len(frame.chute_counts), 60, np.int32),
        )


class Faulty(Made):
    """Broken, silent, late, paused, out robots; closed cells, shut chutes; much in the news."""

    def frame(self, time: float) -> Frame:
        """Return a moment."""
        frame = super().frame(time)
        empty, loaded = RobotStatus.EMPTY, RobotStatus.LOADED
        status = [
            RobotStatus.FAULT, RobotStatus.FAULT, loaded | RobotStatus.SILENT,
            empty | RobotStatus.SILENT, RobotStatus.FAULT, empty | RobotStatus.PAUSED,
            loaded | RobotStatus.PAUSED, empty | RobotStatus.OUT, loaded | LATE_FLAG,
        ]  # fmt: skip
        states = frame.parcel_state.copy()
        states[::3] = ParcelState.MISSING
        states[1::3] = ParcelState.RETURNING
        return replace(
            frame,
            status=np.array(status, np.uint8),
            chute_shut=np.ones(len(frame.chute_shut), np.uint8),
            closed=np.array([14, 15, 16, 70], np.int32),
            floor_paused=True,
            parcel_state=states,
            counts=frame.counts | {"aside": 5, "delivered": 1, "out": 6},
        )

    def alarms(self) -> np.ndarray:
        """Return some of every kind."""
        rows = [
            (2, ALARM_FAULT, 0, -1, 20), (3, ALARM_FAULT, 1, -1, 23), (4, ALARM_SILENT, 2, -1, 26),
            (5, ALARM_MISSING, -1, 3, -1), (5, ALARM_FAILED, -1, 7, -1),
            request_alarm(6, Operation.CLOSE, -1, 14), request_alarm(7, Operation.PAUSE, -1, -1),
            told_alarm(8, Alarm.UNREFLECTED, 3, 18), told_alarm(9, Alarm.CYCLE, 4, 5),
            told_alarm(9, Alarm.REBOOTED, 6, 30), told_alarm(10, Alarm.FACTSHEET, 7, -1),
            (11, ALARM_COLLISION, 4, -1, 58), (12, ALARM_COLLISION, 5, -1, 58),
        ]  # fmt: skip
        return np.array(rows, ALARM)


class Named(Made):
    """Robots with parcels, two for one chute, tasks of a League result, and a collision."""

    def alarms(self) -> np.ndarray:
        """Return one collision."""
        return np.array([(12, ALARM_COLLISION, 6, -1, 79)], ALARM)

    def frame(self, time: float) -> Frame:
        """Return a moment."""
        frame = super().frame(time)
        goals, tasks = frame.goals.copy(), frame.tasks.copy()
        goals[1] = goals[2]
        tasks[[1, 2, 6]] = 11, 5, 1
        errands = np.array([(60, 0, 40, -1), (61, 1, 41, 3), (62, 2, 42, 3)], np.int32)
        return replace(frame, goals=goals, tasks=tasks, errands=errands)


class Finished(Made):
    """The last tick: every robot idle, every parcel at its door, every van home."""

    def span(self) -> tuple[int, int]:
        """Return the first and last tick."""
        return 0, TICKS

    def frame(self, time: float) -> Frame:
        """Return a moment."""
        frame = super().frame(time)
        n, m = len(frame.cells), len(frame.parcel_state)
        return replace(
            frame,
            next_cells=frame.cells,
            status=np.full(n, RobotStatus.IDLE, np.uint8),
            goals=np.full(n, -1, np.int32),
            queues=np.zeros(len(frame.queues), np.int32),
            chute_tours=np.full(len(frame.chute_tours), -1, np.int32),
            chute_counts=np.zeros(len(frame.chute_counts), np.int32),
            chute_shut=np.zeros(len(frame.chute_shut), np.uint8),
            parcel_state=np.full(m, ParcelState.DELIVERED, np.uint8),
            tour_state=np.full(len(self.scene.tours), TourState.DONE, np.uint8),
            counts=dict.fromkeys(frame.counts, 0)
            | {"accepted": m, "sorted": m, "delivered": m, "aside": 0},
            part=0.0,
        )
