"""Defects of messages and of parcels: what is believed, and how often."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np

from fleet import day, flow, recover, robot, traffic
from fleet.events import CourierNews, ParcelState, RobotPhase
from fleet.sim import controller as sim_controller
from fleet.sim import hosts as sim_hosts
from fleet.sim.controller import SimController
from fleet.sim.defect import Defect, named, swap
from fleet.world import World

DEFECTS: dict[str, Defect] = {}


@named(DEFECTS)
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

    old = swap(stack, robot, "take_orders", take_orders)


@named(DEFECTS)
def _never_resent(stack: ExitStack) -> None:
    """Orders that no state reflects are not sent again."""
    swap(stack, sim_controller, "RESEND_TICKS", 10**9)


@named(DEFECTS)
def _old_order_believed(stack: ExitStack) -> None:
    """States are taken in whatever order they speak of."""

    def take_reports(world: World, rows: np.ndarray) -> np.ndarray:
        rows = rows.copy()
        known = rows["order"] >= 0
        rows["order"][known] = world.robots["order"][rows["robot"][known]]
        return old(world, rows)

    old = swap(stack, traffic, "take_reports", take_reports)


@named(DEFECTS)
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

    old = swap(stack, traffic, "take_reports", take_reports)


@named(DEFECTS)
def _order_id_reused(stack: ExitStack) -> None:
    """A rebooted robot gets the orderId again that it had before."""

    def doubt(world: World, rows: np.ndarray) -> np.ndarray:
        ids = old(world, rows)
        world.robots["issued"][ids] -= 1
        world.robots["anchor"][ids] = world.robots["issued"][ids]
        return ids

    old = swap(stack, recover, "doubt", doubt)


@named(DEFECTS)
def _epoch_not_checked(stack: ExitStack) -> None:
    """A host obeys whichever controller speaks."""
    swap(stack, sim_hosts.Hosts, "obeys", lambda this, host, epoch: True)


@named(DEFECTS)
def _epoch_not_raised(stack: ExitStack) -> None:
    """A controller that starts again goes on with its predecessor's epoch."""

    def take_over(this: SimController, the_day: day.Day) -> int:
        the_day.world.epoch = max(1, int(the_day.store.meta("epoch")))
        the_day.store.set_meta(epoch=the_day.world.epoch)
        return the_day.world.epoch

    swap(stack, SimController, "take_over", take_over)


@named(DEFECTS)
def _news_taken_twice(stack: ExitStack) -> None:
    """A courier's report counts each time that it comes."""

    def courier_news(world: World, rows: np.ndarray) -> None:
        for k, (_, tour, position, parcel, news) in enumerate(rows.tolist()):
            known = position < world.tours["reported"][tour]
            old(world, rows[k : k + 1])
            if known and news == CourierNews.DELIVERED:
                flow.place(world, parcel, ParcelState.DELIVERED, tour)

    old = swap(stack, flow, "courier_news", courier_news)


@named(DEFECTS)
def _submitted_twice(stack: ExitStack) -> None:
    """A parcel that a client sends again is accepted again."""

    def new_parcels(this: day.Day, parcels: Any) -> Any:
        kept = dict(this.names)
        this.names.clear()
        answer = old(this, parcels)
        this.names.update({k: v for k, v in kept.items() if k not in this.names})
        return answer

    old = swap(stack, day.Day, "new_parcels", new_parcels)


@named(DEFECTS)
def _reboot_trusts_the_plan(stack: ExitStack) -> None:
    """A robot that reboots beside its chute is taken to have dropped its parcel."""

    def reconcile(world: World, number: int, load: int) -> None:
        if world.robots["phase"][number] == RobotPhase.DROPPING:
            flow.dropped(world, number, parcel_was_there=True)
        else:
            old(world, number, load)

    old = swap(stack, recover, "_reconcile", reconcile)
