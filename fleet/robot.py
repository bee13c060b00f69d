"""Simulated robots: VDA 5050 vehicles as one pure state machine over columns.

A robot drives its released cells one by one, turns by itself towards the next one, does the
action on its order's last node, and stops where its base ends.  What it does is a function of
seed and orders alone, so a host that dies is rebuilt from the orders that were sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fleet import robot_instants, robot_moves
from fleet.battery import capacity
from fleet.events import (
    BASE_CELLS,
    BATTERY,
    HORIZON_CELLS,
    INSTANT,
    MAX_PARCELS,
    ORDER,
    REPORT,
    SHEET,
    Action,
    ActionState,
)
from fleet.factsheet import sheet_of
from fleet.rows import indices, select
from fleet.scenario import Scenario

FRAME_ROBOTS = 256  # of a message
# Room for the base and one update more than a controller releases at once.
QUEUE_CELLS = HORIZON_CELLS + BASE_CELLS

ROBOT = np.dtype(
    [
        ("cell", "i4"),
        ("heading", "u1"),
        ("queue", "i4", (QUEUE_CELLS,)),  # released cells ahead, -1 behind their end
        ("left", "i4"),
        ("epoch", "i4"),
        ("order", "i4"),
        ("update", "i4"),
        ("sequence", "i4"),  # of the last node passed
        ("turned", "i4"),  # ticks of the quarter turn under way
        ("driving", "u1"),
        ("action", "u1"),
        ("action_state", "u1"),
        ("action_left", "i4"),  # ticks
        ("parcel", "i4"),  # of the action
        ("load", "i4"),
        ("more", "i4", (MAX_PARCELS - 1,)),  # as in `events.REPORT`
        ("error", "u1"),
        ("battery", "i8"),  # millijoules
        ("charging", "u1"),
        ("lost", "u1"),  # rebooted: it has no order, and takes none that it may have had before
        ("paused", "u1"),
        ("instant", "i4"),  # number of the newest instant action taken, 0: none
        ("instant_kind", "u1"),
        ("instant_state", "u1"),  # `ActionState`; none: no more is said of it
        ("cancelled", "u1"),  # `ActionState` of dropping its order; none: it has not to
        ("asked", "u1"),  # for its factsheet
    ]
)


@dataclass(frozen=True)
class Vehicle:
    """What all robots of a host have in common; durations in ticks."""

    width: int  # of the floor, in cells
    load: int
    drop: int
    turn: int
    seed: int
    missing_share: float
    plug: int = 1
    parcels: int = 1  # on board at most
    # Of the battery, millijoules; capacity 0: a robot needs none.
    capacity: int = 0
    per_tick: int = 0  # used at all times
    per_cell: int = 0  # used on top by a move
    charge: int = 0  # gained each tick on a charger
    sheet: np.ndarray = field(default_factory=lambda: np.zeros(1, SHEET))  # what it says of itself


def vehicle_of(scenario: Scenario, width: int) -> Vehicle:
    """Return what a scenario's robots have in common on a floor of this width (cells)."""
    floor, battery = scenario.floor, scenario.battery
    per_watt = round(1000 * floor.tick_seconds)
    return Vehicle(
        width=width,
        load=scenario.ticks(floor.load_seconds),
        drop=scenario.ticks(floor.drop_seconds),
        turn=scenario.ticks(floor.turn_seconds),
        seed=scenario.seed,
        missing_share=scenario.troubles.missing_share,
        plug=scenario.ticks(battery.plug_seconds),
        parcels=scenario.robots.parcels,
        capacity=capacity(scenario),
        per_tick=round(battery.standing_watts * per_watt),
        per_cell=round(battery.joules_per_metre * 1000 * floor.cell_metres),
        charge=round(battery.charge_watts * per_watt),
        sheet=sheet_of(scenario),
    )


def start(cells: np.ndarray, headings: np.ndarray, batteries: np.ndarray | int = 0) -> np.ndarray:
    """Return robots (dtype `ROBOT`) that stand there and hold no order.

    Parameters
    ----------
    batteries
        Millijoules in each battery; without meaning for robots that need none.
    """
    robots = np.zeros(len(cells), ROBOT)
    robots["cell"] = cells
    robots["heading"] = headings
    robots["battery"] = batteries
    robots["queue"] = -1
    for name in ("epoch", "order", "update", "parcel", "load"):
        robots[name] = -1
    return robots


