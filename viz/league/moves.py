"""Moves of a League result: played from where robots start, a block of ticks at a time.

What each robot does takes a byte a tick.  Where all of them stand is kept for the beginning of each
block; any other moment is played from there, all robots and ticks of its block at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from routing.floor.grid import Floor
from viz.league.letters import (
    FORWARD,
    GO,
    LEFT,
    RIGHT,
    TURNING,
    TURNLESS,
    WAIT,
    PathError,
    actions_of,
    is_2026,
)
from viz.source import SourceError

BLOCK = 64  # ticks
HEADINGS = {"E": 0, "S": 1, "W": 2, "N": 3}
STEPS = np.array([(0, 1), (1, 0), (0, -1), (-1, 0)])  # row, column by heading
_DOWN, _ALONG = STEPS.astype(np.int8).T.copy()
_TURN = np.zeros(4, np.uint8)
_TURN[[RIGHT, LEFT]] = 1, 3


@dataclass(frozen=True)
class Played:
    """Robots by tick, from before a block's first action to after its last one."""

    row: np.ndarray  # int32, shape (ticks + 1, robots)
    column: np.ndarray
    heading: np.ndarray  # uint8
    counter: np.ndarray  # uint16, ticks of an action that are done
    forward: np.ndarray  # uint8, 1: what was begun last is a move, not a turn

    def end(self) -> Played:
        """Return its last moment alone."""
        parts = (self.row, self.column, self.heading, self.counter, self.forward)
        return Played(*(part[-1:].copy() for part in parts))


@dataclass(frozen=True)
class Block:
    """Some ticks in a row; shape (ticks, robots)."""

    first: int  # its first tick
    cells: np.ndarray  # int32
    headings: np.ndarray  # uint8
    waits: np.ndarray  # bool: what it does next is nothing
    progress: np.ndarray | None  # uint16, ticks of a move forward that are done


