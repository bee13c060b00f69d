"""The errands of a League result: where they are, when they were shown, taken and done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viz.league.schedule import Schedule

OPEN, TAKEN, DONE = range(3)
STAGES = ("open", "taken", "done")

HOLDING = np.dtype([("tick", "i4"), ("task", "i4"), ("robot", "i4")])  # who has a task from then on
# Of a moment: columns of `Frame.errands`.
CELL, STAGE, TASK, ROBOT = range(4)


@dataclass(frozen=True)
class Task:
    """One task: when it was shown, who had it when, and its errands in order."""

    shown: int
    holders: list[tuple[int, int]]  # tick, robot; -1 where it was given back
    errands: np.ndarray  # dtype ERRAND


class Errands:
    """All errands that a result tells of, and how far they were at any tick."""

    def __init__(self, schedule: Schedule) -> None:
        self.table, self.holdings = schedule.errands, _holdings(schedule.taken)
        self._ids, self._task = np.unique(self.table["task"], return_inverse=True)
        self._rows = np.argsort(self._task, kind="stable")  # task after task
        self._ends = np.cumsum(np.bincount(self._task, minlength=len(self._ids)))
        known = np.isin(self.holdings["task"], self._ids)
        self._held = self.holdings[known]
        self._held["task"] = np.searchsorted(self._ids, self._held["task"])  # as a row of _ids
        self._shown, self._done = self.table["shown"].copy(), self.table["done"].copy()
        self._columns = np.zeros((len(self.table), 4), np.int32)  # what does not change of `at`
        self._columns[:, CELL], self._columns[:, TASK] = self.table["cell"], self.table["task"]
        self._at: tuple[int, np.ndarray] | None = None

    def at(self, tick: int) -> np.ndarray:
        """Return cell, stage (OPEN, TAKEN, DONE), task and robot (-1 nobody) of errands shown.

        int32[n, 4]; those of one task in order.
        """
        if self._at is None or self._at[0] != tick:
            holder = np.full(len(self._ids), -1, np.int32)
            rows = self._held[: np.searchsorted(self._held["tick"], tick, side="right")]
            holder[rows["task"]] = rows["robot"]  # the last one has it
            shown = np.searchsorted(self._shown, tick, side="right")
            result, robot = self._columns[:shown].copy(), holder[self._task[:shown]]
            result[:, ROBOT] = robot
            stage = np.where(robot >= 0, np.int32(TAKEN), np.int32(OPEN))
            stage[self._done[:shown] <= tick] = DONE
            result[:, STAGE] = stage
            self._at = tick, result
        return self._at[1]

    def done_by(self, robot: int, tick: float, most: int) -> np.ndarray:
        """Return the errands (dtype ERRAND) that a robot did last, the newest first."""
        rows = self.table[(self.table["by"] == robot) & (self.table["done"] <= tick)]
        return rows[np.argsort(-rows["done"], kind="stable")][:most]

    def errands_of(self, task: int) -> np.ndarray:
        """Return a task's errands (dtype ERRAND) in order; none: there is no such task."""
        at = int(np.searchsorted(self._ids, task))
        if at == len(self._ids) or self._ids[at] != task:
            return self.table[:0]
        return self.table[self._rows[self._ends[at - 1] if at else 0 : self._ends[at]]]

    def task(self, number: int) -> Task | None:
        """Return what there is to tell of a task; None: there is no such task."""
        errands = self.errands_of(number)
        if not len(errands):
            return None
        rows = self.holdings[self.holdings["task"] == number]
        holders = list(zip(rows["tick"].tolist(), rows["robot"].tolist(), strict=True))
        done = int(errands["done"].max())
        # Whoever has done its last errand gives it back, which is nothing to tell.
        holders = [(tick, robot) for tick, robot in holders if robot >= 0 or tick < done]
        return Task(int(errands["shown"][0]), holders, errands)


def shown_errands(errands: np.ndarray, which: str) -> np.ndarray:
    """Return the rows of `Frame.errands` that a user wants to see (one of `view.ERRANDS`)."""
    if which == "all":
        return errands
    stage = errands[:, STAGE]
    if which == "open":
        return errands[stage == OPEN]
    taken = errands[stage == TAKEN]
    if which == "next":
        _, first = np.unique(taken[:, TASK], return_index=True)
        return taken[first]
    return taken if which == "taken" else errands[:0]


def _holdings(taken: np.ndarray) -> np.ndarray:
    """Return who has which task from when on; dtype HOLDING, in order.

    What a robot had is nobody's, unless somebody takes it in the same tick.
    """
    rows = taken[np.argsort(taken["robot"], kind="stable")]
    before = np.full(len(rows), -1, np.int32)
    same = rows["robot"][1:] == rows["robot"][:-1]
    before[1:][same] = rows["task"][:-1][same]
    back, takes = rows[before >= 0], rows[rows["task"] >= 0]
    result = np.empty(len(back) + len(takes), HOLDING)
    result["tick"] = np.append(back["tick"], takes["tick"])
    result["task"] = np.append(before[before >= 0], takes["task"])
    result["robot"] = np.append(np.full(len(back), -1, np.int32), takes["robot"])
    order = (result["robot"], result["task"], result["robot"] >= 0, result["tick"])
    return result[np.lexsort(order)]
