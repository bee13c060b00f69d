"""Our entry for the arena: schedule, distances and the turning planner put together."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from routing.floor.arena import View
from routing.floor.formats import Problem
from routing.floor.grid import STATION
from routing.floor.schedule import Schedule
from routing.floor.turning import UNIT, Effort, TurningPlanner


class Peakday:
    """Plays League problems of both editions.

    Parameters
    ----------
    step_seconds
        Time a step may take, assignment included; None for none.
    tries
        Tries of the local search a step, instead of or beside the time.
    settings
        Passed on to `TurningPlanner`.
    """

    def __init__(
        self,
        *,
        step_seconds: float | None = None,
        tries: int | None = None,
        length_share: float = 0.3,
        queue_units: float = 8.0,
        settings: dict[str, object] | None = None,
    ) -> None:
        self.step_seconds = step_seconds
        self.tries = tries
        self.length_share = length_share
        self.queue_units = queue_units
        self.settings = settings or {}

    def prepare(self, problem: Problem) -> None:
        """Compile, and make the distance rows of stations (of all cells on small floors)."""
        self.problem = problem
        self.planner = TurningPlanner(problem.floor, **self.settings)  # type: ignore[arg-type]
        self.place_of = self.planner.place_of
        self.schedule = Schedule(
            self.planner.rows, length_share=self.length_share, queue_units=self.queue_units
        )
        places = len(self.planner.cell_of)
        self.small = places <= 4000
        stations = np.flatnonzero(problem.floor.letters == ord(STATION))
        self.planner.rows.slots(
            np.arange(places, dtype=np.int32) if self.small else self.place_of[stations]
        )
        self.length: dict[int, float] = {}
        self._task = np.full(problem.robots, -1, np.int32)
        self._opened = np.zeros(problem.robots, bool)

    def assign(self, view: View) -> np.ndarray:
        """Match the robots without a task."""
        self.began = perf_counter()
        if self.problem.edition == 2023:
            return view.task
        for number in view.new_tasks:
            cells = self.problem.task(number)
            self.length[number] = self._length(cells)
            self.schedule.reveal(number, int(self.place_of[cells[0]]), self.length[number])
        opened = (view.errand > 0) | (view.task < 0)
        for robot in np.flatnonzero((self._task >= 0) & ~self._opened & opened).tolist():
            first = self.problem.task(int(self._task[robot]))[0]
            self.schedule.arrived(int(self.place_of[first]))
        free = np.flatnonzero(view.task < 0)
        task = view.task.copy()
        task[free] = self.schedule.match(
            4 * self.place_of[view.cells[free]] + view.headings[free].astype(np.int32)
        )
        self._task = task
        self._opened = view.errand > 0
        return task

    def act(self, view: View, task: np.ndarray) -> np.ndarray:
        """Plan one step."""
        robots = len(task)
        goals = view.cells.copy()
        later = np.full(robots, -1, np.int32)
        remaining = np.zeros(robots, np.int64)
        problem = self.problem
        has = np.flatnonzero(task >= 0)
        line = task[has] % problem.tasks
        at = problem.first[line] + view.errand[has]
        goals[has] = problem.errands[at]
        more = at + 1 < problem.first[line + 1]
        later[has[more]] = problem.errands[at[more] + 1]
        here, there = goals[has[more]], later[has[more]]
        width = problem.floor.width
        remaining[has[more]] = UNIT * (
            np.abs(here // width - there // width) + np.abs(here % width - there % width)
        )
        effort = Effort(
            None if self.step_seconds is None else self.began + self.step_seconds, self.tries
        )
        return self.planner.step(
            view.cells, view.headings, goals, effort, later=later, remaining=remaining
        )

    def _length(self, cells: np.ndarray) -> float:
        row, column = np.divmod(cells, self.problem.floor.width)
        return float(UNIT * (np.abs(np.diff(row)).sum() + np.abs(np.diff(column)).sum()))
