"""Deliberate defects: each breaks one rule of the core, to prove that the simulation catches it.

A defect replaces one function for the length of a `with` block.  `DEFECTS` names them all; the
first line of each says which rule it breaks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np

from fleet import (
    day,
    decide,
    flow,
    instants,
    record,
    recover,
    robot,
    sim_controller,
    sim_hosts,
    store,
    traffic,
)
from fleet.controller import Effects
from fleet.events import RobotPhase
from fleet.grants import FREE
from fleet.sim_controller import Killed, SimController
from fleet.world import World

DEFECTS: dict[str, Callable[[ExitStack], None]] = {}


def _defect(make: Callable[[ExitStack], None]) -> Callable[[ExitStack], None]:
    DEFECTS[make.__name__.strip("_").replace("_", "-")] = make
    return make


def _swap(stack: ExitStack, where: Any, name: str, new: Any) -> Any:
    """Put something else in a module's or class's place; return what was there."""
    old = getattr(where, name)
    stack.enter_context(patch.object(where, name, new))
    return old


@contextmanager
def defect(name: str | None) -> Iterator[None]:
    """Let a defect be in force; None: none is.

    Raises
    ------
    ValueError
        If no defect has this name.
    """
    if name is not None and name not in DEFECTS:
        raise ValueError(f"--defect {name}: no such defect; choose from {', '.join(DEFECTS)}")
    with ExitStack() as stack:
        if name is not None:
            DEFECTS[name](stack)
        yield


# -- grants


@_defect
def _grant_freed_by_timeout(stack: ExitStack) -> None:
    """The base of a robot that is silent for too long is freed."""

    def set_link(world: World, rows: np.ndarray) -> None:
        old(world, rows)
        for first, last, link in rows.tolist():
            for k in () if link else range(first, last):
                _cut_base(world, k)

    old = _swap(stack, instants, "set_link", set_link)


@_defect
def _base_shortened(stack: ExitStack) -> None:
    """A robot whose task is taken away loses its base too."""

    def unassign(world: World, number: int) -> None:
        old(world, number)
        _cut_base(world, number)

    old = _swap(stack, flow, "unassign", unassign)


def _cut_base(world: World, number: int) -> None:
    row = world.robots[number]
    base = row["base"][: row["ahead"]]
    world.held[base[world.held[base] == number]] = FREE
    row["base"], row["ahead"] = -1, 0


@_defect
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

    old = _swap(stack, traffic, "move", move)
    _swap(stack, traffic, "release", release)


@_defect
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

    old_move = _swap(stack, decide.Brain, "move", move)
    old_grant = _swap(stack, traffic, "grant", grant)


@_defect
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

    old = _swap(stack, recover, "doubt", doubt)


@_defect
def _fallen_header_is_a_reboot(stack: ExitStack) -> None:
    """A headerId that is lower than the newest is taken for a reboot, whatever the state says."""

    def doubt(world: World, rows: np.ndarray) -> np.ndarray:
        known = world.robots["header"][rows["robot"]]
        for row in rows[(rows["order"] >= 0) & (rows["header"] < known)]:
            if world.held[row["cell"]] == row["robot"]:
                _cut_base(world, int(row["robot"]))
        return old(world, rows)

    old = _swap(stack, recover, "doubt", doubt)


@_defect
def _cancel_frees_at_once(stack: ExitStack) -> None:
    """A robot that is told to drop its order has its base freed before it says that it stands."""

    def let_go(world: World, number: int) -> None:
        if world.robots["cancel"][number]:
            _cut_base(world, number)
        old(world, number)

    old = _swap(stack, recover, "let_go", let_go)


@_defect
def _dropped_order_driven_on(stack: ExitStack) -> None:
    """A robot takes updates of an order that it has dropped."""

    def take_one_each(robots: np.ndarray, ids: np.ndarray, orders: np.ndarray) -> None:
        kept = robots["cancelled"][ids]
        robots["cancelled"][ids] = 0
        old(robots, ids, orders)
        robots["cancelled"][ids] = kept

    old = _swap(stack, robot, "_take_one_each", take_one_each)


@_defect
def _bases_forgotten(stack: ExitStack) -> None:
    """A controller that starts again knows where robots are, not what they may still enter."""

    def replay(this: day.Day) -> None:
        old(this)
        world = this.world
        world.held[:] = FREE
        here = np.flatnonzero(world.robots["cell"] >= 0)
        world.held[world.robots["cell"][here]] = here

    old = _swap(stack, day.Day, "replay", replay)


# -- messages


@_defect
def _resend_not_idempotent(stack: ExitStack) -> None:
    """A robot drives a message's cells again when the message comes twice."""

    def take_orders(robots: np.ndarray, first: int, orders: np.ndarray) -> None:
        for order in orders:
            row = robots[order["robot"] - first]
            again = row["order"] == order["order"] and row["update"] == order["update"]
            if again and order["cells"][0] >= 0 and row["left"] < robot.QUEUE_CELLS:
                row["queue"][row["left"]] = order["cells"][0]
                row["left"] += 1
        old(robots, first, orders)

    old = _swap(stack, robot, "take_orders", take_orders)


