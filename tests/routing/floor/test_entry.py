"""Our entry: which robot does which task, step after step."""

import numpy as np

from routing.floor.arena import View
from routing.floor.entry import Peakday
from routing.floor.grid import Floor


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
