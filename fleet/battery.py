"""Batteries: what robots say of theirs, and what going to a charger does to a robot.

The controller knows a battery by its robot's word alone, in whole percent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fleet.events import RobotPhase
from fleet.faults import Chance, draw
from fleet.scenario import Scenario

if TYPE_CHECKING:
    from fleet.world import World

AT_CHARGER = (RobotPhase.TO_CHARGER, RobotPhase.CHARGING, RobotPhase.UNPLUGGING)


def capacity(scenario: Scenario) -> int:
    """Return what a full battery holds, in millijoules; 0 where robots need none."""
    if not scenario.floor.battery:
        return 0
    return round(scenario.battery.capacity_watt_hours * 3_600_000)


def opening_charge(scenario: Scenario, first: int, last: int) -> np.ndarray:
    """Return the millijoules in the batteries of robots first to last - 1 at opening; int64."""
    low, high = scenario.battery.opening_low, scenario.battery.opening_high
    chance = draw(scenario.seed, Chance.BATTERY, np.arange(first, last))
    return np.floor(capacity(scenario) * (low + (high - low) * chance)).astype(np.int64)


def levels(world: World, robots: np.ndarray) -> np.ndarray:
    """Return how full these robots' batteries are, of 1; float64."""
    return np.asarray(world.batteries["charge"][robots] / 100)


def news(world: World, rows: np.ndarray) -> np.ndarray:
    """Return those rows (dtype `events.BATTERY`) that say something new."""
    known = world.batteries[rows["robot"]]
    return rows[(rows["charge"] != known["charge"]) | (rows["charging"] != known["charging"])]


def take(world: World, rows: np.ndarray) -> None:
    """Take in what robots say of their batteries (dtype `events.BATTERY`)."""
    for name in ("charge", "charging"):
        world.batteries[name][rows["robot"]] = rows[name]


def send(world: World, rows: np.ndarray) -> None:
    """Send robots to chargers, or from them (dtype `events.CHARGE`)."""
    for robot, charger in rows.tolist():
        row = world.robots[robot]
        row["since"] = world.tick
        row["fresh"] = 1
        if charger < 0:
            row["phase"] = RobotPhase.UNPLUGGING
        else:
            row["phase"] = RobotPhase.TO_CHARGER
            row["goal"] = world.floor.chargers[charger]
            row["next"] = -1


def plugged(world: World, robot: int, *, finished: bool) -> None:
    """A robot has begun to charge, or ended it; one that could do neither is free."""
    row = world.robots[robot]
    if row["phase"] == RobotPhase.TO_CHARGER and finished:
        row["phase"] = RobotPhase.CHARGING
    else:
        free(row)


def free(row: np.void) -> None:
    """Let a robot (dtype `world.ROBOT_STATE`) have no charger and nothing to do."""
    row["phase"] = RobotPhase.IDLE
    row["goal"] = -1
    row["fresh"] = 1
