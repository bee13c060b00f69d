"""Robots that lost or refused their order, late messages, and operators' clearances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import bases, operate, recover, robot, traffic
from fleet.events import (
    OPERATE,
    REPORT,
    Action,
    ActionState,
    Alarm,
    Operation,
    Out,
    ParcelState,
    RobotPhase,
)
from fleet.world import blank_parcels, state_hash
from tests.fleet.lossy import hear, let_go_on, robots_of, send, small_world, vehicle


def under_way():
    """Return a world whose robot 0 has driven from cell 6 to 7 and may go on to 8."""
    world = small_world(2, [6, 20])
    robots = robots_of(world)
    robots["heading"] = 0
    let_go_on(world, robots, 7)
    robot.step(robots, 0, vehicle(world))
    hear(world, robot.report(robots, 0))
    let_go_on(world, robots, 8)
    return world, robots


def test_a_rebooted_robot_frees_its_base_only_by_reflecting_its_anchor() -> None:
    """Its empty state opens an anchor and frees nothing; the anchor's reflection frees the rest."""
    world, robots = under_way()
    robot.reboot(robots, np.array([0]))
    anchor = hear(world, robot.report(robots, 0)[:1])
    assert anchor["start"].tolist() == [7]
    assert anchor["cells"].tolist() == [[-1, -1, -1]]
    assert np.flatnonzero(world.held == 0).tolist() == [7, 8]
    assert not bases.movable(world)[0]
    robot.take_orders(robots, 0, anchor)
    hear(world, robot.report(robots, 0))
    assert np.flatnonzero(world.held == 0).tolist() == [7]
    assert world.robots["ahead"][0] == 0
    assert bases.movable(world)[0]


def test_a_robot_that_reboots_again_before_its_anchor_is_heard_gets_another() -> None:
    """It takes none that it may have had before the reboot; what it held stays held until then."""
    world, robots = under_way()
    robot.reboot(robots, np.array([0]))
    anchor = hear(world, robot.report(robots, 0)[:1])
    robot.take_orders(robots, 0, anchor)
    robot.reboot(robots, np.array([0]))  # its reflection was never said
    for _ in range(recover.ANSWER_TICKS):
        world.tick += 1
        robot.take_orders(robots, 0, traffic.unreflected(world))
        assert not len(hear(world, robot.report(robots, 0)))
    assert np.flatnonzero(world.held == 0).tolist() == [7, 8]
    world.tick += 1
    robot.take_orders(robots, 0, hear(world, robot.report(robots, 0)))
    hear(world, robot.report(robots, 0))
    assert np.flatnonzero(world.held == 0).tolist() == [7]
    assert bases.movable(world)[0]


def test_a_late_empty_state_frees_nothing() -> None:
    """A state from before the first order opens an anchor that the driving robot refuses."""
    world = small_world(2, [6, 20])
    robots = robots_of(world)
    robots["heading"] = 0
    early = robot.report(robots, 0)[:1]
    let_go_on(world, robots, 7)
    anchor = hear(world, early)
    assert len(anchor) == 1
    robot.take_orders(robots, 0, anchor)
    assert robots["error"][0]
    hear(world, robot.report(robots, 0))
    assert np.flatnonzero(world.held == 0).tolist() == [6, 7]
    assert world.robots["anchor"][0] == -1
    assert bases.movable(world)[0]
    robot.step(robots, 0, vehicle(world))
    hear(world, robot.report(robots, 0))
    assert np.flatnonzero(world.held == 0).tolist() == [7]


def test_a_late_state_from_before_a_lost_order_does_not_hold_the_order_back() -> None:
    """The robot refuses the anchor where it no longer stands; then the lost order is sent again."""
    world = small_world(2, [6, 20])
    robots = robots_of(world)
    robots["heading"] = 0
    let_go_on(world, robots, 7)
    robot.step(robots, 0, vehicle(world))
    early = robot.report(robots, 0)[:1]
    hear(world, early)
    let_go_on(world, robots, 8)
    robot.step(robots, 0, vehicle(world))
    hear(world, robot.report(robots, 0))
    world.robots["fresh"][0] = 1
    send(world, (0, 9))  # lost on its way
    world.held[7] = 0  # as where it has to go back there
    anchor = hear(world, early)
    assert anchor["start"].tolist() == [7]
    robot.take_orders(robots, 0, anchor)
    assert robots["error"][0]
    hear(world, robot.report(robots, 0))
    assert world.robots["anchor"][0] == -1
    robot.take_orders(robots, 0, traffic.unreflected(world))
    robot.step(robots, 0, vehicle(world))
    assert robots["cell"][0] == 9


def numbered(robots: np.ndarray, header: int) -> np.ndarray:
    """Return robot 0's state with this headerId."""
    state = robot.report(robots, 0)[:1]
    state["header"] = header
    return state


