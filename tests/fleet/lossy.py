"""Robots and the controller's books without planner, store or clock, message by message."""

from __future__ import annotations

import numpy as np

from fleet import instants, recover, robot, traffic
from fleet.events import MOVE, ORDER, REPORT
from fleet.robot import Vehicle
from fleet.sim import scenario as sim_scenario
from fleet.world import World, opening
from routing.floor.grid import Floor

MAP = """type octile
height 4
width 6
map
E....S
......
......
E....R
"""


def small_world(robots: int = 2, cells: list[int] | None = None, text: str = MAP) -> World:
    """Return a world of base 3, on a floor of 4 x 6 cells or another, robots on these cells."""
    scenario = sim_scenario.scenario(1, robots, ".")
    world = opening(scenario, Floor.parse(text, "lossy"), base_cells=3)
    if cells is not None:
        world.held[:] = -1
        world.robots["cell"] = cells
        world.held[cells] = np.arange(robots)
    return world


def robots_of(world: World) -> np.ndarray:
    """Return the robots themselves, where the world thinks that they are."""
    return robot.start(world.robots["cell"].copy(), world.robots["heading"].copy())


def vehicle(world: World) -> Vehicle:
    """Return robots that turn at once, so that a step is a cell."""
    return Vehicle(width=world.floor.width, load=1, drop=1, turn=1, seed=1, missing_share=0.0)


def send(world: World, *moves: tuple[int, int]) -> np.ndarray:
    """Grant cells and return the orders (dtype `events.ORDER`)."""
    return traffic.move(world, np.array(list(moves), MOVE))


def hear(world: World, rows: np.ndarray) -> np.ndarray:
    """Take in states; return the anchors that follow (dtype `events.ORDER`)."""
    instants.take(world, rows)
    return recover.anchors(world, traffic.take_reports(world, rows.astype(REPORT)))


def let_go_on(world: World, robots: np.ndarray, cell: int) -> None:
    """Release a cell to robot 0, which takes the order and says so."""
    robot.take_orders(robots, 0, send(world, (0, cell)))
    hear(world, robot.report(robots, 0))


def nothing() -> np.ndarray:
    """Return no orders."""
    return np.empty(0, ORDER)