class Moves:
    """All moves of a result, by blocks.

    In the 2026 edition an action takes `period` ticks, and a robot is between two cells meanwhile.
    """

    def __init__(
        self, floor: Floor, actions: np.ndarray, start: Played, period: int = 1, up: int = 0
    ) -> None:
        self.period = period
        self.robots = len(actions)
        self.width = floor.width
        self.ticks = actions.shape[1] + 1  # moments, with that after the last action
        self._floor = floor
        self._actions = actions  # uint8[robots, ticks - 1]
        self._up = up  # of robots that do not turn: what going up adds to their row
        self._starts = [start]  # of the blocks that have been played

    def __len__(self) -> int:
        return -(-self.ticks // BLOCK)

    def blocks(self) -> Iterator[Block]:
        """Yield all blocks, one after the other."""
        return map(self.block, range(len(self)))

    def block(self, number: int) -> Block:
        """Return one block."""
        first = number * BLOCK
        ticks = min(BLOCK, self.ticks - first)
        actions, played = self._play(number)
        waits = np.zeros((ticks, self.robots), bool)
        waits[: len(actions)] = actions == WAIT
        cells = (played.row * np.int32(self.width) + played.column)[:ticks]
        progress = None
        if self.period > 1:
            progress = np.where(played.forward, played.counter, np.uint16(0))[:ticks]
        return Block(first, cells, played.heading[:ticks], waits, progress)

    def leaves(self, only_free: bool = False) -> tuple[int, int, int, int] | None:
        """Return who leaves the map first: tick, robot, row and column; None: nobody.

        Where nobody does, all blocks can be asked for.  `only_free`: or enters a blocked cell.
        """
        height, width = self._floor.height, self.width
        for number in range(len(self)):
            played = self._play(number)[1]
            row, column = played.row, played.column
            outside = (row.view(np.uint32) >= height) | (column.view(np.uint32) >= width)
            if only_free and not outside.any():
                outside = ~self._floor.free[row * np.int32(width) + column]
            if outside.any():
                tick, robot = divmod(int(outside.argmax()), self.robots)
                at = int(row[tick, robot]), int(column[tick, robot])
                return number * BLOCK + tick, robot, *at
            if number + 1 == len(self._starts):
                self._starts.append(played.end())
        return None

    def _play(self, number: int) -> tuple[np.ndarray, Played]:
        """Return a block's actions, by tick and robot, and what comes of them."""
        first = number * BLOCK
        actions = np.ascontiguousarray(self._actions[:, first : first + BLOCK].T)
        start = self._starts[number]
        if self._up:
            return actions, _play_turnless(actions, start, self._up)
        return actions, _play_turning(actions, start, self.period)


def _play_turning(actions: np.ndarray, start: Played, period: int) -> Played:
    active = actions != WAIT
    ready = active
    counter = forward = np.zeros((1, actions.shape[1]), np.uint8)
    if period > 1:
        done = (_summed(start.counter.astype(np.int32), active)) % period
        ready = active & (done[1:] == 0)
        counter = done.astype(np.uint16)
        forward = _last(start.forward, actions == FORWARD, active)
    heading = _summed(start.heading, np.where(ready, _TURN[actions], np.uint8(0))) & np.uint8(3)
    ahead = ready & (actions == FORWARD)
    row = _summed(start.row, _DOWN[heading[:-1]] * ahead)
    column = _summed(start.column, _ALONG[heading[:-1]] * ahead)
    return Played(row, column, heading, counter, forward)


def _play_turnless(actions: np.ndarray, start: Played, up: int) -> Played:
    """Who moves faces where it goes, and who stands faces where it went."""
    goes = actions >= GO
    heading = np.where(goes, actions - np.uint8(GO), np.uint8(0))
    row = _summed(start.row, np.where(goes, _DOWN[heading], np.int8(0)) * np.int8(-up))
    column = _summed(start.column, np.where(goes, _ALONG[heading], np.int8(0)))
    if up > 0:
        heading = np.where(heading & 1, heading ^ 2, heading)
    faced = _last(start.heading, heading, goes)
    shown = np.concatenate([faced[1:], faced[-1:]])  # already before it goes there
    return Played(row, column, shown, start.counter, start.forward)


def _summed(start: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return running totals, with that before the first step."""
    return np.concatenate([start, steps]).cumsum(axis=0, dtype=start.dtype)


def _last(start: np.ndarray, values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return at each tick the last value (0 to 3) that was known, with that before the first."""
    order = 4 * np.arange(1, len(values) + 1, dtype=np.uint16)[:, None]
    marked = np.concatenate([start, np.where(known, order + values, np.uint16(0))])
    return (np.maximum.accumulate(marked, axis=0) & 3).astype(np.uint8)


def replay(path: Path, plain: dict[str, Any], floor: Floor) -> Moves:
    """Return what all robots did, from where they started and the letters of their paths.

    Raises
    ------
    SourceError
        If that cannot be read, or leads off the map.
    """
    starts = plain["start"]
    texts = plain.get("actualPaths") or plain.get("plannerPaths") or []
    turns = plain.get("actionModel") != "MAPF"
    try:
        if not len(starts):
            raise SourceError(f"{path}: a result of no robots: start is empty; name another file")
        if not turns:  # a converted plan has no headings, and starts of robots it does not use
            starts = [[row, column, "E"] for row, column, *_ in starts[: len(texts)]]
        period = int(plain.get("agentMaxCounter", 1)) if is_2026(texts) else 1
        start = _standing([(int(r), int(c), HEADINGS[h]) for r, c, h in starts])
        actions = actions_of(texts, TURNING if turns else TURNLESS)
    except SourceError:
        raise
    except PathError as error:
        raise SourceError(f"{path}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise SourceError(
            f"{path}: start or actualPaths cannot be read ({error!r}); was the file made by the "
            "League's simulator?"
        ) from None
    if len(actions) != len(starts):
        raise SourceError(f"{path}: {len(starts)} starts, but {len(actions)} paths; cut off?")
    if not turns:
        return _turnless(path, floor, actions, start)
    moves = Moves(floor, actions, start, period)
    for parts, only_free in ((Moves(floor, actions[:, :0], start), True), (moves, False)):
        left = parts.leaves(only_free)
        if left is None:
            continue
        tick, robot, row, column = left
        if 0 <= row < floor.height and 0 <= column < floor.width:
            raise SourceError(
                f"{path}: robot {robot} starts on a blocked cell of {floor.name}; name the "
                "result's own map with --map"
            )
        raise SourceError(
            f"{path}: robot {robot} is at row {row}, column {column} at tick {tick}, off the "
            f"{floor.height} x {floor.width} map {floor.name}; name its own map with --map"
        )
    return moves


def still(floor: Floor, cells: np.ndarray) -> Moves:
    """Return robots that stand where they start, all heading east."""
    rows, columns = np.divmod(cells, floor.width)
    start = _standing([(r, c, 0) for r, c in zip(rows.tolist(), columns.tolist(), strict=True)])
    return Moves(floor, np.zeros((len(cells), 0), np.uint8), start)


def _standing(robots: list[tuple[int, int, int]]) -> Played:
    table = np.array(robots, np.int32).reshape(-1, 3)
    row, column, heading = (table[None, :, k].copy() for k in range(3))
    nothing = np.zeros((1, len(table)), np.uint8)
    return Played(row, column, heading.astype(np.uint8), nothing, nothing)


def _turnless(path: Path, floor: Floor, actions: np.ndarray, start: Played) -> Moves:
    """Return moves of robots that go up, down, left and right.

    Some writers count rows from below: where robots would come off the free cells, up is down.
    """
    for up in (-1, 1):
        moves = Moves(floor, actions, start, up=up)
        if moves.leaves(only_free=True) is None:
            return moves
    raise SourceError(
        f"{path}: robots leave the free cells of {floor.name}, whichever way up is; name the "
        "result's own map with --map"
    )
