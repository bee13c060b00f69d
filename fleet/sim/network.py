"""A network that loses, doubles, delays and reorders messages, as columns; cut links lose all."""

from __future__ import annotations

import numpy as np

from fleet.faults import Chance, draw
from fleet.rows import indices, select
from fleet.sim.faults import DELAY_TICKS, DELAYED, DOUBLED, LOST


class Network:
    """One direction between the controller and all robots.

    Parameters
    ----------
    seed
        Of the run; every message's fate is a draw by (seed, direction, tick, robot).
    direction
        Any number, another one for each network.
    robots
        How many there are.
    without
        Kinds of faults left out.
    """

    def __init__(self, seed: int, direction: int, robots: int, without: frozenset[str]) -> None:
        self._seed = seed * 8 + direction
        self._without = without
        self._due: dict[int, list[tuple[int, int, np.ndarray]]] = {}
        self._newest = np.full(robots, -1, np.int64)  # tick in which the newest delivered was sent
        self.quiet = False  # no more faults
        self.counts = {"lost": 0, "doubled": 0, "delayed": 0, "reordered": 0}

    def send(self, tick: int, epoch: int, rows: np.ndarray, cut: np.ndarray, after: int) -> None:
        """Take messages (rows with a `robot`) that arrive `after` ticks later if all goes well.

        Parameters
        ----------
        epoch
            That their batch is marked with.
        cut
            By robot, whether its link is cut now; bool[robots].
        """
        if not len(rows):
            return
        robots = indices(rows)
        gone = cut[robots]
        if gone.any():
            rows, robots = select(rows, ~gone), robots[~gone]
            if not len(rows):
                return
        due = np.full(len(rows), tick + after)
        if self.quiet:
            self._queue(tick, epoch, rows, due)
            return
        chance = draw(self._seed, Chance.MESSAGE, tick, robots)
        if "lost" not in self._without:
            kept = chance >= LOST
            self.counts["lost"] += int((~kept).sum())
            rows, due, chance = select(rows, kept), due[kept], chance[kept]
        if "delayed" not in self._without:
            late = (chance >= 0.5) & (chance < 0.5 + DELAYED)
            due[late] += 1 + ((chance[late] - 0.5) / DELAYED * DELAY_TICKS).astype(np.int64)
            self.counts["delayed"] += int(late.sum())
        self._queue(tick, epoch, rows, due)
        if "doubled" not in self._without:
            twice = (chance >= 0.8) & (chance < 0.8 + DOUBLED)
            later = 1 + ((chance[twice] - 0.8) / DOUBLED * DELAY_TICKS).astype(np.int64)
            self.counts["doubled"] += int(twice.sum())
            self._queue(tick, epoch, select(rows, twice), due[twice] + later)

    def _queue(self, tick: int, epoch: int, rows: np.ndarray, due: np.ndarray) -> None:
        if not len(rows):
            return
        soonest = int(due.min())
        late = (due > soonest).nonzero()[0]
        if not len(late):
            self._due.setdefault(soonest, []).append((tick, epoch, rows))
            return
        # Nearly all arrive together; of the others each batch is small.
        self._due.setdefault(soonest, []).append((tick, epoch, select(rows, due == soonest)))
        ticks = due[late]
        for then in sorted(set(ticks.tolist())):
            batch = select(rows, late[ticks == then])
            self._due.setdefault(then, []).append((tick, epoch, batch))

    def arriving(self, tick: int, cut: np.ndarray) -> list[tuple[int, np.ndarray]]:
        """Return (epoch, rows) of the batches that arrive in this tick."""
        arrived = []
        batches = self._due.pop(tick, [])
        if len(batches) > 1 and "delayed" not in self._without:
            # Among what arrives together, what was sent first need not be first.
            turn = int(draw(self._seed, Chance.ORDER_OF_ARRIVAL, tick) * len(batches))
            batches = batches[turn:] + batches[:turn]
        for sent, epoch, rows in batches:
            robots = indices(rows)
            gone = cut[robots]
            if gone.any():
                rows, robots = select(rows, ~gone), robots[~gone]
            if len(rows):
                self.counts["reordered"] += int((self._newest[robots] > sent).sum())
                self._newest[robots] = np.maximum(self._newest[robots], sent)
                arrived.append((epoch, rows))
        return arrived

    @property
    def empty(self) -> bool:
        """Whether nothing is under way."""
        return not self._due
