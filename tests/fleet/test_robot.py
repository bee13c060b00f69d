"""Simulated robots: they drive what is released, turn, act, and refuse what does not fit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import robot
from fleet.events import ORDER, Action, ActionState
from fleet.robot import Vehicle

WIDTH = 10
VEHICLE = Vehicle(width=WIDTH, load=3, drop=2, turn=1, seed=1, missing_share=0.0)


def one(cell: int = 0, heading: int = 0) -> np.ndarray:
    """Return one robot on a 10-wide floor."""
    return robot.start(np.array([cell], np.int32), np.array([heading], np.uint8))


def order(number: int, update: int, sequence: int, start: int, cells: list[int],
          action: int = 0, epoch: int = 1) -> np.ndarray:  # fmt: skip
    """Return one order row for robot 0."""
    padded = cells + [-1] * (3 - len(cells))
    return np.array([(0, epoch, number, update, sequence, start, padded, action, 5)], ORDER)


def live(robots: np.ndarray, ticks: int) -> list[int]:
    """Return the cells a robot is in after each of some ticks."""
    cells = []
    for _ in range(ticks):
        robot.step(robots, 0, VEHICLE)
        cells.append(int(robots["cell"][0]))
    return cells


def test_a_robot_drives_straight_a_cell_a_tick_and_stops_at_the_end_of_its_base() -> None:
    """Two released cells ahead take two ticks; then it stands."""
    robots = one()
    robot.take_orders(robots, 0, order(0, 0, 0, 0, [1, 2]))
    assert live(robots, 4) == [1, 2, 2, 2]
    assert robots["sequence"][0] == 4
    assert not robots["driving"][0]


def test_a_quarter_turn_takes_a_tick_and_half_a_turn_two() -> None:
    """South of an east-facing robot is one quarter away, west two."""
    robots = one(cell=15)
    robot.take_orders(robots, 0, order(0, 0, 0, 15, [25]))
    assert live(robots, 3) == [15, 25, 25]
    robots = one(cell=15)
    robot.take_orders(robots, 0, order(0, 0, 0, 15, [14]))
    assert live(robots, 4) == [15, 15, 14, 14]


def test_an_action_takes_its_time_on_the_last_node() -> None:
    """A pick after one cell: one tick of way, three of loading, then the parcel is on board."""
    robots = one()
    robot.take_orders(robots, 0, order(0, 0, 0, 0, [1], Action.PICK))
    assert robots["action_state"][0] == ActionState.WAITING
    live(robots, 3)
    assert robots["action_state"][0] == ActionState.RUNNING
    live(robots, 1)
    assert robots["action_state"][0] == ActionState.FINISHED
    assert robots["load"][0] == 5


def test_a_known_order_changes_nothing() -> None:
    """Sending an order again is safe at any time."""
    robots = one()
    first = order(0, 0, 0, 0, [1, 2])
    robot.take_orders(robots, 0, first)
    live(robots, 1)
    before = robots.copy()
    robot.take_orders(robots, 0, first)
    assert robots == before


def test_an_update_stitches_only_at_the_end_of_the_base() -> None:
    """An update from the last released node is taken, one from elsewhere refused."""
    robots = one()
    robot.take_orders(robots, 0, order(0, 0, 0, 0, [1]))
    robot.take_orders(robots, 0, order(0, 1, 2, 1, [2]))
    assert robots["left"][0] == 2
    robot.take_orders(robots, 0, order(0, 2, 2, 1, [3]))
    assert robots["error"][0]
    assert robots["left"][0] == 2
    assert live(robots, 3) == [1, 2, 2]


def test_a_new_order_needs_an_idle_robot_that_stands_at_its_start() -> None:
    """Another orderId while driving, or from another cell, is refused; the running one goes on."""
    robots = one()
    robot.take_orders(robots, 0, order(0, 0, 0, 0, [1, 2]))
    robot.take_orders(robots, 0, order(1, 0, 0, 0, [10]))
    assert robots["error"][0]
    assert live(robots, 2) == [1, 2]
    robot.take_orders(robots, 0, order(1, 0, 0, 7, [8]))
    assert robots["order"][0] == 0
    robot.take_orders(robots, 0, order(1, 0, 0, 2, [3]))
    assert robots["order"][0] == 1
    assert not robots["error"][0]


def test_an_older_controller_is_not_obeyed() -> None:
    """An order of a smaller epoch changes nothing, whatever its counter."""
    robots = one()
    robot.take_orders(robots, 0, order(4, 0, 0, 0, [1], epoch=2))
    live(robots, 2)
    robot.take_orders(robots, 0, order(9, 0, 0, 1, [2], epoch=1))
    assert robots["order"][0] == 4
    assert live(robots, 1) == [1]


def test_a_parcel_may_be_missing_when_it_is_to_be_dropped() -> None:
    """With a missing share of 1 every drop fails and nothing is on board after it."""
    robots = one()
    always = Vehicle(width=WIDTH, load=1, drop=1, turn=1, seed=1, missing_share=1.0)
    robot.take_orders(robots, 0, order(0, 0, 0, 0, [1], Action.DROP))
    for _ in range(3):
        robot.step(robots, 0, always)
    assert robots["action_state"][0] == ActionState.FAILED
    assert robots["load"][0] == -1


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 8)), max_size=30))
def test_a_robot_never_leaves_its_released_cells(messages: list) -> None:
    """Whatever arrives, a robot only ever enters cells that some order released."""
    robots = one(cell=55)
    released = {55}
    for number, update, sequence in messages:
        step = (1, WIDTH, -1, -WIDTH)[update]
        start = int(robots["cell"][0])
        if not 0 <= start + step < 100:
            continue
        message = order(number, update, sequence, start, [start + step])
        released.add(start + step)
        robot.take_orders(robots, 0, message)
        robot.step(robots, 0, VEHICLE)
        assert int(robots["cell"][0]) in released


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 7), st.integers(0, 60))
def test_many_robots_are_many_single_robots(hosts: int, ticks: int) -> None:
    """Cut into hosts or not, the same orders lead to the same robots."""
    rng = np.random.default_rng(ticks)
    n = 12
    cells = (np.arange(n) * WIDTH * 2).astype(np.int32)
    headings = rng.integers(0, 4, n).astype(np.uint8)
    whole = robot.start(cells, headings)
    cuts = np.linspace(0, n, hosts + 1).astype(int)
    parts = [robot.start(cells[a:b], headings[a:b]) for a, b in pairwise(cuts)]
    counter = np.zeros(n, int)
    for _ in range(ticks):
        rows = []
        for k in np.flatnonzero((whole["left"] == 0) & (rng.random(n) < 0.5)):
            here = int(whole["cell"][k])
            rows.append((k, 1, counter[k], 0, 0, here, [here + 1, -1, -1], 0, -1))
            counter[k] += 1
        orders = np.array(rows, ORDER)
        robot.take_orders(whole, 0, orders)
        robot.step(whole, 0, VEHICLE)
        for part, (first, last) in zip(parts, pairwise(cuts), strict=True):
            mine = orders[(orders["robot"] >= first) & (orders["robot"] < last)]
            robot.take_orders(part, first, mine)
            robot.step(part, first, VEHICLE)
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_robot_that_is_late_loses_time_and_nothing_else() -> None:
    """Still for two ticks, it drives the same cells two ticks later."""
    robots = one()
    robot.take_orders(robots, 0, order(0, 0, 0, 0, [1, 2]))
    for _ in range(2):
        robot.step(robots, 0, VEHICLE, np.array([True]))
    assert robots["cell"][0] == 0
    assert live(robots, 2) == [1, 2]


def test_a_rebooted_robot_says_that_it_has_no_order_and_takes_only_newer_ones() -> None:
    """Its state has no orderId; an order it may have had before is refused, the next one taken."""
    robots = one()
    robot.take_orders(robots, 0, order(4, 0, 0, 0, [1, 2]))
    live(robots, 1)
    robot.reboot(robots, np.array([0]))
    state = robot.report(robots, 0)[0]
    assert (state["order"], state["update"], state["left"], state["cell"]) == (-1, -1, 0, 1)
    robot.take_orders(robots, 0, order(4, 1, 4, 1, [2]))
    assert robots["left"][0] == 0
    assert robots["error"][0]
    robot.take_orders(robots, 0, order(5, 0, 0, 1, [2]))
    assert live(robots, 1) == [2]
    assert robot.report(robots, 0)["order"][0] == 5
