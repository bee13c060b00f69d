"""What one update of a controller's feed brings, decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fleet.events import MAX_PARCELS, ROBOT_FRAME, RobotStatus


@dataclass(frozen=True)
class Moment:
    """What one update brought."""

    tick: int
    robots: np.ndarray
    goals: np.ndarray
    tasks: np.ndarray
    queues: np.ndarray
    chutes: np.ndarray
    chute_shut: np.ndarray
    couriers: np.ndarray
    counts: dict
    speed: float
    planner_ms: float
    charges: np.ndarray
    boards: np.ndarray
    bases: np.ndarray
    closed: np.ndarray
    paused: bool
    requests: list[list[int]]  # what, robot, cell
    alarms: list[list[int]]  # what, robot, detail, ticks
    tours: np.ndarray  # int32, see `feed.tour_columns`

    @property
    def bytes(self) -> int:
        """Memory that it takes, nearly."""
        columns = (self.robots, self.goals, self.tasks, self.boards, self.bases)
        return sum(column.nbytes for column in columns)


def read_moment(body: dict) -> Moment:
    """Return an update's columns; see `fleet.feed.tick_body`."""
    robots = np.frombuffer(body["robots"], ROBOT_FRAME)
    bases = np.frombuffer(body["bases"], np.int32)
    return Moment(
        tick=int(body["tick"]),
        robots=robots,
        goals=np.frombuffer(body["goals"], np.int32),
        tasks=np.frombuffer(body["parcels"], np.int32),
        queues=np.frombuffer(body["station_queue"], np.int32),
        chutes=np.frombuffer(body["chutes"], np.int32).reshape(-1, 2),
        chute_shut=np.frombuffer(body["chute_shut"], np.uint8),
        couriers=np.frombuffer(body["couriers"], np.int32).reshape(-1, 3),
        counts=dict(body["counts"]),
        speed=float(body["speed"]),
        planner_ms=float(body["planner_ms"]),
        charges=np.frombuffer(body["charges"], np.uint8),
        boards=np.frombuffer(body["boards"], np.int32).reshape(-1, MAX_PARCELS),
        bases=bases.reshape(len(robots), len(bases) // max(len(robots), 1)),
        closed=np.frombuffer(body["closed"], np.int32),
        paused=bool(body["paused"]),
        requests=list(body["requests"]),
        alarms=list(body["alarms"]),
        tours=np.frombuffer(body["tour_changes"], np.int32),
    )


def heat(moments: list[Moment], kind: str, cells: int) -> np.ndarray:
    """Return how often robots entered each cell ("visits"), or waited there ("waiting")."""
    at = np.stack([moment.robots["cell"] for moment in moments])
    if kind == "visits":
        chosen = np.ones(at.shape, bool)
        chosen[1:] = at[1:] != at[:-1]
    else:
        status = np.stack([moment.robots["status"] for moment in moments])
        chosen = (status & RobotStatus.WAITING) != 0
    chosen &= at >= 0
    return np.bincount(at[chosen], minlength=cells).astype(np.int32)
