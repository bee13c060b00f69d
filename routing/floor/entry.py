"""Our entry for the arena: schedule, distances and the planner that looks ahead, put together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np

from routing.floor.arena import View
from routing.floor.effort import Effort
from routing.floor.grid import CHUTE, STATION, Floor
from routing.floor.guidance import lane_costs
from routing.floor.lookahead import AGAINST, UNIT, LookaheadPlanner
from routing.floor.one_way import one_way
from routing.floor.schedule import Schedule
from routing.floor.traffic import expected_traffic

IDLE = 1_000_000  # units of way left of a robot without a task: it goes after all others
MATCHED = 500  # robots matched between two looks at the clock
MATCH_SHARE = 0.5  # of a step's time
BATCH = 64  # rows made between two looks at the clock
# Robots with a task as a share of the free cells, at most: with following, and without.
ACTIVE, ACTIVE_GAPS = 0.45, 0.25
# Share of the robots on their way to a task that choose anew in a step, from so many cells off.
AGAIN, FAR_CELLS = 0.1, 10
# Share of the free cells with robots from which fewer steps are looked ahead, with following: each
# move is one of many at once there, and the shorter the moves, the more of such circles are found.
PACKED, PACKED_DEPTH = 0.85, 3
SMALL = 4000  # free cells up to which every cell gets its row before the first step
TRAFFIC_SHARE = 0.2  # of the time to prepare, for looking where a floor is narrow


class Peakday:
    """Plays League problems of both editions.

    Parameters
    ----------
    step_seconds
        Time a step may take, assignment included; None for none.
    tries
        Tries of the local search a step, instead of or beside the time.
    rows_ahead
        Distance rows made before the first step, at most.
    prepare_seconds
        Time for them; None for as long as it takes.
    again
        Share of the robots on their way to a task, and still far from it, that choose anew in each
        step.
    active_share
        Robots that have a task at any time, at most, as a share of the free cells; the others make
        way.  None: `ACTIVE`, or without following `ACTIVE_GAPS`, where tasks begin anywhere, else
        all.
    settings
        Passed on to `LookaheadPlanner`.
    """

    def __init__(
        self,
        *,
        step_seconds: float | None = None,
        tries: int | None = None,
        length_share: float | None = None,
        queue_units: float = 4.0,
        backlog_units: float = 12.0,
        rows_ahead: int = 1_000_000,
        prepare_seconds: float | None = None,
        again: float = AGAIN,
        active_share: float | None = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.step_seconds = step_seconds
        self.tries = tries
        self.length_share = length_share
        self.queue_units = queue_units
        self.backlog_units = backlog_units
        self.rows_ahead = rows_ahead
        self.prepare_seconds = prepare_seconds
        self.again = again
        self.active_share = active_share
        self.settings = settings or {}
        self.threads = ThreadPoolExecutor(2)

    def prepare(
        self,
        floor: Floor,
        robots: int,
        edition: int = 2024,
        *,
        seconds: float | None = None,
        every_cell: bool = False,
    ) -> None:
        """Set up, and make distance rows as far as memory and the given time go: of stations, then
        of chutes, where the floor names them; else of all cells where they are few or
        `every_cell` is asked for."""
        seconds = seconds or self.prepare_seconds
        until = None if seconds is None else perf_counter() + seconds
        self.floor = floor
        self.edition = edition
        planned = self._planned(floor, robots, seconds)
        settings = dict(self.settings)
        if settings.get("following", True) and robots > PACKED * np.count_nonzero(floor.free):
            settings.setdefault("depth", PACKED_DEPTH)
        self.planner = LookaheadPlanner(planned, executor=self.threads, **settings)
        self.place_of = self.planner.place_of
        self.schedule = Schedule(
            self.planner.rows,
            self.planner.cell_of,
            floor.width,
            UNIT,
            length_share=self.length_share,
            queue_units=self.queue_units,
            backlog_units=self.backlog_units,
        )
        self._make_rows(until, every_cell)
        self.active = 0  # known when tasks are
        self._cells: dict[int, np.ndarray] = {}  # by task, its errands
        self._overrun = 0.0
        self._task = np.full(robots, -1, np.int32)
        self._errand = np.zeros(robots, np.int32)
        self._goals = np.full(robots, -1, np.int32)
        self._later = np.full(robots, -1, np.int32)
        self._remaining = np.full(robots, IDLE, np.int64)
        self._going = np.zeros(robots, bool)  # where tasks are given and only some robots go

    @property
    def stuck(self) -> int:
        """How often a robot has come to be without progress for a hundred steps, or `patience`."""
        return self.planner.patience.times

    def _planned(self, floor: Floor, robots: int, seconds: float | None) -> Floor:
        """Return the floor as moves are planned on it, and set `carried`, the robots it carries.

        On a narrow floor with more robots than that, where tasks may begin anywhere, robots would
        meet in passages and crowds before these would let nobody out: there every row and column
        is one-way, and no more robots than `carried` have a task, or go where tasks are given.
        """
        self.carried = robots
        if len(floor.stations) or len(floor.chutes):
            return floor
        until = None if seconds is None else perf_counter() + TRAFFIC_SHARE * seconds
        traffic = expected_traffic(floor, lane_costs(floor, UNIT, AGAINST), UNIT, until=until)
        if traffic is None or not traffic.narrow or robots <= traffic.carried:
            return floor
        self.carried = traffic.carried
        return one_way(floor)

    def _make_rows(self, until: float | None, every_cell: bool) -> None:
        letters = self.floor.letters[self.planner.cell_of]
        stations = np.flatnonzero(letters == ord(STATION))
        chutes = np.flatnonzero(letters == ord(CHUTE))
        named = np.concatenate((stations, chutes))
        if not len(named) and (len(letters) <= SMALL or every_cell):
            named = self._likely_goals()
        few = named[: min(self.rows_ahead, self.planner.rows.capacity)].astype(np.int32)
        for begin in range(0, len(few), BATCH):
            if until is not None and perf_counter() > until:
                return
            self.planner.rows.slots(few[begin : begin + BATCH])

    def _likely_goals(self) -> np.ndarray:
        """Return all cells, those first where robots have business on floors that do not say it.

        That is at the border of the map, then beside walls and shelves; among these in any order.
        """
        cells = self.planner.cell_of
        row, column = np.divmod(cells, self.floor.width)
        inner = (row > 0) & (row < self.floor.height - 1)
        inner &= (column > 0) & (column < self.floor.width - 1)
        ways = (self.floor.successors[cells] >= 0).sum(axis=1)
        rank = np.where(inner, 1 + (ways == 4), 0)
        shuffled = np.random.default_rng(0).permutation(len(cells))
        return shuffled[np.argsort(rank[shuffled], kind="stable")]

    def assign(self, view: View, began: float | None = None) -> np.ndarray:
        """Match the robots without a task, as far as half of the step's time goes.

        The step began now, or at the time `began` on the `perf_counter` clock.
        """
        self.began = perf_counter() if began is None else began
        self._cells.update(view.new_tasks)
        self.planner.lifelong |= any(number >= len(view.task) for number, _ in view.new_tasks)
        if self.edition == 2023:
            return view.task
        for number, cells in view.new_tasks:
            self.schedule.reveal(number, int(self.place_of[cells[0]]), self._length(cells))
        task = view.task.copy()
        self._open_some(view, task)
        free = np.flatnonzero(task < 0)
        if not self.active:
            # Maps in the League's simulator do not tell what cells are for, but tasks do.
            self.planner.sorting |= self.schedule.shared
            self.active = self._most_active()
        room = max(0, self.active - (len(task) - len(free)))
        states = 4 * self.place_of[view.cells[free]] + view.headings[free].astype(np.int32)
        # Thousands at once in batches drawn at random, as the clock allows; others a step later.
        until = None
        if self.step_seconds is not None:
            until = self.began + MATCH_SHARE * self.step_seconds - self._overrun
        drawn = np.arange(len(free))
        if len(free) > MATCHED:
            drawn = np.random.default_rng(view.step).permutation(len(free))
        for begin in range(0, len(free), MATCHED):
            if begin and until is not None and perf_counter() > until:
                break
            part = drawn[begin : begin + MATCHED]
            task[free[part]] = self.schedule.match(states[part], room)
            room -= int((task[free[part]] >= 0).sum())
        return task

    def _open_some(self, view: View, task: np.ndarray) -> None:
        """Take the tasks from some robots that are still far from them, so that they choose anew.

        Since they chose others have become free, and tasks have come up, that suit better.
        """
        going = np.flatnonzero((task >= 0) & (task == self._task) & (view.errand == 0))
        draw = np.random.default_rng((1, view.step)).random(len(going))
        going = going[draw < self.again]
        if np.count_nonzero(task < 0) + len(going) > MATCHED:
            return  # not all of them would get one in this step
        far = self._apart(view.cells[going], self._goals[going]) > FAR_CELLS
        for robot in going[far].tolist():
            self.give_back(robot)
            task[robot] = -1

    def _most_active(self) -> int:
        """Return how many robots have a task at any time.

        Measured with 3,000 tries a step, tasks finished with all robots active, and with `ACTIVE`:
        random-32-32-20, 2 to 5 errands, 600 robots, 200 steps: 432, 505; 500 robots, 400 steps, two
        seeds: 1,075, 1,140; 400 robots, 500 steps, two seeds: 1,345, 1,364.  But warehouse_small,
        from stations to shelves, 950 robots of 1,277 cells, 200 steps: 837, 646; there who has no
        task stands between the stations and those who have.  Without following, 400 robots on
        random-32-32-20 finish 213 tasks in 150 steps, and 194 where all are active.
        """
        cells = len(self.planner.cell_of)
        share = self.active_share
        if share is None:
            anywhere = ACTIVE if self.planner.following else ACTIVE_GAPS
            share = 1.0 if self.schedule.shared else anywhere
            return max(1, min(self.carried, int(share * cells)))
        return max(1, int(share * cells))

    def act(self, view: View, task: np.ndarray) -> np.ndarray:
        """Plan one step."""
        self.take_over(view, task)
        goals = np.where(task >= 0, self._goals, -1)
        if self.edition == 2023 and self.planner.lifelong:
            goals = self._held_back(view.cells, goals)
        seconds = self.step_seconds
        until = None if seconds is None else self.began + seconds - self._overrun
        actions = self.planner.step(
            view.cells,
            view.headings,
            goals,
            Effort(until, self.tries),
            later=self._later,
            remaining=self._remaining,
        )
        if until is not None and seconds is not None:
            # What a busy machine took beyond the deadline lately is kept back from the next ones.
            late = perf_counter() - until
            self._overrun = min(0.5 * seconds, max(0.95 * self._overrun, late))
        return actions

    def take_over(self, view: View, task: np.ndarray) -> None:
        """Take over who does what now; tasks that nobody has any more are over."""
        changed = np.flatnonzero((task != self._task) | (view.errand != self._errand))
        over = set(self._task[changed].tolist()).difference(task[changed].tolist())
        for robot in changed.tolist():
            self._set_goal(robot, int(task[robot]), int(view.errand[robot]))
        for number in over - {-1}:
            del self._cells[number]
        self._going[changed] = False

    def _held_back(self, cells: np.ndarray, goals: np.ndarray) -> np.ndarray:
        """Return the goals of as many robots as the floor carries, and -1 for all others.

        Who goes does so until it is there; then those follow that are nearest to their goals.
        """
        if self.carried >= len(cells):
            return goals
        room = self.carried - int(np.count_nonzero(self._going))
        apart = self._apart(cells, goals)
        others = np.flatnonzero(~self._going)
        self._going[others[np.argsort(apart[others], kind="stable")[:room]]] = True
        return np.where(self._going | (apart == 0), goals, -1)

    def give_back(self, robot: int) -> None:
        """Open the task of a robot again: it did not get it, or is to choose anew."""
        task = int(self._task[robot])
        cells = self._cells[task]
        self._set_goal(robot, -1, 0)
        self.schedule.reveal(task, int(self.place_of[cells[0]]), self._length(cells))

    def _set_goal(self, robot: int, task: int, errand: int) -> None:
        """Take over where a robot is in its task."""
        former = int(self._task[robot])
        begun = self._errand[robot] > 0
        if former >= 0 and not begun and (errand > 0 or task != former) and self.edition == 2024:
            self.schedule.arrived(int(self.place_of[self._cells[former][0]]))
        self._task[robot], self._errand[robot] = task, errand
        self._later[robot], self._remaining[robot] = -1, IDLE
        if task >= 0:
            cells = self._cells[task][errand:]
            self._goals[robot] = cells[0]
            self._remaining[robot] = self._length(cells)
            if len(cells) > 1:
                self._later[robot] = cells[1]

    def _apart(self, here: np.ndarray, there: np.ndarray) -> np.ndarray:
        """Return the cells between each of one and each of the other, along the grid."""
        width = self.floor.width
        return np.abs(here // width - there // width) + np.abs(here % width - there % width)

    def _length(self, cells: np.ndarray) -> int:
        """Return the units of way through cells, along the grid."""
        width = self.floor.width
        way = 0
        for one, other in pairwise(np.asarray(cells).tolist()):
            way += abs(one // width - other // width) + abs(one % width - other % width)
        return UNIT * way
