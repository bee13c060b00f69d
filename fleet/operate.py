"""What operators ask for, and what it does to robots and cells.

Pure: a request is an event like any other, so that the journal replays it.  One that makes no
sense changes nothing and is told why in one line; one that asks for what is so already is done.
No request takes a cell from a robot but a clearance, which says what somebody has seen.
"""

from __future__ import annotations

import numpy as np

from fleet import battery, boards, recover
from fleet.events import Barred, Operation, Out, RobotPhase
from fleet.grants import FREE
from fleet.requests import MAX_SPEED, SPEED_PARTS
from fleet.world import World

NOTHING = -1  # in the place of a robot, cell, goal or parcel
UNKNOWN = -2  # a parcel by a name that the day does not know
EMPTY = -3  # somebody has seen that there is none
PICKING = (RobotPhase.TO_STATION, RobotPhase.LOADING)


def take(world: World, rows: np.ndarray) -> list[str]:
    """Do what operators ask for (dtype `events.OPERATE`); return why not, "" for what is done."""
    answers = []
    for what, robot, cell, parcel in rows.tolist():
        answer = refusal(world, what, robot, cell, parcel)
        answers.append(answer)
        if not answer:
            _do(world, Operation(what), robot, cell, parcel)
    return answers


def refusal(world: World, what: int, robot: int, cell: int, parcel: int) -> str:
    """Return why a request makes no sense; "" where it does."""
    if what in (Operation.CLOSE, Operation.OPEN):
        return _cell_refusal(world, cell)
    if what == Operation.SPEED:
        speed = cell / SPEED_PARTS
        if 0 <= speed <= MAX_SPEED:
            return ""
        return f"speed {speed:g} is out of range; choose 0 (the clock stands) to {MAX_SPEED:,.0f}"
    floor = what in (Operation.PAUSE, Operation.RESUME) and robot == NOTHING
    n = len(world.robots)
    if not floor and not 0 <= robot < n:
        return f"robot {robot}: no such robot; this day has 0 to {n - 1}"
    if what in (Operation.OUT, Operation.IN) and world.robots["cell"][robot] < 0:
        return f"robot {robot}: off the floor; first say where it stands again, with clear"
    if what == Operation.CLEAR:
        return _clear_refusal(world, robot, cell, parcel)
    return ""


def _cell_refusal(world: World, cell: int) -> str:
    if not 0 <= cell < len(world.held):
        return f"cell {cell}: no such cell; this floor has 0 to {len(world.held) - 1}"
    return "" if world.floor.free[cell] else f"cell {cell}: a wall; nobody enters it anyway"


def _clear_refusal(world: World, robot: int, cell: int, parcel: int) -> str:
    row = world.robots[robot]
    lost = row["online"] == 0 or row["fault"] == 1 or row["cell"] < 0
    if not lost and row["out"] == Out.NO:
        return f"robot {robot}: in use, and not lost; take it out first"
    if cell != NOTHING:
        wrong = _cell_refusal(world, cell)
        if wrong:
            return wrong
        if world.held[cell] not in (FREE, robot):
            return f"cell {cell}: held by robot {world.held[cell]}; choose another, or clear that"
        if world.barred[cell] and world.held[cell] == FREE:
            return f"cell {cell}: closed; open it first, or choose another"
    if parcel not in (NOTHING, EMPTY, *boards.load(world, robot)):
        return f"robot {robot}: has no task with this parcel; leave the parcel away"
    if parcel == NOTHING and row["closed"] and row["phase"] in PICKING:
        return (
            f"robot {robot}: was told to pick a parcel and never said whether it did; look, and "
            "clear it with --parcel and the parcel's ID, or with --empty"
        )
    return ""


def _do(world: World, what: Operation, robot: int, cell: int, parcel: int) -> None:
    """Do it; a speed changes nothing here, but whoever turns the clock looks for it (`serve`)."""
    robots = world.robots
    if what in (Operation.PAUSE, Operation.RESUME):
        if robot == NOTHING:
            world.paused = int(what == Operation.PAUSE)
        else:
            robots["paused"][robot] = what == Operation.PAUSE
    elif what == Operation.OUT:
        _take_out(world, robot)
    elif what == Operation.IN:
        robots["out"][robot] = Out.NO
    elif what == Operation.CLOSE:
        world.barred[cell] = world.barred[cell] or Barred.WHEN_LEFT
    elif what == Operation.OPEN:
        world.barred[cell] = Barred.NO
    elif what == Operation.CLEAR:
        recover.clear(world, robot, cell, parcel)


def _take_out(world: World, robot: int) -> None:
    """Let a robot drop its order and leave; what it has not picked is somebody else's."""
    row = world.robots[robot]
    if row["out"] != Out.NO:
        return
    row["out"] = Out.LEAVING
    row["next"] = -1
    # One that plugs in or is plugged in leaves when it has enough.
    row["cancel"] = row["phase"] not in battery.AT_CHARGER or not row["closed"]
    recover.let_go(world, robot)


def settle(world: World) -> None:
    """Close cells that were left, and let robots stand that have gone aside."""
    barred = np.flatnonzero(world.barred == Barred.WHEN_LEFT)
    world.barred[barred[world.held[barred] == FREE]] = Barred.CLOSED
    leaving = np.flatnonzero(world.robots["out"] == Out.LEAVING)
    rows = world.robots[leaving]
    cells = rows["cell"]
    there = (cells >= 0) & (rows["ahead"] == 0) & (rows["closed"] == 0)
    there &= world.quiet[cells] & (world.barred[cells] == Barred.NO)
    world.robots["out"][leaving[there]] = Out.STANDS


def in_use(world: World) -> np.ndarray:
    """Return which robots may be given parcels and further tasks; bool[robots].

    They are reachable and in order, and no operator has paused them or taken them out.
    """
    robots = world.robots
    sound = (robots["online"] == 1) & (robots["fault"] == 0)
    return np.asarray(sound & (robots["paused"] == 0) & (robots["out"] == Out.NO))


def stands(world: World) -> np.ndarray:
    """Return which robots stay where they are until an operator says otherwise; bool[robots]."""
    robots = world.robots
    told = (robots["paused"] == 1) | (robots["out"] == Out.STANDS)
    rests = (robots["ahead"] == 0) & (robots["closed"] == 0)
    return np.asarray(told & (rests | (robots["halted"] == 1)))


def planner_goals(world: World, shut: np.ndarray) -> np.ndarray:
    """Return the goal that the planner is to lead each robot to, -1 for none; int32[robots].

    Who leaves has none, nor who cannot get to where it wants to go: it makes way meanwhile.  Who
    stands on a cell that is to be closed, and has no business there, goes to the nearest quiet one.

    Parameters
    ----------
    shut
        Cells that nobody enters now; int[k].
    """
    robots = world.robots
    goals = robots["goal"].astype(np.int32)
    goals[robots["out"] != Out.NO] = NOTHING
    barred = world.barred != Barred.NO
    if not len(shut) and not barred.any():
        return goals
    closed = barred.copy()
    closed[shut] = True
    cells = robots["cell"]
    goals[(goals >= 0) & closed[goals] & (cells != goals)] = NOTHING
    asked = (goals < 0) & (cells >= 0) & barred[cells]
    if asked.any():
        free = np.flatnonzero(world.quiet & ~closed & (world.held == FREE))
        row, column = np.divmod(free, world.floor.width)
        for robot in np.flatnonzero(asked).tolist() if len(free) else []:
            at, across = divmod(int(cells[robot]), world.floor.width)
            goals[robot] = free[np.argmin(abs(row - at) + abs(column - across))]
    return goals
