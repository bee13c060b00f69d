"""The controller's step: one tick's events in, the changed state and what follows from it out.

Pure and deterministic: sockets, clock, disk and the planners stand outside.  A run, a test and a
replay call the same function; a replay passes the decisions in as events and no brain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fleet import battery, boards, factsheet, flow, instants, operate, recover, traffic, waits
from fleet.courier import Departure
from fleet.events import ALARM, KINDS, ORDER, PLAN, Events, ParcelState, RobotStatus
from fleet.parcels import Parcels
from fleet.rows import select, stacked
from fleet.world import World

# The plan of a wave whose parcels are all gone: a row, as events without rows are not journalled.
NOBODY = np.array([(-1, -1, -1, -1)], PLAN)
NONE = {kind: np.empty(0, dtype) for kind, dtype in KINDS.items()}
# States of a parcel that left with a tour which is still out.
WITH_COURIER = (ParcelState.OUT, ParcelState.DELIVERED, ParcelState.RETURNING)


class Decides(Protocol):
    """What assigns parcels and cells; `decide.Brain` is ours."""

    def assign(self, world: World) -> np.ndarray:
        """Return rows of dtype `events.ASSIGN`."""

    def move(self, world: World) -> np.ndarray:
        """Return rows of dtype `events.MOVE`."""

    def charge(self, world: World) -> np.ndarray:
        """Return rows of dtype `events.CHARGE`; asked only where robots need batteries."""

    def load(self, world: World) -> np.ndarray:
        """Return rows of dtype `events.LOAD`; asked only where robots carry several parcels."""


@dataclass(frozen=True)
class Effects:
    """What a step wants done, once it is committed."""

    events: Events  # all that came in, and all that was decided
    orders: np.ndarray  # dtype `events.ORDER`
    departures: list[int]  # tours that leave
    status: np.ndarray  # `events.RobotStatus` of each robot; uint8
    frame: np.ndarray  # dtype `events.ROBOT_FRAME`
    quiet: bool  # no robot has anything to do in this tick
    answers: list[str]  # to operators' requests: why not, "" for what is done


def step(
    world: World,
    events: Events,
    brain: Decides | None,
    new_parcels: Parcels | None = None,
    *,
    resend: bool = False,
    patience: int = 0,
    timed: Callable[[str], None] = lambda part: None,
) -> Effects:
    """Let one tick pass.

    Parameters
    ----------
    world
        The state, its `tick` set; changed in place.
    events
        What came in, each kind sorted.
    brain
        Decides; None where `events` holds the decisions already.
    new_parcels
        The parcels that the submit events speak of.
    resend
        Whether orders that no report has reflected yet are sent again.
    patience
        Ticks before which nobody is told that an instant action is not done.
    timed
        Called with "taken in" before the planners' work and "decided" after it, so that the caller
        can time it.
    """
    world.log, world.tasks, world.alarms = [], [], []
    world.touched_tours = set()
    if "plan" in events and not len(events["plan"]):
        events = {**events, "plan": NOBODY}
    anchored, answers = _take_in(world, events, new_parcels)
    operate.settle(world)
    flow.arrive(world)
    flow.give_chutes(world)
    departures = flow.depart(world)
    timed("taken in")
    decided = dict(events)
    if brain is not None and world.scenario.floor.battery:
        decided["charge"] = brain.charge(world)
    battery.send(world, _rows(decided, "charge"))
    boards.turn_away(world)
    if brain is not None and len(world.boards):
        decided["load"] = brain.load(world)
    boards.complete(world, _rows(decided, "load"))
    if brain is not None:
        decided["assign"] = brain.assign(world)
    traffic.assign(world, _rows(decided, "assign"))
    if brain is not None:
        decided["move"] = brain.move(world)
    timed("decided")
    again = traffic.unreflected(world) if resend else None
    orders = traffic.move(world, _rows(decided, "move"))
    if len(anchored):
        orders = stacked([orders, recover.anchors(world, anchored)], ORDER)
    sent = len(orders)  # repeats change nothing that a replay would lack
    if again is not None and len(again):
        told = np.zeros(len(world.robots), bool)
        told[orders["robot"]] = True
        orders = stacked([orders, select(again, ~told[again["robot"]])], ORDER)
    waits.watch(world)
    codes = traffic.status(world)
    waiting = len(flow.tasks(world)) > 0
    traffic.count_time(world, codes, parcels_wait=waiting)
    world.floor_ticks += bool(waiting or sent or (codes != RobotStatus.IDLE).any())
    raised = None if brain is not None else _rows(events, "alarm")
    instant = instants.due(world, again=resend, patience=patience, raised=raised)
    if len(instant):
        orders = stacked([orders, instant], ORDER)
    decided["alarm"] = np.array(world.alarms, ALARM)
    return Effects(
        events={kind: decided[kind] for kind in KINDS if len(decided.get(kind, ()))},
        orders=orders,
        departures=departures,
        status=codes,
        frame=traffic.frame(world, codes),
        quiet=not len(orders) and flow.floor_is_quiet(world),
        answers=answers,
    )


def _take_in(
    world: World, events: Events, new_parcels: Parcels | None
) -> tuple[np.ndarray, list[str]]:
    instants.set_link(world, _rows(events, "link"))
    if new_parcels is not None:
        flow.submit(world, new_parcels)
    reports = _rows(events, "report")
    instants.take(world, reports)
    anchored = traffic.take_reports(world, reports)
    factsheet.take(world, _rows(events, "factsheet"))
    battery.take(world, _rows(events, "battery"))
    answers = operate.take(world, _rows(events, "operate"))
    for parcel in _rows(events, "cancel")["parcel"].tolist():
        flow.cancel(world, parcel)
    flow.courier_news(world, _rows(events, "courier"))
    for chute, until in _rows(events, "chute").tolist():
        world.chutes["until"][chute] = until
    flow.found(world, _rows(events, "found")["parcel"])
    for wave in _rows(events, "wave")["wave"].tolist():
        flow.close_wave(world, wave)
    if "plan" in events:
        flow.plan(world, events["plan"])
    instants.settle(world)
    return anchored, answers


def _rows(events: Events, kind: str) -> np.ndarray:
    return events.get(kind, NONE[kind])


def departure(world: World, book: Parcels, tour: int) -> Departure:
    """Return what a courier is told about a tour that is out."""
    stops = flow.tour_stops(world, tour)
    gone = stops[np.isin(world.parcels["state"][stops], WITH_COURIER)]
    row = world.tours[tour]
    return Departure(
        tour=tour,
        courier=int(row["courier"]),
        tick=int(row["depart_tick"]),
        parcels=gone.astype(np.int32),
        attempts=world.parcels["attempts"][gone].astype(np.int32),
        x=book.x[gone],
        y=book.y[gone],
        open=book.due_open[gone],
    )
