"""Moves of a League result: paths as letters, played from where robots start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routing.floor.grid import Floor
from viz.source import SourceError

# One letter a move where robots do not turn (`actionModel` MAPF): row, column.
_MOVES = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}
HEADINGS = {"E": 0, "S": 1, "W": 2, "N": 3}
_STEPS = np.array([(0, 1), (1, 0), (0, -1), (-1, 0)])  # row, column by heading
_RUN = re.compile(r"([FRCWT]) (\d+)")


@dataclass(frozen=True)
class Moves:
    """All moves of a result, by tick and robot: shape (ticks + 1, robots).

    In the 2026 edition an action takes `period` ticks, and a robot is between two cells meanwhile.
    """

    cells: np.ndarray  # int32
    headings: np.ndarray  # uint8
    waits: np.ndarray  # bool: what it does next is nothing
    period: int = 1
    progress: np.ndarray | None = None  # uint8, ticks of a move forward that are done

    def ahead(self, tick: int, part: float, floor: Floor | None) -> tuple | None:
        """Return to which cell each robot is on its way, and which part of that way is behind it.

        None where moves take a tick, and so do not begin before they end.
        """
        if self.progress is None or floor is None:
            return None
        here, done = self.cells[tick], self.progress[tick].astype(np.float64)
        after = min(tick + 1, len(self.cells) - 1)
        arrives = self.cells[after] != here
        then = np.where(arrives, self.period, self.progress[after])
        step = _STEPS[self.headings[tick]]
        target = here + step[:, 0] * floor.width + step[:, 1]
        return (
            np.where((done > 0) | (then > 0), target, here).astype(np.int32),
            (done + (then - done) * part) / self.period,
        )


def replay(path: Path, plain: dict, floor: Floor) -> Moves:
    """Return what all robots did, from where they started and the letters of their paths."""
    starts, texts = plain["start"], plain.get("actualPaths") or plain["plannerPaths"]
    turns = plain.get("actionModel") != "MAPF"
    if not turns:  # a converted plan has no headings, and starts of robots that it does not use
        starts = [[row, column, "E"] for row, column, *_ in starts[: len(texts)]]
    period = int(plain.get("agentMaxCounter", 1)) if _is_2026(texts) else 1
    try:
        letters = [_letters(text) for text in texts]
        cell = np.array([int(r) * floor.width + int(c) for r, c, _ in starts], np.int32)
        heading = np.array([HEADINGS[h] for _, _, h in starts], np.uint8)
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(
            f"{path}: start or actualPaths cannot be read ({error!r}); was the file made by the "
            "League's simulator?"
        ) from None
    if len(letters) != len(starts):
        raise SourceError(f"{path}: {len(starts)} starts, but {len(letters)} paths; cut off?")
    if not turns:
        return _without_turns(path, floor, cell, letters)
    ticks = max((len(line) for line in letters), default=0)
    table = np.full((ticks, len(starts)), ord("W"), np.uint8)
    for robot, line in enumerate(letters):
        table[: len(line), robot] = line
    cells = np.empty((ticks + 1, len(starts)), np.int32)
    headings = np.empty((ticks + 1, len(starts)), np.uint8)
    progress = np.zeros((ticks + 1, len(starts)), np.uint8) if period > 1 else None
    counter = np.zeros(len(starts), np.int64)
    forward = np.zeros(len(starts), bool)  # what was begun last is a move, not a turn
    row, column = np.divmod(cell, floor.width)
    row, column = row.astype(np.int64), column.astype(np.int64)
    for tick in range(ticks + 1):
        inside = (row >= 0) & (row < floor.height) & (column >= 0) & (column < floor.width)
        if not inside.all():
            robot = int(np.flatnonzero(~inside)[0])
            raise SourceError(
                f"{path}: robot {robot} is at row {row[robot]}, column {column[robot]} at tick "
                f"{tick}, off the {floor.height} x {floor.width} map {floor.name}; name its own "
                "map with --map"
            )
        cells[tick], headings[tick] = row * floor.width + column, heading
        if tick == 0 and not floor.free[cells[0]].all():
            robot = int(np.flatnonzero(~floor.free[cells[0]])[0])
            raise SourceError(
                f"{path}: robot {robot} starts on a blocked cell of {floor.name}; name the "
                "result's own map with --map"
            )
        if tick == ticks:
            break
        action = table[tick]
        active = np.isin(action, (ord("F"), ord("R"), ord("C")))
        counter += active
        ready = active & (counter >= period)
        counter[ready] = 0
        forward = np.where(active, action == ord("F"), forward)
        if progress is not None:
            progress[tick + 1] = np.where(forward, counter, 0)
        ahead = ready & (action == ord("F"))
        row += np.where(ahead, _STEPS[heading, 0], 0)
        column += np.where(ahead, _STEPS[heading, 1], 0)
        turn = np.where(action == ord("R"), 1, np.where(action == ord("C"), 3, 0))
        heading = ((heading + np.where(ready, turn, 0)) % 4).astype(np.uint8)
    waits = np.zeros(cells.shape, bool)
    waits[:-1] = ~np.isin(table, (ord("F"), ord("R"), ord("C")))
    return Moves(cells, headings, waits, period, progress)


def _without_turns(path: Path, floor: Floor, start: np.ndarray, letters: list[np.ndarray]) -> Moves:
    """Return moves of robots that go up, down, left and right, and face where they go.

    Some writers count rows from below: where robots would come off the free cells, up is down.
    """
    ticks = max((len(line) for line in letters), default=0)
    table = np.full((ticks, len(start)), ord("W"), np.uint8)
    for robot, line in enumerate(letters):
        table[: len(line), robot] = line
    waits = np.ones((ticks + 1, len(start)), bool)
    waits[:-1] = ~np.isin(table, [ord(letter) for letter in _MOVES])
    for sign in (1, -1):
        row, column = (np.tile(part, (ticks + 1, 1)) for part in np.divmod(start, floor.width))
        heading = np.zeros((ticks + 1, len(start)), np.uint8)
        for letter, (down, right) in _MOVES.items():
            moves = table == ord(letter)
            row[1:] += sign * down * moves.cumsum(axis=0)
            column[1:] += right * moves.cumsum(axis=0)
            heading[:-1][moves] = _STEPS.tolist().index([sign * down, right])
        inside = (row >= 0) & (row < floor.height) & (column >= 0) & (column < floor.width)
        cells = (row * floor.width + column).astype(np.int32)
        if inside.all() and floor.free[cells].all():
            for tick in range(1, ticks + 1):  # who stands faces where it went
                stands = waits[tick]
                heading[tick][stands] = heading[tick - 1][stands]
            waits[-1] = False
            return Moves(cells, heading, waits)
    raise SourceError(
        f"{path}: robots leave the free cells of {floor.name}, whichever way up is; name the "
        "result's own map with --map"
    )


def _is_2026(texts: list[str]) -> bool:
    return any(text.startswith("[") for text in texts[:1])


def _letters(text: str) -> np.ndarray:
    """Return one path as letters, from "F,R,W" or the run-length form of 2026."""
    if text.startswith("["):
        text = "".join(letter * int(count) for letter, count in _RUN.findall(text))
    else:
        text = text.replace(",", "")
    return np.frombuffer(text.encode(), np.uint8)
