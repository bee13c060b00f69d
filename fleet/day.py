"""A day's durable side: opens or resumes a run folder, and commits one tick after another.

Holds the state, the book of parcels, the store and the two hashes together, so that what is in
memory and what is on disk are the same after every tick.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fleet import faults, operate, record, timers
from fleet.controller import Decides, Effects, step
from fleet.events import CANCEL, HORIZON_CELLS, OPERATE, SUBMIT, Events, ParcelState
from fleet.parcels import REASONS, Book, Parcels, empty_parcels, joined
from fleet.parcels import faults as faults_of
from fleet.requests import EMPTY, Request
from fleet.scenario import Scenario
from fleet.store import Store
from fleet.store_errors import StoreError, of_this_version
from fleet.world import World, opening, restore, snapshot, state_hash, tick_hash
from routing.floor.grid import Floor

log = logging.getLogger("fleet")

LOCKSTEP_BASE_CELLS = 1
SNAPSHOT_TICK_BYTES = 50_000  # of a snapshot for each tick until the next, at most
# Why a parcel cannot be cancelled any more.
WHERE = {
    ParcelState.OUT: "it is with its courier",
    ParcelState.DELIVERED: "it is delivered",
    ParcelState.REJECTED: "it lies in the reject chute already",
    ParcelState.RETURNED: "it is back at the depot for good",
}
# Of those that were out when the request came, but no more at the end of its tick.
WAS_OUT = "it was with its courier, who has just failed to deliver it; ask again"
UNCOMMITTED = -1  # row of a parcel between its arrival and its tick's commit


class Day:
    """One run, in memory and on disk."""

    def __init__(self, folder: Path, store: Store, scenario: Scenario, *, lockstep: bool) -> None:
        self.folder, self.store, self.scenario = folder, store, scenario
        self.floor = Floor.parse(store.meta("map"), store.meta("map_name"))
        base = LOCKSTEP_BASE_CELLS if lockstep else HORIZON_CELLS
        self.world: World = opening(scenario, self.floor, base_cells=base)
        self._book = Book(empty_parcels())
        self.names: dict[str, int] = {}
        # Every request ever taken in, its tick, and why it was refused ("": it was done).
        self.requests = record.stored_requests(store)
        self.digest = b""
        self.depot = (float(store.meta("depot_x")), float(store.meta("depot_y")))
        self.pending: Parcels | None = None  # of the scenario's file, before the first tick
        self.wall: list[tuple[int, float, float]] = []  # tick, its milliseconds, the planner's
        self.door_closed = store.meta("door") != "open"  # no more parcels will come
        self._door_kept = self.door_closed
        self.snapshot_ticks = record.SNAPSHOT_TICKS
        self._snapshot_bytes = 0  # of the last one
        self._unkept = 0  # ticks lived since
        self.figures: Callable[[], dict[str, object]] = dict  # of who runs it, kept with snapshots

    @property
    def book(self) -> Parcels:
        """Return all accepted parcels."""
        return self._book.parcels

    def submitted(self, batches: Sequence[Parcels]) -> tuple[Parcels, list[dict[str, object]]]:
        """Return what of a tick's submissions the day takes in, and what to answer to each.

        Stations that clients left open are drawn, by row: of all that come in one tick together.
        """
        taken = [self.new_parcels(batch) for batch in batches]
        fresh = joined([some for some, _ in taken])
        rows = len(self.book) + np.arange(len(fresh))
        stations = len(self.floor.stations)
        drawn = faults.draw(self.scenario.seed, faults.Chance.STATION, rows) * stations
        station = np.where(fresh.station < 0, drawn.astype(np.int32), fresh.station)
        return replace(fresh, station=station), [answer for _, answer in taken]

    def new_parcels(self, parcels: Parcels) -> tuple[Parcels, dict[str, object]]:
        """Return those submitted parcels that the day takes in now, and what to answer.

        A parcel that is known already is neither taken in again nor refused, which makes
        submitting again safe.
        """
        faulty = self._faulty(parcels)
        fresh: list[int] = []
        reasons: list[list[str]] = []
        known = 0
        for k, name in enumerate(parcels.names):
            if name in self.names:
                known += 1
            elif why := faulty.get(k, "" if name else "it has no id"):
                reasons.append([name, why])
            else:
                fresh.append(k)
                self.names[name] = UNCOMMITTED
        answer: dict[str, object] = {
            "accepted": len(fresh),
            "known": known,
            "refused": len(reasons),
        }
        if reasons:
            answer["reasons"] = reasons[:REASONS]
        taken = parcels.take(np.array(fresh, np.int64))
        now = self.world.seconds(self.world.tick)
        return replace(taken, ready_seconds=np.fmax(taken.ready_seconds, now)), answer

    def _faulty(self, parcels: Parcels) -> dict[int, str]:
        """Return which parcels cannot be sorted or delivered, whatever their client thinks."""
        found: dict[int, str] = {}
        stations = len(self.floor.stations)
        for wrong, why in faults_of(parcels, self.scenario.city.capacity, stations):
            for k in np.flatnonzero(wrong).tolist():
                found.setdefault(k, why)
        return found

    def cancelled(self, names: Sequence[str]) -> set[str]:
        """Return those of these parcels' ids that were cancelled."""
        flags = self.world.parcels["cancelled"]
        rows = ((name, self.names.get(name, UNCOMMITTED)) for name in names)
        return {name for name, row in rows if 0 <= row < len(flags) and flags[row]}

    def cancel_answer(self, names: list[str], before: set[str]) -> dict[str, object]:
        """Return what came of a request to cancel parcels, once its tick is committed.

        Parameters
        ----------
        before
            Those that were cancelled before it.
        """
        gone = self.cancelled(names)
        reasons = []
        for name in names:
            row = self.names.get(name, UNCOMMITTED)
            if row < 0:
                reasons.append([name, "no parcel of this day has this id"])
            elif name not in gone:
                reasons.append([name, WHERE.get(self.world.parcels["state"][row], WAS_OUT)])
        known = sum(name in before for name in names)
        answer: dict[str, object] = {
            "accepted": len(names) - known - len(reasons),
            "known": known,
            "refused": len(reasons),
        }
        if reasons:
            answer["reasons"] = reasons[:REASONS]
        return answer

    def answer(self, request: Request) -> dict[str, object]:
        """Return what to tell an operator once the request's tick is committed."""
        if request.id not in self.requests:
            return {"error": f"came too late, after tick {request.until}; ask again"}
        done, tick, refused = self.requests[request.id]
        if replace(done, who=request.who) != request:
            return {"error": f"id {request.id!r}: another request had it; choose a new one"}
        return {"error": refused} if refused else {"ok": True, "tick": tick}

    def _operate_rows(self, requests: list[Request]) -> np.ndarray:
        """Return requests as events (dtype `events.OPERATE`)."""
        rows = np.zeros(len(requests), OPERATE)
        for row, one in zip(rows, requests, strict=True):
            parcel = {"": operate.NOTHING, EMPTY: operate.EMPTY}.get(one.parcel, operate.UNKNOWN)
            if (known := self.names.get(one.parcel, UNCOMMITTED)) >= 0:
                parcel = known
            row["what"], row["robot"] = one.what, one.robot
            row["cell"], row["parcel"] = one.cell, parcel
        return rows

    def tick(
        self,
        events: Events,
        brain: Decides | None,
        parcels: Parcels,
        cancels: list[str],
        requests: Sequence[Request] = (),
        *,
        resend: bool = False,
        patience: int = 0,
        timed: Callable[[str], None] = lambda part: None,
    ) -> Effects:
        """Live one tick and commit it; nothing may be acknowledged or sent before this returns."""
        world, store = self.world, self.store
        first = len(self.book)
        if len(parcels):
            self.names.update({name: first + k for k, name in enumerate(parcels.names)})
            self._book.add(parcels)
            events["submit"] = np.array([(first, len(self.book))], SUBMIT)
        own = timers.due(world, expected=0 if self.pending is None else len(self.pending))
        rows = [self.names[name] for name in cancels if self.names.get(name, -1) >= 0]
        if rows or "cancel" in own:
            cancel = np.concatenate(
                [own.get("cancel", np.empty(0, CANCEL)), np.array(rows, CANCEL)]
            )
            own["cancel"] = np.unique(cancel)
        # One that has come before, or comes twice at once, is known by its id.
        fresh: dict[str, Request] = {}
        for request in requests:
            late = 0 <= request.until < world.tick
            if request.id not in self.requests and not late:
                fresh.setdefault(request.id, request)
        asked = list(fresh.values())
        if asked:
            events["operate"] = self._operate_rows(asked)
        events = {**own, **events}
        new = parcels if len(parcels) else None
        effects = step(world, events, brain, new, resend=resend, patience=patience, timed=timed)
        store.begin()
        if len(parcels):
            record.add_parcels(store, world, first, parcels)
        self.digest = record.add_tick(store, world, self.book, self.depot, effects, self.digest)
        record.add_requests(store, world.tick, asked, effects.answers)
        self.keep_wall_times()
        if self.door_closed and not self._door_kept:
            store.set_meta(door="closed")
            self._door_kept = True
        self._unkept += 1
        # A large state is kept less often, so that what is written stays in bounds.
        if self._unkept >= max(self.snapshot_ticks, self._snapshot_bytes // SNAPSHOT_TICK_BYTES):
            self.keep_snapshot()
        store.commit()
        for one, answer in zip(asked, effects.answers, strict=True):
            self.requests[one.id] = (one, world.tick, answer)
        return effects

    def keep_snapshot(self) -> None:
        """Keep the whole state, inside a transaction, for the next start."""
        state = snapshot(self.world)
        self._unkept, self._snapshot_bytes = 0, len(state)
        self.store.add_snapshot(self.world.tick, state)
        self.store.set_meta(**self.figures())

    def keep_wall_times(self) -> None:
        """Keep how long the last ticks took, inside a transaction."""
        self.store.insert("wall", self.wall)
        self.wall = []

    def replay(self) -> None:
        """Bring the state to the last committed tick: newest snapshot, then the journal.

        Raises
        ------
        StoreError
            If the journal does not lead where it led before.
        """
        self._book = Book(record.stored_parcels(self.store))
        self.names = {name: k for k, name in enumerate(self.book.names)}
        kept = self.store.snapshot()
        after = -1
        if kept is not None:
            after = kept[0]
            with of_this_version(f"{self.folder}: the snapshot of tick {after}"):
                restore(self.world, kept[1])
            self._snapshot_bytes = len(kept[1])
        for tick, epoch, events in self.store.events(after):
            self.world.tick, self.world.epoch = tick, epoch
            parcels = None
            with of_this_version(f"{self.folder}: tick {tick}"):
                if "submit" in events:
                    first, last = events["submit"][0].tolist()
                    parcels = self.book.take(np.arange(first, last))
                step(self.world, events, None, parcels)
            self._unkept += 1
            kept_hash = self.store.hashes(tick)[1]
            if kept_hash and kept_hash != tick_hash(self.world):
                raise StoreError(
                    f"{self.folder}: tick {tick} replays to another state than it led to; "
                    "use the version of peakday that wrote it, or restore a backup"
                )
        self.digest = self.store.hashes(self.store.last_tick())[0]

    def hashes(self) -> tuple[str, str]:
        """Return the hash over all events, and that over the state."""
        return self.digest.hex(), state_hash(self.world)
