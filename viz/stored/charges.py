"""What robots of a recorded run said last of their batteries."""

from __future__ import annotations

import numpy as np

from fleet.events import BATTERY
from fleet.store import Store


class Charges:
    """Reads the journal the first time that somebody looks, for it is long, and then on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._opening = np.frombuffer(bytes.fromhex(store.meta("opening_charges", "")), np.uint8)
        self._ticks = np.zeros(0, np.int64)
        self._said = np.zeros(0, BATTERY)
        self._read = -1

    def at(self, tick: int) -> np.ndarray:
        """Return percent in each robot's battery; uint8, empty where robots need none."""
        charges = self._opening.copy()
        if not len(charges):
            return charges
        if self._read < 0 or tick > self._read:
            self._read_on()
        said = self._said[: np.searchsorted(self._ticks, tick, side="right")]
        charges[said["robot"]] = said["charge"]
        return charges

    def _read_on(self) -> None:
        ticks, said = [self._ticks], [self._said]
        for tick, _, events in self._store.events(self._read):
            self._read = tick
            rows = events.get("battery")
            if rows is not None:
                said.append(rows)
                ticks.append(np.full(len(rows), tick, np.int64))
        self._ticks, self._said = np.concatenate(ticks), np.concatenate(said)
