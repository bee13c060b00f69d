"""Paths of a League result as numbers: one action a robot and tick."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Of robots that turn (to their right, to their left).
WAIT, FORWARD, RIGHT, LEFT = range(4)
# Of robots that do not (`actionModel` MAPF): GO and the heading.
GO = 4
TURNING = {"F": FORWARD, "R": RIGHT, "C": LEFT}
TURNLESS = {"R": GO, "D": GO + 1, "L": GO + 2, "U": GO + 3}

MOST_STEPS = 1_000_000  # that counts may say; letters that are written out may be more
MOST_ACTIONS = 4_000_000_000  # of all robots together, each of which takes a byte

_RUN_LETTERS = np.frombuffer(b"FRCWT", np.uint8)
_COMMA, _SPACE, _ZERO = b", 0"  # as numbers


class PathError(ValueError):
    """A path that cannot be played: whose, what and the value."""


def actions_of(texts: Sequence[str], letters: dict[str, int]) -> np.ndarray:
    """Return what each robot does at each tick; uint8[robots, ticks].

    Letters that are not known wait, and so does who has come to its path's end.

    Raises
    ------
    PathError
        If a path is longer than can be played.
    """
    code = np.zeros(256, np.uint8)
    for letter, number in letters.items():
        code[ord(letter)] = number
    table, ticks = np.zeros((len(texts), 0), np.uint8), 0
    for robot, text in enumerate(texts):
        path = code[_letters(robot, text)]
        if len(path) * len(texts) > MOST_ACTIONS:
            raise PathError(
                f"robot {robot} has {len(path):,} steps; viz plays at most {MOST_ACTIONS:,} of all "
                f"{len(texts):,} robots"
            )
        if len(path) > table.shape[1]:  # pages that nobody has written to take no memory
            wider = np.zeros((len(texts), max(len(path), table.shape[1] * 3 // 2)), np.uint8)
            wider[:, :ticks] = table[:, :ticks]
            table = wider
        table[robot, : len(path)] = path
        ticks = max(ticks, len(path))
    return table[:, :ticks]


def is_2026(texts: Sequence[str]) -> bool:
    """Tell whether paths are in the form of 2026, in which an action may take several ticks."""
    return len(texts) > 0 and texts[0].startswith("[")


def _letters(robot: int, text: str) -> np.ndarray:
    """Return one path as letters, from "F,R,W" or the run-length form of 2026."""
    read = np.frombuffer(text.encode(), np.uint8)
    if text.startswith("["):
        return _runs(robot, read)
    if (read[1::2] == _COMMA).all():
        return read[::2]
    return read[read != _COMMA]


def _runs(robot: int, read: np.ndarray) -> np.ndarray:
    """Return letters from "F 3,W 12": each as often as the number behind it says."""
    read = np.append(read, np.zeros(20, np.uint8))
    at = np.flatnonzero(np.isin(read[:-1], _RUN_LETTERS) & (read[1:] == _SPACE))
    count = np.zeros(len(at), np.int64)
    digit, more = at + 2, np.ones(len(at), bool)
    while True:
        value = read[np.minimum(digit, len(read) - 1)].astype(np.int64) - _ZERO
        more &= (value >= 0) & (value <= 9)
        if not more.any():
            break
        count = np.where(more, np.minimum(10 * count + value, MOST_STEPS + 1), count)
        digit += 1
    if count.sum() > MOST_STEPS:
        raise PathError(
            f"robot {robot} has more than the most steps that viz plays, {MOST_STEPS:,}"
        )
    return np.repeat(read[at], count)
