"""Robots that have long made no progress go first for a while."""

from __future__ import annotations

import numpy as np

TURNS = 16  # steps until others are drawn


class Patience:
    """Counts for each robot the steps without progress.

    Parameters
    ----------
    steps
        Without progress, after which a robot may be put first.
    seed
        By which those to go first are drawn.

    Attributes
    ----------
    times
        How often a robot has come to be without progress for so long.
    """

    def __init__(self, steps: int, seed: int) -> None:
        self.steps = steps
        self.seed = seed
        self.times = 0
        self._target = np.empty(0, np.int32)  # by robot, where it last wanted to
        self._least = np.empty(0, np.int64)  # and what was left to go at its nearest
        self._stuck = np.empty(0, np.int64)

    def note(self, targets: np.ndarray, left: np.ndarray, idle: np.ndarray) -> None:
        """Take in where robots want to and the units left, by robot; who is `idle` is not stuck.

        Progress wears the count off slowly, lest two robots that want past each other take turns
        for ever.
        """
        if len(self._target) != len(targets):
            self._target = np.full(len(targets), -1, np.int32)
            self._least = np.zeros(len(targets), np.int64)
            self._stuck = np.zeros(len(targets), np.int64)
        fresh = (targets != self._target) | idle
        better = fresh | (left < self._least)
        patient = self._stuck <= self.steps
        self._least = np.where(better, left, self._least)
        self._stuck = np.where(
            fresh, 0, np.where(better, np.maximum(0, self._stuck - 1), self._stuck + 1)
        )
        self.times += int(np.count_nonzero(patient & self.stuck))
        self._target = targets.copy()

    @property
    def stuck(self) -> np.ndarray:
        """Which robots have long made no progress (bool)."""
        return self._stuck > self.steps

    def first(self, step: int) -> np.ndarray:
        """Return the robots that go before all others in a step.

        One in a thousand at a time, drawn anew every 16 steps: where two stand in each other's way,
        each will come first at some time, and long enough to get out.  With one in a hundred a
        crowded floor finishes 8 % less: there many make no progress for long without being stuck.
        """
        stuck = np.flatnonzero(self.stuck)
        draw = np.random.default_rng((self.seed, step // TURNS)).random(len(self._stuck))
        return stuck[np.argsort(draw[stuck], kind="stable")][: 1 + len(draw) // 1000]
