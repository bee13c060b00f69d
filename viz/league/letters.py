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

_RUN_LETTERS = np.frombuffer(b"FRCWT", np.uint8)
_COMMA, _SPACE, _ZERO = b", 0"  # as numbers


def actions_of(texts: Sequence[str], letters: dict[str, int]) -> np.ndarray:
    """Return what each robot does at each tick; uint8[robots, ticks].

    Letters that are not known wait, and so does who has come to its path's end.
    """
    code = np.zeros(256, np.uint8)
    for letter, number in letters.items():
        code[ord(letter)] = number
    table, ticks = np.zeros((len(texts), 0), np.uint8), 0
    for robot, text in enumerate(texts):
        path = code[_letters(text)]
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


def _letters(text: str) -> np.ndarray:
    """Return one path as letters, from "F,R,W" or the run-length form of 2026."""
    read = np.frombuffer(text.encode(), np.uint8)
    if text.startswith("["):
        return _runs(read)
    if (read[1::2] == _COMMA).all():
        return read[::2]
    return read[read != _COMMA]


def _runs(read: np.ndarray) -> np.ndarray:
    """Return letters from "F 3,W 12": each as often as the number behind it says."""
    read = np.append(read, np.zeros(20, np.uint8))
    at = np.flatnonzero(np.isin(read[:-1], _RUN_LETTERS) & (read[1:] == _SPACE))
    count = np.zeros(len(at), np.int64)
    digit, more = at + 2, np.ones(len(at), bool)
    while True:
        value = read[np.minimum(digit, len(read) - 1)].astype(np.int64) - _ZERO
        more &= (value >= 0) & (value <= 9)
        if not more.any():
            return np.repeat(read[at], count)
        count = np.where(more, 10 * count + value, count)
        digit += 1
