"""Instant actions: sent until a robot says what it should, in whatever order messages come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import alarms, bases, factsheet, flow, instants, operate, robot, traffic
from fleet.events import (
    ALARM,
    LINK,
    OPERATE,
    Action,
    ActionState,
    Alarm,
    Link,
    Operation,
    ParcelState,
    RobotPhase,
    Sheet,
)
from fleet.world import blank_parcels
from tests.fleet.lossy import hear, let_go_on, robots_of, send, small_world, vehicle


def ask(world, what: Operation, who: int = -1) -> None:
    """Let an operator ask for something."""
    assert operate.take(world, np.array([(what, who, -1, -1)], OPERATE)) == [""]


def known_world(robots: int, cells: list[int]):
    """Return a world that knows its robots' factsheets."""
    world = small_world(robots, cells)
    world.robots["sheet"] = Sheet.KNOWN
    return world


def tell(world, robots, *, again: bool = False) -> np.ndarray:
    """Send what is due; return it (dtype `events.ORDER`)."""
    rows = instants.due(world, again=again)
    robot.take_orders(robots, 0, rows)
    return rows


def told(world, what: Alarm) -> list[int]:
    """Return the robots of the alarms so far of this kind."""
    return [row[1] for row in world.alarms if row[0] == what]


def test_a_paused_robot_stops_within_its_base_and_goes_on() -> None:
    """Told to stop it stands in the middle of its cells; told to go on it drives the rest."""
    world = known_world(1, [6])
    robots = robots_of(world)
    robots["heading"], robots["order"], robots["epoch"] = 0, 1, 1
    robots["queue"][0, :2], robots["left"] = (7, 8), 2
    robot.step(robots, 0, vehicle(world))
    ask(world, Operation.PAUSE, 0)
    tell(world, robots)
    robot.step(robots, 0, vehicle(world))
    assert robots["cell"][0] == 7
    assert not flow.floor_is_quiet(world)  # it has not said so yet
    instants.take(world, robot.report(robots, 0))
    assert not instants.wanted(world).any()
    assert not len(instants.due(world, again=True))
    ask(world, Operation.RESUME, 0)
    tell(world, robots)
    robot.step(robots, 0, vehicle(world))
    assert robots["cell"][0] == 8


def test_what_is_not_reflected_is_sent_again_under_its_number() -> None:
    """Only in a round of repeats; a robot that rebooted is told anew."""
    world = known_world(2, [6, 20])
    robots = robots_of(world)
    ask(world, Operation.PAUSE)
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
    world = known_world(1, [6])
    robots = robots_of(world)
    orders, states = [], [robot.report(robots, 0)]
    for paused, late in story:
        ask(world, Operation.PAUSE if paused else Operation.RESUME, 0)
        orders.append(instants.due(world, again=True))
        for some in (orders[-1], orders[-1 - late % len(orders)]):
            robot.take_orders(robots, 0, some)
        states.append(robot.report(robots, 0))
        for some in (states[-1], states[-1 - late % len(states)]):
            instants.take(world, some)
    for _ in range(3):
        tell(world, robots, again=True)
        instants.take(world, robot.report(robots, 0))
    assert not instants.wanted(world).any()
    assert robots["paused"][0] == world.robots["paused"][0]


# -- cancelOrder


def driving():
    """Return a world whose robot 0 drives from cell 6, now at 7, to 8 and 9."""
    world = known_world(2, [6, 20])
    robots = robots_of(world)
    robots["heading"] = 0
    let_go_on(world, robots, 7)
    let_go_on(world, robots, 8)
    robot.take_orders(robots, 0, send(world, (0, 9)))
    robot.step(robots, 0, vehicle(world))
    hear(world, robot.report(robots, 0))
    return world, robots


