"""The front door for grants that look one cell ahead: every robot's next cell in one call.

>>> import numpy as np
>>> from routing.floor import Floor
>>> from routing.floor.planner import FloorState, Planner
>>> floor = Floor.parse("type octile\\nheight 2\\nwidth 3\\nmap\\n...\\n...")
>>> planner = Planner(floor, turn_ticks=0)
>>> cells = np.array([0, 2], np.int32)  # two robots, each where the other wants to go
>>> held = np.array([0, -1, 1, -1, -1, -1], np.int32)
>>> state = FloorState(
...     cells,
...     headings=np.zeros(2, np.uint8),
...     goals=np.array([2, 0], np.int32),
...     since=np.zeros(2, np.int32),
...     movable=np.ones(2, bool),
...     held=held,
...     tick=0,
... )
>>> planner.step(state).tolist()  # one goes ahead, the other will have to step aside
[1, 2]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from routing.floor.distances import MEMORY_MB, Distances
from routing.floor.grid import Floor, require_headings
from routing.floor.guidance import AGAINST, UNIT, lane_costs, quiet_cells
from routing.floor.pibt import plan_moves


def dead_ends(floor: Floor) -> np.ndarray:
    """Return which cells have a single way out, that is also a way in; bool.

    Of a station that is entered along one lane and left beside it this is so if robots may turn
    back into it from there.
    """
    ways = floor.successors >= 0
    out = floor.successors[np.arange(len(ways)), ways.argmax(axis=1)]
    back = (floor.successors[out] == np.arange(len(ways))[:, None]).any(axis=1)
    return np.asarray((ways.sum(axis=1) == 1) & back)


@dataclass(frozen=True)
class FloorState:
    """What the planner is told at a tick: arrays of one length, one row a robot.

    Attributes
    ----------
    cells
        Where the robot's base ends: it plans from there (int32).
    headings
        The heading it will have there (uint8; 0 E, 1 S, 2 W, 3 N).
    goals
        Its goal cell, or -1: it stands where it does not disturb and makes way (int32).
    since
        The tick at which the goal was set; the older goes first (int32).
    movable
        It may get one more cell now; all others are obstacles on the cells they hold (bool).
    held
        By cell: the robot that holds it, or -1 (int32, one a cell).
    tick
        The present tick.
    blocked
        Cells of robots out of order, round which the others are led (int32); none where not given.
    late
        It stands longer than it should, and may for some time yet: others pass it where the way
        round is short (bool); none where not given.
    ready
        Ticks until it is where its base ends, or may be told more there (int32); 0 where not given.
    going
        It will go on from there when `ready`, though it may not be told now (bool); those `movable`
        where not given.
    stood
        Ticks since it was last given a cell (int32); 0 where not given.
    """

    cells: np.ndarray
    headings: np.ndarray
    goals: np.ndarray
    since: np.ndarray
    movable: np.ndarray
    held: np.ndarray
    tick: int
    blocked: np.ndarray | None = None
    late: np.ndarray | None = None
    ready: np.ndarray | None = None
    going: np.ndarray | None = None
    stood: np.ndarray | None = None

    def require(self, floor: Floor) -> None:
        """Refuse what cannot be so on this floor.

        Raises
        ------
        ValueError
            Where an array has not one row a robot, a robot that is to go stands or has its goal in
            a wall or off the floor, does not hold its cell alone, or has a heading beyond 3.
        """
        robots = len(self.cells)
        sizes = [(name, robots) for name in ("headings", "goals", "since", "movable")]
        sizes += [(name, robots) for name in ("late", "ready", "going", "stood")]
        for name, size in [*sizes, ("held", floor.cells)]:
            rows = getattr(self, name)
            if rows is not None and len(rows) != size:
                raise ValueError(f"{name}: {len(rows)} rows; give {size}")
        goes = self.movable if self.going is None else self.movable | self.going
        ids = np.flatnonzero(goes)
        cells, goals = self.cells[ids], self.goals[ids]
        floor.require_free("cell", cells, ids)
        wants = goals >= 0
        floor.require_free("goal", goals[wants], ids[wants])
        require_headings(self.headings[ids], ids)
        other = np.flatnonzero(self.held[cells] != ids)
        if len(other):
            robot, cell = ids[other[0]], cells[other[0]]
            raise ValueError(
                f"robot {robot}: held[{cell}] is {self.held[cell]}; give the robot in that cell"
            )


class FloorPlanner(Protocol):
    """What `routing.floor.simulate` asks of a planner."""

    def step(self, state: FloorState) -> np.ndarray:
        """Return every robot's next cell, its own where it stays (int32)."""


class Planner:
    """Plans moves tick by tick with priority inheritance.

    The answer depends on the floor, the settings and the state given, and on nothing else.

    Parameters
    ----------
    following
        Whether a robot may enter a cell in the tick in which its holder leaves it (the League's
        rule).  Execution under grants needs `False`.
    turn_ticks
        Ticks of a quarter turn, which a robot makes before it moves sideways.
    against
        Share added to the cost of a move against a lane (`guidance.lane_costs`).
    memory_mb
        Bound on the distances kept.  Where the goals of all robots need more, robots take turns.
    """

    def __init__(
        self,
        floor: Floor,
        following: bool = False,
        turn_ticks: int = 1,
        seed: int = 0,
        *,
        against: float = AGAINST,
        memory_mb: int = MEMORY_MB,
    ) -> None:
        self.floor = floor
        self.following = following
        self.turn_ticks = turn_ticks
        self.seed = seed
        self.dead_ends = dead_ends(floor)
        self.distances = Distances(
            floor,
            turn_ticks,
            costs=lane_costs(floor, UNIT, against),
            unit=UNIT,
            anywhere=quiet_cells(floor),
            memory_mb=memory_mb,
        )

    def step(self, state: FloorState) -> np.ndarray:
        """Return every robot's next cell, its own where it stays (int32).

        Raises
        ------
        ValueError
            As by `FloorState.require`.
        """
        state.require(self.floor)
        self.go_round(state.blocked)
        return self.moves(state, self.order(state))

    def go_round(self, blocked: np.ndarray | None) -> None:
        """Let distances lead round these cells."""
        self.distances.go_round(np.empty(0, np.int32) if blocked is None else blocked)

    def order(self, state: FloorState) -> np.ndarray:
        """Return the robots, the most urgent first (int32)."""
        # Whoever has to leave a dead end goes first, or it and one who waits for it to leave, on
        # the only way out, would wait for each other.
        stays = ~self.dead_ends[state.cells] | (state.goals == state.cells)
        return np.lexsort((state.since, state.goals < 0, stays)).astype(np.int32)

    def moves(self, state: FloorState, order: np.ndarray) -> np.ndarray:
        """Return every robot's next cell where these go, most urgent first, and push others; the
        rest stays (int32)."""
        distances = self.distances
        goals = np.maximum(state.goals, -1)
        movable = state.movable & distances.fit(goals, state.tick)
        # Nobody asks for the ways of those that stay where they are.
        slots = np.zeros(len(state.cells), np.int32)
        slots[movable] = distances.slots(goals[movable])
        idle = state.goals < 0
        moves = np.empty(len(state.cells), dtype=np.int32)
        plan_moves(
            order,
            state.cells,
            state.headings,
            movable,
            state.held,
            slots,
            distances.rows,
            distances.successors,
            distances.costs,
            distances.turn_cost,
            UNIT,
            distances.headings,
            self.following,
            idle,
            np.zeros(0, bool) if state.late is None or not state.late.any() else state.late,
            self.seed,
            state.tick,
            moves,
        )
        return moves
