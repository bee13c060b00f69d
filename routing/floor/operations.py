"""What a turning robot can do in the next few steps: operations, and where they lead.

An operation is a sequence of actions of fixed length (F forward, R and C quarter turns, W wait).
Only sequences that differ in where the robot is when are kept: within a stop, turns come first and
waits after, and the tail after the last F is open, since turning there disturbs nobody.
Yukhnevich and Andreychuk: Enhancing PIBT via multi-action operations (EPIBT), AAAI 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

FORWARD, RIGHT, LEFT, WAIT = range(4)
LETTERS = "FRCW"


@dataclass(frozen=True)
class Operations:
    """All operations of one depth.

    Attributes
    ----------
    actions
        Shape (operations, depth), codes 0 F, 1 R, 2 C, 3 W.
    tails
        By operation, how many steps are left open at its end.
    shifted
        By operation, the one that is left of it after its first action, with a wait at the end.
    """

    actions: np.ndarray
    tails: np.ndarray
    shifted: np.ndarray

    @property
    def depth(self) -> int:
        """Steps of an operation."""
        return self.actions.shape[1]


@lru_cache
def operations(depth: int) -> Operations:
    """Return all operations of a depth: 5, 17, 48, 136 for depths 2, 3, 4, 5; only waiting last."""
    words = sorted(_words(depth), key=lambda word: (-word.count("F"), word))
    index = {word: number for number, word in enumerate(words)}
    return Operations(
        actions=np.array([[LETTERS.index(c) for c in word] for word in words], dtype=np.int8),
        tails=np.array([depth - word.rfind("F") - 1 for word in words], dtype=np.int8),
        shifted=np.array([index[_canonical(word[1:] + "W")] for word in words], dtype=np.int16),
    )


def _words(depth: int) -> list[str]:
    """Return the words: stops (turns, then waits) each ended by an F, then an open tail."""
    words = ["W" * depth]
    for stop in range(depth):
        for turns in ("", "R", "C", "RR"):
            if len(turns) > stop:
                continue
            head = turns + "W" * (stop - len(turns)) + "F"
            rest = depth - len(head)
            words += [head + tail for tail in (_words(rest) if rest else [""])]
    return words


def _canonical(word: str) -> str:
    """Return a word with turns before waits in each stop, and no turns in its tail."""
    *stops, tail = word.split("F")
    ordered = ["".join(sorted(stop, key="RCW".index)) for stop in stops]
    return "F".join([*ordered, "W" * len(tail)])


def places(depth: int, forward: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where each operation leads from each state.

    Parameters
    ----------
    forward
        By state (`4 * cell + heading`), the cell that F leads to, or -1 (int32).

    Returns
    -------
    tuple
        Cells by (state, operation, step), int32; end states by (state, operation), int32; whether
        the operation is possible at all, by (state, operation).
    """
    chosen = operations(depth)
    states, count = len(forward), len(chosen.actions)
    cells = np.empty((states, count, depth), dtype=np.int32)
    ends = np.empty((states, count), dtype=np.int32)
    possible = np.ones((states, count), dtype=bool)
    for number, word in enumerate(chosen.actions):
        state = np.arange(states, dtype=np.int32)
        for step, action in enumerate(word):
            if action == FORWARD:
                target = forward[state]
                possible[:, number] &= target >= 0
                state = np.where(target >= 0, 4 * target + state % 4, state).astype(np.int32)
            elif action != WAIT:
                turn = 1 if action == RIGHT else 3
                state = (state - state % 4 + (state % 4 + turn) % 4).astype(np.int32)
            cells[:, number, step] = state // 4
        ends[:, number] = state
    return cells, ends, possible
