"""Our entry: which robot does which task, step after step."""

import numpy as np

from routing.floor.arena import View
from routing.floor.entry import Peakday
from routing.floor.grid import Floor
from tests.routing.floor.test_grid import floor as plan


def test_a_robot_changes_to_a_task_that_has_come_up_nearer():
    """Nobody has begun the other one, which is open again."""
    floor = Floor.parse("type octile\nheight 1\nwidth 60\nmap\n" + "." * 60)

    def played(again: float) -> tuple[list[int], int]:
        entry = Peakday(tries=1, again=again)
        entry.prepare(floor, 1)
        place, heading = np.array([0], np.int32), np.zeros(1, np.uint8)
        none, far, near = np.full(1, -1, np.int32), np.array([50, 55]), np.array([20, 55])
        view = View(0, place, heading, none, np.zeros(1, np.int32), [(0, far)])
        task = entry.assign(view)
        entry.act(view, task)
        later = View(1, place + 1, heading, task, np.zeros(1, np.int32), [(1, near)])
        after = entry.assign(later)
        entry.act(later, after)
        return [*task.tolist(), *after.tolist()], entry.schedule.open

    assert played(again=0.0) == ([0, 0], 1)
    assert played(again=1.0) == ([0, 1], 1)


def test_no_more_robots_have_tasks_than_a_narrow_floor_carries():
    """Two halls with one door; in one hall all have one that ask for it."""
    hall = ["." * 16] * 16
    halls = [row + ("." if number == 8 else "@") + row for number, row in enumerate(hall)]

    def tasks(rows: list[str], robots: int) -> tuple[int, int]:
        floor = plan(*rows)
        entry = Peakday(tries=1)
        entry.prepare(floor, robots)
        cells = np.flatnonzero(floor.free)[:robots].astype(np.int32)
        new = [(number, cells[[number, -1 - number]]) for number in range(robots)]
        none, zero = np.full(robots, -1, np.int32), np.zeros(robots, np.int32)
        task = entry.assign(View(0, cells, zero.astype(np.uint8), none, zero, new))
        return int((task >= 0).sum()), entry.carried

    given, carried = tasks(halls, 60)
    assert given == carried < 60
    assert tasks(hall, 60) == (60, 60)


def test_no_more_robots_go_than_a_narrow_floor_carries_where_tasks_are_given():
    """The nearest to their goals; who is at its goal stays until that counts."""
    floor = plan("." * 12)
    entry = Peakday(tries=1)
    entry.prepare(floor, 4, 2023)
    cells = np.array([0, 3, 6, 9], np.int32)
    goals = np.array([2, 11, 6, 10], np.int32)
    assert entry._held_back(cells, goals).tolist() == [2, 11, 6, 10]
    entry.carried = 2
    assert entry._held_back(cells, goals).tolist() == [-1, -1, 6, 10]
    goals[2] = 7  # its next one
    entry._going[2] = False
    assert entry._held_back(cells, goals).tolist() == [-1, -1, 7, 10]
    goals[2], goals[3] = 0, 0
    entry._going[2:] = False
    assert entry._held_back(cells, goals).tolist() == [2, -1, 0, -1]


def test_fewer_steps_are_looked_ahead_where_nearly_all_cells_have_a_robot():
    """But for what the caller says, and where robots must not follow each other."""
    floor = plan(*["." * 5] * 4)

    def depth(robots: int, **settings: object) -> int:
        entry = Peakday(tries=1, settings=settings)
        entry.prepare(floor, robots)
        return entry.planner.operations.depth

    assert (depth(17), depth(18), depth(18, depth=4), depth(18, following=False)) == (4, 3, 4, 5)


def test_tasks_tell_that_a_floor_has_stations():
    """Where the map does not name them; tasks from anywhere tell nothing."""
    floor = plan(*["." * 8] * 3)

    def sorting(first: list[int]) -> bool:
        entry = Peakday(tries=1)
        entry.prepare(floor, 1)
        new = [(number, np.array([cell, 20])) for number, cell in enumerate(first)]
        zero = np.zeros(1, np.int32)
        entry.assign(View(0, zero, zero.astype(np.uint8), zero - 1, zero, new))
        return entry.planner.sorting

    assert sorting([0, 7] * 4)
    assert not sorting(list(range(8)))
