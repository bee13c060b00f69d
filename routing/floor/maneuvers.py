"""What a robot under grants can do in the next ticks: it waits, then drives, with few turns.

Sequences of moves to a side as seen from the robot.  A move takes a tick and its quarter turns
before that; the last one may end behind the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

WAIT = 4  # the others are quarter turns to the right before a move: 0 ahead, 1, 2 back, 3 left
TURNS = 2  # of the moves of a maneuver at most, one where that would make more than
MOST = 256
# Ticks looked ahead: turning round, a move and some more; fewer than that make robots wait for
# each other for good, as who would have to turn round to leave cannot be seen to have left.
MORE, LEAST, LONGEST = 3, 5, 13


@dataclass(frozen=True)
class Maneuvers:
    """All maneuvers over so many ticks, in an order in which neighbours begin alike.

    Attributes
    ----------
    actions
        Shape (maneuvers, depth), codes as above; what the horizon cuts off is `WAIT`.  Only to
        wait comes last.
    shared
        By maneuver, how many actions it begins with as the one before it.
    turn_ticks
        Ticks of a quarter turn.
    """

    actions: np.ndarray
    shared: np.ndarray
    turn_ticks: int

    @property
    def depth(self) -> int:
        """Ticks looked ahead."""
        return self.actions.shape[1]


def horizon(turn_ticks: int) -> int:
    """Return how many ticks to look ahead where a quarter turn takes so many."""
    return max(LEAST, min(2 * turn_ticks + MORE, LONGEST))


@lru_cache
def maneuvers(depth: int, turn_ticks: int) -> Maneuvers:
    """Return all maneuvers over so many ticks."""
    for turns in range(TURNS, 0, -1):
        words = sorted(set(_words(depth, turn_ticks, turns)))
        if len(words) <= MOST:
            break
    actions = np.array(words, np.int8)
    shared = np.zeros(len(words), np.int32)
    shared[1:] = (actions[1:] != actions[:-1]).argmax(axis=1)
    return Maneuvers(actions, shared, turn_ticks)


def _words(depth: int, turn_ticks: int, turns: int) -> list[tuple[int, ...]]:
    """Return the maneuvers with at most so many turns, of one length."""
    found = []

    def drive(word: tuple[int, ...], ticks: int, left: int) -> None:
        found.append(word + (WAIT,) * (depth - len(word)))
        if ticks >= depth:
            return
        drive((*word, 0), ticks + 1, left)
        if left:
            for side in (1, 3):
                drive((*word, side), ticks + 1 + turn_ticks, left - 1)
            if all(action == WAIT for action in word):
                drive((*word, 2), ticks + 1 + 2 * turn_ticks, left - 1)

    for wait in range(depth):
        drive((WAIT,) * wait, wait, turns)
    return found
