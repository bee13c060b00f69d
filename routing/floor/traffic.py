"""Which cells robots would drive through, and how many robots that allows before they jam."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from routing.compiled import loop
from routing.floor.epibt import draw
from routing.floor.grid import Floor
from routing.floor.rows import FAR, Rows, units_to_go

ROUNDS = 10  # of trips drawn; in each they shun the cells that were busy in those before
LEAST_ROUNDS = 3  # that say anything
GOALS, STARTS = 24, 60  # in a round; a trip leads from each start to each goal
SHUN_UNITS = 40.0  # what entering the busiest cell costs more
BUSIEST = 0.001  # share of the cells that counts as the busiest
# Narrow are floors whose busiest cells are entered so many times as often as all are on average:
# random-32-32-20, the League's warehouses and streets between houses 3 to 5 times, rooms with doors
# and caves with passages 7 to 16 times.
NARROW = 6.0
# Entries a step that the busiest cells of such a floor take before crowds form that let nobody out.
# At a corner each robot turns, which alone makes it two steps.
ENTRIES = 0.5


@dataclass(frozen=True)
class Traffic:
    """Trips between cells drawn at random, each on a way that shuns what is busy.

    Attributes
    ----------
    entries
        By free cell, the share of the trips that enter it.
    steps
        Mean steps of a trip, turns included.
    """

    entries: np.ndarray
    steps: float

    @property
    def busiest(self) -> float:
        """Share of the trips that enter a cell, mean over the busiest ones."""
        count = max(1, round(BUSIEST * len(self.entries)))
        return float(np.sort(self.entries)[-count:].mean())

    @property
    def narrow(self) -> bool:
        """Whether all depends on a few cells, which most trips cannot shun."""
        return self.busiest > NARROW * float(self.entries.mean())

    @property
    def carried(self) -> int:
        """Robots that can be under way all the time before the busiest cells jam."""
        return max(1, int(ENTRIES * self.steps / self.busiest))


def expected_traffic(
    floor: Floor, costs: np.ndarray, turn_cost: int, *, seed: int = 0, until: float | None = None
) -> Traffic | None:
    """Draw trips and count where they lead; None where there are none, or no time for them.

    Parameters
    ----------
    costs
        Shape (cells, 4): units that leaving a cell by a heading costs.
    turn_cost
        Units of a quarter turn.
    until
        Draw no more from this time on the `perf_counter` clock.
    """
    rng = np.random.default_rng(seed)
    cells = np.flatnonzero(floor.free)
    if len(cells) < 2:
        return None
    place_of = np.full(floor.cells, -1, np.int32)
    place_of[cells] = np.arange(len(cells))
    ways = floor.successors[cells]
    ahead = np.where(ways >= 0, place_of[ways], -1).astype(np.int32)
    entries = np.zeros(len(cells))
    steps = 0
    trips = 0
    state = np.full(1, 2 * seed + 1, np.uint64)
    for number in range(ROUNDS):
        if until is not None and perf_counter() > until:
            if number < LEAST_ROUNDS:
                return None
            break
        shunned = SHUN_UNITS * entries / max(1.0, entries.max())
        dearer = np.where(ahead >= 0, np.rint(shunned[ahead]), 0).astype(np.int32)
        rows = Rows(ahead.ravel(), costs[cells] + dearer, turn_cost, memory_mb=0)
        goals = rng.choice(len(cells), min(GOALS, len(cells)), replace=False).astype(np.int32)
        starts = rng.integers(0, 4 * len(cells), (len(goals), STARTS)).astype(np.int32)
        driven, arrived = count_trips(
            rows.rows, rows.slots(goals), starts, ahead.ravel(), rows.costs.ravel(), turn_cost,
            entries, state,
        )  # fmt: skip
        steps += driven
        trips += arrived
    if not steps:
        return None
    return Traffic(entries / trips, steps / trips)


@loop
def count_trips(
    rows: np.ndarray, slots: np.ndarray, starts: np.ndarray, ahead: np.ndarray, costs: np.ndarray,
    turn_cost: int, entries: np.ndarray, random: np.ndarray,
) -> tuple[int, int]:  # fmt: skip
    """Drive from each start (a state) to the goal of its row, add to `entries`, and return how many
    steps that takes and how many trips arrive.  Of equally good ways one is drawn at each cell."""
    steps = 0
    trips = 0
    for number in range(slots.shape[0]):
        row = rows[slots[number]]
        for start in starts[number]:
            if row[start >> 2] >> np.uint32(16) >= np.uint32(FAR):
                continue
            trips += 1
            state = np.int64(start)
            while row[state >> 2] >> np.uint32(16) > np.uint32(0):
                left = units_to_go(row, state)
                best = np.int64(-1)
                equal = 0
                for way in range(3):
                    if way > 0:
                        after = (state & ~np.int64(3)) | ((state + 2 * way - 1) & 3)
                        cost = turn_cost
                    elif ahead[state] >= 0:
                        after = 4 * np.int64(ahead[state]) + (state & 3)
                        cost = costs[state]
                    else:
                        continue
                    if cost + units_to_go(row, after) == left:
                        equal += 1
                        if draw(random, equal) == 0:
                            best = after
                if best < 0:
                    break
                steps += 1
                if best >> 2 != state >> 2:
                    entries[best >> 2] += 1
                state = best
    return steps, trips
