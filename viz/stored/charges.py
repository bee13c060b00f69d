"""What robots of a recorded run said last of their batteries."""

from __future__ import annotations

import numpy as np

from fleet.events import BATTERY
from fleet.store import Store


class Charges:
    """What the journal says of batteries, read in the background, for it is long.

    Parameters
    ----------
    until
        The run's last tick so far; of ticks up to it nothing is told before they have been read.
    """

    def __init__(self, store: Store, until: int) -> None:
        self._opening = np.frombuffer(bytes.fromhex(store.meta("opening_charges", "")), np.uint8)
        self._said = np.zeros(0, np.int64), np.zeros(0, BATTERY)  # when, and what
        self._read, self._until = -1, until

    def known(self, tick: int) -> bool:
        """Tell whether the journal has been read as far as a tick asks for."""
        return self._read >= min(tick, self._until)

    def at(self, tick: int) -> np.ndarray:
        """Return percent in each robot's battery; uint8, empty where they have none or not yet."""
        if not self.known(tick):
            return np.zeros(0, np.uint8)
        charges = self._opening.copy()
        ticks, said = self._said
        said = said[: np.searchsorted(ticks, tick, side="right")]
        charges[said["robot"]] = said["charge"]
        return charges

    def read_on(self, store: Store, last: int) -> None:
        """Read the journal on up to a tick, in whatever thread the store belongs to."""
        if not len(self._opening):
            return
        ticks, said = [self._said[0]], [self._said[1]]
        for tick, _, events in store.events(self._read):
            if tick > last:
                break
            rows = events.get("battery")
            if rows is not None:
                said.append(rows)
                ticks.append(np.full(len(rows), tick, np.int64))
        self._said = np.concatenate(ticks), np.concatenate(said)
        self._read = max(self._read, last)
