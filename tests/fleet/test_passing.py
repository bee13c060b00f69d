"""A late robot is passed by others where nothing is granted yet."""

from __future__ import annotations

import numpy as np

from fleet import robot
from fleet.decide import Brain
from fleet.events import RobotPhase
from fleet.traffic import take_reports
from tests.fleet.lossy import robots_of, send, small_world, vehicle

# Two lanes that cross at row 2, column 5, five cells from where each begins.
CROSSING = """type octile
height 8
width 11
map
@@@@@E@@@@@
@@@@@.@@@@@
..........S
@@@@@.@@@@@
@@@@@.@@@@@
@@@@@.@@@@@
@@@@@.@@@@@
@@@@@.@@@@@
"""
MIDDLE = 2 * 11 + 5


def crossing_order(late_ticks: int) -> list[int]:
    """Return the robots in the order in which they reach the crossing.

    Robot 0 comes from the west and has the older goal; robot 1 comes from the south.
    """
    world = small_world(2, [2 * 11, 7 * 11 + 5], CROSSING)
    world.robots["heading"] = [0, 3]
    world.robots["goal"] = [2 * 11 + 10, 5]
    world.robots["since"] = [0, 5]
    world.robots["phase"][:] = RobotPhase.IDLE  # they only drive
    robots, brain = robots_of(world), Brain(world)
    passed: list[int] = []
    for tick in range(late_ticks + 16):
        world.tick = tick
        moves = brain.move(world)
        robot.take_orders(robots, 0, send(world, *[tuple(row) for row in moves.tolist()]))
        still = np.array([1 <= tick < 1 + late_ticks, False])
        robot.step(robots, 0, vehicle(world), still)
        take_reports(world, robot.report(robots, 0))
        here = np.flatnonzero(robots["cell"] == MIDDLE).tolist()
        passed += [k for k in here if k not in passed]
        assert world.held[robots["cell"]].tolist() == [0, 1]
    return passed


def test_a_late_robot_is_passed() -> None:
    """In time, the older goal crosses first; late before anything is granted there, it waits."""
    assert crossing_order(0)[0] == 0
    assert crossing_order(8)[0] == 1
