"""Tasks go to robots near them, short ones first, and queues cost."""

import numpy as np

from routing.floor.rows import Rows
from routing.floor.schedule import Schedule
from tests.routing.floor.test_rows import CELL_OF, FORWARD


def schedule(**prices: float) -> Schedule:
    """Return an empty schedule on the floor of `test_rows`."""
    rows = Rows(FORWARD.ravel(), np.full(FORWARD.size, 4), 4)
    return Schedule(rows, CELL_OF, 4, 4, **prices)


def test_nearest_task_is_taken():
    """A robot in the corner takes the task in its corner; the far one stays open."""
    plan = schedule()
    plan.reveal(7, 9, 10)
    plan.reveal(8, 1, 10)
    assert plan.match(np.array([0])).tolist() == [8]
    assert plan.open == 1


def test_each_task_is_given_once_and_some_stay_without():
    """Three robots, two tasks."""
    plan = schedule()
    plan.reveal(0, 3, 0)
    plan.reveal(1, 3, 0)
    assert sorted(plan.match(np.array([0, 4, 8])).tolist()) == [-1, 0, 1]
    assert plan.match(np.array([0])).tolist() == [-1]


def test_a_queue_makes_a_place_dearer_until_robots_arrive():
    """With a robot under way to the near place, the next goes to the other one."""
    plan = schedule(queue_units=100, backlog_units=0)
    for task, place in enumerate((1, 1, 3)):
        plan.reveal(task, place, 0)
    assert plan.match(np.array([0])).tolist() == [0]
    assert plan.match(np.array([0])).tolist() == [2]
    plan.arrived(1)
    assert plan.match(np.array([0])).tolist() == [1]


def test_short_tasks_are_preferred():
    """Of two tasks at one place the shorter goes first."""
    plan = schedule(length_share=0.5)
    plan.reveal(0, 2, 40)
    plan.reveal(1, 2, 20)
    assert plan.match(np.array([0])).tolist() == [1]


def test_nobody_drives_far_for_a_short_task_at_stations():
    """Of the near station the shortest task, though the far one has shorter ones."""
    plan = schedule(backlog_units=0)
    for task, (place, length) in enumerate([(1, 400), (1, 300), (1, 400), (1, 400)] + 4 * [(3, 8)]):
        plan.reveal(task, place, length)
    assert plan.match(np.array([0])).tolist() == [1]
    plan = schedule(backlog_units=0)
    for task, (place, length) in enumerate([(1, 400), (3, 8)]):
        plan.reveal(task, place, length)
    assert plan.match(np.array([0])).tolist() == [1]


def test_a_station_with_more_open_tasks_attracts():
    """With nine tasks at the far station and four at the near, the far one goes first."""
    for reward, place in ((0, 1), (20, 3)):
        plan = schedule(backlog_units=reward)
        places = [1] * 4 + [3] * 9
        for task, first in enumerate(places):
            plan.reveal(task, first, 0)
        assert places[plan.match(np.array([0]))[0]] == place


def test_no_more_robots_than_asked_for_get_a_task():
    """Of two robots the one that stands at the task gets it; the other stays free."""
    plan = schedule()
    plan.reveal(0, 1, 0)
    plan.reveal(1, 1, 0)
    assert plan.match(np.array([0, 4]), at_most=0).tolist() == [-1, -1]
    assert plan.match(np.array([0, 4]), at_most=1)[0] == -1
    assert plan.open == 1
