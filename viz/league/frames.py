"""Robots of a League result, tick by tick, worked out by blocks where they are wanted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fleet.events import ROBOT_FRAME, RobotStatus
from viz.colours import LATE_FLAG
from viz.league.goals import Goals
from viz.league.moves import BLOCK, STEPS, Moves

KEPT_BYTES = 24 << 20  # blocks kept in memory
DELAY = np.dtype([("first", "i4"), ("end", "i4"), ("robot", "i4")])


@dataclass(frozen=True)
class Ticks:
    """A block of ticks as it is shown; shape (ticks, robots)."""

    robots: np.ndarray  # dtype ROBOT_FRAME
    goals: np.ndarray | None  # int32 cell, -1 none
    progress: np.ndarray | None  # uint16, ticks of a move forward that are done

    @property
    def size(self) -> int:
        """Bytes of memory."""
        parts = (self.robots, self.goals, self.progress)
        return sum(part.nbytes for part in parts if part is not None)


class LeagueFrames:
    """Any moment of a result; a seek works out one block, or two at its end.

    Parameters
    ----------
    told
        Somebody has told the robots where to go, as nobody has in a problem.
    """

    def __init__(
        self, moves: Moves, goals: Goals | None, delays: np.ndarray, *, told: bool = True
    ) -> None:
        self.ticks = np.arange(moves.ticks, dtype=np.int32)
        self._moves, self._goals, self._delays = moves, goals, delays
        self._kept: OrderedDict[int, Ticks] = OrderedDict()
        self._bytes, self._told = 0, told

    def __len__(self) -> int:
        return len(self.ticks)

    def index(self, time: float) -> int:
        """Return the index of the newest frame not later than a time; 0 before the first."""
        return min(max(int(time), 0), len(self.ticks) - 1)

    def robots(self, index: int) -> np.ndarray:
        """Return one frame's robots, dtype `store.ROBOT_FRAME`."""
        return self._block(index).robots[index % BLOCK]

    def goals(self, index: int) -> np.ndarray | None:
        """Return each robot's goal cell, -1 none; None: the result does not say."""
        goals = self._block(index).goals
        return None if goals is None else goals[index % BLOCK]

    def walk(self, first: int, last: int) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (tick, robots) of a stretch; keeps nothing, and so suits another thread."""
        last = min(last, len(self.ticks) - 1)
        for number in range(first // BLOCK, last // BLOCK + 1):
            for tick, robots in enumerate(self._work_out(number).robots, number * BLOCK):
                if first <= tick <= last:
                    yield tick, robots

    def ahead(self, index: int, part: float) -> tuple[np.ndarray, np.ndarray] | None:
        """Return to which cell each robot is on its way, and which part of that way is behind it.

        None where moves take a tick, and so do not begin before they end.
        """
        progress = self._block(index).progress
        if progress is None:
            return None
        robots = self.robots(index)
        here, done = robots["cell"], progress[index % BLOCK].astype(np.float64)
        after = min(index + 1, len(self.ticks) - 1)
        later = self._block(after).progress
        assert later is not None
        arrives = self.robots(after)["cell"] != here
        then = np.where(arrives, self._moves.period, later[after % BLOCK])
        step = STEPS[robots["heading"]]
        target = here + step[:, 0] * self._moves.width + step[:, 1]
        return (
            np.where((done > 0) | (then > 0), target, here).astype(np.int32),
            (done + (then - done) * part) / self._moves.period,
        )

    def _block(self, index: int) -> Ticks:
        number = index // BLOCK
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        block = self._kept[number] = self._work_out(number)
        self._bytes += block.size
        while self._bytes > KEPT_BYTES and len(self._kept) > 2:
            self._bytes -= self._kept.popitem(last=False)[1].size
        return block

    def _work_out(self, number: int) -> Ticks:
        moves = self._moves.block(number)
        robots = np.zeros(moves.cells.shape, ROBOT_FRAME)
        robots["cell"], robots["heading"] = moves.cells, moves.headings
        goals, empty = None, np.uint8(RobotStatus.EMPTY)
        status = np.where(moves.waits, empty | np.uint8(RobotStatus.WAITING), empty)
        if self._goals is not None:
            goals = self._goals.block(number, len(status))
            status[goals < 0] = RobotStatus.IDLE
        elif not self._told:
            status[:] = RobotStatus.IDLE
        late = self._late(moves.first, status.shape)
        if late is not None:
            status[late] = status[late] & ~np.uint8(RobotStatus.WAITING) | np.uint8(LATE_FLAG)
        robots["status"] = status
        return Ticks(robots, goals, moves.progress)

    def _late(self, first: int, shape: tuple[int, ...]) -> np.ndarray | None:
        """Return who is delayed at which tick; None: nobody."""
        rows = self._delays
        rows = rows[(rows["first"] < first + shape[0]) & (rows["end"] > first)]
        if not len(rows):
            return None
        begun = np.zeros((shape[0] + 1, shape[1]), np.int16)
        np.add.at(begun, (np.maximum(rows["first"] - first, 0), rows["robot"]), 1)
        np.add.at(begun, (np.minimum(rows["end"] - first, shape[0]), rows["robot"]), -1)
        return begun[:-1].cumsum(axis=0, dtype=np.int16) > 0


def read_delays(plain: dict[str, Any], robots: int) -> np.ndarray:
    """Return when robots were delayed (dtype DELAY): from a tick to before another."""
    intervals = plain.get("delayIntervals") or []
    if len(intervals) > robots:
        raise ValueError(f"delayIntervals has {len(intervals)} rows for {robots} robots")
    return np.fromiter(
        ((a, b, robot) for robot, own in enumerate(intervals) for a, b in own if a < b), DELAY
    )
