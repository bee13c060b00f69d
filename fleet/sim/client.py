"""The client of a simulated run, who submits parcels and cancels some."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fleet.parcels import Parcels
from fleet.sim.controller import Inbox

BATCH_TICKS = 10  # between two batches of parcels; and until an unanswered one is sent again
CANCEL_TICKS = 50  # between two cancellations
LOST, DOUBLED = 0.01, 0.05  # of what a client says or is told


class Client:
    """Submits a day's parcels in batches, each again and again until it is answered."""

    def __init__(self, book: Parcels, fault_ticks: int, chance: np.random.Generator) -> None:
        count = max(1, int(fault_ticks * 0.9) // BATCH_TICKS)
        cuts = np.linspace(0, len(book), count + 1).astype(int).tolist()
        self._batches = [book.take(np.arange(a, b)) for a, b in pairwise(cuts)]
        self._sent = 0
        self._open: dict[int, int] = {}  # unanswered batches: tick of the last try
        self._fault_ticks, self._chance = fault_ticks, chance
        self.answered: list[str] = []

    @property
    def done(self) -> bool:
        """Whether every parcel is answered for."""
        return self._sent == len(self._batches) and not self._open

    def speak(self, now: int, inbox: Inbox | None) -> None:
        """Say what is to be said in this tick; None: nobody listens."""
        if now % BATCH_TICKS == 0 and self._sent < len(self._batches):
            self._open[self._sent] = -BATCH_TICKS
            self._sent += 1
        for number, last in list(self._open.items()):
            if now - last >= BATCH_TICKS:
                self._open[number] = now
                if inbox is not None and not self._happens(now, LOST):
                    copies = 2 if self._happens(now, DOUBLED) else 1
                    inbox.parcels += [(number, self._batches[number])] * copies
        if now % CANCEL_TICKS == CANCEL_TICKS - 1 and self.answered and inbox is not None:
            inbox.cancels.append(self.answered[int(self._chance.integers(len(self.answered)))])

    def _happens(self, now: int, share: float) -> bool:
        return now < self._fault_ticks and bool(self._chance.random() < share)

    def hear(self, number: int, now: int) -> None:
        """An answer is under way."""
        if number in self._open and not self._happens(now, LOST):
            del self._open[number]
            self.answered += self._batches[number].names
