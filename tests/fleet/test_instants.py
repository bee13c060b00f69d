"""Instant actions: sent until a robot says what it should, in whatever order messages come."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet import flow, instants, robot
from fleet.events import OPERATE, Action, Operation
from fleet.operate import take
from tests.fleet.lossy import robots_of, small_world, vehicle


def operate(world, what: Operation, who: int = -1) -> None:
    """Let an operator pause or resume."""
    assert take(world, np.array([(what, who, -1, -1)], OPERATE)) == [""]


def test_a_paused_robot_stops_within_its_base_and_goes_on() -> None:
    """Told to stop it stands in the middle of its cells; told to go on it drives the rest."""
    world = small_world(1, [6])
    robots = robots_of(world)
    robots["heading"], robots["order"], robots["epoch"] = 0, 1, 1
    robots["queue"][0, :2], robots["left"] = (7, 8), 2
    robot.step(robots, 0, vehicle(world))
    operate(world, Operation.PAUSE, 0)
    robot.take_orders(robots, 0, instants.due(world, again=False))
    robot.step(robots, 0, vehicle(world))
    assert robots["cell"][0] == 7
    assert not flow.floor_is_quiet(world)  # it has not said so yet
    instants.take(world, robot.report(robots, 0))
    assert not instants.disobedient(world).any()
    assert not len(instants.due(world, again=True))
    operate(world, Operation.RESUME, 0)
    robot.take_orders(robots, 0, instants.due(world, again=False))
    robot.step(robots, 0, vehicle(world))
    assert robots["cell"][0] == 8


def test_what_is_not_reflected_is_sent_again_under_its_number() -> None:
    """Only in a round of repeats; a robot that rebooted is told anew."""
    world = small_world(2, [6, 20])
    robots = robots_of(world)
    operate(world, Operation.PAUSE)
    first = instants.due(world, again=False)
    assert first["action"].tolist() == [Action.START_PAUSE] * 2
    assert not len(instants.due(world, again=False))
    assert (instants.due(world, again=True) == first).all()
    robot.take_orders(robots, 0, first)
    instants.take(world, robot.report(robots, 0))
    robot.reboot(robots, np.array([0]))
    instants.take(world, robot.report(robots, 0))
    anew = instants.due(world, again=False)
    assert anew["robot"].tolist() == [0]
    assert anew["order"][0] > first["order"][0]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=12))
def test_late_and_doubled_messages_end_in_the_last_word(story: list[tuple[bool, int]]) -> None:
    """However old orders and states come again, at the end robot and controller agree."""
    world = small_world(1, [6])
    robots = robots_of(world)
    orders, states = [], [robot.report(robots, 0)]
    for paused, late in story:
        operate(world, Operation.PAUSE if paused else Operation.RESUME, 0)
        orders.append(instants.due(world, again=True))
        for some in (orders[-1], orders[-1 - late % len(orders)]):
            robot.take_orders(robots, 0, some)
        states.append(robot.report(robots, 0))
        for some in (states[-1], states[-1 - late % len(states)]):
            instants.take(world, some)
    for _ in range(3):
        robot.take_orders(robots, 0, instants.due(world, again=True))
        instants.take(world, robot.report(robots, 0))
    assert not instants.disobedient(world).any()
    assert robots["paused"][0] == world.robots["paused"][0]
