"""Batteries: how they empty and fill, and days on which robots go to chargers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import battery, flow, robot
from fleet.battery import capacity, opening_charge
from fleet.check.command import judge
from fleet.check.recording import read_recording
from fleet.events import BATTERY, CHARGE, ORDER, Action, ActionState, ParcelState, RobotPhase
from fleet.robot import Vehicle
from fleet.scenario import Scenario
from tests.fleet.pure_day import CHARGERS, WITH_BATTERY, PureDay, write_files

VEHICLE = Vehicle(width=10, load=2, drop=2, turn=1, seed=1, missing_share=0.0, plug=2,
                  capacity=1000, per_tick=1, per_cell=5, charge=101)  # fmt: skip


def day_with_batteries(folder: Path, hosts: int = 1, run: str = "run") -> PureDay:
    """Return a tiny day whose robots soon have to charge."""
    scenario = write_files(folder, toml=WITH_BATTERY, floor=CHARGERS)
    return PureDay(folder, scenario, hosts=hosts, run=run)


def order(cells: list[int], action: Action = Action.NONE, number: int = 0) -> np.ndarray:
    """Return robot 0's order from cell 0."""
    row = np.zeros(1, ORDER)
    row["order"], row["parcel"], row["action"] = number, -1, action
    row["cells"] = cells + [-1] * (3 - len(cells))
    return row


def one_robot(level: int) -> np.ndarray:
    """Return a robot on cell 0 that faces east."""
    return robot.start(np.array([0]), np.array([0], np.uint8), level)


def test_a_move_uses_more_than_standing() -> None:
    """Two cells east and one tick of rest: three ticks and two cells."""
    robots = one_robot(100)
    robot.take_orders(robots, 0, order([1, 2]))
    for _ in range(3):
        robot.step(robots, 0, VEHICLE)
    assert robots["cell"][0] == 2
    assert robots["battery"][0] == 100 - 3 - 2 * 5


def test_an_empty_robot_stands_still() -> None:
    """With charge for one move it makes one, and its battery does not go below nothing."""
    robots = one_robot(6)
    robot.take_orders(robots, 0, order([1, 2]))
    for _ in range(4):
        robot.step(robots, 0, VEHICLE)
    assert (robots["cell"][0], robots["battery"][0]) == (1, 0)


def test_a_robot_charges_between_start_and_stop() -> None:
    """It takes the plug's time to begin, fills, and stops when it is told to."""
    robots = one_robot(100)
    robot.take_orders(robots, 0, order([], Action.START_CHARGING))
    for _ in range(4):
        robot.step(robots, 0, VEHICLE)
    assert robots["action_state"][0] == ActionState.FINISHED
    assert robots["battery"][0] == 100 - 1 + 3 * 100
    assert robot.batteries(robots, 0, VEHICLE).tolist() == [(0, 39, 1)]
    robot.take_orders(robots, 0, order([], Action.STOP_CHARGING, number=1))
    for _ in range(3):
        robot.step(robots, 0, VEHICLE)
    assert robots["charging"][0] == 0


@given(
    level=st.integers(0, 1000),
    ticks=st.lists(st.sampled_from([Action.NONE, Action.START_CHARGING, Action.STOP_CHARGING])),
)
def test_a_battery_is_never_less_than_empty_nor_more_than_full(
    level: int, ticks: list[Action]
) -> None:
    """Whatever a robot is told."""
    robots = one_robot(level)
    for number, action in enumerate(ticks):
        row = order([], action, number)
        row["start"] = robots["cell"][0]
        robot.take_orders(robots, 0, row)
        robot.step(robots, 0, VEHICLE)
        assert 0 <= robots["battery"][0] <= VEHICLE.capacity


def test_robots_open_between_two_levels(tmp_path: Path) -> None:
    """By seed and number, so that hosts and controller agree without a word."""
    scenario: Scenario = write_files(tmp_path, toml=WITH_BATTERY, floor=CHARGERS)
    charge = opening_charge(scenario, 0, 4)
    assert ((charge >= 0.2 * capacity(scenario)) & (charge <= 0.35 * capacity(scenario))).all()
    assert opening_charge(scenario, 2, 4).tolist() == charge[2:].tolist()


def test_only_what_is_new_is_an_event(tmp_path: Path) -> None:
    """A percentage that is known already says nothing."""
    world = day_with_batteries(tmp_path).day.world
    known = int(world.batteries["charge"][1])
    rows = np.array([(0, 99, 0), (1, known, 0)], BATTERY)
    assert battery.news(world, rows).tolist() == [(0, 99, 0)]
    battery.take(world, rows)
    assert len(battery.news(world, rows)) == 0


def test_to_a_charger_and_back(tmp_path: Path) -> None:
    """Sent, plugged in, sent away, free again; one that could not plug in is free at once."""
    world = day_with_batteries(tmp_path).day.world
    row = world.robots[2]
    battery.send(world, np.array([(2, 1)], CHARGE))
    assert (row["phase"], row["goal"]) == (RobotPhase.TO_CHARGER, world.floor.chargers[1])
    battery.plugged(world, 2, finished=True)
    battery.send(world, np.array([(2, -1)], CHARGE))
    assert row["phase"] == RobotPhase.UNPLUGGING
    battery.plugged(world, 2, finished=True)
    assert (row["phase"], row["goal"]) == (RobotPhase.IDLE, -1)
    battery.send(world, np.array([(2, 1)], CHARGE))
    battery.plugged(world, 2, finished=False)
    assert row["phase"] == RobotPhase.IDLE


@pytest.mark.slow
def test_a_day_with_charging(tmp_path: Path) -> None:
    """Robots charge, one on each charger, none runs empty, and no parcel is lost."""
    run = day_with_batteries(tmp_path)
    world, lowest, charged = run.day.world, 100, set()

    def watch(_: object) -> bool:
        nonlocal lowest
        lowest = min(lowest, int(world.batteries["charge"].min()))
        at = np.flatnonzero(np.isin(world.robots["phase"], battery.AT_CHARGER))
        assert len(set(world.robots["goal"][at].tolist())) == len(at)
        charged.update(at.tolist())
        return True

    run.live(seen=watch)
    run.close(0.0)
    assert run.over
    assert charged
    assert lowest > 0
    assert (world.parcels["state"] == ParcelState.DELIVERED).all()
    assert judge(read_recording(tmp_path / "run")).plain() == []


@pytest.mark.slow
def test_hosts_do_not_change_a_day_with_charging(tmp_path: Path) -> None:
    """One host or three, the events and the state are the same."""
    one = day_with_batteries(tmp_path, 1, "one").live()
    three = day_with_batteries(tmp_path, 3, "three").live()
    assert one.day.hashes() == three.day.hashes()


@pytest.mark.slow
@pytest.mark.parametrize("phase", battery.AT_CHARGER)
def test_a_robot_that_reboots_at_its_charger(tmp_path: Path, phase: RobotPhase) -> None:
    """It has lost its order and is unplugged; it charges again or works, and the day ends."""
    run = day_with_batteries(tmp_path)
    robots = run.day.world.robots
    run.live(seen=lambda _: not (robots["phase"] == phase).any())
    who = np.flatnonzero(robots["phase"] == phase)
    robot.reboot(run.robots[0], who)
    run.live()
    assert run.over
    assert flow.floor_is_quiet(run.day.world)