def take_orders(robots: np.ndarray, first: int, orders: np.ndarray) -> None:
    """Accept or refuse orders (dtype `events.ORDER`); in place.

    A message that is known already changes nothing, which makes sending it again safe.  A
    refused one sets the error, leaves the running order alone, and is forgotten with the next
    accepted one.

    Parameters
    ----------
    robots
        This host's robots; the row of robot r is r - first.
    first
        Number of its first robot.
    orders
        Rows for these robots only, in the order in which they arrived.
    """
    instant = orders["action"] >= INSTANT
    if instant.any():
        robot_instants.take(robots, orders["robot"][instant] - first, orders[instant])
        orders = select(orders, ~instant)
    while len(orders):
        ids = indices(orders) - first
        later = ~_first_of_each(ids)
        if not later.any():
            _take_one_each(robots, ids, orders)
            return
        _take_one_each(robots, ids[~later], select(orders, ~later))
        orders = select(orders, later)


def _first_of_each(ids: np.ndarray) -> np.ndarray:
    """Return which of these stand there for the first time; bool."""
    place = np.arange(len(ids))
    first = np.full(int(ids.max()) + 1, len(ids))
    np.minimum.at(first, ids, place)
    return np.asarray(first[ids] == place)


def _take_one_each(robots: np.ndarray, ids: np.ndarray, orders: np.ndarray) -> None:
    mine = select(robots, ids)
    left, cell, state = mine["left"], mine["cell"], mine["action_state"]
    later, same_epoch = orders["epoch"] > mine["epoch"], orders["epoch"] == mine["epoch"]
    known = same_epoch & (orders["order"] == mine["order"])
    lost = mine["lost"] == 1
    fresh = later | (same_epoch & (orders["order"] > mine["order"]))
    acting = (state == ActionState.WAITING) | (state == ActionState.RUNNING)
    starts = fresh & (left == 0) & ~acting & (orders["start"] == cell)
    end = np.where(left > 0, mine["queue"][np.arange(len(ids)), np.maximum(left - 1, 0)], cell)
    news = known & ~lost & (orders["update"] > mine["update"])
    stitches = (
        news
        & (state == ActionState.NONE)
        & (mine["cancelled"] == ActionState.NONE)
        & (orders["start"] == end)
        & (orders["sequence"] == mine["sequence"] + 2 * left)
        & (left + (orders["cells"] >= 0).sum(axis=1) <= QUEUE_CELLS)
    )
    taken = starts | stitches
    refused = ((fresh | news) & ~taken) | (lost & ~fresh)
    if refused.any():
        robots["error"][ids[refused]] = 1

    if starts.any():
        new, first = ids[starts], select(orders, starts)
        robots["epoch"][new] = first["epoch"]
        robots["order"][new] = first["order"]
        robots["sequence"][new] = first["sequence"]
        robots["lost"][new] = 0
        robots["cancelled"][new] = ActionState.NONE
        # What was said of dropping an order goes with it.
        robots["instant_state"][new[robots["instant_kind"][new] == Action.CANCEL_ORDER]] = 0

    if not taken.all():
        ids, orders = ids[taken], select(orders, taken)
    robots["error"][ids] = 0
    robots["update"][ids] = orders["update"]
    robots["action"][ids] = orders["action"]
    robots["parcel"][ids] = orders["parcel"]
    robots["action_state"][ids] = np.where(
        orders["action"] != Action.NONE, ActionState.WAITING, ActionState.NONE
    )
    for k in range(BASE_CELLS):
        more = orders["cells"][:, k] >= 0
        there = ids[more]
        robots["queue"][there, robots["left"][there]] = orders["cells"][more, k]
        robots["left"][there] += 1


