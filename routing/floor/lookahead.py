"""The front door for planning some steps ahead: every robot's next action in one call.

>>> import numpy as np
>>> from routing.floor import Floor
>>> from routing.floor.effort import Effort
>>> from routing.floor.lookahead import LookaheadPlanner
>>> floor = Floor.parse("type octile\\nheight 2\\nwidth 3\\nmap\\n...\\n...")
>>> planner = LookaheadPlanner(floor)
>>> cells = np.array([0, 2], np.int32)  # two robots, each where the other wants to go
>>> headings = np.array([0, 2], np.uint8)  # and face to face
>>> planner.step(cells, headings, cells[::-1], Effort(tries=100)).tolist()
[0, 2]

That is F for the one and C for the other, which will pass it below.  Before a live floor a step is
given a time instead: `Effort.within(0.1)`, in seconds.
"""

from __future__ import annotations

from concurrent.futures import Executor
from itertools import pairwise
from time import perf_counter

import numpy as np

from routing.floor.congestion import MEMORY, Congestion
from routing.floor.effort import Effort
from routing.floor.epibt import first_pass, occupy, score, search
from routing.floor.grid import Floor, require_headings
from routing.floor.guidance import lane_costs
from routing.floor.operations import (
    FORWARD,
    LEFT,
    RIGHT,
    WAIT,
    advanced,
    operations,
    places,
)
from routing.floor.patience import Patience
from routing.floor.rows import Rows, look_up

UNIT = 4  # cost units of a move with the lane
COSTS_STEPS = 10  # from one time that costs follow the traffic to the next
# Share of the free cells with robots from which a floor is crowded: one with stations and chutes,
# and one where no cell is entered in the step it is left, as a moving robot takes up two; and with
# robots on their way, where they want anywhere.
CROWDED, CROWDED_GAPS, CROWDED_ANYWHERE = 0.4, 0.2, 0.65
# Share added to the cost of a move against a lane: on any floor, on one with stations and chutes,
# and there where no cell is entered in the step it is left: two who meet in an aisle jam it.
AGAINST, AGAINST_SORTING, AGAINST_GAPS = 2.0, 4.0, 12.0
ROWS_SHARE = 0.4  # of a step's time, for making rows that are missing
ROUND = 1000  # units more into a cell whose robot is out of order
LAST = 2**40  # in the order of who goes first
PART = 500  # robots planned in the first pass between two looks at the clock
BATCH = 500  # tries of the local search between two looks at the clock


