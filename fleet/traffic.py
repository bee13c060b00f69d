"""Robots and cells: what reports, tasks and moves do to them, and the orders that follow.

A robot gets a further cell only when its last update is reflected; both its cells stay held
while it moves; a cell comes back by its own report and by nothing else.
"""

from __future__ import annotations

import numpy as np

from fleet import bases, battery, boards, flow, horizon, recover
from fleet.events import (
    HORIZON_CELLS,
    ORDER,
    ROBOT_FRAME,
    Action,
    ActionState,
    Out,
    RobotPhase,
    RobotStatus,
    loads,
)
from fleet.grants import grant, release
from fleet.rows import indices, select, stacked
from fleet.world import World

# What a robot does where its way ends, by `RobotPhase`.
ACTIONS = np.zeros(len(RobotPhase), np.uint8)
ACTIONS[[RobotPhase.TO_STATION, RobotPhase.LOADING]] = Action.PICK
ACTIONS[[RobotPhase.TO_CHUTE, RobotPhase.DROPPING]] = Action.DROP
ACTIONS[RobotPhase.TO_CHARGER] = Action.START_CHARGING
ACTIONS[RobotPhase.UNPLUGGING] = Action.STOP_CHARGING
# The phase of a robot that has begun with it.
ACTING = np.full(len(RobotPhase), RobotPhase.DROPPING, np.uint8)
ACTING[[RobotPhase.TO_STATION, RobotPhase.LOADING]] = RobotPhase.LOADING
ACTING[list(battery.AT_CHARGER)] = battery.AT_CHARGER
# What viewers see of a robot, by its phase and by whether it rests, acts where it stands or drives.
DRIVES = 2
WAITING, FAULT, PAUSED, OUT, SILENT = (
    np.uint8(getattr(RobotStatus, name)) for name in ("WAITING", "FAULT", "PAUSED", "OUT", "SILENT")
)
SHOWN = np.zeros((len(RobotPhase), 3), np.uint8)
SHOWN[RobotPhase.IDLE] = [RobotStatus.IDLE, RobotStatus.EMPTY, RobotStatus.EMPTY]
SHOWN[[RobotPhase.TO_STATION, RobotPhase.LOADING]] = [
    RobotStatus.EMPTY | RobotStatus.WAITING, RobotStatus.LOADING, RobotStatus.EMPTY,
]  # fmt: skip
SHOWN[[RobotPhase.TO_CHUTE, RobotPhase.DROPPING]] = [
    RobotStatus.LOADED | RobotStatus.WAITING, RobotStatus.DROPPING, RobotStatus.LOADED,
]  # fmt: skip
SHOWN[RobotPhase.TO_CHARGER] = [
    RobotStatus.EMPTY | RobotStatus.WAITING,
    RobotStatus.CHARGING,
    RobotStatus.EMPTY,
]
SHOWN[[RobotPhase.CHARGING, RobotPhase.UNPLUGGING]] = RobotStatus.CHARGING


def take_reports(world: World, rows: np.ndarray) -> np.ndarray:
    """Take in states (dtype `events.REPORT`), one a robot, in order of robot.

    Messages may come late, twice, in another order or never: what a state says only ever adds to
    what is known.  Returns the robots that are to be anchored (int64).
    """
    robots = world.robots
    ids = indices(rows)
    rows, ids = _those(robots["cell"][ids] >= 0, rows, ids)
    newer = rows["order"] > robots["order"][ids]
    if newer.any():
        for row in select(rows, newer):
            recover.adopt(world, row)
    anchored = recover.doubt(world, rows)
    news = rows["order"] == robots["order"][ids]
    news &= rows["update"] >= robots["acked"][ids]
    news &= rows["sequence"] >= robots["passed"][ids]
    rows, ids = _those(news, rows, ids)
    # A robot that says it stands elsewhere than its base allows keeps its cells and gets no more.
    sane = _fits_base(world, rows, ids)
    # Nor does one that was found with a parcel that no task knows, until that is gone.
    found = robots["fault"][ids] == 1
    found[found] = recover.carries_unknown(world, select(rows, found))
    robots["fault"][ids] = ~sane | found
    rows, ids = _those(sane, rows, ids)
    answered = rows["update"] > robots["acked"][ids]
    horizon.measure(world, ids[answered & (rows["update"] == robots["update"][ids])])
    robots["acked"][ids] = rows["update"]
    robots["heading"][ids] = rows["heading"]
    robots["load"][ids] = rows["load"]
    if len(world.boards):
        world.boards["said"][ids] = loads(rows)
    steps = (rows["sequence"] - robots["passed"][ids]) // 2
    for k in range(int(steps.max(initial=0))):
        movers = ids[steps > k]
        release(world.held, movers, robots["cell"][movers])
        robots["cell"][movers] = robots["base"][movers, 0]
        robots["base"][movers, :-1] = robots["base"][movers, 1:]
        robots["base"][movers, -1] = -1
        robots["ahead"][movers] -= 1
    robots["passed"][ids] = rows["sequence"]
    arrived = (robots["closed"][ids] == 1) & (robots["ahead"][ids] == 0)
    ids, states = ids[arrived], rows["action"][arrived]
    over = (states == ActionState.FINISHED) | (states == ActionState.FAILED)
    _act_on(world, ids[~over])
    for robot, state in zip(ids[over].tolist(), states[over].tolist(), strict=True):
        _action_ended(world, robot, state)
    return anchored