def reboot(robots: np.ndarray, ids: np.ndarray) -> None:
    """Let robots (rows) forget their orders where they stand, in place.

    What is on board stays on board.  Of its orders a robot remembers only the newest orderId, so
    that a message from before the reboot that comes late starts nothing.
    """
    robots["lost"][ids] = 1
    robots["queue"][ids] = -1
    for name in ("left", "turned", "driving", "action", "action_state", "action_left", "error"):
        robots[name][ids] = 0
    for name in ("charging", "paused", "cancelled", "asked"):
        robots[name][ids] = 0
    forgotten = ids[robots["instant_kind"][ids] == Action.CANCEL_ORDER]
    robots["instant_state"][forgotten] = ActionState.NONE
    robots["parcel"][ids] = -1


def step(robots: np.ndarray, first: int, vehicle: Vehicle, still: np.ndarray | None = None) -> None:
    """Let one tick pass, in place: each robot moves a cell, turns, acts or stands.

    Parameters
    ----------
    robots, first, vehicle
        As for `take_orders`.
    still
        Which robots get nowhere in this tick, because they are late or stopped; bool[robots].
        One whose battery is empty gets nowhere either.
    """
    if not vehicle.capacity:
        robot_moves.live(robots, first, vehicle, still)
        robot_instants.end_cancels(robots)
        return
    empty = (robots["battery"] <= 0) & (robots["charging"] == 0)
    cells = robots["cell"].copy()
    robot_moves.live(robots, first, vehicle, empty if still is None else still | empty)
    used = vehicle.per_tick + vehicle.per_cell * (robots["cell"] != cells)
    level = robots["battery"] - used + vehicle.charge * (robots["charging"] == 1)
    robots["battery"] = np.clip(level, 0, vehicle.capacity)
    robot_instants.end_cancels(robots)


def report(robots: np.ndarray, first: int) -> np.ndarray:
    """Return each robot's state (dtype `events.REPORT`)."""
    rows = np.zeros(len(robots), REPORT)
    rows["robot"] = np.arange(first, first + len(robots))
    for name in ("epoch", "order", "update", "sequence", "cell", "left", "heading", "driving"):
        rows[name] = robots[name]
    rows["action"] = robots["action_state"]
    rows["load"] = robots["load"]
    rows["more"] = robots["more"]
    for name in ("error", "paused", "instant", "instant_kind", "instant_state"):
        rows[name] = robots[name]
    silent = robots["instant_state"] == ActionState.NONE
    for name in ("instant", "instant_kind"):
        rows[name][silent] = 0
    lost = robots["lost"] == 1
    for name in ("epoch", "order", "update"):
        rows[name][lost] = -1
    rows["sequence"][lost] = 0
    return rows


def batteries(robots: np.ndarray, first: int, vehicle: Vehicle) -> np.ndarray:
    """Return what each robot says of its battery (dtype `events.BATTERY`)."""
    rows = np.zeros(len(robots), BATTERY)
    rows["robot"] = np.arange(first, first + len(robots))
    rows["charge"] = 100 * robots["battery"] // vehicle.capacity if vehicle.capacity else 100
    rows["charging"] = robots["charging"]
    return rows


def factsheets(robots: np.ndarray, first: int, vehicle: Vehicle) -> np.ndarray:
    """Return the factsheets (dtype `events.SHEET`) that were asked for since the last call."""
    ids = np.flatnonzero(robots["asked"])
    robots["asked"][ids] = 0
    rows = np.repeat(vehicle.sheet, len(ids))
    rows["robot"] = ids + first
    return rows


def robot_frames(rows: bytes) -> list[bytes]:
    """Return robots' rows in messages that a line takes."""
    size = FRAME_ROBOTS * ROBOT.itemsize
    return [rows[k : k + size] for k in range(0, len(rows), size)]


def robot_rows(messages: list[bytes], span: tuple[int, int]) -> bytes:
    """Return the rows of a host's robots that `robot_frames` packed.

    Raises
    ------
    ValueError
        If there is not one for each.
    """
    rows = b"".join(messages)
    if len(rows) != (span[1] - span[0]) * ROBOT.itemsize:
        raise ValueError(f"{len(rows)} bytes are not the robots {span[0]} to {span[1] - 1}")
    return rows


def order_rows(orders: bytes, first: int, last: int) -> np.ndarray:
    """Return those of a tick's stored orders that are for robots first to last - 1."""
    rows = np.frombuffer(orders, ORDER)
    return rows[(rows["robot"] >= first) & (rows["robot"] < last)]
