"""The life of orders and grants against a lossy bag of messages, rule by rule."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet import bases, instants, operate, robot, traffic
from fleet.events import OPERATE, Operation, Out, Sheet
from fleet.grants import FREE, GrantError, grant, release
from tests.fleet.lossy import hear, robots_of, send, small_world, vehicle

ROBOTS = 3


class Orders(RuleBasedStateMachine):
    """Three robots in a small room; every message may come late, again, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.world = small_world(ROBOTS, [0, 3, 20])
        self.world.robots["sheet"] = Sheet.KNOWN
        self.robots = robots_of(self.world)
        self.headers = np.zeros(ROBOTS, int)
        self.orders: list[np.ndarray] = []  # under way
        self.states: list[np.ndarray] = []

    @rule(number=st.integers(0, ROBOTS - 1), way=st.integers(0, 3))
    def grant_a_cell(self, number: int, way: int) -> None:
        """The controller gives a robot a free neighbour of its base's end."""
        start, _ = bases.origins(self.world)
        cell = int(self.world.floor.successors[start[number], way])
        if bases.movable(self.world)[number] and cell >= 0 and self.world.held[cell] == FREE:
            self.orders.append(send(self.world, (number, cell)))

    @rule()
    def send_again(self) -> None:
        """The controller sends what is not reflected."""
        self.orders.append(traffic.unreflected(self.world))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), stays=st.booleans())
    def deliver_an_order(self, data: st.DataObject, stays: bool) -> None:
        """Any order under way arrives; its double may follow."""
        k = data.draw(st.integers(0, len(self.orders) - 1))
        robot.take_orders(self.robots, 0, self.orders[k])
        if not stays:
            del self.orders[k]

    @rule()
    def drive(self) -> None:
        """All robots live a tick."""
        robot.step(self.robots, 0, vehicle(self.world))

    @rule(number=st.integers(0, ROBOTS - 1))
    def report(self, number: int) -> None:
        """A robot says how it is."""
        self.headers[number] += 1
        state = robot.report(self.robots, 0)[number : number + 1]
        state["header"] = self.headers[number]
        self.states.append(state)

    @precondition(lambda self: self.states)
    @rule(data=st.data(), stays=st.booleans())
    def deliver_a_state(self, data: st.DataObject, stays: bool) -> None:
        """Any state under way arrives."""
        k = data.draw(st.integers(0, len(self.states) - 1))
        self.orders.append(hear(self.world, self.states[k]))
        if not stays:
            del self.states[k]

    @rule(number=st.integers(0, ROBOTS - 1))
    def reboot(self, number: int) -> None:
        """A robot forgets its order, and counts its messages anew."""
        robot.reboot(self.robots, np.array([number]))
        self.headers[number] = 0

    @rule(number=st.integers(0, ROBOTS - 1))
    def drop_its_order(self, number: int) -> None:
        """A robot is told to drop its order, and again what it has not done."""
        self.world.robots["cancel"][number] = 1
        instants.settle(self.world)
        self.orders.append(instants.due(self.world, again=True))

    @rule(number=st.integers(0, ROBOTS - 1), cell=st.integers(0, 23))
    def clear(self, number: int, cell: int) -> None:
        """An operator switches a robot off and sets it down elsewhere; its messages are gone."""
        self.world.robots["out"][number] = Out.LEAVING
        if operate.refusal(self.world, Operation.CLEAR, number, cell, -1):
            return
        self.orders = [rows[rows["robot"] != number] for rows in self.orders]
        self.states = [rows for rows in self.states if rows["robot"][0] != number]
        robot.reboot(self.robots, np.array([number]))
        self.robots["cell"][number] = cell
        rows = np.array([(Operation.CLEAR, number, cell, -1)], OPERATE)
        assert operate.take(self.world, rows) == [""]
        self.world.robots["out"][number] = Out.NO

    @invariant()
    def robots_are_within_their_grants(self) -> None:
        """Every cell that a robot is on or may still enter is held by it."""
        held = self.world.held
        for number, row in enumerate(self.robots):
            assert held[row["cell"]] == number
            assert (held[row["queue"][: row["left"]]] == number).all()

    @invariant()
    def the_books_agree(self) -> None:
        """A robot holds its cell and base as the controller knows them, all of them and no more."""
        for number, row in enumerate(self.world.robots):
            base = row["base"][: row["ahead"]].tolist()
            mine = np.flatnonzero(self.world.held == number).tolist()
            assert sorted({int(row["cell"]), *base}) == mine


class Grants(RuleBasedStateMachine):
    """Who holds which cell, against a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.held = np.full(6, FREE, np.int32)
        self.model: dict[int, int] = {}

    @rule(pairs=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=3))
    def grant(self, pairs: list[tuple[int, int]]) -> None:
        """Cells are granted together, or nothing changes hands wrongly."""
        robots, cells = np.array(pairs, int).reshape(-1, 2).T
        wrong = any(c in self.model for _, c in pairs)
        wrong |= len({c for _, c in pairs}) < len(pairs)
        kept = self.held.copy()
        try:
            grant(self.held, robots, cells)
        except GrantError:
            assert wrong
            self.held = kept  # the process ends; its store has the last commit
            return
        assert not wrong
        self.model.update({c: r for r, c in pairs})

    @rule(robot=st.integers(0, 2), cell=st.integers(0, 5))
    def release(self, robot: int, cell: int) -> None:
        """Only its holder gives a cell back."""
        try:
            release(self.held, np.array([robot]), np.array([cell]))
        except GrantError:
            assert self.model.get(cell) != robot
            return
        assert self.model.pop(cell) == robot

    @invariant()
    def same(self) -> None:
        """The array is the dict."""
        assert self.held.tolist() == [self.model.get(c, FREE) for c in range(6)]


TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestGrants = Grants.TestCase
TestGrants.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