def _those(which: np.ndarray, rows: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and robots of a mask, nearly always all of them."""
    return (rows, ids) if which.all() else (select(rows, which), ids[which])


def _fits_base(world: World, rows: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Return which reports name a cell of their robot's base, or that where it was; bool."""
    robots = world.robots
    steps = (rows["sequence"] - robots["passed"][ids]) // 2
    inside = (steps >= 0) & (steps <= robots["ahead"][ids])
    rank = np.minimum(np.maximum(steps - 1, 0), HORIZON_CELLS - 1)
    base = robots["base"][ids, rank]
    cells = np.where(steps > 0, base, robots["cell"][ids])
    return inside & (cells == rows["cell"]) & (rows["update"] <= robots["update"][ids])


def _act_on(world: World, ids: np.ndarray) -> None:
    """Robots have come to where they act, and are not done yet."""
    phases = world.robots["phase"][ids]
    world.robots["phase"][ids] = ACTING[phases]


def _action_ended(world: World, robot: int, state: int) -> None:
    row = world.robots[robot]
    loading = row["phase"] in (RobotPhase.TO_STATION, RobotPhase.LOADING)
    charging = row["phase"] in battery.AT_CHARGER
    row["closed"] = 0
    row["fresh"] = 1
    if charging:
        battery.plugged(world, robot, finished=state == ActionState.FINISHED)
    elif not loading and state == ActionState.FAILED and boards.has_still(world, robot):
        row["phase"] = RobotPhase.TO_CHUTE  # it was told to drop its order, and still has it
    elif not loading:
        flow.dropped(world, robot, parcel_was_there=state == ActionState.FINISHED)
    elif state == ActionState.FINISHED:
        flow.picked(world, robot)
    else:
        flow.unassign(world, robot)


def assign(world: World, rows: np.ndarray) -> None:
    """Give robots their parcels (dtype `events.ASSIGN`): now, or planned as the next ones."""
    robots, parcels = world.robots, world.parcels
    for robot, parcel, rank in rows.tolist():
        if rank:
            robots["next"][robot, rank - 1] = parcel
            continue
        ahead = robots["next"][robot]
        if ahead[0] == parcel:
            ahead[:-1] = ahead[1:]
            ahead[-1] = -1
        parcels["robot"][parcel] = robot
        robots["parcel"][robot] = parcel
        boards.begin(world, robot, parcel)
        robots["phase"][robot] = RobotPhase.TO_STATION
        robots["goal"][robot] = world.floor.stations[parcels["station"][parcel]]
        robots["since"][robot] = world.tick
        robots["fresh"][robot] = 1
        world.tasks.append((robot, parcel))
        if world.first_task_tick < 0:
            world.first_task_tick = world.tick


def chute_open(world: World, robots: np.ndarray) -> np.ndarray:
    """Return for each of these robots whether the place of its goal takes its parcel now."""
    chutes = boards.destinations(world, world.robots["parcel"][robots])
    return world.chutes["until"][chutes] <= world.tick


def move(world: World, rows: np.ndarray) -> np.ndarray:
    """Grant cells (dtype `events.MOVE`, by robot) and return the orders that say so.

    A row whose cell is where the robot's base ends already only lets it act there.
    """
    robots = world.robots
    ids, cells = indices(rows), rows["cell"].astype(np.int64)
    start = bases.ends(world)[ids]
    steps = cells != start
    grant(world.held, ids[steps], cells[steps])

    # A new order begins where the task changed (a robot that still drives gets an update first)
    # and where a robot acts on the cell it stands on: a node once sent never gets an action.
    fresh = ((robots["fresh"][ids] == 1) | ~steps) & (robots["ahead"][ids] == 0)
    new, old = ids[fresh], ids[~fresh]
    robots["issued"][new] += 1
    robots["order"][new] = robots["issued"][new]
    robots["epoch"][new] = world.epoch
    robots["update"][new] = 0
    robots["sequence"][new] = 0
    robots["passed"][new] = 0
    robots["acked"][new] = -1
    robots["fresh"][new] = 0
    robots["update"][old] += 1
    robots["sent"][ids] = world.tick

    acts = _acts_at(world, ids, cells)
    orders = np.zeros(len(ids), ORDER)
    for name in ("robot", "epoch", "order", "update", "sequence"):
        orders[name] = ids if name == "robot" else robots[name][ids]
    orders["start"] = start
    orders["cells"] = -1
    orders["cells"][steps, 0] = cells[steps]
    orders["action"] = np.where(acts, ACTIONS[robots["phase"][ids]], Action.NONE)
    orders["parcel"] = np.where(acts, robots["parcel"][ids], -1)

    moving = ids[steps]
    robots["base"][moving, robots["ahead"][moving]] = cells[steps]
    robots["ahead"][moving] += 1
    robots["sequence"][moving] += 2
    robots["closed"][ids[acts]] = 1
    return orders


def _acts_at(world: World, ids: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Return which robots act on their new cell; of those that are out, who unplugs."""
    robots = world.robots
    phase = robots["phase"][ids]
    acts = (robots["goal"][ids] == cells) & (phase != RobotPhase.IDLE)
    acts &= (robots["out"][ids] == Out.NO) | (phase == RobotPhase.UNPLUGGING)
    carrying = np.flatnonzero(acts & (phase == RobotPhase.TO_CHUTE))
    if len(carrying):
        acts[carrying] = chute_open(world, ids[carrying])
    return acts


def unreflected(world: World) -> np.ndarray:
    """Return the newest order of each robot that has not reflected it yet, to send it again."""
    robots = world.robots
    anchored = robots["anchor"] >= 0
    ids = np.flatnonzero((robots["order"] >= 0) & (robots["acked"] != robots["update"]) & ~anchored)
    orders = np.zeros(len(ids), ORDER)
    orders["robot"] = ids
    for name in ("epoch", "order", "update"):
        orders[name] = robots[name][ids]
    ahead = robots["ahead"][ids].astype(np.int64)
    steps = ahead > 0
    base = robots["base"][ids]
    every = np.arange(len(ids))
    orders["start"] = np.where(
        ahead > 1, base[every, np.maximum(ahead - 2, 0)], robots["cell"][ids]
    )
    orders["cells"] = -1
    orders["cells"][steps, 0] = base[every, np.maximum(ahead - 1, 0)][steps]
    orders["sequence"] = robots["sequence"][ids] - 2 * steps
    closed = robots["closed"][ids] == 1
    orders["action"] = np.where(closed, ACTIONS[robots["phase"][ids]], Action.NONE)
    orders["parcel"] = np.where(closed, robots["parcel"][ids], -1)
    return stacked([orders, recover.anchors(world, np.flatnonzero(anchored))], ORDER)


def status(world: World) -> np.ndarray:
    """Return each robot's `events.RobotStatus` after the tick's moves; uint8[robots]."""
    robots = world.robots
    stage = np.where(robots["ahead"] > 0, DRIVES, robots["closed"] == 1)
    codes = SHOWN[robots["phase"], stage]
    broken = robots["fault"] == 1
    codes[broken] = (codes[broken] & WAITING) | FAULT
    codes |= (robots["paused"] == 1) * PAUSED
    codes |= (robots["out"] != Out.NO) * OUT
    codes |= (robots["online"] == 0) * SILENT
    return codes


def count_time(world: World, codes: np.ndarray, *, parcels_wait: bool) -> None:
    """Add this tick to each robot's time split."""
    robots = world.robots
    kind = codes & 15
    waiting = (codes & RobotStatus.WAITING) != 0
    idle = (kind == RobotStatus.IDLE) | (kind == RobotStatus.CHARGING)
    loaded = kind == RobotStatus.LOADED
    loaded |= (kind == RobotStatus.LOADING) | (kind == RobotStatus.DROPPING)
    robots["waiting_ticks"] += waiting
    robots["idle_ticks"] += idle & ~waiting
    robots["loaded_ticks"] += loaded & ~waiting
    robots["empty_ticks"] += ~(loaded | idle | waiting)
    if parcels_wait:
        robots["busy_ticks"] += 1
        robots["busy_waiting_ticks"] += waiting | idle


def frame(world: World, codes: np.ndarray) -> np.ndarray:
    """Return what the robots reported, for judge, replay and viewers (dtype `ROBOT_FRAME`)."""
    rows = np.zeros(len(world.robots), ROBOT_FRAME)
    rows["cell"] = world.robots["cell"]
    rows["heading"] = world.robots["heading"]
    rows["status"] = codes
    return rows
