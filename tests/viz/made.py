"""A source made by hand: nine robots in all states on a floor that one can read, and a city."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState, RobotStatus, TourState
from routing.floor.grid import Floor
from viz.alarms import ALARM, ALARM_FAULT
from viz.frame import Curves, Frame, Parcels, Scene, no_tours
from viz.plain import Still

MAP = """type octile
height 10
width 14
map
E..E..E..E...E
..............
.@S.@S.@S.@S..
..>>>>>>>>>>..
.@S.@S.@S.@S..
..<<<<<<<<<<..
.@S.@S.@S.@R..
..............
@@@........@@@
@@@..C.C...@@@
"""
STATUS = (
    RobotStatus.IDLE,
    RobotStatus.EMPTY,
    RobotStatus.LOADED,
    RobotStatus.LOADING,
    RobotStatus.DROPPING,
    RobotStatus.FAULT,
    RobotStatus.EMPTY | RobotStatus.WAITING,
    RobotStatus.LOADED | RobotStatus.WAITING,
    RobotStatus.EMPTY | RobotStatus.SILENT,
)
TICKS = 40


class Made(Still):
    """Robots drive east along a row, one cell a tick, and begin again; parcels move on by time."""

    def __init__(self, floor: Floor | None = None, city: bool = True) -> None:
        floor = floor or Floor.parse(MAP, "made")
        super().__init__(Scene(name="made", floor=floor, tick_seconds=0.5))
        if city:
            angle = np.arange(24) * 2.4
            radius = 20 + 3.0 * np.arange(24)
            stops = [np.arange(k, k + 6, dtype=np.int32) for k in range(0, 24, 6)]
            self.scene.parcels = Parcels(
                names=[f"P{k}" for k in range(24)],
                x=radius * np.cos(angle),
                y=radius * np.sin(angle),
                station=(np.arange(24) % len(floor.stations)).astype(np.int32),
                due_close=np.where(np.arange(24) == 13, 1.0, np.nan),
            )
            self.scene.depot = (0.0, 0.0)
            self.scene.tours = no_tours(stops)
            self.scene.tours.plan_tick[:] = 0

    def span(self) -> tuple[int, int]:
        """Return the first and last tick."""
        return 0, TICKS

    def cells(self, tick: int) -> np.ndarray:
        """Return where the robots are; robots 6 and later stand."""
        width = 14
        moving = np.array([tick % 12, (tick + 3) % 12, (tick + 6) % 12]) + 1 * width
        row = np.array([3 * width + 4, 0, 4 * width + 2, 5 * width + 9])
        rest = np.array([7 * width + 5, 7 * width + 6])
        return np.concatenate([moving, row[:1], row[1:2], row[2:], rest]).astype(np.int32)

    def frame(self, time: float) -> Frame:
        """Return a moment."""
        tick, part = int(time), time - int(time)
        city = self.scene.parcels is not None
        m = len(self.scene.parcels) if self.scene.parcels else 0
        state = np.array(
            [
                ParcelState.AT_STATION,
                ParcelState.ON_ROBOT,
                ParcelState.IN_CHUTE,
                ParcelState.OUT,
                ParcelState.DELIVERED,
                ParcelState.RETURNING,
            ],
            np.uint8,
        )[np.arange(m) // 4 % 6]
        cells = self.cells(tick)
        floor = self.scene.floor
        assert floor is not None
        goals = np.full(9, -1, np.int32)
        goals[2] = int(floor.chutes[3])
        goals[7] = int(cells[8])
        goals[6] = int(floor.stations[1])
        chutes = len(floor.chutes) + len(floor.rejects)
        tours = np.full(chutes, -1, np.int32)
        if city:
            tours[:3] = 0, 1, 2
        counts = np.zeros(chutes, np.int32)
        counts[:3] = 2, 6, 3
        shut = np.zeros(chutes, np.uint8)
        shut[4] = 1
        return Frame(
            time=time,
            cells=cells,
            next_cells=self.cells(tick + 1),
            headings=(np.arange(9) % 4).astype(np.uint8),
            status=np.array(STATUS, np.uint8),
            goals=goals,
            tasks=np.full(9, -1, np.int32),
            queues=(np.arange(len(floor.stations)) * 3).astype(np.int32),
            chute_tours=tours,
            chute_counts=counts,
            chute_shut=shut,
            parcel_state=state,
            parcel_tick=np.zeros(m, np.int32),
            tour_state=np.full(len(self.scene.tours), TourState.OUT, np.uint8),
            counts={
                "accepted": m,
                "at_station": 4,
                "on_robot": 4,
                "in_chute": 4,
                "sorted": 16,
                "out": 8,
                "delivered": 4,
                "aside": 0,
            }
            if city
            else {},
            part=part,
            planner_ms=1.25,
        )

    def curves(self) -> Curves:
        """Return a steady day."""
        ticks = np.arange(TICKS + 1)
        return Curves(ticks, ticks * 2, ticks, np.full(TICKS + 1, 0.2), np.full(TICKS + 1, 1.25))

    def heat(self, kind: str, first: int, last: int) -> np.ndarray:
        """Return more the further right."""
        floor = self.scene.floor
        assert floor is not None
        return np.where(floor.free, np.arange(floor.cells) % floor.width, 0).astype(np.int32)

    def alarms(self) -> np.ndarray:
        """Return one fault."""
        return np.array([(10, ALARM_FAULT, 5, -1, 0)], ALARM)

    def state(self) -> str:
        """Return what it is."""
        return "made"
