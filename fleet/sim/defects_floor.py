"""Defects of grants and of what operators ask for: who may be where."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np

from fleet import day, decide, flow, instants, record, recover, robot, traffic
from fleet.grants import FREE
from fleet.sim.defect import Defect, named, swap
from fleet.world import World

DEFECTS: dict[str, Defect] = {}


@named(DEFECTS)
def _grant_freed_by_timeout(stack: ExitStack) -> None:
    """The base of a robot that is silent for too long is freed."""

    def set_link(world: World, rows: np.ndarray) -> None:
        old(world, rows)
        for first, last, link in rows.tolist():
            for k in () if link else range(first, last):
                _cut_base(world, k)

    old = swap(stack, instants, "set_link", set_link)


@named(DEFECTS)
def _base_shortened(stack: ExitStack) -> None:
    """A robot whose task is taken away loses its base too."""

    def unassign(world: World, number: int) -> None:
        old(world, number)
        _cut_base(world, number)

    old = swap(stack, flow, "unassign", unassign)


def _cut_base(world: World, number: int) -> None:
    row = world.robots[number]
    base = row["base"][: row["ahead"]]
    world.held[base[world.held[base] == number]] = FREE
    row["base"], row["ahead"] = -1, 0


@named(DEFECTS)
def _left_cell_not_held(stack: ExitStack) -> None:
    """A robot gives its cell back when it is sent on, not when it has left."""

    def move(world: World, rows: np.ndarray) -> np.ndarray:
        orders = old(world, rows)
        ids = rows["robot"][world.robots["ahead"][rows["robot"]] > 0]
        world.held[world.robots["cell"][ids]] = FREE
        return orders

    def release(held: np.ndarray, robots: np.ndarray, cells: np.ndarray) -> None:
        mine = held[cells] == robots
        held[cells[mine]] = FREE

    old = swap(stack, traffic, "move", move)
    swap(stack, traffic, "release", release)


@named(DEFECTS)
def _places_swapped(stack: ExitStack) -> None:
    """Two robots that stand side by side are each granted the cell of the other."""

    def move(this: decide.Brain, world: World) -> np.ndarray:
        rows, robots = old_move(this, world), world.robots
        stand = np.flatnonzero(decide.movable(world) & (robots["ahead"] == 0))
        at = {int(robots["cell"][k]): k for k in stand.tolist()}
        for cell, one in at.items():
            other = at.get(cell + 1)
            if other is not None and (cell + 1) % world.floor.width:
                rows = rows[~np.isin(rows["robot"], (one, other))]
                both = np.array([(one, cell + 1), (other, cell)], rows.dtype)
                return np.sort(np.concatenate([rows, both]), order="robot")
        return rows

    def grant(held: np.ndarray, robots: np.ndarray, cells: np.ndarray) -> None:
        free = held[cells] == FREE
        old_grant(held, robots[free], cells[free])

    old_move = swap(stack, decide.Brain, "move", move)
    old_grant = swap(stack, traffic, "grant", grant)


@named(DEFECTS)
def _reboot_frees_at_once(stack: ExitStack) -> None:
    """A state without an order frees a robot's base before an anchor is reflected."""

    def doubt(world: World, rows: np.ndarray) -> np.ndarray:
        order, acked = world.robots["order"][rows["robot"]], world.robots["acked"][rows["robot"]]
        for row in rows[(rows["order"] < 0) & (order >= 0) & (acked >= 0)]:
            state, number = world.robots[row["robot"]], int(row["robot"])
            if world.held[row["cell"]] == number:
                world.held[world.held == number] = FREE
                world.held[row["cell"]] = number
                state["issued"] += 1
                recover._forget(state, int(state["issued"]), int(row["cell"]))
        return old(world, rows)

    old = swap(stack, recover, "doubt", doubt)


@named(DEFECTS)
def _fallen_header_is_a_reboot(stack: ExitStack) -> None:
    """A headerId that is lower than the newest is taken for a reboot, whatever the state says."""

    def doubt(world: World, rows: np.ndarray) -> np.ndarray:
        known = world.robots["header"][rows["robot"]]
        for row in rows[(rows["order"] >= 0) & (rows["header"] < known)]:
            if world.held[row["cell"]] == row["robot"]:
                _cut_base(world, int(row["robot"]))
        return old(world, rows)

    old = swap(stack, recover, "doubt", doubt)


@named(DEFECTS)
def _cancel_frees_at_once(stack: ExitStack) -> None:
    """A robot that is told to drop its order has its base freed before it says that it stands."""

    def let_go(world: World, number: int) -> None:
        if world.robots["cancel"][number]:
            _cut_base(world, number)
        old(world, number)

    old = swap(stack, recover, "let_go", let_go)


@named(DEFECTS)
def _dropped_order_driven_on(stack: ExitStack) -> None:
    """A robot takes updates of an order that it has dropped."""

    def take_one_each(robots: np.ndarray, ids: np.ndarray, orders: np.ndarray) -> None:
        kept = robots["cancelled"][ids]
        robots["cancelled"][ids] = 0
        old(robots, ids, orders)
        robots["cancelled"][ids] = kept

    old = swap(stack, robot, "_take_one_each", take_one_each)


@named(DEFECTS)
def _bases_forgotten(stack: ExitStack) -> None:
    """A controller that starts again knows where robots are, not what they may still enter."""

    def replay(this: day.Day) -> None:
        old(this)
        world = this.world
        world.held[:] = FREE
        here = np.flatnonzero(world.robots["cell"] >= 0)
        world.held[world.robots["cell"][here]] = here

    old = swap(stack, day.Day, "replay", replay)


@named(DEFECTS)
def _paused_robot_driven(stack: ExitStack) -> None:
    """Robots get cells whatever an operator has paused."""

    def movable(world: World) -> np.ndarray:
        paused, each = world.paused, world.robots["paused"].copy()
        world.paused, world.robots["paused"] = 0, 0
        try:
            return old(world)
        finally:
            world.paused, world.robots["paused"] = paused, each

    old = swap(stack, decide, "movable", movable)


@named(DEFECTS)
def _closed_cell_entered(stack: ExitStack) -> None:
    """Ways lead through closed cells."""

    def closed_ways(world: World) -> np.ndarray:
        cells = old(world)
        return cells[world.held[cells] >= 0]

    old = swap(stack, decide, "_closed_ways", closed_ways)


@named(DEFECTS)
def _request_done_again(stack: ExitStack) -> None:
    """A request that comes again is done again, though it was taken back meanwhile."""

    def add_requests(*_: Any) -> None:
        pass

    def answer(this: day.Day, request: Any) -> dict[str, object]:
        this.requests.pop(request.id, None)
        return {"ok": True}

    swap(stack, record, "add_requests", add_requests)
    swap(stack, day.Day, "answer", answer)
