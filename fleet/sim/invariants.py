"""What must hold after every event of a simulated run, checked against the robots' own truth.

The controller never sees any of this: where robots really are and which parcels they really
carry is known to the simulation alone.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from fleet.check.violations import Violations
from fleet.events import Action, ActionState, Alarm, Operation, ParcelState, loads
from fleet.world import World


class Lies(IntEnum):
    """Where a parcel really is."""

    NOWHERE = 0  # not yet at its station
    STATION = 1
    ROBOT = 2
    CHUTE = 3
    LOOKED_FOR = 4  # fell off on the way, or an operator took it off its robot
    COURIER = 5
    DOOR = 6


class Truth:
    """The parcels and robots as they are, and every rule that they break."""

    def __init__(self, world: World) -> None:
        self.violations = Violations()
        self.lies = np.zeros(0, np.int8)
        self.place = np.zeros(0, np.int32)  # cell of its chute, or robot
        self.held = world.held.copy()  # as last committed: what any robot may know of
        self.on_floor = np.ones(len(world.robots), bool)
        # What operators were told to be in force.
        self._paused = np.zeros(len(world.robots), bool)
        self._floor_paused = False
        self._closed = np.zeros(len(world.held), bool)
        self._parcels = world.scenario.robots.parcels
        self.epoch = 0
        self._robot_epochs = np.full(len(world.robots), -1, np.int64)
        self._host_epochs: dict[int, int] = {}

    # -- controllers

    def new_epoch(self, epoch: int, now: int) -> None:
        """Check that a controller that has just started has a greater epoch than all before."""
        if epoch <= self.epoch:
            self.violations.add("epoch", f"tick {now}", f"epoch {epoch} follows {self.epoch}")
        self.epoch = max(self.epoch, epoch)

    def heard(self, host: int, epoch: int, now: int) -> None:
        """Check that a host hears no controller older than one it has heard."""
        known = self._host_epochs.get(host, 0)
        if epoch < known:
            self.violations.add(
                "epoch", f"tick {now}, host {host}", f"obeyed epoch {epoch} after {known}"
            )
        self._host_epochs[host] = max(known, epoch)

    def committed(self, world: World, now: int) -> None:
        """Take in what a tick has made durable: the grants, and where parcels are said to be."""
        self._obeys(world, now)
        self.held = world.held.copy()
        for what, robot, other, _ in world.alarms:
            if what == Alarm.CYCLE:
                self.violations.add(
                    "cycle", f"tick {now}, robot {robot}", f"waits in a ring for robot {other}"
                )
        self._waits(world, now)
        more = len(world.parcels) - len(self.lies)
        if more > 0:
            self.lies = np.concatenate([self.lies, np.zeros(more, np.int8)])
            self.place = np.concatenate([self.place, np.full(more, -1, np.int32)])
        for parcel, state, place in world.log:
            wrong = self._said(world, parcel, ParcelState(state), place)
            if wrong:
                lies = Lies(int(self.lies[parcel])).name
                self.violations.add(
                    "parcel",
                    f"tick {now}, parcel {parcel}",
                    f"{wrong}: said {ParcelState(state).name} at {place}, truly {lies} "
                    f"at {self.place[parcel]}",
                )

    def ordered(self, what: Operation, robot: int, cell: int) -> None:
        """An operator has been told that a pause or a closed cell is in force."""
        self._set(what, robot, cell, True)

    def withdrawn(self, what: Operation, robot: int, cell: int) -> None:
        """An operator is about to take it back."""
        self._set(what, robot, cell, False)

    def _set(self, what: Operation, robot: int, cell: int, value: bool) -> None:
        if what == Operation.CLOSE:
            self._closed[cell] = value
        elif what == Operation.PAUSE and robot >= 0:
            self._paused[robot] = value
        elif what == Operation.PAUSE:
            self._floor_paused = value

    def _obeys(self, world: World, now: int) -> None:
        """Check that nobody who is paused gets a cell, and nobody a closed one."""
        cells = np.flatnonzero((world.held != self.held) & (world.held >= 0))
        robots = world.held[cells]
        paused = (self._paused[robots] | self._floor_paused) & self.on_floor[robots]
        for wrong, detail in ((paused, "is paused"), (self._closed[cells], "enters a closed cell")):
            for k in np.flatnonzero(wrong)[:5].tolist():
                self.violations.add(
                    "operate", f"tick {now}, robot {robots[k]}", f"{detail}: got cell {cells[k]}"
                )

    def _said(self, world: World, parcel: int, state: ParcelState, place: int) -> str:
        """Compare a parcel's logged place with the true one; return what is wrong."""
        lies = self.lies[parcel]
        if state == ParcelState.AT_STATION:
            if lies not in (Lies.NOWHERE, Lies.LOOKED_FOR, Lies.CHUTE, Lies.COURIER):
                return "put back at its station although it is elsewhere"
            self.lies[parcel] = Lies.STATION
            self.place[parcel] = world.floor.stations[place]
        elif state == ParcelState.ON_ROBOT:
            if lies != Lies.ROBOT and lies != Lies.LOOKED_FOR:
                return "not on board"
        elif state in (ParcelState.IN_CHUTE, ParcelState.REJECTED):
            if lies != Lies.CHUTE or self.place[parcel] != world.chute_cells[place]:
                return "not in that chute"
        elif state == ParcelState.OUT:
            chute = world.chute_cells[world.tours["chute"][place]]
            if lies != Lies.CHUTE or self.place[parcel] != chute:
                return "left without it"
            self.lies[parcel] = Lies.COURIER
        elif state == ParcelState.DELIVERED:
            if lies != Lies.COURIER:
                return "delivered twice or never carried"
            self.lies[parcel] = Lies.DOOR
        elif state == ParcelState.CANCELLED:
            if lies == Lies.ROBOT:
                return "taken out although a robot has it"
        elif state in (ParcelState.RETURNING, ParcelState.RETURNED) and lies != Lies.COURIER:
            return "not with its courier"
        return ""

    def _waits(self, world: World, now: int) -> None:
        """Check that nobody waits for a cell of its base: so the wait-for graph has no edge."""
        robots = world.robots
        for k in range(world.base_cells):
            ids = np.flatnonzero(robots["ahead"] > k)
            holders = world.held[robots["base"][ids, k]]
            for robot, holder in zip(
                ids[holders != ids].tolist(), holders[holders != ids].tolist(), strict=True
            ):
                self.violations.add(
                    "wait", f"tick {now}, robot {robot}", f"its base waits for robot {holder}"
                )

    # -- robots

    def orders_taken(self, before: np.ndarray, after: np.ndarray, now: int) -> None:
        """Check that no base shrinks or changes, and that robots' epochs rise.

        One that is told to drop its order shortens its base, once, and gets no more.
        """
        left = before["left"]
        dropped = after["cancelled"] > 0
        kept = np.where(dropped, np.minimum(left, after["left"]), left)
        room = np.arange(before["queue"].shape[1])
        changed = ((before["queue"] != after["queue"]) & (room < kept[:, None])).any(axis=1)
        wrong = np.where(dropped, after["left"] > left, after["left"] < left)
        self.violations.add_where(
            "base", changed | wrong, lambda r: (
                f"tick {now}, robot {r}",
                f"base {before['queue'][r][: left[r]]} became "
                f"{after['queue'][r][: after['left'][r]]}",
            ),
        )  # fmt: skip
        older = after["epoch"] < self._robot_epochs
        self.violations.add_where("epoch", older, lambda r: (
            f"tick {now}, robot {r}", f"obeyed epoch {after['epoch'][r]} after a later one"
        ))  # fmt: skip
        self._robot_epochs = np.maximum(self._robot_epochs, after["epoch"])

    def stepped(self, before: np.ndarray, after: np.ndarray, now: int) -> None:
        """Check where robots are, and follow the parcels that they took and dropped."""
        cells = after["cell"]
        here = np.flatnonzero(self.on_floor)
        crowd = np.bincount(cells[here], minlength=len(self.held))
        if crowd.max(initial=0) > 1:
            for cell in np.flatnonzero(crowd > 1).tolist():
                both = here[cells[here] == cell].tolist()
                self.violations.add("collision", f"tick {now}, cell {cell}", f"robots {both}")
        strangers = self.on_floor & (self.held[cells] != np.arange(len(cells)))
        self.violations.add_where("grant", strangers, lambda r: (
            f"tick {now}, robot {r}",
            f"stands on cell {cells[r]}, which robot {self.held[cells[r]]} holds",
        ))  # fmt: skip
        for k in range(int(after["left"].max(initial=0))):
            ids = np.flatnonzero((after["left"] > k) & self.on_floor)
            holders = self.held[after["queue"][ids, k]]
            wrong = ids[holders != ids]
            for robot in wrong[:5].tolist():
                cell = after["queue"][robot, k]
                self.violations.add(
                    "grant",
                    f"tick {now}, robot {robot}",
                    f"may drive to cell {cell}, which robot {self.held[cell]} holds",
                )
        ended = np.flatnonzero(
            (before["action_state"] != after["action_state"])
            & (after["action_state"] >= ActionState.FINISHED)
        )
        for robot in ended.tolist():
            self._acted(robot, before[robot], after[robot], now)

    def _acted(self, robot: int, before: np.void, after: np.void, now: int) -> None:
        parcel, cell = int(after["parcel"]), int(after["cell"])
        lies, place = self.lies[parcel], self.place[parcel]
        had = [one for one in loads(before.reshape(1))[0].tolist() if one >= 0]
        has = [one for one in loads(after.reshape(1))[0].tolist() if one >= 0]
        if after["action"] == Action.PICK:
            right = lies == Lies.STATION and place == cell and len(has) <= self._parcels
            right &= after["action_state"] == ActionState.FINISHED and has == [*had, parcel]
            what, self.lies[parcel], self.place[parcel] = "picked", Lies.ROBOT, robot
        else:
            right = lies == Lies.ROBOT and place == robot and parcel in had
            right &= has == [one for one in had if one != parcel]
            there = after["action_state"] == ActionState.FINISHED
            what, self.lies[parcel] = "dropped", Lies.CHUTE if there else Lies.LOOKED_FOR
            self.place[parcel] = cell
        if not right:
            self.violations.add(
                "parcel",
                f"tick {now}, parcel {parcel}",
                f"robot {robot} {what} it at cell {cell} with {had} on board, but it "
                f"was {Lies(int(lies)).name} at {place}",
            )

    def taken_off(self, robot: int, loads: list[int]) -> None:
        """An operator takes a robot off the floor, and what it carries."""
        self.on_floor[robot] = False
        self.lies[loads] = Lies.LOOKED_FOR

    def cleared(self, robot: int, now: int, done: bool) -> None:
        """Check that an operator who was told to take a robot off may say that it is gone."""
        if not done:
            self.violations.add(
                "operate", f"tick {now}, robot {robot}", "off the floor, and its clearance refused"
            )

    # -- the end

    def ended(self, world: World, answered: list[str], names: dict[str, int], now: int) -> None:
        """Check that every parcel that was answered for is known, once, and at an end."""
        for name in answered:
            if names.get(name, -1) < 0:
                self.violations.add("order", f"tick {now}, parcel {name}", "answered for, but lost")
        states, lies = world.parcels["state"], self.lies
        fits = {
            ParcelState.DELIVERED: (Lies.DOOR,),
            ParcelState.REJECTED: (Lies.CHUTE,),
            ParcelState.CANCELLED: (Lies.STATION, Lies.NOWHERE, Lies.LOOKED_FOR, Lies.CHUTE),
            ParcelState.RETURNED: (Lies.COURIER,),
        }
        for state, places in fits.items():
            wrong = (states == state) & ~np.isin(lies, places)
            self.violations.add_where("parcel", wrong, lambda p: (
                f"the end, parcel {p}",
                f"said {ParcelState(int(states[p])).name}, truly {Lies(int(lies[p])).name}",
            ))  # fmt: skip
