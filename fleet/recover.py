"""Robots that have lost their order, refused it, or were moved by hand: how they go on.

No clock and no message counter decides here.  A robot that is in doubt gets an anchor, an order of
one node where it says it stands; only its reflection frees what the robot held before.
"""

from __future__ import annotations

import numpy as np

from fleet import battery, boards, flow
from fleet.events import ORDER, Action, ActionState, Alarm, Out, RobotPhase, loads
from fleet.grants import grant, release
from fleet.rows import indices, select
from fleet.world import World

ANSWER_TICKS = 12  # after which a robot that still refuses its anchor gets another one


def doubt(world: World, rows: np.ndarray) -> np.ndarray:
    """Open an anchor for each robot that does not have its order and will not get it.

    It has rebooted, or refused an update, or dropped its order, or stands where its order does
    not begin.  An empty orderId shows a reboot where the robot had reflected an order, or where
    the headerId has fallen.  A late message may say so wrongly: then the robot refuses the anchor,
    and its next state closes it, also where it has not got its order yet but can take it.  One that
    reboots once more may have had its anchor before, and refuses it for good: it gets another.
    """
    robots = world.robots
    ids = indices(rows)
    # Nearly all say that they have their order, and have it before them or have done the whole.
    whole = rows["sequence"] == robots["sequence"][ids]
    whole &= rows["update"] == robots["update"][ids]
    action = rows["action"]
    busy = (rows["left"] > 0) | (action == ActionState.WAITING) | (action == ActionState.RUNNING)
    plain = (rows["order"] == robots["order"][ids]) & (rows["sequence"] >= robots["passed"][ids])
    plain &= (busy | whole) & ~cancelled(rows)
    well = ids[plain]
    robots["header"][well] = np.maximum(robots["header"][well], rows["header"][plain])
    robots["anchor"][well] = -1
    robots["lost"][well] = 0
    return _doubt(world, select(rows, ~plain))


def _doubt(world: World, rows: np.ndarray) -> np.ndarray:
    """Do what `doubt` does, going into everything that these robots say."""
    robots = world.robots
    ids = indices(rows)
    order, acked = robots["order"][ids], robots["acked"][ids]
    elsewhere = rows["cell"] != robots["cell"][ids]
    action = rows["action"]
    acts = (action == ActionState.WAITING) | (action == ActionState.RUNNING)
    idle = (rows["left"] == 0) & ~acts
    current = (rows["order"] == order) & (rows["sequence"] >= robots["passed"][ids])
    fell = (rows["header"] > 0) & (rows["header"] < robots["header"][ids])
    lost = (rows["order"] < 0) & (order >= 0)
    lost &= (acked >= 0) | (rows["error"] == 1) | elsewhere | fell
    known = ids[~lost]
    robots["header"][known] = np.maximum(robots["header"][known], rows["header"][~lost])
    older = (rows["order"] >= 0) & (rows["order"] < order) & (acked < 0) & idle & elsewhere
    refused = current & (rows["update"] < robots["update"][ids]) & idle & (rows["error"] == 1)
    # It reflects the newest update and has less ahead of it than was released.
    left = (robots["sequence"][ids] - rows["sequence"]) // 2
    short = current & (rows["update"] == robots["update"][ids]) & idle & (left > 0)
    dropped = current & idle & cancelled(rows)
    robots["cancel"][ids[dropped]] = 0
    doubtful = lost | older | refused | short | dropped
    robots["lost"][ids[lost]] = 1
    ready = (rows["order"] >= 0) & (rows["order"] < order) & (acked < 0) & idle & ~elsewhere
    closed = ids[(current | ready) & ~doubtful]
    robots["anchor"][closed] = -1
    robots["lost"][closed] = 0
    waited = world.tick - robots["sent"][ids] > ANSWER_TICKS
    refuses = (lost & (rows["error"] == 1) & waited)[doubtful]
    ids, cells = ids[doubtful], rows["cell"][doubtful]
    ours = (cells >= 0) & (world.held[cells] == ids)
    robots["fault"][ids[~ours]] = 1
    ids, cells, refuses = ids[ours], cells[ours], refuses[ours]
    new = (robots["anchor"][ids] < 0) | (robots["anchor_cell"][ids] != cells) | refuses
    ids, cells = ids[new], cells[new]
    robots["sent"][ids] = world.tick
    robots["issued"][ids] += 1
    robots["anchor"][ids] = robots["issued"][ids]
    robots["anchor_cell"][ids] = cells
    return ids


def cancelled(rows: np.ndarray) -> np.ndarray:
    """Return which states (dtype `events.REPORT`) say that their order was dropped; bool.

    A robot speaks of it until it has another order.
    """
    return np.asarray(
        (rows["instant_kind"] == Action.CANCEL_ORDER)
        & (rows["instant_state"] == ActionState.FINISHED)
    )


