"""What robots of a recorded run were about at any tick: goal, parcel, and what is on board."""

from __future__ import annotations

import numpy as np

from fleet.events import ParcelState
from viz.frame import Parcels, Scene
from viz.on_board import NO_BOARDS, boards_of
from viz.stored.parcel_log import ParcelLog


class StoredTasks:
    """Answers from the log of parcels and that of tasks.

    Parameters
    ----------
    tasks
        Tick, robot and parcel of each, in order of time; int[3, tasks].
    """

    def __init__(self, scene: Scene, parcels: Parcels, log: ParcelLog, tasks: np.ndarray) -> None:
        self._scene, self._parcels, self._log = scene, parcels, log
        self._tick, self._robot, self._parcel = tasks
        assert scene.floor is not None
        self._chute_cells = np.concatenate([scene.floor.chutes, scene.floor.rejects])

    def at(self, tick: int, robots: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return goals (cells), tasks (parcels) and boards; the log stands at that tick."""
        goals, tasks = self._tasks(tick, robots)
        boards = self._boards(tick, robots)
        if len(boards):
            self._lead_on(tick, goals, tasks, boards)
        return goals, tasks, boards

    def _tasks(self, tick: int, robots: int) -> tuple[np.ndarray, np.ndarray]:
        scene, log = self._scene, self._log
        assert scene.floor is not None
        upto = int(np.searchsorted(self._tick, tick, side="right"))
        tasks = np.full(robots, -1, np.int32)
        tasks[self._robot[:upto]] = self._parcel[:upto]
        last = np.full(len(self._parcels), -1, np.int32)
        last[self._parcel[:upto]] = self._robot[:upto]
        state = np.where(tasks >= 0, log.states[tasks], 255)
        mine = (tasks >= 0) & (last[tasks] == np.arange(robots))
        fetch = mine & np.isin(state, (ParcelState.ACCEPTED, ParcelState.AT_STATION))
        carry = mine & (state == ParcelState.ON_ROBOT) & (log.places[tasks] == np.arange(robots))
        goals = np.full(robots, -1, np.int32)
        goals[fetch] = scene.floor.stations[self._parcels.station[tasks[fetch]]]
        goals[carry] = self._chute_cell(tick, tasks[carry])
        tasks[~(fetch | carry)] = -1
        return goals, tasks

    def _chute_cell(self, tick: int, parcels: np.ndarray) -> np.ndarray:
        """Return where these parcels are to be dropped, as far as tours are planned by then."""
        floor, tours = self._scene.floor, self._scene.tours
        assert floor is not None
        tour = tours.tour_of(len(self._parcels), tick)[parcels]
        chute = np.where(tour >= 0, tours.chute[tour] if len(tours) else -1, -1)
        aside = len(floor.chutes) + self._parcels.station[parcels] % max(len(floor.rejects), 1)
        return np.asarray(self._chute_cells[np.where(chute >= 0, chute, aside)])

    def _boards(self, tick: int, robots: int) -> np.ndarray:
        """Return what each robot has on board; empty where robots carry one parcel at most."""
        scenario, log = self._scene.scenario, self._log
        if scenario is None or scenario.robots.parcels == 1:
            return NO_BOARDS
        upto = int(np.searchsorted(self._tick, tick, side="right"))
        tasks = self._robot[:upto], self._parcel[:upto]
        return boards_of(robots, scenario.robots.parcels, tasks, log.states, log.places)

    def _lead_on(self, tick: int, goals: np.ndarray, tasks: np.ndarray, boards: np.ndarray) -> None:
        """Set the goals of robots that load nothing more: the first of their drops."""
        assert self._scene.floor is not None
        first = boards[:, 0]
        ids = np.flatnonzero((first >= 0) & ~np.isin(goals, self._scene.floor.stations))
        tasks[ids] = first[ids]
        goals[ids] = self._chute_cell(tick, first[ids])