def test_a_robot_taken_out_stops_at_its_next_node_and_gives_back_the_rest() -> None:
    """It says RUNNING, then FINISHED; its cells are free once it stands by a new order."""
    world, robots = driving()
    ask(world, Operation.OUT, 0)
    assert not bases.movable(world)[0]
    assert tell(world, robots)["action"].tolist() == [Action.CANCEL_ORDER]
    state = robot.report(robots, 0)
    assert (state["instant_state"][0], state["left"][0]) == (ActionState.RUNNING, 1)
    hear(world, state)
    assert not len(instants.due(world, again=True))  # it is at it
    robot.step(robots, 0, vehicle(world))
    assert robots["cell"][0] == 8
    anchor = hear(world, robot.report(robots, 0))
    assert anchor["start"].tolist() == [8]
    assert np.flatnonzero(world.held == 0).tolist() == [8, 9]
    robot.take_orders(robots, 0, anchor)
    hear(world, robot.report(robots, 0))
    assert np.flatnonzero(world.held == 0).tolist() == [8]
    assert not instants.wanted(world).any()


def test_an_update_that_comes_after_the_cancel_is_refused() -> None:
    """It was under way; the robot stays where it stands, and its anchor frees what it gave up."""
    world, robots = driving()
    late = send(world, (0, 10))
    ask(world, Operation.OUT, 0)
    tell(world, robots)
    robot.take_orders(robots, 0, late)
    robot.step(robots, 0, vehicle(world))
    assert robots["left"][0] == 0
    robot.take_orders(robots, 0, hear(world, robot.report(robots, 0)))
    hear(world, robot.report(robots, 0))
    assert np.flatnonzero(world.held == 0).tolist() == [robots["cell"][0]]


def carrying(phase: RobotPhase, state: ParcelState, load: int):
    """Return a world whose robot 0 stands on cell 7 with an action before it on 8."""
    world = known_world(2, [7, 20])
    world.parcels = blank_parcels(1)
    world.parcels["state"], world.parcels["robot"], world.parcels["station"] = state, 0, 0
    row = world.robots[0]
    row["phase"], row["parcel"], row["goal"], row["load"] = phase, 0, 8, load
    robots = robots_of(world)
    robots["heading"], robots["load"][0] = 0, load
    let_go_on(world, robots, 8)
    assert row["closed"]
    return world, robots


@pytest.mark.parametrize("steps", [0, 1])
def test_a_pick_that_is_not_begun_is_somebody_elses(steps: int) -> None:
    """Before the station or at it: the parcel is no robot's."""
    world, robots = carrying(RobotPhase.TO_STATION, ParcelState.AT_STATION, -1)
    for _ in range(steps):
        robot.step(robots, 0, vehicle(world))
    ask(world, Operation.OUT, 0)
    settle_cancel(world, robots)
    assert world.parcels["robot"][0] == -1
    assert world.robots["phase"][0] == RobotPhase.IDLE


def test_a_pick_that_has_begun_ends_and_the_parcel_stays_on_board() -> None:
    """Nobody takes a parcel back off a robot; out of use it keeps it."""
    world, robots = carrying(RobotPhase.TO_STATION, ParcelState.AT_STATION, -1)
    slow = vehicle(world).__class__(**{**vars(vehicle(world)), "load": 3})
    for _ in range(2):
        robot.step(robots, 0, slow)
    assert robots["action_state"][0] == ActionState.RUNNING
    ask(world, Operation.OUT, 0)
    settle_cancel(world, robots)
    assert (robots["load"][0], world.robots["load"][0]) == (0, 0)
    assert world.robots["phase"][0] == RobotPhase.TO_CHUTE
    assert world.parcels["state"][0] == ParcelState.ON_ROBOT


def test_a_drop_that_is_given_up_is_no_loss() -> None:
    """The parcel is on board and goes on to its chute when the robot is in use again."""
    world, robots = carrying(RobotPhase.TO_CHUTE, ParcelState.ON_ROBOT, 0)
    robot.step(robots, 0, vehicle(world))  # it stands at the chute and has not begun
    ask(world, Operation.OUT, 0)
    settle_cancel(world, robots)
    assert world.robots["phase"][0] == RobotPhase.TO_CHUTE
    assert world.parcels["state"][0] == ParcelState.ON_ROBOT
    assert world.robots["fault"][0] == 0


