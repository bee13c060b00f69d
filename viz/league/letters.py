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
WAITING = {"W": WAIT, "T": WAIT}  # of both; T: the planner was late
UNKNOWN = 255

MOST_STEPS = 1_000_000  # that counts may say; letters that are written out may be more
MOST_ACTIONS = 4_000_000_000  # of all robots together, each of which takes a byte

_RUN_LETTERS = np.frombuffer(b"FRCWT", np.uint8)
_DIGITS = np.frombuffer(b"0123456789", np.uint8)
_MARKS = np.frombuffer(b"0123456789,;:()[] -", np.uint8)  # that may stand before a space
_COMMA, _SPACE, _ZERO = b", 0"  # as numbers


class PathError(ValueError):
    """A path that cannot be played: whose, what and the value."""


def actions_of(texts: Sequence[str], letters: dict[str, int]) -> np.ndarray:
    """Return what each robot does at each tick; uint8[robots, ticks].

    Who has come to its path's end waits.

    Raises
    ------
    PathError
        If a path is longer than can be played, or has a letter that is not known.
    """
    code = np.full(256, UNKNOWN, np.uint8)
    for letter, number in (letters | WAITING).items():
        code[ord(letter)] = number
    table, ticks = np.zeros((len(texts), 0), np.uint8), 0
    for robot, text in enumerate(texts):
        read = _letters(robot, text)
        path = code[read]
        if (path == UNKNOWN).any():
            step = int(np.argmax(path == UNKNOWN))
            raise PathError(
                f"robot {robot} does {_letter(text, read[step])!r} at step {step}; actions are "
                f"{', '.join(letters | WAITING)}, with commas between"
            )
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
        return _runs(robot, text, read)
    if (read[1::2] == _COMMA).all():
        return read[::2]
    return read[read != _COMMA]


def _letter(text: str, byte: int) -> str:
    """Return the letter that a byte of a text is, or the first one that takes several."""
    return chr(byte) if byte < 128 else next(letter for letter in text if not letter.isascii())


def _runs(robot: int, text: str, read: np.ndarray) -> np.ndarray:
    """Return letters from "F 3,W 12": each as often as the number behind it says."""
    read = np.append(read, np.zeros(20, np.uint8))
    at = np.flatnonzero(read[1:] == _SPACE)
    at = at[np.isin(read[at + 2], _DIGITS) & ~np.isin(read[at], _MARKS)]
    known = np.isin(read[at], _RUN_LETTERS)
    if not known.all():
        wrong = _letter(text, int(read[at[~known][0]]))
        raise PathError(f"robot {robot} does {wrong!r}; actions are F, R, C, W and T")
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
