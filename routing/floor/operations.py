"""What a robot can do in the next few steps: operations, and where they lead.

An operation is a sequence of actions of fixed length.  A robot that turns goes forward, turns by a
quarter or waits (F, R, C, W); only sequences that differ in where the robot is when are kept:
within a stop, turns come first and waits after, and the tail after the last F is open, since
turning there disturbs nobody.  One that does not turn moves to any side (0 E, 1 S, 2 W, 3 N) or
stays (4).
Yukhnevich and Andreychuk: Enhancing PIBT via multi-action operations (EPIBT), AAAI 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

FORWARD, RIGHT, LEFT, WAIT = range(4)
LETTERS = "FRCW"
STAY = 4  # of robots that do not turn; their other actions are headings


@dataclass(frozen=True)
class Operations:
    """All operations of one depth.

    Attributes
    ----------
    actions
        Shape (operations, depth), codes 0 F, 1 R, 2 C, 3 W, or 0 E, 1 S, 2 W, 3 N, 4 stay.
    tails
        By operation, how many steps are left open at its end.
    shifted
        By operation, the one that is left of it after its first action, with a wait at the end.
    """

    actions: np.ndarray
    tails: np.ndarray
    shifted: np.ndarray
    turning: bool

    @property
    def depth(self) -> int:
        """Steps of an operation."""
        return self.actions.shape[1]

    @property
    def wait(self) -> int:
        """The action that changes nothing."""
        return WAIT if self.turning else STAY

    def moves(self, actions: np.ndarray) -> np.ndarray:
        """Return which actions leave a cell (bool)."""
        return np.asarray(actions == FORWARD if self.turning else actions != STAY)


@lru_cache
def operations(depth: int, turning: bool = True) -> Operations:
    """Return all operations of a depth, only waiting last.

    For depths 2, 3, 4, 5 these are 6, 17, 48, 136; of robots that do not turn 25, 125, 625, 3125.
    """
    if not turning:
        return _sideways(depth)
    words = sorted(_words(depth), key=lambda word: (-word.count("F"), word))
    index = {word: number for number, word in enumerate(words)}
    return Operations(
        actions=np.array([[LETTERS.index(c) for c in word] for word in words], dtype=np.int8),
        tails=np.array([depth - word.rfind("F") - 1 for word in words], dtype=np.int8),
        shifted=np.array([index[_canonical(word[1:] + "W")] for word in words], dtype=np.int16),
        turning=True,
    )


def _sideways(depth: int) -> Operations:
    """Return the operations of robots that do not turn, those with most moves first."""
    words = sorted(product(range(STAY + 1), repeat=depth), key=lambda word: word.count(STAY))
    index = {word: number for number, word in enumerate(words)}
    return Operations(
        actions=np.array(words, dtype=np.int8),
        tails=np.zeros(len(words), dtype=np.int8),
        shifted=np.array([index[(*word[1:], STAY)] for word in words], dtype=np.int16),
        turning=False,
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


def places(chosen: Operations, forward: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    states, count, depth = len(forward), len(chosen.actions), chosen.depth
    cells = np.empty((states, count, depth), dtype=np.int32)
    ends = np.empty((states, count), dtype=np.int32)
    possible = np.ones((states, count), dtype=bool)
    here = np.arange(states, dtype=np.int32)
    after_each = [
        advanced(chosen, forward, here, np.full(states, a)) for a in range(chosen.wait + 1)
    ]
    for number, word in enumerate(chosen.actions):
        state = here
        for step, action in enumerate(word):
            after = after_each[action][state]
            possible[:, number] &= after >= 0
            state = np.where(after >= 0, after, state)
            cells[:, number, step] = state // 4
        ends[:, number] = state
    return cells, ends, possible


def advanced(
    chosen: Operations, forward: np.ndarray, states: np.ndarray, actions: np.ndarray
) -> np.ndarray:
    """Return the states after one action each, -1 where a wall forbids it (int32)."""
    cell, heading = states // 4, states % 4
    if chosen.turning:
        turn = np.select([actions == RIGHT, actions == LEFT], [1, 3], 0)
        after, ahead = 4 * cell + (heading + turn) % 4, forward[states]
    else:
        after, ahead = states, forward[4 * cell + np.minimum(actions, 3)]
    moved = np.where(ahead >= 0, 4 * ahead + heading, -1)
    return np.where(chosen.moves(actions), moved, after).astype(np.int32)
