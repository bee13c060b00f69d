"""Our planner in the League's own simulator (2024 edition): its shared environment, read once.

With the environment variable `PEAKDAY_SETTINGS` it plays with a file that `routing tune` wrote.
"""

from __future__ import annotations

import os
from time import perf_counter
from typing import Any

import numpy as np

from routing.floor.arena import View
from routing.floor.entry import Peakday
from routing.floor.generate import warm_up
from routing.floor.grid import Floor
from routing.floor.settings import keywords, read_settings

SLACK_SECONDS = 0.04  # left for the simulator's own reading and writing

ROWS_SHARE = 0.7  # of the preprocessing time, for distance rows


class Bridge:
    """Scheduler and planner of one environment: the scheduler is asked first each step.

    Parameters
    ----------
    env
        The simulator's environment: `map`, `rows`, `cols`, `num_of_agents`, then per step
        `curr_states`, `task_pool`, `new_tasks`, `new_freeagents`, `curr_task_schedule`.
    """

    def __init__(self, env: Any) -> None:
        self.env = env
        tuned = os.environ.get("PEAKDAY_SETTINGS")
        self.entry = Peakday(step_seconds=1.0, **keywords(read_settings(tuned) if tuned else {}))
        self.ready = False

    def prepare(self, limit_ms: float) -> None:
        """Compile and make rows, within most of the simulator's preprocessing time; once."""
        if self.ready:
            return
        began = perf_counter()
        env = self.env
        warm_up(Peakday(step_seconds=0.05))
        blocked = np.array(list(env.map), dtype=np.int32).reshape(env.rows, env.cols)
        letters = np.where(blocked > 0, ord("@"), ord(".")).astype(np.uint8)
        robots = int(env.num_of_agents)
        self.entry.prepare(
            Floor.of_letters(letters, "league"),
            robots,
            seconds=max(0.1, ROWS_SHARE * limit_ms / 1000 - (perf_counter() - began)),
            every_cell=True,
        )
        self.task = np.full(robots, -1, np.int32)
        self.errand = np.zeros(robots, np.int32)
        self.step = 0
        self.ready = True

    def schedule(self, limit_ms: float) -> list[int]:
        """Return every robot's task."""
        began = perf_counter()
        self.entry.step_seconds = limit_ms / 1000 - SLACK_SECONDS
        env = self.env
        pool = env.task_pool
        robots = len(self.task)
        states = list(env.curr_states)  # each is made anew for Python when it is asked for
        self.cells = np.fromiter((s.location for s in states), np.int32, robots)
        self.headings = np.fromiter((s.orientation for s in states), np.uint8, robots)
        for robot in list(env.new_freeagents):
            self.task[robot], self.errand[robot] = -1, 0
        for robot in np.flatnonzero(self.task >= 0).tolist():
            if self.cells[robot] == self.entry._goals[robot]:
                self.errand[robot] = pool[int(self.task[robot])].idx_next_loc
        fresh = [(int(n), np.array(list(pool[n].locations), np.int32)) for n in env.new_tasks]
        self.view = View(self.step, self.cells, self.headings, self.task, self.errand, fresh)
        self.task = self.entry.assign(self.view, began)
        return self.task.tolist()

    def actions(self) -> np.ndarray:
        """Return every robot's action (0 F, 1 R, 2 C, 3 W)."""
        self.step += 1
        return self.entry.act(self.view, self.task)


_bridges: list[Bridge] = []


def bridge(env: Any) -> Bridge:
    """Return the one bridge of an environment, which scheduler and planner share.

    The simulator makes both before it prepares one, and may hand each a wrapper of its own.
    """
    for known in _bridges:
        if known.env is env or not known.ready:
            return known
    _bridges.append(Bridge(env))
    return _bridges[-1]