class LookaheadPlanner:
    """Plans actions step by step with EPIBT and local search.

    Cells are the floor's; inside they are numbered among the free ones.  Costs of moves count from
    where the steps looked ahead end; within these a move is a move.

    Parameters
    ----------
    turning
        Whether robots go forward, turn by a quarter or wait (0 F, 1 R, 2 C, 3 W).  Others move to
        any side or stay (0 E, 1 S, 2 W, 3 N, 4 stay); their headings are not looked at.
    following
        Whether a robot may enter a cell in the step in which it is left.
    depth
        Steps looked ahead, 2 to 5; None: 4 with following, else 5, as gaps have to be planned for.
        Of robots that do not turn, 2 or 3; None: 3.
    against
        Share added to the cost of a move against a lane; 0 for no guidance.  None: `AGAINST`, or
        on floors with stations and chutes `AGAINST_SORTING`, without following `AGAINST_GAPS`.
    turn_cost
        Units (a move with the lane costs 4) of a quarter turn.
    jam_units, oncoming_units
        As of `Congestion`.
    patience
        Steps without progress after which a robot may be put first.

    Attributes
    ----------
    sorting
        Whether many robots want to the same few cells: at first, whether the floor has stations and
        chutes; to be set where tasks tell more.
    lifelong
        Whether robots at their goals get others, and do not rest there; to be set where it is so.
    """

    def __init__(
        self,
        floor: Floor,
        *,
        turning: bool = True,
        following: bool = True,
        depth: int | None = None,
        against: float | None = None,
        turn_cost: int = 4,
        skip: float = 0.3,
        jam_units: float = 40.0,
        oncoming_units: float = 400.0,
        refresh_rows: int = 16,
        patience: int = 100,
        power: float | None = None,
        tries_each: int = 600,
        visits: int = 8,
        seed: int = 0,
        memory_mb: int = 6500,
        executor: Executor | None = None,
    ) -> None:
        if depth is None:
            depth = (4 if following else 5) if turning else 3
        elif not 2 <= depth <= (5 if turning else 3):
            raise ValueError(f"depth {depth}: give 2 to {5 if turning else 3}")
        self.floor = floor
        self.following = following
        self.seed = seed
        self.skip = round(1024 * skip)
        self.cell_of = np.flatnonzero(floor.free).astype(np.int32)  # place -> cell
        self.place_of = np.full(floor.cells, -1, dtype=np.int32)
        self.place_of[self.cell_of] = np.arange(len(self.cell_of), dtype=np.int32)
        self.sorting = len(floor.stations) > 0 and len(floor.chutes) > 0
        self.lifelong = False
        if against is None:
            sorting = AGAINST_SORTING if following else AGAINST_GAPS
            against = sorting if self.sorting else AGAINST
        self.against = against
        ways = floor.successors[self.cell_of]
        self.forward = np.where(ways >= 0, self.place_of[ways], -1).astype(np.int32).ravel()
        costs = lane_costs(floor, UNIT, against)[self.cell_of]
        turn_cost = turn_cost if turning else 0
        self.rows = Rows(self.forward, costs.ravel(), turn_cost, memory_mb, executor)
        self._lanes = costs
        self._broken = np.empty(0, np.int32)  # places of robots out of order
        self.congestion = Congestion(self.forward, jam_units, oncoming_units)
        self.refresh_rows, self._executor = refresh_rows, executor
        self.operations = operations(depth, turning)
        self._cells, self._ends, self._possible = places(self.operations, self.forward)
        # Of two operations with the same end, the one that moves earlier; where all ends are equal,
        # the one that does not move.
        moves = self.operations.moves(self.operations.actions)
        late = (moves * np.arange(depth)[None, :]).sum(axis=1) + moves.any(axis=1)
        self._bias = np.minimum(7, late).astype(np.int64)
        self._waiting = len(self.operations.actions) - 1
        self._now = np.full(len(self.cell_of), -1, np.int32)
        self._at = np.full((len(self.cell_of), depth), -1, np.int32)
        self._choice = np.empty(0, np.int16)
        self._expected = np.empty(0, np.int32)
        self._step = 0
        self.tries_each, self.visits = tries_each, visits
        self.patience = Patience(patience, seed)
        self.power = power

    def step(
        self,
        cells: np.ndarray,
        headings: np.ndarray,
        goals: np.ndarray,
        effort: Effort,
        *,
        later: np.ndarray | None = None,
        remaining: np.ndarray | None = None,
        broken: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return every robot's next action (int8).

        Parameters
        ----------
        cells, headings, goals
            By robot (int32, uint8, int32); a robot with the goal -1 makes way for all others.
        later
            By robot, the goal after that, or -1.
        remaining
            By robot, units of way to go after `goals`: who has least left goes first.
        broken
            By robot, whether it is out of order: it stays, and the others go round it (bool).  Who
            becomes so, or works again, costs all distances, which are made anew as time allows.

        Raises
        ------
        ValueError
            Where a cell or a goal is in a wall or off the floor, a heading is not 0 to 3, or two
            robots stand in one cell.
        """
        robots = len(cells)
        if not robots:
            return np.empty(0, np.int8)
        states = self._states(cells, headings)
        stands = np.zeros(robots, bool) if broken is None else broken
        self._go_round(np.sort(states[stands] >> 2), robots)
        wants = (goals >= 0) & ~stands
        self.floor.require_free("goal", np.where(wants, goals, cells))
        targets = np.where(wants, self.place_of[goals], -1).astype(np.int32)
        slots = np.full(robots, self.rows.nowhere, np.int32)
        slots[wants] = self.rows.slots(targets[wants], effort.part(ROWS_SHARE))
        after = np.full(robots, -1, np.int32)
        if later is not None:
            known = later >= 0
            known[known] = self.rows.has(self.place_of[later[known]])
            after[known] = self.rows.slot_of[self.place_of[later[known]]]
        number = len(self.operations.actions)
        values = np.empty((robots, number), np.int64)
        ranks = np.empty((robots, number), np.int16)
        counts = np.empty(robots, np.int16)
        score(
            states, np.where(slots == self.rows.nowhere, -1, targets), slots, after,
            self.rows.rows, self._cells, self._ends, self._possible, self.operations.tails,
            self._bias, UNIT, self.operations.depth * self.rows.dearest, self._now, self.following,
            values, ranks, counts,
        )  # fmt: skip
        left = look_up(self.rows.rows, slots, states).astype(np.int64)
        if remaining is not None:
            left += remaining
        # Who wants nowhere, or must wait for the distances to its goal, goes last.
        left[slots == self.rows.nowhere] = LAST
        self.patience.note(targets, left, left == LAST)
        urgent = self.patience.first(self._step)
        left[urgent] = np.arange(len(urgent)) - len(urgent)
        order = np.argsort(left, kind="stable").astype(np.int32)
        self._inherit(states, stands)
        choice, now, at = self._choice, self._now, self._at
        occupy(states, choice, self._cells, at)
        seen = np.zeros(robots, np.int64)
        fixed = stands.copy()
        kept = stands
        # The most urgent first; where time runs out the others carry on as they were.
        parts = [0, len(urgent), *range(len(urgent) + PART, robots, PART), robots]
        for begin, end in pairwise(parts):
            if begin and effort.deadline is not None and perf_counter() > effort.deadline:
                break
            first_pass(
                order[begin:end], begin, states, self._cells, now, at, choice, ranks, counts, seen,
                self.following, fixed,
            )  # fmt: skip
            if end == len(urgent):
                kept = fixed.copy()
        seen[:] = 0
        weights = np.empty(robots)
        power = self._power(robots, int(np.count_nonzero(wants & (goals != cells))))
        weights[order] = (1 - np.arange(robots) / robots) ** power + 1e-3
        refreshing = None
        if self.congestion.counts and self.refresh_rows and self._executor is not None:
            # On another core meanwhile: the search looks at no rows.
            refreshing = self._executor.submit(
                self.rows.refresh,
                targets[wants],
                self.refresh_rows,
                MEMORY,
                effort.deadline,
            )
        self.tries = self.changes = 0
        while (effort.tries is None or self.tries < effort.tries) and (
            effort.deadline is None or perf_counter() < effort.deadline
        ):
            batch = BATCH if effort.tries is None else min(BATCH, effort.tries - self.tries)
            changes, _ = search(
                batch, self.seed + self._step * 1_000_003 + self.tries, states, self._cells, now,
                at, choice, values, ranks, counts, weights, kept, seen, robots + 1 + self.tries,
                self.following, self.skip, self.tries_each, self.visits,
            )  # fmt: skip
            self.tries += batch
            self.changes += changes
        if refreshing is not None:
            refreshing.result()
        actions = self._first_actions(states, targets, slots, after)
        self._note_traffic(states, ranks, actions)
        self._expected = advanced(self.operations, self.forward, states, actions)
        self._step += 1
        return actions

    def _states(self, cells: np.ndarray, headings: np.ndarray) -> np.ndarray:
        """Return the robots' states, 4 x place + heading, once it is clear that they can be so,
        and note who stands where."""
        self.floor.require_free("cell", cells)
        here, robots = self.place_of[cells], np.arange(len(cells))
        self._now[:] = -1
        self._now[here] = robots
        shared = np.flatnonzero(self._now[here] != robots)
        if len(shared):
            one, other = int(shared[0]), int(self._now[here[shared[0]]])
            raise ValueError(
                f"robots {one} and {other}: both in cell {cells[one]}; give each its own"
            )
        if not self.operations.turning:
            return np.asarray(4 * here)
        require_headings(headings, robots)
        return np.asarray(4 * here + headings.astype(np.int32))

    def _go_round(self, broken: np.ndarray, robots: int) -> None:
        """Let distances of so many robots lead round those out of order, which stand at these
        places (sorted)."""
        if np.array_equal(broken, self._broken):
            return
        self._broken = broken
        self.rows.forget()
        self._set_costs(robots)

    def _power(self, robots: int, on_way: int) -> float:
        """Return how much more the first in order weigh: nothing, but on crowded floors.

        Who is put last everywhere goes long ways round; the others gain less by that than is lost,
        once the first hundred steps are over (docs/floor-tried.md).  But where all of a crowd want
        to the same few stations somebody has to go first: 700 robots on the 1,277 cells of
        warehouse_small finish 2,272 tasks in 400 steps with 4, and 1,603 where all weigh the same.
        And where most cells have a robot that is on its way, nobody gets anywhere unless others
        give way: 1,056 robots on 1,321 cells finish 4,372 one-cell tasks in 600 steps with 4, and
        2,900 where all weigh the same.  But where robots come to rest these would be first, and
        never give way: such a problem of 924 robots there costs twice as much with 4.
        Without following, 400 robots on 819 cells finish 194 tasks in 150 steps with 8, 155 with 2
        and 95 with 0.
        """
        if self.power is not None:
            return self.power
        cells = len(self.cell_of)
        if not self.following:
            return 8.0 if robots > CROWDED_GAPS * cells else 0.0
        sorting = self.sorting and robots > CROWDED * cells
        return 4.0 if sorting or (self.lifelong and on_way > CROWDED_ANYWHERE * cells) else 0.0

    def _note_traffic(self, states: np.ndarray, ranks: np.ndarray, actions: np.ndarray) -> None:
        """Let costs follow the traffic."""
        chosen = self.operations
        ways = states if chosen.turning else states + np.minimum(actions, 3)
        held_up = (actions == chosen.wait) & (ranks[:, 0] != self._waiting)
        self.congestion.note(states[held_up], ways[chosen.moves(actions)])
        if self.congestion.counts and self._step % COSTS_STEPS == COSTS_STEPS - 1:
            self._set_costs(len(states))

    def _set_costs(self, robots: int) -> None:
        """Let distances made from now on follow lanes, traffic and who is out of order."""
        costs = self._lanes + self.congestion.units(robots)
        costs[np.isin(self.forward.reshape(-1, 4), self._broken)] += ROUND
        self.rows.set_costs(costs)

    def _inherit(self, states: np.ndarray, stands: np.ndarray) -> None:
        """Carry on with what is left of the last plan where all robots are where it put them, and
        those that stand were to wait."""
        if len(self._expected) == len(states) and np.array_equal(self._expected, states):
            self._choice = self.operations.shifted[self._choice]
            if (self._choice[stands] == self._waiting).all():
                return
        self._choice = np.full(len(states), self._waiting, dtype=np.int16)

    def _first_actions(
        self, states: np.ndarray, targets: np.ndarray, slots: np.ndarray, after: np.ndarray
    ) -> np.ndarray:
        """Return the first action of each robot's operation; who only waits turns the best way."""
        actions = self.operations.actions[self._choice, 0].copy()
        if not self.operations.turning:
            return actions
        waiting = np.flatnonzero(self._choice == self._waiting)
        there = waiting[(states[waiting] >> 2) == targets[waiting]]
        row = slots[waiting].copy()
        swap = np.isin(waiting, there) & (after[waiting] >= 0)
        row[swap] = after[waiting][swap]
        here = states[waiting]
        best = look_up(self.rows.rows, row, here)
        for action, turn in ((RIGHT, 1), (LEFT, 3)):
            other = here - here % 4 + (here % 4 + turn) % 4
            units = look_up(self.rows.rows, row, other)
            better = units < best
            actions[waiting[better]] = action
            best = np.minimum(best, units)
        actions[waiting[actions[waiting] == FORWARD]] = WAIT
        return actions
