"""The League's simulation: tasks come up, robots act, errands count; a late plan costs the step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from routing.floor.formats import Problem
from routing.floor.grid import Floor
from routing.floor.operations import FORWARD, LEFT, RIGHT, WAIT
from routing.floor.refusal import refusal

OFFSETS = ((0, 1), (1, 0), (0, -1), (-1, 0))


@dataclass
class View:
    """What an entry sees at a step.

    Attributes
    ----------
    cells, headings
        By robot.
    task, errand
        By robot, its task (-1: none) and how many errands of it are done.
    new_tasks
        Numbers and cells of the tasks that have come up since the last step.
    """

    step: int
    cells: np.ndarray
    headings: np.ndarray
    task: np.ndarray
    errand: np.ndarray
    new_tasks: list[tuple[int, np.ndarray]]


class Entry(Protocol):
    """What plays in the arena."""

    def prepare(self, floor: Floor, robots: int, edition: int) -> None:
        """Do what is done once, before the first step (`edition` 2023: tasks are given)."""

    def assign(self, view: View) -> np.ndarray:
        """Return every robot's task; one under way with an errand done keeps its own."""

    def act(self, view: View, task: np.ndarray) -> np.ndarray:
        """Return every robot's action: 0 F, 1 R, 2 C, 3 W."""


