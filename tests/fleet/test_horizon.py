"""The release horizon: as far ahead as the line to a robot takes, and no further."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet import horizon, robot, traffic
from tests.fleet.lossy import hear, robots_of, send, small_world, vehicle


def answered(world, robot_number: int, *ticks: int) -> int:
    """Let a robot reflect orders after so many ticks each; return its cells ahead then."""
    for trip in ticks:
        world.robots["sent"][robot_number] = world.tick
        world.tick += trip
        horizon.measure(world, np.array([robot_number]))
    return int(horizon.cells(world)[robot_number])


def test_a_robot_that_answers_at_once_gets_two_cells() -> None:
    """And so does one of which nothing is known yet."""
    world = small_world(2)
    world.base_cells = 4
    assert horizon.cells(world).tolist() == [2, 2]
    assert answered(world, 0, *[1] * 20) == 2


def test_a_slow_line_takes_more_and_one_that_mends_less() -> None:
    """Each robot by its own line; more than four never."""
    world = small_world(2)
    world.base_cells = 4
    assert answered(world, 0, 2) == 3
    assert answered(world, 0, *[9] * 10) == 4
    assert horizon.cells(world)[1] == 2
    assert answered(world, 0, *[1] * 40) == 2


def test_one_message_that_was_lost_changes_little() -> None:
    """A third cell for a while, not a fourth."""
    world = small_world(1)
    world.base_cells = 4
    assert answered(world, 0, 1, 1, 4) == 3
    assert answered(world, 0, *[1] * 30) == 2


@given(st.lists(st.integers(1, 1000), max_size=30), st.integers(1, 4))
def test_it_stays_within_its_bounds(trips: list[int], most: int) -> None:
    """In lockstep, where one cell is all there is, it is one."""
    world = small_world(1)
    world.base_cells = most
    assert min(2, most) <= answered(world, 0, *trips) <= most


def test_it_is_measured_from_the_first_sending_to_the_reflection() -> None:
    """Sent in tick 0, again in tick 2, reflected in tick 3: three ticks."""
    world = small_world(1, [6])
    robots = robots_of(world)
    robots["heading"] = 0
    send(world, (0, 7))  # lost
    world.tick = 2
    robot.take_orders(robots, 0, traffic.unreflected(world))
    world.tick = 3
    state = robot.report(robots, 0)
    hear(world, state)
    assert world.robots["round_trip"][0] == 3 << horizon.EIGHTHS
    world.tick = 9
    hear(world, state)  # once more, late: nothing new
    robot.step(robots, 0, vehicle(world))
    hear(world, robot.report(robots, 0))
    assert world.robots["round_trip"][0] == 3 << horizon.EIGHTHS
