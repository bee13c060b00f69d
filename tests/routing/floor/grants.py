"""Robots that carry out what a planner grants, cell by cell."""

import numpy as np

from routing.floor.grid import Floor
from routing.floor.planner import FloorPlanner, FloorState, Planner


def play(
    plan: Floor, starts: list[int], goals: list[int], ticks: int, *, following: bool = False,
    turn_ticks: int = 0, stuck: tuple[int, ...] = (), blocked: bool = False, late: bool = False,
    seed: int = 0, planner: FloorPlanner | None = None,
) -> np.ndarray:  # fmt: skip
    """Execute a planner's moves under the rules of grants; return where each robot was."""
    planner = planner or Planner(plan, following, turn_ticks, seed)
    robots = len(starts)
    cells = np.array(starts, np.int32)
    headings = np.zeros(robots, np.uint8)
    behind = np.full(robots, -1, np.int32)
    until = np.zeros(robots, np.int32)
    until[list(stuck)] = ticks + 1
    seen = [cells.copy()]
    for tick in range(ticks):
        arrived = (until <= tick) & (behind >= 0)
        behind[arrived] = -1
        held = np.full(plan.cells, -1, np.int32)
        held[cells] = np.arange(robots)
        held[behind[behind >= 0]] = np.flatnonzero(behind >= 0)
        state = FloorState(
            cells, headings, np.array(goals, np.int32), np.zeros(robots, np.int32), until <= tick,
            held, tick, cells[list(stuck)] if blocked else None,
            np.isin(np.arange(robots), stuck) if late else None,
            ready=np.maximum(until - tick, 0), going=until <= ticks,
            stood=np.maximum(tick - until, 0),
        )  # fmt: skip
        moves = planner.step(state)
        for robot in np.flatnonzero(moves != cells):
            way = plan.successors[cells[robot]].tolist().index(moves[robot])
            quarter = (way - int(headings[robot])) % 4
            until[robot] = tick + 1 + (1 if quarter == 3 else quarter) * turn_ticks
            behind[robot] = cells[robot]
            headings[robot] = way
        cells = moves
        done = (until <= tick + 1) & (behind >= 0)
        seen.append(np.where((behind >= 0) & ~done, behind, cells))
    return np.array(seen)


def drawn(seed: int, density: float) -> tuple[Floor, list[int], list[int]]:
    """Return a random floor, and robots on it: where they begin and where they go (-1: nowhere)."""
    rng = np.random.default_rng(seed)
    letters = rng.choice([ord(c) for c in ".......@@>v<^ES"], (7, 9)).astype(np.uint8)
    plan = Floor.of_letters(letters)
    free = np.flatnonzero(plan.free)
    robots = max(1, int(density * len(free)))
    starts = rng.choice(free, robots, replace=False).tolist()
    goals = np.where(rng.random(robots) < 0.8, rng.choice(free, robots), -1).tolist()
    return plan, starts, goals