@dataclass
class Game:
    """A problem being played.

    Attributes
    ----------
    events
        (step, robot, task, errands done) for each errand, as League results list them.
    actions
        By step, every robot's action, -1 where the step was lost to a late plan.
    planned
        The same as the planner said it, -1 where that was nothing.
    errors
        (robot, other, step, words) of each step whose actions were refused, as League results
        list them.
    schedule
        By robot, (step, task) as League results list them.  In 2024 a task is noted in the step
        that is first played with it, before errands count; in 2023 in the step that ends with it.
    arrived
        Where all is played once: by robot, the step since which it is at its goal, or -1.
    """

    problem: Problem
    step: int = 0
    finished: int = 0
    invalid: int = 0
    late: int = 0
    curve: list[int] = field(default_factory=list)
    actions: list[np.ndarray] = field(default_factory=list)
    planned: list[np.ndarray] = field(default_factory=list)
    errors: list[tuple[int, int, int, str]] = field(default_factory=list)
    events: list[tuple[int, int, int, int]] = field(default_factory=list)
    schedule: list[list[tuple[int, int]]] = field(default_factory=list)
    revealed: list[int] = field(default_factory=list)  # by task, its step

    def __post_init__(self) -> None:
        robots = self.problem.robots
        self.cells = self.problem.starts.copy()
        self.headings = np.zeros(robots, np.uint8)
        self.task = np.full(robots, -1, np.int32)
        self.errand = np.zeros(robots, np.int32)
        self.schedule = [[] for _ in range(robots)]
        self._noted = np.full(robots, -2, np.int32)  # by robot, the task that its schedule ends in
        self._target = np.full(robots, -1, np.int32)
        self._fresh: list[int] = []  # tasks that have come up
        self._seen = 0  # how many of them were in the last view
        self._done: set[int] = set()  # tasks finished
        self.arrived = np.full(robots, -1, np.int32)
        if self.problem.edition == 2024:
            self._reveal(int(self.problem.reveal * robots))
        elif self.problem.once:
            self._reveal(robots)
            self._note_arrivals()
        else:
            self._reveal(robots)
            for robot in range(robots):
                self._give(robot, robot)

    @property
    def over(self) -> bool:
        """Whether all robots are at their goals, where all is played once."""
        return self.problem.once and bool((self.arrived >= 0).all())

    @property
    def costs(self) -> int:
        """Sum of costs: steps of each robot until it stays at its goal, or until now."""
        return int(np.where(self.arrived >= 0, self.arrived, self.step).sum())

    def view(self) -> View:
        """Return what an entry sees now: copies, with which it may do as it likes."""
        self._seen = len(self._fresh)
        fresh = [(number, self.problem.task(number).copy()) for number in self._fresh]
        cells, headings = self.cells.copy(), self.headings.copy()
        return View(self.step, cells, headings, self.task.copy(), self.errand.copy(), fresh)

    def assign(self, wanted: ArrayLike) -> None:
        """Take over a schedule where it is valid: one robot a task, begun tasks stay."""
        wanted = np.asarray(wanted)
        if wanted.shape != self.task.shape:
            raise ValueError(f"step {self.step}: tasks of shape {wanted.shape}; give one a robot")
        if wanted.dtype.kind not in "iu":
            raise ValueError(f"step {self.step}: tasks are {wanted.dtype}, not whole numbers")
        changed = np.flatnonzero(wanted != self.task)
        holder = {int(t): r for r, t in enumerate(self.task) if t >= 0}
        for robot in changed.tolist():
            if self.task[robot] >= 0 and self.errand[robot] > 0:
                raise ValueError(f"step {self.step}, robot {robot}: task {self.task[robot]} begun")
            holder.pop(int(self.task[robot]), None)
        for robot in changed.tolist():
            task = int(wanted[robot])
            if task < -1 or (task >= 0 and (task in holder or not self._known(task))):
                raise ValueError(f"step {self.step}, robot {robot}: task {task} is not free")
            if task >= 0:
                holder[task] = robot
        for robot in changed.tolist():
            self._give(robot, int(wanted[robot]))

    def apply(self, actions: np.ndarray | None) -> None:
        """Play one step: the actions where all are valid, else everybody waits."""
        # What came up in steps that were lost to a late plan has not been seen yet.
        self._fresh, self._seen = self._fresh[self._seen :], 0
        if actions is None:
            self.late += 1
            self.actions.append(np.full(self.problem.robots, -1, np.int8))
            self.planned.append(self.actions[-1])
            if self.problem.edition == 2023:
                # Its simulator takes a late plan for one of no robot, and all wait.
                self.actions[-1] = np.full(self.problem.robots, WAIT, np.int8)
                self.errors.append((-1, -1, self.step + 1, "incorrect vector size"))
        else:
            moved = self._moved(actions)
            self.planned.append(self._said(np.asarray(actions)))
            if moved is None:
                self._refuse(np.asarray(actions))
                actions = np.full(self.problem.robots, WAIT, np.int8)
            else:
                self.cells = moved
                turn = np.select([actions == RIGHT, actions == LEFT], [1, 3], 0)
                self.headings = ((self.headings + turn) % 4).astype(np.uint8)
            self.actions.append(np.asarray(actions, np.int8).copy())
        self.step += 1
        if self.problem.once:
            self._note_arrivals()
        elif actions is not None or self.problem.edition == 2023:
            # 2024's simulator looks at tasks only when a plan has come.
            self._note_tasks()
            for robot in np.flatnonzero(self.cells == self._target).tolist():
                self._errand_done(robot)
        self.curve.append(self.finished)

    def _refuse(self, actions: np.ndarray) -> None:
        """Count and note actions that are not all valid together."""
        self.invalid += 1
        said = refusal(self.problem.floor, self.cells, self.headings, actions)
        robot, other, words = said or (-1, -1, "unallowed move")
        self.errors.append((robot, other, self.step + 1, words))

    def _said(self, actions: np.ndarray) -> np.ndarray:
        """Return a planner's actions, one a robot, whatever they are."""
        said = np.full(self.problem.robots, -1, np.int8)
        given = actions.ravel()[: len(said)]
        known = np.isin(given, range(4))
        said[: len(given)][known] = given[known]
        return said

    def _note_tasks(self) -> None:
        """Note whose task is another than in the last step with a plan."""
        if self.problem.edition == 2024:
            for robot in np.flatnonzero(self.task != self._noted).tolist():
                self.schedule[robot].append((self.step, int(self.task[robot])))
            self._noted = self.task.copy()

    def _note_arrivals(self) -> None:
        """Take the task from whom stands at its goal, so that it makes way; give it to the rest.

        Who has left its goal again has the task as a new one.
        """
        there = self.cells == self.problem.errands
        wanted = np.where(there, -1, np.arange(len(there)))
        changed = np.flatnonzero(wanted != self.task)
        again = self.arrived[changed] >= 0
        self._fresh += changed[again & ~there[changed]].tolist()
        for robot in changed.tolist():
            self._give(robot, int(wanted[robot]))
        self.arrived = np.where(there, np.where(self.arrived < 0, self.step, self.arrived), -1)
        self.finished = int(there.sum())

    def _errand_done(self, robot: int) -> None:
        task = int(self.task[robot])
        self.errand[robot] += 1
        self.events.append((self.step, robot, task, int(self.errand[robot])))
        cells = self.problem.task(task)
        if self.errand[robot] < len(cells):
            self._target[robot] = cells[self.errand[robot]]
            return
        self.finished += 1
        self._done.add(task)
        if self.problem.edition == 2024:
            self._give(robot, -1)
            self._reveal(1)
        else:
            following = task + self.problem.robots
            while len(self.revealed) <= following:
                self._reveal(1)
            self._give(robot, following)

    def _reveal(self, count: int) -> None:
        first = len(self.revealed)
        self.revealed += [self.step] * count
        self._fresh = [*self._fresh, *range(first, first + count)]

    def _known(self, task: int) -> bool:
        return task < len(self.revealed) and task not in self._done

    def _give(self, robot: int, task: int) -> None:
        self.task[robot] = task
        self.errand[robot] = 0
        self._target[robot] = self.problem.task(task)[0] if task >= 0 else -1
        if self.problem.edition == 2023:
            self.schedule[robot].append((self.step, task))

    def _moved(self, actions: np.ndarray) -> np.ndarray | None:
        """Return the cells after the actions, or None where they are not all valid together."""
        floor = self.problem.floor
        actions = np.asarray(actions)
        if actions.shape != self.cells.shape or not np.isin(actions, range(4)).all():
            return None
        forward = np.flatnonzero(actions == FORWARD)
        row, column = np.divmod(self.cells[forward], floor.width)
        offsets = np.array(OFFSETS)[self.headings[forward]]
        row, column = row + offsets[:, 0], column + offsets[:, 1]
        if not ((row >= 0) & (row < floor.height) & (column >= 0) & (column < floor.width)).all():
            return None
        moved = self.cells.copy()
        moved[forward] = row * floor.width + column
        if not floor.free[moved].all() or len(np.unique(moved)) < len(moved):
            return None
        stood = np.full(floor.cells, -1, np.int32)
        stood[self.cells] = np.arange(len(moved))
        other = stood[moved[forward]]
        met = other >= 0
        swapped = moved[other[met]] == self.cells[forward[met]]
        if (swapped & (other[met] != forward[met])).any():
            return None
        return moved