def settle_cancel(world, robots) -> None:
    """Let robots and controller speak until robot 0 holds its cell alone."""
    for _ in range(8):
        anchors = hear(world, robot.report(robots, 0))
        instants.settle(world)
        tell(world, robots, again=True)
        robot.take_orders(robots, 0, traffic.unreflected(world))
        robot.take_orders(robots, 0, anchors)
        robot.step(robots, 0, vehicle(world))
    assert np.flatnonzero(world.held == 0).tolist() == [robots["cell"][0]]
    assert world.robots["cancel"][0] == 0
    assert world.robots["anchor"][0] == -1


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 5), max_size=14))
def test_a_cancel_among_late_and_lost_messages_ends_well(story: list[int]) -> None:
    """Whatever comes late, twice or never: no cell is freed that the robot may still enter."""
    world, robots = driving()
    ask(world, Operation.OUT, 0)
    orders, states = [instants.due(world, again=True)], [robot.report(robots, 0)]
    for k in story:
        if k < 2:
            robot.take_orders(robots, 0, orders[-1 - k % len(orders)])
        elif k < 4:
            orders.append(hear(world, states[-1 - k % len(states)]))
            instants.settle(world)
            orders.append(instants.due(world, again=True))
        elif k == 4:
            robot.step(robots, 0, vehicle(world))
        states.append(robot.report(robots, 0))
        left = robots["left"][0]
        assert (world.held[robots["queue"][0, :left]] == 0).all()
        assert world.held[robots["cell"][0]] == 0
    settle_cancel(world, robots)


# -- stateRequest and factsheetRequest


def test_robots_are_asked_how_they_are_when_their_host_is_back_or_left_a_gap() -> None:
    """Once where the host is silent, and until their state reflects it where it is not."""
    world = known_world(2, [6, 20])
    robots = robots_of(world)
    instants.set_link(world, np.array([(0, 2, Link.SILENT)], LINK))
    assert instants.due(world, again=True)["action"].tolist() == [Action.STATE_REQUEST] * 2
    assert not len(instants.due(world, again=True))
    instants.set_link(world, np.array([(0, 2, Link.ONLINE)], LINK))
    tell(world, robots, again=True)
    hear(world, robot.report(robots, 0))
    assert not instants.wanted(world).any()
    instants.set_link(world, np.array([(1, 2, Link.GAP)], LINK))
    assert world.robots["online"].all()
    assert instants.due(world, again=False)["robot"].tolist() == [1]


def test_a_robot_that_says_nothing_of_its_order_is_asked() -> None:
    """After three seconds beyond the longest thing that it does without a word."""
    world = known_world(2, [6, 20])
    send(world, (0, 7))
    for tick in range(1, 8):
        world.tick = tick
        hear(world, robot.report(robots_of(world), 0)[1:])  # the other one speaks
        instants.settle(world)
        if instants.wanted(world).any():
            break
    assert tick == 3 + world.timing.load
    assert instants.due(world, again=False)["robot"].tolist() == [0]


def test_a_factsheet_is_asked_for_until_it_is_there() -> None:
    """An answer without the sheet is not enough; a robot that has none is asked no more."""
    world = small_world(2, [6, 20])
    robots = robots_of(world)
    assert tell(world, robots)["action"].tolist() == [Action.FACTSHEET_REQUEST] * 2
    sheets = robot.factsheets(robots, 0, robot.vehicle_of(world.scenario, world.floor.width))
    assert sheets["robot"].tolist() == [0, 1]
    assert not len(robot.factsheets(robots, 0, vehicle(world)))
    state = robot.report(robots, 0)
    state["instant_state"][1] = ActionState.FAILED
    hear(world, state)
    assert not instants.wanted(world).any()  # it has just answered
    world.tick = instants.timeout(world)
    assert tell(world, robots)["robot"].tolist() == [0]
    factsheet.take(world, sheets[:1])
    hear(world, robot.report(robots, 0))
    assert world.robots["sheet"].tolist() == [Sheet.KNOWN, Sheet.REFUSED]
    assert world.sheets["speed"].tolist() == [600, 0]
    assert alarms.lines(world, np.array(world.alarms, ALARM)) == [
        "robot 1: factsheet: it has none to give; see yourself whether it fits the scenario"
    ]


