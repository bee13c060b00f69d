"""The errands of a League result: where they are, when they were shown, taken and done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routing.floor.grid import Floor

NEVER = 2**31 - 1
OPEN, TAKEN, DONE = range(3)
STAGES = ("open", "taken", "done")

# Of one errand: its cell, when it was shown and done, its task, and who did it, -1 nobody.
ERRAND = np.dtype([("cell", "i4"), ("shown", "i4"), ("done", "i4"), ("task", "i4"), ("by", "i4")])
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

    def __init__(self, plain: dict, floor: Floor) -> None:
        events, tasks = plain.get("events"), plain.get("tasks")
        self.table, self.holdings = np.zeros(0, ERRAND), np.zeros(0, HOLDING)
        if events and tasks:
            old = isinstance(events[0], list) and events[0] and isinstance(events[0][0], list)
            read = _read_2023 if old else _read
            self.table, self.holdings = read(plain, floor)
        self._ids, self._task = np.unique(self.table["task"], return_inverse=True)
        self._rows = np.argsort(self._task, kind="stable")  # task after task
        self._ends = np.cumsum(np.bincount(self._task, minlength=len(self._ids)))
        self._at: tuple[int, np.ndarray] | None = None

    def at(self, tick: int) -> np.ndarray:
        """Return cell, stage (OPEN, TAKEN, DONE), task and robot (-1 nobody) of errands shown.

        int32[n, 4]; those of one task in order.
        """
        if self._at is None or self._at[0] != tick:
            table = self.table
            holder = np.full(len(self._ids), -1, np.int32)
            rows = self.holdings[: np.searchsorted(self.holdings["tick"], tick, side="right")]
            known = np.isin(rows["task"], self._ids)
            holder[np.searchsorted(self._ids, rows["task"][known])] = rows["robot"][known]
            robot = holder[self._task]
            stage = np.where(robot >= 0, TAKEN, OPEN)
            stage = np.where(table["done"] <= tick, DONE, stage)
            columns = np.column_stack([table["cell"], stage, table["task"], robot])
            self._at = tick, columns[table["shown"] <= tick].astype(np.int32)
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


def _read_2023(plain: dict, floor: Floor) -> tuple[np.ndarray, np.ndarray]:
    shown: dict[int, int] = {}
    done: dict[int, tuple[int, int]] = {}
    holdings = []
    for robot, own in enumerate(plain["events"]):
        for task, tick, what in own:
            if what == "assigned":
                shown[int(task)] = int(tick)
                holdings.append((int(tick), int(task), robot))
            elif what == "finished":
                done[int(task)] = int(tick), robot
    rows = []
    for task, row, column in plain["tasks"]:
        end, by = done.get(int(task), (NEVER, -1))
        cell = int(row) * floor.width + int(column)
        rows.append((cell, shown.get(int(task), NEVER), end, int(task), by))
    return np.array(rows, ERRAND), np.array(sorted(holdings), HOLDING)


def _read(plain: dict, floor: Floor) -> tuple[np.ndarray, np.ndarray]:
    holdings = []
    for robot, text in enumerate(plain.get("actualSchedule") or []):
        before = -1
        for word in filter(None, text.split(",")):
            tick, task = (int(part) for part in word.split(":"))
            # What it had is nobody's, unless somebody takes it in the same tick.
            holdings += [(tick, 0, before, -1)] if before >= 0 else []
            holdings += [(tick, 1, task, robot)] if task >= 0 else []
            before = task
    done: dict[int, list[tuple[int, int]]] = {}
    for tick, robot, task, _ in sorted(plain["events"]):
        done.setdefault(int(task), []).append((int(tick), int(robot)))
    rows = []
    for task, shown, places in plain["tasks"]:
        ends = done.get(int(task), [])
        for k, (row, column) in enumerate(zip(places[::2], places[1::2], strict=True)):
            end, by = ends[k] if k < len(ends) else (NEVER, -1)
            rows.append((int(row) * floor.width + int(column), int(shown), end, int(task), by))
    order = sorted(holdings)
    return np.array(rows, ERRAND), np.array([(t, task, r) for t, _, task, r in order], HOLDING)