def test_a_fallen_header_and_an_empty_order_show_a_reboot_at_once() -> None:
    """Even of a robot that had not reflected its order yet; it goes on from where it says."""
    world = small_world(2, [6, 20])
    robots = robots_of(world)
    hear(world, numbered(robots, 41))
    robot.take_orders(robots, 0, send(world, (0, 7)))
    robot.reboot(robots, np.array([0]))
    assert not world.alarms
    anchor = hear(world, numbered(robots, 1))
    assert anchor["start"].tolist() == [6]
    robot.take_orders(robots, 0, anchor)
    hear(world, numbered(robots, 2))
    assert [row[:2] for row in world.alarms] == [(Alarm.REBOOTED, 0)]
    assert np.flatnonzero(world.held == 0).tolist() == [6]
    assert world.robots["header"][0] == 2
    assert bases.movable(world)[0]


def test_a_header_that_comes_late_is_no_reboot() -> None:
    """With an order it is an old state; without one the robot itself refutes it."""
    world = small_world(2, [6, 20])
    robots = robots_of(world)
    robots["heading"] = 0
    early = numbered(robots, 1)
    robot.take_orders(robots, 0, send(world, (0, 7)))
    late = numbered(robots, 2)
    hear(world, numbered(robots, 3))
    robot.take_orders(robots, 0, send(world, (0, 8)))
    robot.step(robots, 0, vehicle(world))
    hear(world, numbered(robots, 4))
    assert not len(hear(world, late))
    robot.take_orders(robots, 0, hear(world, early))
    hear(world, numbered(robots, 5))
    assert not world.alarms
    assert np.flatnonzero(world.held == 0).tolist() == [7, 8]
    assert bases.movable(world)[0]
    assert world.robots["header"][0] == 5


def test_a_header_that_falls_is_no_reboot_of_a_robot_that_has_its_order() -> None:
    """As when its host was built anew from the orders it was sent."""
    world, robots = under_way()
    hear(world, numbered(robots, 90))
    assert not len(hear(world, numbered(robots, 1)))
    assert np.flatnonzero(world.held == 0).tolist() == [7, 8]


def test_an_order_from_before_a_reboot_starts_nothing() -> None:
    """A message that was under way while the robot rebooted is refused, and said to be."""
    world = small_world(1, [6])
    robots = robots_of(world)
    order = send(world, (0, 7))
    robot.take_orders(robots, 0, order)
    robot.reboot(robots, np.array([0]))
    robot.take_orders(robots, 0, order)
    assert robots["left"][0] == 0
    assert robots["error"][0]
    anchor = hear(world, robot.report(robots, 0))
    robot.take_orders(robots, 0, anchor)
    hear(world, robot.report(robots, 0))
    assert np.flatnonzero(world.held == 0).tolist() == [6]


def test_a_refused_update_leads_to_a_new_order() -> None:
    """A robot that refuses to stitch is anchored at the end of its base and driven on."""
    world, robots = under_way()
    robot.step(robots, 0, vehicle(world))
    hear(world, robot.report(robots, 0))
    update = send(world, (0, 9))
    update["start"] = 3  # garbled: it does not stitch
    robot.take_orders(robots, 0, update)
    anchor = hear(world, robot.report(robots, 0))
    assert anchor["start"].tolist() == [8]
    robot.take_orders(robots, 0, anchor)
    hear(world, robot.report(robots, 0))
    robot.take_orders(robots, 0, send(world, (0, 9)))
    robot.step(robots, 0, vehicle(world))
    hear(world, robot.report(robots, 0))
    assert np.flatnonzero(world.held == 0).tolist() == [9]


def test_a_robot_elsewhere_than_its_cells_is_at_fault_and_frees_nothing() -> None:
    """An empty state from a cell that the robot does not hold only stops it."""
    world, robots = under_way()
    robot.reboot(robots, np.array([0]))
    robots["cell"][0] = 2
    assert not len(hear(world, robot.report(robots, 0)[:1]))
    assert world.robots["fault"][0] == 1
    assert np.flatnonzero(world.held == 0).tolist() == [7, 8]


def test_a_robot_that_stands_nowhere_is_at_fault_and_frees_nothing() -> None:
    """Off the floor is no cell, neither without an order nor with an anchor."""
    world, robots = under_way()
    world.held[-1] = 0  # what a cell of -1 would alias
    robot.reboot(robots, np.array([0]))
    robots["cell"][0] = -1
    nowhere = robot.report(robots, 0)[:1]
    assert not len(hear(world, nowhere))
    assert world.robots["fault"][0] == 1
    world.robots["issued"][0] += 1
    nowhere["order"] = world.robots["issued"][0]
    hear(world, nowhere)
    assert np.flatnonzero(world.held == 0).tolist() == [7, 8, len(world.held) - 1]


