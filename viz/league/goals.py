"""Where the robots of a League result are to go, tick by tick."""

from __future__ import annotations

import numpy as np

from viz.league.moves import BLOCK
from viz.league.schedule import Schedule


class Goals:
    """Each robot's goal cell, -1 none: the changes, and what holds at the beginning of blocks."""

    def __init__(self, schedule: Schedule, robots: int, blocks: int) -> None:
        self._tick, self._robot, self._goal = _changes(schedule)
        self._starts = np.full((blocks, robots), -1, np.int32)
        ends = np.searchsorted(self._tick, BLOCK * np.arange(blocks))
        for number in range(1, blocks):
            self._starts[number] = self._starts[number - 1]
            part = slice(ends[number - 1], ends[number])
            # The last of a robot's changes holds.
            self._starts[number][self._robot[part]] = self._goal[part]

    def block(self, number: int, ticks: int) -> np.ndarray:
        """Return the goals of a block's ticks; int32[ticks, robots]."""
        first = number * BLOCK
        result = np.empty((ticks, self._starts.shape[1]), np.int32)
        now = self._starts[number].copy()
        ends = np.searchsorted(self._tick, np.arange(first, first + ticks + 1))
        for tick in range(ticks):
            part = slice(ends[tick], ends[tick + 1])
            now[self._robot[part]] = self._goal[part]
            result[tick] = now
        return result


def _changes(schedule: Schedule) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ticks, robots and goals from then on, in order.

    At each step of a robot its goal is the first errand left of the task that it has by then.
    """
    errands, taken, reached = schedule.errands, schedule.taken, schedule.reached
    ids, sizes = np.unique(errands["task"], return_counts=True)
    cells = errands["cell"][np.argsort(errands["task"], kind="stable")]
    starts = np.cumsum(sizes) - sizes

    # Of one tick, errands are done first, then tasks are taken.
    steps = np.concatenate([reached, taken])
    takes = np.arange(len(steps)) >= len(reached)
    order = np.lexsort((steps["robot"], takes, steps["tick"]))
    steps, takes = steps[order], takes[order]

    # Which step of the same robot was the last to take a task.
    by_robot = np.argsort(steps["robot"], kind="stable")
    last = np.maximum.accumulate(np.where(takes[by_robot], np.arange(len(steps)), -1))
    has = np.full(len(steps), -1, np.int64)
    held = (last >= 0) & (steps["robot"][by_robot[last]] == steps["robot"][by_robot])
    has[by_robot[held]] = steps["task"][by_robot[last[held]]]

    # How many of its errands were done by then.
    task = np.minimum(np.searchsorted(ids, has), max(len(ids) - 1, 0))
    known = (ids[task] == has) if len(ids) else np.zeros(len(steps), bool)
    done_at = np.flatnonzero(~takes)
    done_of = np.searchsorted(ids, steps["task"][done_at])
    real = np.isin(steps["task"][done_at], ids)
    many = len(steps) + 1
    keys = np.sort(done_of[real].astype(np.int64) * many + done_at[real])
    until = np.searchsorted(keys, task.astype(np.int64) * many + np.arange(len(steps)), "right")
    done = until - np.searchsorted(keys, task.astype(np.int64) * many)
    left = known & (done < sizes[task]) if len(ids) else known
    goals = np.full(len(steps), -1, np.int32)
    goals[left] = cells[starts[task[left]] + done[left]]
    return steps["tick"], steps["robot"], goals
