"""Our planner in the League's own simulator (2024 edition): its shared environment, read once.

With the environment variable `PEAKDAY_SETTINGS` it plays with a file that `routing tune` wrote.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from operator import attrgetter
from time import perf_counter
from typing import Any

import numpy as np

from routing.floor.arena import View
from routing.floor.entry import Peakday
from routing.floor.generate import warm_up
from routing.floor.grid import Floor
from routing.floor.settings import keywords, read_settings

# What the simulator needs of a step to take in the answer: a few milliseconds and a share.
SLACK_SECONDS, SLACK_SHARE = 0.003, 0.02
# Share kept back beside it after a step that was late, and how that fades step by step.
LATE_SHARE, FADING = 0.1, 0.97
MOST_SHARE = 0.4  # kept back at most

AGES = 10  # limits
ROWS_SHARE = 0.7  # of the preprocessing time, for distance rows


class Bridge:
    """Scheduler and planner of one environment: the scheduler is asked first each step.

    Kernels are compiled here, before the simulator begins to count the preprocessing time.

    Parameters
    ----------
    env
        The simulator's environment: `map`, `rows`, `cols`, `num_of_agents`, then per step
        `curr_timestep`, `curr_states`, `task_pool`, `new_tasks`, `curr_task_schedule`.
    """

    def __init__(self, env: Any) -> None:
        self.env = env
        tuned = os.environ.get("PEAKDAY_SETTINGS")
        self.entry = Peakday(step_seconds=1.0, **keywords(read_settings(tuned) if tuned else {}))
        warm_up(Peakday(step_seconds=0.05))
        self.ready = False
        self.task = np.empty(0, np.int32)  # by robot, as scheduled last

    def prepare(self, limit_ms: float) -> None:
        """Make rows, within most of the simulator's preprocessing time; once."""
        if self.ready:
            return
        began = self._start(limit_ms)
        env = self.env
        blocked = np.array(list(env.map), dtype=np.int32).reshape(env.rows, env.cols)
        letters = np.where(blocked > 0, ord("@"), ord(".")).astype(np.uint8)
        self.robots = int(env.num_of_agents)
        self.entry.prepare(
            Floor.of_letters(letters, "league"),
            self.robots,
            seconds=max(0.001, ROWS_SHARE * limit_ms / 1000 - (perf_counter() - began)),
            every_cell=True,
        )
        self._states: list[Any] = []
        self._step = 0  # the simulator's, when it was last looked at
        self._reserve = 0.0  # share of a step kept back because one was late
        self._between = 0.0  # seconds that the simulator took lately for a schedule
        self._scheduled = False  # in this step
        self.ready = True

    def schedule(self, limit_ms: float) -> list[int]:
        """Return every robot's task."""
        if self._scheduled:  # another planner plays
            self.entry.take_over(self.view, self.task)
        self._look(limit_ms, self.env.new_tasks)
        self.task = self.entry.assign(self.view, self.began)
        self._scheduled = True
        self._answered = perf_counter()
        return self.task.tolist()

    def actions(self, limit_ms: float) -> list[int]:
        """Return every robot's action (0 F, 1 R, 2 C, 3 W)."""
        if self._scheduled:
            self._between = max(FADING * self._between, perf_counter() - self._answered)
        else:  # another scheduler plays
            self.entry.edition = 2023
            self._look(limit_ms, [])
            self.task = self.entry.assign(self.view, self.began)
        self._scheduled = False
        return self.entry.act(self.view, self.task).tolist()

    def _look(self, limit_ms: float, new: Iterable[int]) -> None:
        """Read the environment, each member once: a look into it is a call for every element.

        Tasks of `new` that are known already, or over, are passed over.
        """
        self.began = self._start(limit_ms)
        self._set_time(limit_ms / 1000)
        env, entry = self.env, self.entry
        self._read_states()
        task = np.full(self.robots, -1, np.int32)
        told = list(env.curr_task_schedule)  # none before the first schedule
        task[: len(told)] = told
        pool = env.task_pool
        new = [number for number in new if number not in entry._cells and number in pool]
        other = task != entry._task
        if entry.edition != 2023:
            for robot in np.flatnonzero(other & (entry._task >= 0)).tolist():
                held = int(entry._task[robot])
                if held in pool and pool[held].agent_assigned < 0:  # the schedule was refused
                    entry.give_back(robot)
        errand = np.where(other, 0, entry._errand).astype(np.int32)
        asked = (task >= 0) & (other | (self.cells == entry._goals))
        for robot in np.flatnonzero(asked).tolist():
            number = int(task[robot])
            errand[robot] = pool[number].idx_next_loc
            if number not in entry._cells:
                new.append(number)
        fresh = [(number, _cells(pool[number])) for number in new]
        self.view = View(self._step, self.cells, self.headings, task, errand, fresh)

    def _read_states(self) -> None:
        """Take over cells and headings.

        A state seen from Python is a window on the simulator's memory; as long as the first and the
        last window are the same objects, all show what is there now, and need not be made anew.
        """
        states, last = self.env.curr_states, self.robots - 1
        kept = self._states
        if not kept or states[0] is not kept[0] or states[last] is not kept[last]:
            self._states = list(states)
        places = map(attrgetter("location"), self._states)
        headings = map(attrgetter("orientation"), self._states)
        self.cells = np.fromiter(places, np.int32, self.robots)
        self.headings = np.fromiter(headings, np.uint8, self.robots)

    def _start(self, limit_ms: float) -> float:
        """Return when the simulator began to count, on the `perf_counter` clock."""
        now = perf_counter()
        if not hasattr(self.env, "plan_current_time"):
            return now
        gone = (self.env.plan_current_time() - self.env.plan_start_time).total_seconds()
        # Who is asked when time is over answers at once; a start that was never set is ages ago.
        limit = limit_ms / 1000
        return now - (min(gone, limit) if 0 <= gone < AGES * limit else 0.0)

    def _set_time(self, limit: float) -> None:
        """Set what the entry may take of a step's seconds."""
        step = int(self.env.curr_timestep)
        late = self._step > 0 and step > self._step + 1  # the first step, with all tasks new, may
        self._step = step
        self._reserve = FADING * self._reserve + LATE_SHARE * late
        slack = SLACK_SECONDS + SLACK_SHARE * limit + self._reserve * limit
        # Taking in the actions is about as much work as taking in the schedule.
        slack += min(self._between, LATE_SHARE * limit)
        self.entry.step_seconds = limit - min(slack, MOST_SHARE * limit)


def _cells(task: Any) -> np.ndarray:
    """Return a task's errands; an iterator over them would cost three times as much."""
    cells = task.locations
    return np.array([cells[number] for number in range(len(cells))], np.int32)


_latest: list[Bridge] = []


def bridge(env: Any) -> Bridge:
    """Return the one bridge of an environment, which scheduler and planner share.

    The simulator makes both before it prepares one, and may hand each a wrapper of its own; the
    next one in the same process may hand out the same object for another environment.
    """
    if not _latest or _latest[0].ready:
        _latest[:] = [Bridge(env)]
    return _latest[0]
