"""The baseline of the benchmark: plain PIBT on cells, turns put in where they are needed."""

from __future__ import annotations

import numpy as np

from routing.floor.arena import View
from routing.floor.distances import Distances
from routing.floor.grid import Floor
from routing.floor.guidance import UNIT
from routing.floor.operations import FORWARD, LEFT, RIGHT, WAIT
from routing.floor.pibt import plan_moves


class PlainPibt:
    """PIBT one step ahead, each robot with the oldest open task; the oldest errand goes first.

    Okumura et al. 2022, as the League's simulator has it by default, without its guide paths.
    """

    def __init__(self, *, step_seconds: float | None = None, following: bool = True) -> None:
        self.following = following

    def prepare(self, floor: Floor, robots: int, edition: int) -> None:
        """Set up distances; rows are made when asked for."""
        self.floor = floor
        self.edition = edition
        self.distances = Distances(floor, 1, unit=UNIT, memory_mb=6000)
        self.cells: dict[int, np.ndarray] = {}
        self.open: list[int] = []
        self.since = np.zeros(robots, np.int32)
        self.goals = np.full(robots, -1, np.int32)

    def assign(self, view: View) -> np.ndarray:
        """Give free robots the oldest open tasks."""
        task = view.task.copy()
        self.cells.update(view.new_tasks)
        if self.edition == 2024:
            self.open += [number for number, _ in view.new_tasks]
            free = np.flatnonzero(task < 0)
            given, self.open = self.open[: len(free)], self.open[len(free) :]
            task[free[: len(given)]] = given
        return task

    def act(self, view: View, task: np.ndarray) -> np.ndarray:
        """Plan cells, and turn where the way is not straight ahead."""
        floor, robots = self.floor, len(task)
        goals = view.cells.copy()
        for robot in np.flatnonzero(task >= 0).tolist():
            goals[robot] = self.cells[task[robot]][view.errand[robot]]
        fresh = goals != self.goals
        self.since[fresh] = view.step
        self.goals = goals
        held = np.full(floor.cells, -1, np.int32)
        held[view.cells] = np.arange(robots)
        # who has no task makes way for all others
        order = np.lexsort((self.since, task < 0)).astype(np.int32)
        moves = np.empty(robots, np.int32)
        slots = self.distances.slots(goals)
        plan_moves(
            order, view.cells, view.headings, np.ones(robots, bool), held, slots,
            self.distances.rows, self.distances.successors, self.distances.costs,
            self.distances.turn_cost, UNIT, self.distances.headings, self.following,
            np.zeros(robots, bool), np.zeros(0, bool), 0, view.step, moves,
        )  # fmt: skip
        ways = floor.successors[view.cells] == moves[:, None]
        quarter = (ways.argmax(axis=1) - view.headings.astype(np.int32)) % 4
        turn = np.array([FORWARD, RIGHT, RIGHT, LEFT], np.int8)[quarter]
        return np.where(moves == view.cells, np.int8(WAIT), turn)