@_defect
def _never_resent(stack: ExitStack) -> None:
    """Orders that no state reflects are not sent again."""
    _swap(stack, sim_controller, "RESEND_TICKS", 10**9)


@_defect
def _old_order_believed(stack: ExitStack) -> None:
    """States are taken in whatever order they speak of."""

    def take_reports(world: World, rows: np.ndarray) -> np.ndarray:
        rows = rows.copy()
        known = rows["order"] >= 0
        rows["order"][known] = world.robots["order"][rows["robot"][known]]
        return old(world, rows)

    old = _swap(stack, traffic, "take_reports", take_reports)


@_defect
def _late_state_believed(stack: ExitStack) -> None:
    """A state that comes late sets a robot back."""

    def take_reports(world: World, rows: np.ndarray) -> np.ndarray:
        ids = rows["robot"]
        late = rows["order"] == world.robots["order"][ids]
        for known, said in (("passed", "sequence"), ("acked", "update")):
            world.robots[known][ids[late]] = np.minimum(
                world.robots[known][ids[late]], rows[said][late]
            )
        return old(world, rows)

    old = _swap(stack, traffic, "take_reports", take_reports)


@_defect
def _order_id_reused(stack: ExitStack) -> None:
    """A rebooted robot gets the orderId again that it had before."""

    def doubt(world: World, rows: np.ndarray) -> np.ndarray:
        ids = old(world, rows)
        world.robots["issued"][ids] -= 1
        world.robots["anchor"][ids] = world.robots["issued"][ids]
        return ids

    old = _swap(stack, recover, "doubt", doubt)


@_defect
def _epoch_not_checked(stack: ExitStack) -> None:
    """A host obeys whichever controller speaks."""
    _swap(stack, sim_hosts.Hosts, "obeys", lambda this, host, epoch: True)


@_defect
def _epoch_not_raised(stack: ExitStack) -> None:
    """A controller that starts again goes on with its predecessor's epoch."""

    def take_over(this: SimController, the_day: day.Day) -> int:
        the_day.world.epoch = max(1, int(the_day.store.meta("epoch")))
        the_day.store.set_meta(epoch=the_day.world.epoch)
        return the_day.world.epoch

    _swap(stack, SimController, "take_over", take_over)


@_defect
def _news_taken_twice(stack: ExitStack) -> None:
    """A courier's report counts each time that it comes."""

    def courier_news(world: World, rows: np.ndarray) -> None:
        for k in range(len(rows)):
            tour = rows["tour"][k]
            reported = int(world.tours["reported"][tour])
            known = rows["position"][k] < reported
            if known:
                world.tours["reported"][tour] = rows["position"][k]
            old(world, rows[k : k + 1])
            if known:
                world.tours["reported"][tour] = reported

    old = _swap(stack, flow, "courier_news", courier_news)


# -- parcels


@_defect
def _submitted_twice(stack: ExitStack) -> None:
    """A parcel that a client sends again is accepted again."""

    def new_parcels(this: day.Day, parcels: Any) -> Any:
        kept = dict(this.names)
        this.names.clear()
        answer = old(this, parcels)
        this.names.update({k: v for k, v in kept.items() if k not in this.names})
        return answer

    old = _swap(stack, day.Day, "new_parcels", new_parcels)