def adopt(world: World, report: np.void) -> None:
    """Take a robot as it is: it reflects an anchor, so it stands there and has no base."""
    robot, cell = int(report["robot"]), int(report["cell"])
    row = world.robots[robot]
    if cell < 0 or world.held[cell] != robot or report["order"] > row["issued"]:
        row["fault"] = 1
        return
    mine = np.flatnonzero(world.held == robot)
    mine = mine[mine != cell]
    release(world.held, np.full(len(mine), robot), mine)
    _forget(row, int(report["order"]), cell)
    row["epoch"] = report["epoch"]
    if row["lost"]:
        world.alarms.append((Alarm.REBOOTED, robot, cell, 0))
        row["header"] = report["header"]
    row["lost"] = 0
    more = [int(one) - 1 for one in report["more"] if one]
    _reconcile(world, robot, [int(report["load"]), *more] if report["load"] >= 0 else [])
    if row["out"] != Out.NO:
        let_go(world, robot)


def _forget(row: np.void, order: int, cell: int) -> None:
    """Let a robot stand on a cell with nothing released, its next move a new order."""
    row["order"] = order
    row["cell"] = cell
    row["base"] = -1
    row["anchor"] = row["anchor_cell"] = -1
    for name in ("ahead", "update", "acked", "sequence", "passed", "closed", "fault", "cancel"):
        row[name] = 0
    row["fresh"] = 1


def carries_unknown(world: World, rows: np.ndarray) -> np.ndarray:
    """Return which states (dtype `events.REPORT`) tell of a parcel that no task knows; bool."""
    said = [[one for one in row if one >= 0] for row in loads(rows).tolist()]
    unknown = [_unknown(world, k, on) for k, on in zip(indices(rows).tolist(), said, strict=True)]
    return np.array(unknown, bool)


def _unknown(world: World, robot: int, said: list[int]) -> bool:
    row = world.robots[robot]
    if row["phase"] in (RobotPhase.IDLE, *battery.AT_CHARGER):
        return len(said) > 0
    return not set(said) <= {int(row["parcel"]), *boards.on_board(world, robot)}


def _reconcile(world: World, robot: int, said: list[int]) -> None:
    """Let a robot that has lost its order go on with its task, by what it says is on board."""
    row = world.robots[robot]
    phase, parcel = row["phase"], int(row["parcel"])
    row["fault"] = _unknown(world, robot, said)  # somebody has to look
    if phase in (RobotPhase.IDLE, *battery.AT_CHARGER):
        if phase == RobotPhase.CHARGING:  # whatever it was told, it begins again
            row["phase"] = RobotPhase.TO_CHARGER
        elif phase == RobotPhase.UNPLUGGING:
            battery.free(row)
        return
    if row["fault"]:
        return
    # Dropped, or lost on the way: nobody knows, so somebody looks.
    for gone in boards.on_board(world, robot):
        if gone not in said and gone != parcel:
            flow.lose(world, robot, gone)
    if phase in (RobotPhase.TO_STATION, RobotPhase.LOADING):
        row["phase"] = RobotPhase.TO_STATION
        if parcel in said:
            flow.picked(world, robot)
    elif parcel in said:
        row["phase"] = RobotPhase.TO_CHUTE
    else:
        flow.dropped(world, robot, parcel_was_there=False)


def let_go(world: World, robot: int) -> None:
    """Take from a robot that leaves what it has not begun: parcels not picked, a charger."""
    row = world.robots[robot]
    if row["phase"] == RobotPhase.TO_STATION and not row["closed"]:
        flow.unassign(world, robot)
    elif row["phase"] in (RobotPhase.TO_STATION, RobotPhase.LOADING):
        boards.leave(world, robot, but=int(row["parcel"]))
    elif row["phase"] == RobotPhase.TO_CHARGER and not row["closed"]:
        battery.free(row)


def clear(world: World, robot: int, cell: int, load: int) -> None:
    """Take in what an operator confirms: where a robot is, and that it holds nothing else.

    The robot is switched off, so that no message to it is under way any more.

    Parameters
    ----------
    cell
        Free, or held by this robot; -1: off the floor.
    load
        The parcel that was found on it; below 0: none.
    """
    row = world.robots[robot]
    mine = np.flatnonzero(world.held == robot)
    release(world.held, np.full(len(mine), robot), mine)
    row["issued"] += 1
    _forget(row, int(row["issued"]), cell)
    if row["phase"] != RobotPhase.IDLE:
        if load == row["parcel"] and row["phase"] in (RobotPhase.TO_STATION, RobotPhase.LOADING):
            flow.picked(world, robot)
        for parcel in boards.on_board(world, robot):
            flow.lose(world, robot, parcel)
        flow.unassign(world, robot)
    row["load"] = -1
    if len(world.boards):
        world.boards["said"][robot] = -1
    row["next"] = -1
    if cell < 0:
        row["fault"] = 1
    else:
        grant(world.held, np.array([robot]), np.array([cell]))


def anchors(world: World, ids: np.ndarray) -> np.ndarray:
    """Return the anchor of each of these robots: an order of one node, where it says it stands.

    Only an idle robot that stands there takes it, and takes nothing older afterwards; so its
    reflection proves that nothing is left of any earlier base.
    """
    robots = world.robots
    ids = ids[robots["anchor"][ids] >= 0]
    orders = np.zeros(len(ids), ORDER)
    orders["robot"] = ids
    orders["epoch"] = world.epoch
    orders["order"] = robots["anchor"][ids]
    orders["start"] = robots["anchor_cell"][ids]
    orders["cells"] = -1
    orders["parcel"] = -1
    return orders
