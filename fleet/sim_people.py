"""The people of a simulated run: a client who submits parcels, and an operator on the floor."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fleet.parcels import Parcels
from fleet.sim_controller import Inbox
from fleet.sim_hosts import Hosts
from fleet.world import World

BATCH_TICKS = 10  # between two batches of parcels; and until an unanswered one is sent again
CANCEL_TICKS = 50  # between two cancellations
LOST, DOUBLED = 0.01, 0.05  # of what a client says or is told
AWAY_TICKS = 60  # that a robot is off the floor


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


class Operator:
    """Takes broken robots off the floor, and sets them down again where a cell is free."""

    def __init__(self, hosts: Hosts, chance: np.random.Generator) -> None:
        self._hosts, self._chance = hosts, chance
        self._due: dict[int, int] = {}  # broken robots: tick at which somebody is there
        self._said: dict[int, tuple[int, int, int]] = {}  # what the controller has to confirm

    @property
    def done(self) -> bool:
        """Whether every robot is on the floor again."""
        return not self._due

    def call(self, number: int, tick: int) -> None:
        """Ask for help with a robot that is broken."""
        self._due.setdefault(number, tick)

    def act(self, now: int, inbox: Inbox | None, world: World | None) -> None:
        """Do this tick's work, and tell the controller until it is in its books."""
        hosts = self._hosts
        truth = hosts.truth
        for number, due in self._due.items():
            if now < due or world is None or number in self._said:
                continue
            if truth.on_floor[number]:
                load = int(hosts.robots["load"][number])
                truth.taken_off(number, load)
                hosts.robots["load"][number] = -1
                self._said[number] = (number, -1, load)
                self._due[number] = now + AWAY_TICKS
            else:
                free = np.flatnonzero((world.floor.letters == ord(".")) & (truth.held < 0))
                if len(free):
                    cell = int(free[int(self._chance.integers(len(free)))])
                    self._said[number] = (number, cell, -1)
        if inbox is not None:
            inbox.clears += self._said.values()

    def hear(self, world: World) -> None:
        """See which clearances are in the books; only then is a robot set down."""
        for number, (_, cell, _) in list(self._said.items()):
            known = int(world.robots["cell"][number])
            if cell < 0 and known >= 0:
                continue
            del self._said[number]
            if cell >= 0 and known == cell:  # else it was taken meanwhile: another one
                self._hosts.robots["cell"][number] = cell
                self._hosts.truth.on_floor[number] = True
                self._hosts.broken[number] = False
                self._hosts.still_until[number] = 0
                del self._due[number]