@_defect
def _reboot_trusts_the_plan(stack: ExitStack) -> None:
    """A robot that reboots beside its chute is taken to have dropped its parcel."""

    def reconcile(world: World, number: int, load: int) -> None:
        if world.robots["phase"][number] == RobotPhase.DROPPING:
            flow.dropped(world, number, parcel_was_there=True)
        else:
            old(world, number, load)

    old = _swap(stack, recover, "_reconcile", reconcile)


# -- operators


@_defect
def _paused_robot_driven(stack: ExitStack) -> None:
    """Robots get cells whatever an operator has paused."""

    def movable(world: World) -> np.ndarray:
        paused, each = world.paused, world.robots["paused"].copy()
        world.paused, world.robots["paused"] = 0, 0
        try:
            return old(world)
        finally:
            world.paused, world.robots["paused"] = paused, each

    old = _swap(stack, decide, "movable", movable)


@_defect
def _closed_cell_entered(stack: ExitStack) -> None:
    """Ways lead through closed cells."""

    def closed_ways(world: World) -> np.ndarray:
        cells = old(world)
        return cells[world.held[cells] >= 0]

    old = _swap(stack, decide, "_closed_ways", closed_ways)


@_defect
def _request_done_again(stack: ExitStack) -> None:
    """A request that comes again is done again, though it was taken back meanwhile."""

    def add_requests(*_: Any) -> None:
        pass

    def answer(this: day.Day, request: Any) -> dict[str, object]:
        this.requests.pop(request.id, None)
        return {"ok": True}

    _swap(stack, record, "add_requests", add_requests)
    _swap(stack, day.Day, "answer", answer)


# -- store


@_defect
def _acknowledged_before_commit(stack: ExitStack) -> None:
    """Clients have their answer before their parcels are durable."""
    _swap(stack, SimController, "acknowledge_first", True)


@_defect
def _sent_before_commit(stack: ExitStack) -> None:
    """Hosts have their orders before these are durable."""
    last: list[Effects] = []

    def step(*args: Any, **how: Any) -> Effects:
        last[:] = [old_step(*args, **how)]
        return last[0]

    def live(this: SimController, now: int, outbox: Any, **how: Any) -> Effects | None:
        last.clear()
        try:
            return old_live(this, now, outbox, **how)
        except Killed:
            if last and not outbox.orders:
                outbox.orders.append(last[0].orders)
            raise

    old_step = _swap(stack, day, "step", step)
    old_live = _swap(stack, SimController, "live", live)
    _swap(stack, SimController, "send_first", True)


@_defect
def _store_not_fenced(stack: ExitStack) -> None:
    """A controller that was taken over may still write."""
    _swap(stack, store.Store, "begin", lambda this: this.db.execute("BEGIN IMMEDIATE"))


@_defect
def _moves_not_journalled(stack: ExitStack) -> None:
    """The journal leaves out which cells were granted."""

    def add_tick(a: Any, b: Any, c: Any, d: Any, effects: Effects, digest: bytes) -> bytes:
        events = {kind: rows for kind, rows in effects.events.items() if kind != "move"}
        return old(a, b, c, d, replace(effects, events=events), digest)

    old = _swap(stack, record, "add_tick", add_tick)


@_defect
def _full_disk_ignored(stack: ExitStack) -> None:
    """The controller goes on from memory when a tick could not be written."""
    last: list[Effects] = []

    def step(*args: Any, **how: Any) -> Effects:
        last[:] = [old_step(*args, **how)]
        return last[0]

    def tick(this: day.Day, *args: Any, **how: Any) -> Effects:
        try:
            return old_tick(this, *args, **how)
        except sqlite3.OperationalError as error:
            if "full" not in str(error):
                raise
            if this.store.db.in_transaction:
                this.store.rollback()
            return last[0]

    old_step = _swap(stack, day, "step", step)
    old_tick = _swap(stack, day.Day, "tick", tick)