def test_a_factsheet_that_does_not_fit_is_one_alarm_for_all_robots_of_its_kind() -> None:
    """Told once; the same sheet again says nothing new."""
    world = small_world(2, [6, 20])
    rows = np.repeat(factsheet.sheet_of(world.scenario), 2)
    rows["robot"], rows["speed"] = [0, 1], 500
    for _ in range(2):
        factsheet.take(world, rows)
    assert alarms.lines(world, np.array(world.alarms, ALARM)) == [
        "robots 0, 1: factsheet: drives 0.5 m/s, floor.cell_metres / floor.tick_seconds is 0.6; "
        "mend the scenario, or take it out"
    ]


def test_of_several_kinds_those_that_do_not_fit_are_told() -> None:
    """Each robot by its own factsheet, in order of robots."""
    world = small_world(4, [6, 7, 20, 21])
    rows = np.repeat(factsheet.sheet_of(world.scenario), 4)
    rows["robot"] = np.arange(4)
    rows["speed"][[1, 3]] = 500, 400
    factsheet.take(world, rows)
    assert world.alarms == [(Alarm.FACTSHEET, 1, -1, 0), (Alarm.FACTSHEET, 3, -1, 0)]


# -- time-outs


def test_an_instant_action_that_is_not_done_is_an_alarm_until_it_is() -> None:
    """It names robot, action and age, once; and is taken back when the robot does it."""
    world = known_world(2, [6, 20])
    robots = robots_of(world)
    ask(world, Operation.PAUSE, 1)
    instants.due(world, again=False)
    for tick in range(1, 14):
        world.tick = tick
        instants.due(world, again=True)
    rows = np.array(world.alarms, ALARM)
    assert alarms.lines(world, rows) == [
        "robot 1: startPause not done after 10 s; what it holds stays held; look at it"
    ]
    tell(world, robots, again=True)
    hear(world, robot.report(robots, 0))
    instants.due(world, again=True)
    assert told(world, Alarm.REFLECTED) == [1]
    assert told(world, Alarm.UNREFLECTED) == [1]


def test_an_alarm_waits_as_long_as_a_silent_host_may() -> None:
    """On a fast clock 10 s pass before it is known that nobody is there; a replay is told when."""
    raised: list[tuple[int, ...]] = []
    worlds = [known_world(2, [6, 20]) for _ in range(2)]
    for world in worlds:
        ask(world, Operation.PAUSE, 1)
    for tick in range(16):
        for world in worlds:
            world.tick, world.alarms = tick, []
        instants.due(worlds[0], again=True, patience=14)
        journal = np.array(worlds[0].alarms, ALARM)
        instants.due(worlds[1], again=True, raised=journal)
        assert worlds[1].alarms == worlds[0].alarms
        assert (worlds[1].robots["alarmed"] == worlds[0].robots["alarmed"]).all()
        raised += worlds[0].alarms
    assert raised == [(Alarm.UNREFLECTED, 1, Action.START_PAUSE, 14)]


def test_a_robot_whose_host_was_away_gets_its_time_once_it_is_back() -> None:
    """Asked while nobody was there it is no alarm; asked anew and silent for 10 s it is one."""
    world = known_world(2, [6, 20])
    for link, first, last in ((Link.SILENT, 1, 40), (Link.ONLINE, 40, 51)):
        instants.set_link(world, np.array([(0, 2, link)], LINK))
        for world.tick in range(first, last):
            instants.due(world, again=True)
            if world.tick < 50:
                assert world.alarms == []
    told = "robots 0, 1: stateRequest not done after 10 s; what it holds stays held; look at it"
    assert alarms.lines(world, np.array(world.alarms, ALARM)) == [told]
