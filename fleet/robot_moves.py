"""What robots do in a tick, over columns: they drive, turn, pick and drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fleet.events import Action, ActionState, loads
from fleet.faults import Chance, draw
from fleet.rows import put, select

if TYPE_CHECKING:
    from fleet.robot import Vehicle


def live(robots: np.ndarray, first: int, vehicle: Vehicle, still: np.ndarray | None) -> None:
    """Let those move, turn and act that can; arguments as for `robot.step`."""
    halted = robots["paused"] == 1
    if halted.any():
        still = halted if still is None else still | halted
    if still is not None and still.any():
        robots["driving"][still] = 0
        goes = np.flatnonzero(~still)
        moving = select(robots, goes)
        _step(moving, goes + first, vehicle)
        put(robots, goes, moving)
    else:
        _step(robots, np.arange(first, first + len(robots)), vehicle)


def _step(robots: np.ndarray, numbers: np.ndarray, vehicle: Vehicle) -> None:
    ids = np.flatnonzero(robots["left"] > 0)
    robots["driving"] = 0
    robots["driving"][ids] = 1
    ahead = robots["queue"][ids, 0]
    step_by = ahead - robots["cell"][ids]
    down = step_by == vehicle.width
    wanted = np.where(step_by == 1, 0, np.where(down, 1, np.where(step_by == -1, 2, 3)))
    heading = robots["heading"][ids]
    straight = wanted == heading
    # Turn right only where that is the shorter way.
    turning, way = ids[~straight], ((wanted - heading) % 4)[~straight]
    robots["turned"][turning] += 1
    done = robots["turned"][turning] >= vehicle.turn
    robots["turned"][turning[done]] = 0
    robots["heading"][turning[done]] += np.where(way[done] == 3, 3, 1).astype(np.uint8)
    robots["heading"][turning[done]] %= 4

    # A robot that has arrived begins its action in the next tick.
    _act(robots, numbers, vehicle, skip=ids)
    moving = ids[straight]
    robots["cell"][moving] = ahead[straight]
    robots["sequence"][moving] += 2
    robots["left"][moving] -= 1
    robots["queue"][moving, :-1] = robots["queue"][moving, 1:]
    robots["queue"][moving, -1] = -1


def _act(robots: np.ndarray, numbers: np.ndarray, vehicle: Vehicle, skip: np.ndarray) -> None:
    here = np.ones(len(robots), bool)
    here[skip] = False
    begin = here & (robots["action_state"] == ActionState.WAITING)
    robots["action_state"][begin] = ActionState.RUNNING
    ticks = np.array([0, vehicle.load, vehicle.drop, vehicle.plug, vehicle.plug])
    robots["action_left"][begin] = ticks[robots["action"][begin]]
    running = here & (robots["action_state"] == ActionState.RUNNING)
    robots["action_left"][running] -= 1
    ended = np.flatnonzero(running & (robots["action_left"] <= 0))
    if not len(ended):
        return
    picked = ended[robots["action"][ended] == Action.PICK]
    dropped = ended[robots["action"][ended] == Action.DROP]
    robots["action_state"][ended] = ActionState.FINISHED
    _change_loads(robots, picked, dropped, vehicle.parcels)
    robots["charging"][ended[robots["action"][ended] == Action.START_CHARGING]] = 1
    robots["charging"][ended[robots["action"][ended] == Action.STOP_CHARGING]] = 0
    lost = (
        draw(vehicle.seed, Chance.MISSING, numbers[dropped], robots["order"][dropped])
        < vehicle.missing_share
    )
    robots["action_state"][dropped[lost]] = ActionState.FAILED


def _change_loads(
    robots: np.ndarray, picked: np.ndarray, dropped: np.ndarray, parcels: int
) -> None:
    """Take on board what was picked, and off what was dropped."""
    if parcels == 1:
        robots["load"][picked] = robots["parcel"][picked]
        robots["load"][dropped] = -1
        return
    for robot in picked.tolist():
        board = loads(robots[robot : robot + 1])[0]
        if (board >= 0).sum() >= parcels:
            robots["action_state"][robot] = ActionState.FAILED  # there is no room
            continue
        board[np.argmax(board < 0)] = robots["parcel"][robot]
        robots["load"][robot], robots["more"][robot] = board[0], board[1:] + 1
    for robot in dropped.tolist():
        board = loads(robots[robot : robot + 1])[0]
        kept = board[(board >= 0) & (board != robots["parcel"][robot])]
        board[:] = -1
        board[: len(kept)] = kept
        robots["load"][robot], robots["more"][robot] = board[0], board[1:] + 1
