"""The watch on who waits for whom: it sees rings, and breaks them."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import alarms, bases, instants, robot, traffic, waits
from fleet.events import ALARM, Action, Sheet
from fleet.grants import FREE
from fleet.sim.simulate import run_one
from fleet.sim.simulation import Setting
from tests.fleet.lossy import hear, robots_of, send, small_world, vehicle


def in_a_ring(monkeypatch: pytest.MonkeyPatch, *cells: int):
    """Return a world whose robots are each granted the cell of the next one, and the orders."""
    world = small_world(len(cells), list(cells))
    world.robots["sheet"] = Sheet.KNOWN
    monkeypatch.setattr(traffic, "grant", lambda *_: None)  # it would refuse
    orders = send(world, *enumerate([*cells[1:], cells[0]]))
    monkeypatch.undo()
    return world, orders


def test_what_is_granted_by_the_rules_makes_nobody_wait() -> None:
    """Bases of several cells, side by side."""
    world = small_world(2, [6, 20])
    robots = robots_of(world)
    for moves in [((0, 7), (1, 21)), ((0, 8), (1, 22))]:
        robot.take_orders(robots, 0, send(world, *moves))
        hear(world, robot.report(robots, 0))
    assert waits.waits(world) == {}
    waits.watch(world)
    assert not world.alarms


@pytest.mark.parametrize("cells", [(6, 7), (6, 7, 13, 12)])
def test_a_ring_is_told_and_broken(monkeypatch: pytest.MonkeyPatch, cells: tuple[int, ...]) -> None:
    """Its robots drop their orders, hold their own cells alone, and may be sent on."""
    world, orders = in_a_ring(monkeypatch, *cells)
    robots = robots_of(world)
    waits.watch(world)
    n = len(cells)
    assert [row[1:3] for row in world.alarms] == [(k, (k + 1) % n) for k in range(n)]
    assert alarms.lines(world, np.array(world.alarms, ALARM))[0].startswith(
        "robot 0: its base needs a cell of robot 1, which waits for it in turn"
    )
    told = instants.due(world, again=False)
    assert set(told["action"].tolist()) == {Action.CANCEL_ORDER}
    robot.take_orders(robots, 0, orders)
    robot.take_orders(robots, 0, told)
    for _ in range(3):
        robot.take_orders(robots, 0, hear(world, robot.report(robots, 0)))
        instants.settle(world)
        waits.watch(world)
        robot.step(robots, 0, vehicle(world))
    assert len(world.alarms) == n  # told once
    assert robots["cell"].tolist() == list(cells)
    assert np.flatnonzero(world.held != FREE).tolist() == sorted(cells)
    assert world.held[list(cells)].tolist() == list(range(n))
    assert bases.movable(world).all()


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 9), max_size=10))
def test_rings_are_the_cycles_of_the_graph(edges: dict[int, int]) -> None:
    """As networkx finds them."""
    cycles = {frozenset(cycle) for cycle in nx.simple_cycles(nx.DiGraph(list(edges.items())))}
    found = waits.rings(edges)
    assert {frozenset(ring) for ring in found} == cycles
    assert len(found) == len(cycles)
    for ring in found:
        assert [edges[node] for node in ring] == [*ring[1:], ring[0]]


def test_the_simulation_hears_of_a_ring() -> None:
    """Two robots are granted each other's cells: the watch says so in that tick."""
    found = run_one(Setting(0, robots=12, minutes=5), "places-swapped").violations
    assert "cycle" in {one.what for one in found}
