"""What a robot has to carry: its task, and where robots carry several, its whole load.

A load is of one station.  Its parcels are picked one after another, each by an order of its own,
and then dropped one after another.  Every function changes the world in place; none decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fleet.events import Barred, ParcelState, RobotPhase

if TYPE_CHECKING:
    from fleet.world import World

CARRYING = (
    RobotPhase.TO_STATION, RobotPhase.LOADING, RobotPhase.TO_CHUTE, RobotPhase.DROPPING,
)  # fmt: skip


def load(world: World, robot: int) -> list[int]:
    """Return a robot's parcels, on board or still to be loaded, in the order of their drops."""
    if not len(world.boards):
        parcel = int(world.robots["parcel"][robot])
        return [parcel] if parcel >= 0 else []
    parcels = world.boards["parcels"][robot]
    return [int(parcel) for parcel in parcels if parcel >= 0]


def on_board(world: World, robot: int) -> list[int]:
    """Return those of a robot's parcels that it has on board, as far as is known."""
    states = world.parcels["state"]
    return [k for k in load(world, robot) if states[k] == ParcelState.ON_ROBOT]


def has_still(world: World, robot: int) -> bool:
    """Tell whether a robot said last that it has the parcel of its action on board."""
    row = world.robots[robot]
    if not len(world.boards):
        return bool(row["load"] == row["parcel"])
    return bool((world.boards["said"][robot] == row["parcel"]).any())


def all_on_board(world: World) -> np.ndarray:
    """Return what each robot has on board, in the order of the drops, -1 behind.

    int32[robots, MAX_PARCELS]; empty where robots carry one at most.
    """
    parcels = world.boards["parcels"]
    aboard = parcels >= 0
    aboard[aboard] = world.parcels["state"][parcels[aboard]] == ParcelState.ON_ROBOT
    order = np.argsort(~aboard, axis=1, kind="stable")
    kept = np.take_along_axis(np.where(aboard, parcels, -1), order, axis=1)
    return np.asarray(kept, np.int32)


def several(world: World, robots: np.ndarray) -> np.ndarray:
    """Return which of these robots have more than one parcel to carry; bool."""
    if not len(world.boards):
        return np.zeros(len(robots), bool)
    return np.asarray(world.boards["parcels"][robots, 1] >= 0)


def undecided(world: World) -> np.ndarray:
    """Return the robots that have their first parcel on board and no whole load yet; int64."""
    if not len(world.boards):
        return np.empty(0, np.int64)
    robots = world.robots
    return np.flatnonzero(
        (robots["phase"] == RobotPhase.TO_CHUTE) & (world.boards["complete"] == 0)
    )


def begin(world: World, robot: int, parcel: int) -> None:
    """Let a robot's load begin with this parcel."""
    if len(world.boards):
        board = world.boards[robot]
        board["parcels"], board["complete"] = -1, 0
        board["parcels"][0] = parcel


def complete(world: World, rows: np.ndarray) -> None:
    """Take in what robots take along (dtype `events.LOAD`)."""
    if not len(rows):
        return
    robots = rows["robot"].tolist()
    world.boards["parcels"][robots] = rows["parcels"]
    world.boards["complete"][robots] = 1
    for robot, parcels in zip(robots, rows["parcels"].tolist(), strict=True):
        mine = [parcel for parcel in parcels if parcel >= 0]
        world.parcels["robot"][mine] = robot
        world.tasks.extend((robot, parcel) for parcel in mine)  # in order, for who looks back
        go_on(world, robot)


def take_off(world: World, robot: int, parcels: list[int]) -> None:
    """Take parcels out of a robot's load."""
    world.parcels["robot"][parcels] = -1
    if not len(world.boards):
        if parcels:
            world.robots["parcel"][robot] = -1
    else:
        left = [k for k in load(world, robot) if k not in parcels]
        world.boards["parcels"][robot] = -1
        world.boards["parcels"][robot, : len(left)] = left


def leave(world: World, robot: int, but: int = -1) -> None:
    """Let a robot load nothing more `but` one parcel; what else it has not on board is free."""
    states = world.parcels["state"]
    rest = [k for k in load(world, robot) if states[k] != ParcelState.ON_ROBOT and k != but]
    take_off(world, robot, rest)
    if len(world.boards):
        world.boards["complete"][robot] = 1


def go_on(world: World, robot: int) -> None:
    """Set what a robot does next with its load: pick, drop, or nothing where none is left."""
    row = world.robots[robot]
    parcels = load(world, robot)
    states = world.parcels["state"]
    row["since"] = world.tick
    row["fresh"] = 1
    waiting = [k for k in parcels if states[k] != ParcelState.ON_ROBOT]
    if waiting:
        row["parcel"], row["phase"] = waiting[0], RobotPhase.TO_STATION
        row["goal"] = world.floor.stations[world.parcels["station"][waiting[0]]]
    elif parcels:
        row["parcel"], row["phase"] = _first_open(world, parcels), RobotPhase.TO_CHUTE
        row["goal"] = world.chute_cells[destination(world, int(row["parcel"]))]
    else:
        row["parcel"], row["phase"], row["goal"] = -1, RobotPhase.IDLE, -1


def turn_away(world: World) -> None:
    """Let robots that stand before a shut chute, or may not go to theirs, drop something else."""
    robots = world.robots
    ids = np.flatnonzero(
        (robots["phase"] == RobotPhase.TO_CHUTE) & (robots["closed"] == 0) & (robots["ahead"] == 0)
    )
    ids = ids[several(world, ids)]
    goals = robots["goal"][ids]
    there = (robots["cell"][ids] == goals) | (world.barred[goals] != Barred.NO)
    for robot in ids[there].tolist():
        parcels = load(world, robot)
        if _shut(world, [int(robots["parcel"][robot])])[0] and not _shut(world, parcels).all():
            go_on(world, robot)


def _first_open(world: World, parcels: list[int]) -> int:
    """Return the first of these whose chute takes it now; the first of all where none does."""
    return parcels[int(np.argmin(_shut(world, parcels)))]


def _shut(world: World, parcels: list[int]) -> np.ndarray:
    """Return which of these parcels cannot be dropped now; bool."""
    chutes = destinations(world, np.array(parcels))
    barred = world.barred[world.chute_cells[chutes]] != Barred.NO
    return np.asarray(barred | (world.chutes["until"][chutes] > world.tick))


def destinations(world: World, parcels: np.ndarray) -> np.ndarray:
    """Return the chute index each parcel goes to: its tour's, or a reject chute by its station."""
    rows = world.parcels
    tours = rows["tour"][parcels]
    chutes = world.n_chutes + rows["station"][parcels] % len(world.floor.rejects)
    toured = tours >= 0
    chutes[toured] = world.tours["chute"][tours[toured]]
    return chutes


def robots_by_chute(world: World, in_use: np.ndarray) -> np.ndarray:
    """Return how many of the robots `in_use` have each chute's parcel as their next task;
    int32[chutes]."""
    robots = world.robots
    busy = np.isin(robots["phase"], CARRYING) & (robots["parcel"] >= 0) & in_use
    chutes = destinations(world, robots["parcel"][busy])
    return np.bincount(chutes, minlength=len(world.chutes)).astype(np.int32)


def destination(world: World, parcel: int) -> int:
    """Return the chute index one parcel goes to."""
    return int(destinations(world, np.array([parcel]))[0])
