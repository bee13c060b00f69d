"""What moves cost beyond their lanes: where robots wait, and where others come the other way."""

from __future__ import annotations

import numpy as np

MEMORY = 50  # steps over which waiting and traffic are remembered


def oncoming_weight(density: float) -> float:
    """Return by how much costs against oncoming traffic count, by the share of cells with robots.

    Where less than half of the cells have one it falls with the square: there is room to pass, and
    a way round costs more than it saves.
    """
    return density * min(1.0, 2 * density)


class Congestion:
    """The traffic of the last steps.

    Parameters
    ----------
    forward
        By state (4 x place + heading), the place ahead or -1.
    jam_units
        What a move costs more out of a cell whose robot always waits.
    oncoming_units
        What a move costs more where robots always come the other way, less those that go along,
        weighted by the share of free cells with robots (`oncoming_weight`): in dense traffic lanes
        form by themselves.
    """

    def __init__(self, forward: np.ndarray, jam_units: float, oncoming_units: float) -> None:
        self.jam_units, self.oncoming_units = jam_units, oncoming_units
        states = np.arange(len(forward))
        # By state, the one that leads back; a blocked move asks itself and so costs nothing more.
        self._back = np.where(forward >= 0, 4 * forward + (states + 2) % 4, states)
        self._flow = np.zeros(len(states), np.float32)  # share of steps with a move, by state
        self._jam = np.zeros(len(states) // 4, np.float32)  # share of steps waited, by place

    @property
    def counts(self) -> bool:
        """Whether costs follow the traffic."""
        return self.jam_units > 0 or self.oncoming_units > 0

    def note(self, held_up: np.ndarray, moved: np.ndarray) -> None:
        """Take in a step: states of robots that waited but want to go on, and of those that moved
        on."""
        self._jam *= 1 - 1 / MEMORY
        np.add.at(self._jam, held_up >> 2, 1 / MEMORY)
        self._flow *= 1 - 1 / MEMORY
        self._flow[moved] += 1 / MEMORY

    def units(self, robots: int) -> np.ndarray:
        """Return what each move costs more now, with so many robots: (places, 4), int32."""
        oncoming = np.maximum(0, self._flow[self._back] - self._flow).reshape(-1, 4)
        weight = self.oncoming_units * oncoming_weight(robots / len(self._jam))
        return np.rint(self.jam_units * self._jam[:, None] + weight * oncoming).astype(np.int32)
