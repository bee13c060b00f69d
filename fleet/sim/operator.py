"""The operator of a simulated run: helps broken robots, and has whims.

A whim pauses, takes out or closes something and undoes it later.  Every request is asked again
and again under its id until it is answered; answers and requests are lost and doubled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fleet.events import Operation, loads
from fleet.requests import EMPTY, Request
from fleet.sim.client import DOUBLED, LOST
from fleet.sim.controller import Inbox
from fleet.sim.hosts import Hosts
from fleet.world import World
from routing.floor.grid import Floor

AGAIN_TICKS = 5  # until an unanswered request is asked again
LATE_TICKS = 100  # that a copy of a request may be under way
AWAY_TICKS = 60  # that a robot is off the floor
UNDO = {
    Operation.PAUSE: Operation.RESUME,
    Operation.OUT: Operation.IN,
    Operation.CLOSE: Operation.OPEN,
}


@dataclass
class Asked:
    """A request without an answer."""

    request: Request
    then: Callable[[bool, int], None]  # told whether it was done, and the tick
    tried: int = -AGAIN_TICKS


class Operator:
    """One person with a `fleet operate`.

    Parameters
    ----------
    label
        What is written on a parcel, by its row.
    """

    def __init__(
        self, hosts: Hosts, fault_ticks: int, seed: int, label: Callable[[int], str]
    ) -> None:
        self._hosts, self._fault_ticks, self._label = hosts, fault_ticks, label
        self._chance = np.random.default_rng([seed, 0x09E7])
        self._asked: dict[str, Asked] = {}
        self._later: list[tuple[int, Callable[[int, World], bool]]] = []  # tick, whether it is done
        self._under_way: list[tuple[int, Request]] = []  # copies that come late
        self._count = 0
        self._helped: set[int] = set()
        self._busy: set[tuple[Operation, int, int]] = set()

    @property
    def done(self) -> bool:
        """Whether everything asked for is answered, and undone where it was a whim."""
        return not self._asked and not self._later

    # -- what is to be done

    def call(self, number: int, tick: int) -> None:
        """Ask for help with a robot that is broken; somebody is there at this tick.

        Whoever has taken it out for another reason brings it back first.
        """
        out = number in self._helped
        self._helped.add(number)
        self._later.append((tick, lambda now, world: self._help(number, out=out)))

    def whim(self, kind: str, who: int, until: int, chance: float, floor: Floor) -> None:
        """Pause, take out or close something until a tick, if nobody else has yet."""
        robot, cell = who, -1
        if kind == "floor_paused":
            what, robot = Operation.PAUSE, -1
        elif kind == "robot_paused":
            what = Operation.PAUSE
        elif kind == "robot_out":
            what = Operation.OUT
        else:
            free = np.flatnonzero(floor.free)
            what, robot, cell = Operation.CLOSE, -1, int(free[int(chance * len(free))])
        key = (what, robot, cell)
        if key in self._busy or (what == Operation.OUT and robot in self._helped):
            return
        self._busy.add(key)
        if what == Operation.OUT:
            self._helped.add(robot)
        self._ask(what, robot, cell, lambda done, now: self._in_force(key, until, done))

    def _in_force(self, key: tuple[Operation, int, int], until: int, done: bool) -> None:
        what, robot, cell = key
        if done:
            self._hosts.truth.ordered(what, robot, cell)

        def undo(now: int, world: World) -> bool:
            # From the moment it may be heard on nothing is sure any more.
            self._hosts.truth.withdrawn(what, robot, cell)
            self._ask(UNDO[what], robot, cell, lambda done, now: self._undone(key))
            return True

        self._later.append((until, undo))

    def _undone(self, key: tuple[Operation, int, int]) -> None:
        self._busy.discard(key)
        if key[0] == Operation.OUT:
            self._helped.discard(key[1])

    def _help(self, number: int, *, out: bool) -> bool:
        if out and number in self._helped:
            return False
        self._helped.add(number)
        self._ask(Operation.OUT, number, -1, lambda done, now: self._lift(number))
        return True

    def _lift(self, number: int) -> None:
        robots, truth = self._hosts.robots, self._hosts.truth
        board = [one for one in loads(robots[number : number + 1])[0].tolist() if one >= 0]
        truth.taken_off(number, board)
        robots["load"][number], robots["more"][number] = -1, 0
        # The controller may know of all but the last: that one's pick may never have been told.
        found = self._label(board[-1]) if board else EMPTY
        self._ask(Operation.CLEAR, number, -1, lambda done, now: self._off(number, now, done),
                  found)  # fmt: skip

    def _off(self, number: int, now: int, done: bool) -> None:
        self._hosts.truth.cleared(number, now, done)
        self._later.append((now + AWAY_TICKS, lambda now, world: self._set_down(number, world)))

    def _set_down(self, number: int, world: World) -> bool:
        plain = world.floor.letters == ord(".")
        free = np.flatnonzero(plain & (self._hosts.truth.held < 0) & (world.barred == 0))
        if not len(free):
            return False
        cell = int(free[int(self._chance.integers(len(free)))])
        self._ask(Operation.CLEAR, number, cell, lambda done, now: self._stands(number, cell, done))
        return True

    def _stands(self, number: int, cell: int, done: bool) -> None:
        if not done:  # the cell was taken meanwhile: another one
            self._later.append((0, lambda now, world: self._set_down(number, world)))
            return
        self._hosts.set_down(number, cell)
        self._ask(Operation.IN, number, -1, lambda done, now: self._helped.discard(number))

    def _ask(
        self, what: Operation, robot: int, cell: int, then: Callable[[bool, int], None],
        parcel: str = "",
    ) -> None:  # fmt: skip
        self._count += 1
        name = f"O{self._count}"
        self._asked[name] = Asked(Request(name, what, robot, cell, parcel), then)

    # -- a tick

    def act(self, now: int, inbox: Inbox | None, world: World | None) -> None:
        """Do this tick's work; None: nobody listens."""
        if world is None or inbox is None:
            return
        due = [one for one in self._later if one[0] <= now]
        self._later = [one for one in self._later if one[0] > now]
        for tick, work in due:
            if not work(now, world):
                self._later.append((tick, work))
        for asked in self._asked.values():
            if now - asked.tried >= AGAIN_TICKS:
                asked.tried = now
                if not self._happens(now, LOST):
                    inbox.requests.append(asked.request)
                if self._happens(now, DOUBLED):
                    late = now + int(self._chance.integers(1, LATE_TICKS))
                    self._under_way.append((late, asked.request))
        inbox.requests += [request for tick, request in self._under_way if tick <= now]
        self._under_way = [one for one in self._under_way if one[0] > now]

    def _happens(self, now: int, share: float) -> bool:
        return now < self._fault_ticks and bool(self._chance.random() < share)

    def hear(self, name: str, done: bool, now: int) -> None:
        """An answer is under way."""
        if name in self._asked and not self._happens(now, LOST):
            self._asked.pop(name).then(done, now)