def test_a_clearance_frees_all_cells_and_the_parcel_is_looked_for() -> None:
    """Taken off the floor, a robot holds nothing, and its parcel is nobody's."""
    world, _ = under_way()
    world.parcels = blank_parcels(1)
    world.parcels["state"], world.parcels["robot"] = ParcelState.ON_ROBOT, 0
    world.robots["parcel"][0], world.robots["phase"][0] = 0, RobotPhase.TO_CHUTE
    recover.clear(world, 0, -1, 0)
    assert not (world.held == 0).any()
    assert world.robots["cell"][0] == -1
    assert not bases.movable(world)[0]
    assert world.parcels["state"][0] == ParcelState.MISSING
    recover.clear(world, 0, 13, -1)
    assert np.flatnonzero(world.held == 0).tolist() == [13]


@pytest.mark.parametrize("phase", [RobotPhase.IDLE, RobotPhase.TO_STATION])
def test_a_parcel_on_board_that_no_task_knows_keeps_its_robot_back(phase: RobotPhase) -> None:
    """Cleared as empty, it says otherwise: it gets no order until what it carries fits again."""
    world, robots = under_way()
    world.parcels = blank_parcels(2)
    recover.clear(world, 0, 7, operate.EMPTY)
    if phase != RobotPhase.IDLE:
        world.robots["parcel"][0], world.robots["phase"][0] = 1, phase
    robot.reboot(robots, np.array([0]))
    robots["load"][0] = 0
    robot.take_orders(robots, 0, hear(world, robot.report(robots, 0)[:1]))
    for _ in range(2):
        hear(world, robot.report(robots, 0)[:1])
        assert world.robots["fault"][0] == 1
        assert not bases.movable(world)[0]
    robots["load"][0] = -1  # somebody has looked
    hear(world, robot.report(robots, 0)[:1])
    assert bases.movable(world)[0]


def test_a_robot_is_not_set_down_on_a_cell_that_another_holds() -> None:
    """Such a clearance changes nothing."""
    world, _ = under_way()
    world.robots["out"][0] = Out.LEAVING
    before = state_hash(world)
    clear = int(Operation.CLEAR)
    rows = np.array([(clear, 0, 20, -1), (clear, 0, 99, -1), (clear, 7, 3, -1)], OPERATE)
    answers = operate.take(world, rows)
    assert [a.split(":")[0] for a in answers] == ["cell 20", "cell 99", "robot 7"]
    assert state_hash(world) == before


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 5), max_size=12))
def test_states_in_any_order_and_number_say_the_same(order: list[int]) -> None:
    """However late and often states of one order come, the newest one decides."""
    world, robots = under_way()
    states = [robot.report(robots, 0)[:1]]
    for cell in (9, 10):
        robot.step(robots, 0, vehicle(world))
        states.append(robot.report(robots, 0)[:1])
        hear(world, states[-1])
        robot.take_orders(robots, 0, send(world, (0, cell)))
        states.append(robot.report(robots, 0)[:1])
        hear(world, states[-1])
    before = state_hash(world)
    for k in order:
        hear(world, states[min(k, len(states) - 1)])
    hear(world, states[-1])
    assert state_hash(world) == before


FEW = st.sampled_from((0, 0, 0, 1, -1))


@given(st.lists(st.tuples(*[FEW] * 14), min_size=1, max_size=8))
def test_plain_states_leave_no_doubt(said: list[tuple[int, ...]]) -> None:
    """What is not gone into, as a robot has its order, comes out as if it were."""
    worlds = [small_world(8, list(range(8))) for _ in range(2)]
    rows = np.zeros(len(said), REPORT)
    rows["robot"] = np.arange(len(said))
    names = ("order", "update", "sequence", "cell", "left", "header")
    for row, one in zip(rows, said, strict=True):
        for name, value in zip(names, one[:6], strict=True):
            row[name] = max(value, 0) if name in ("left", "header") else value
        row["action"], row["error"] = max(one[6], 0), max(one[7], 0) % 2
        if one[8] == 0:
            row["instant_kind"], row["instant_state"] = Action.CANCEL_ORDER, ActionState.FINISHED
        for world in worlds:
            mine = ("order", "update", "sequence", "passed", "acked")
            for name, value in zip(mine, one[9:], strict=True):
                world.robots[name][row["robot"]] = value
            world.robots["anchor"], world.robots["lost"] = 7, 1
            world.robots["header"], world.tick = 2, 20
    answers = [recover.doubt(worlds[0], rows), recover._doubt(worlds[1], rows)]
    assert answers[0].tolist() == answers[1].tolist()
    assert (worlds[0].robots == worlds[1].robots).all()
