"""The front door for grants some ticks ahead: every robot's next cell in one call.

>>> import numpy as np
>>> from routing.floor import Floor
>>> from routing.floor.granting import GrantPlanner
>>> from routing.floor.planner import FloorState
>>> floor = Floor.parse("type octile\\nheight 2\\nwidth 3\\nmap\\n...\\n...")
>>> planner = GrantPlanner(floor, turn_ticks=0)
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
>>> planner.step(state).tolist()  # one goes ahead, the other passes below
[1, 5]
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from routing.floor.distances import MEMORY_MB, Distances
from routing.floor.epibt import first_pass, search
from routing.floor.grid import Floor
from routing.floor.guidance import AGAINST, UNIT
from routing.floor.holding import hold, keep_to, mark, settle
from routing.floor.maneuvers import horizon, maneuvers
from routing.floor.planner import FloorState, Planner

if TYPE_CHECKING:
    from concurrent.futures import Executor

TRIES_EACH, VISITS = 600, 8  # of a try of the local search: maneuvers, and how often one is pushed
SKIP = 307  # of 1024 maneuvers passed over at random in the local search
MASK = 2**62 - 1  # of a seed: compiled code takes it for a whole number with a sign
PART = 1000  # robots that one thread takes at a time
IDLE = 0.05  # how much the way of a robot without a goal weighs


class GrantPlanner:
    """Plans some ticks ahead what robots will hold, and grants the first cell of that.

    All robots push each other to maneuvers, and a local search makes their sum cheaper (EPIBT,
    `epibt`).  It begins anew in each tick: the answer depends on the floor, the settings and the
    state given, and on nothing else.

    A robot that has been given no cell for long, or is long on its way, is put first, with those in
    its way, by `Planner`, which looks one cell ahead but lets whoever is first go on at last.

    Parameters
    ----------
    turn_ticks
        Ticks of a quarter turn, which a robot makes before it moves sideways.
    tries
        Of the local search in a tick, for each robot.
    depth
        Ticks looked ahead; None: `maneuvers.horizon`.
    patience
        Ticks without a cell after which a robot is put first; None: those of four times turning
        round and a move.
    overdue
        Ticks since its goal was set after which it is, wherever it is; None: as many as twice the
        floor's height and width.
    against
        Share added to the cost of a move against a lane; for floors that are full,
        `guidance.against_with`.
    memory_mb
        Bound on the distances kept, as of `Planner`.
    executor
        Of threads, which take parts of many robots side by side; the answer is the same.
    """

    def __init__(
        self,
        floor: Floor,
        turn_ticks: int = 1,
        seed: int = 0,
        *,
        tries: float = 3.0,
        depth: int | None = None,
        patience: int | None = None,
        overdue: int | None = None,
        against: float = AGAINST,
        memory_mb: int = MEMORY_MB,
        executor: Executor | None = None,
    ) -> None:
        self.floor = floor
        self.tries = tries
        self.executor = executor
        self.patience = 4 * max(3, 2 * turn_ticks + 1) if patience is None else patience
        self.overdue = 2 * (floor.height + floor.width) if overdue is None else overdue
        self._by_cell = Planner(
            floor, False, turn_ticks, seed, against=against, memory_mb=memory_mb
        )
        self._maneuvers = maneuvers(depth or horizon(turn_ticks), turn_ticks)
        self._at = np.empty((floor.cells, self._maneuvers.depth), np.int32)
        self._make_room(0)

    def _make_room(self, robots: int) -> None:
        number, depth = self._maneuvers.actions.shape
        self._holds = np.empty((robots, number, 2 * depth), np.int32)
        self._values = np.empty((robots, number), np.int64)
        self._ranks = np.empty((robots, number), np.int16)

    @property
    def seed(self) -> int:
        """What is drawn goes by it."""
        return self._by_cell.seed

    @seed.setter
    def seed(self, seed: int) -> None:
        self._by_cell.seed = seed

    @property
    def distances(self) -> Distances:
        """The distances that robots go by, round cells that are blocked."""
        return self._by_cell.distances

    def step(self, state: FloorState) -> np.ndarray:
        """Return every robot's next cell, its own where it stays (int32).

        Raises
        ------
        ValueError
            As by `FloorState.require`.
        """
        state.require(self.floor)
        robots = len(state.cells)
        self._by_cell.go_round(state.blocked)
        distances = self.distances
        going = state.movable if state.going is None else state.going
        fit = distances.fit(np.maximum(state.goals, -1), state.tick)
        if not fit.all():
            state = replace(state, movable=state.movable & fit)
            going = going & fit
        ready = np.zeros(robots, np.int32) if state.ready is None else state.ready
        # Nobody asks for the ways of those that stay where they are.
        slots = np.zeros(robots, np.int32)
        slots[going] = distances.slots(np.maximum(state.goals[going], -1))
        if len(self._holds) != robots:
            self._make_room(robots)
        holds, values, ranks = self._holds, self._values, self._ranks
        counts = np.empty(robots, np.int16)
        chosen = self._maneuvers

        def hold_some(first: int, last: int) -> None:
            hold(
                state.cells[first:last], state.headings[first:last], ready[first:last],
                going[first:last], state.movable[first:last], slots[first:last],
                distances.rows, distances.successors, distances.costs, distances.turn_cost,
                chosen.turn_ticks, UNIT, distances.headings, state.held,
                chosen.actions, chosen.shared,
                holds[first:last], values[first:last], ranks[first:last], counts[first:last],
            )  # fmt: skip

        ends = range(0, robots + PART, PART)
        if self.executor is None or robots <= PART:
            hold_some(0, robots)
        else:  # no robot's depends on another's
            list(self.executor.map(hold_some, ends[:-1], ends[1:]))
        at = self._at
        mark(state.held, state.cells, ready, going, at)
        choice = np.full(robots, len(chosen.actions) - 1, np.int16)
        settle(holds, choice, at)
        order = self._by_cell.order(state)
        fixed = np.append(~going, True)  # the last: nobody, who holds what cannot be cleared
        kept = fixed.copy()
        first = self._put_first(state, holds, ranks, counts)
        kept[first] = True
        seen = np.zeros(robots + 1, np.int64)
        every = np.arange(robots, dtype=np.int32)
        nowhere = np.empty(0, np.int32)  # who stands where is in `at`
        for part, stamp in ((first, 0), (order, len(first))):
            first_pass(
                part, stamp, every, holds, nowhere, at, choice, ranks, counts, seen, False, fixed
            )
        seen[:] = 0
        weights = np.where(state.goals < 0, IDLE, 1.0)
        search(
            round(self.tries * robots), self.seed + state.tick * 1_000_003 & MASK, every, holds,
            nowhere, at, choice, values, ranks, counts, weights, kept, seen, robots + 1, False,
            SKIP, TRIES_EACH, VISITS,
        )  # fmt: skip
        granted = holds[every, choice, 1]
        return np.where(state.movable & (granted >= 0), granted, state.cells).astype(np.int32)

    def warm(self) -> None:
        """Load all compiled code that `step` needs now and then; nothing is decided.

        A robot that has stood for long is put first, then it goes round a cell that is blocked.
        """
        free = np.flatnonzero(self.floor.free).astype(np.int32)
        held = np.full(self.floor.cells, -1, np.int32)
        held[free[0]] = 0
        state = FloorState(
            free[:1], np.zeros(1, np.uint8), free[-1:], np.zeros(1, np.int32), np.ones(1, bool),
            held, 0, stood=np.full(1, self.patience + 1),
        )  # fmt: skip
        self.step(state)
        self.step(replace(state, blocked=free[len(free) // 2 : len(free) // 2 + 1]))

    def _put_first(
        self, state: FloorState, holds: np.ndarray, ranks: np.ndarray, counts: np.ndarray
    ) -> np.ndarray:
        """Leave those that have waited for long, or are long on their way, and those in their way,
        what they get of `Planner`; return who gets a cell of it (int32)."""
        waits = state.movable & (state.goals >= 0) & (state.goals != state.cells)
        late = state.tick - state.since > self.overdue
        if state.stood is not None:
            late |= state.stood > self.patience
        urgent = np.flatnonzero(waits & late).astype(np.int32)
        if not len(urgent):
            return np.empty(0, np.int32)
        # Who has to leave a dead end goes before who wants to get in, or both wait for good.
        at = state.cells[urgent]
        leaves = self._by_cell.dead_ends[at] & np.isin(at, state.goals[urgent])
        urgent = urgent[np.lexsort((state.since[urgent], ~leaves))]
        cells = self._by_cell.moves(state, urgent)
        moves = cells != state.cells
        moved = np.flatnonzero(moves).astype(np.int32)
        for robot in moved.tolist():
            keep_to(robot, int(cells[robot]), holds, ranks, counts)
        # Who goes elsewhere than where others clear its way makes that vain.
        for robot in urgent[~moves[urgent]].tolist():
            keep_to(robot, -1, holds, ranks, counts)
        return moved
