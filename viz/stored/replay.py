"""A recorded run as a source: any moment of it, decoded from the store when asked for."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fleet.events import ORDER, ParcelState, TourState
from fleet.requests import Request
from fleet.store import ADDRESSES, Store, is_written
from fleet.store_errors import StoreError
from routing.floor.grid import FloorError
from viz.alarms import ALARM, parcel_alarms, told_alarm
from viz.chutes_shut import BagChanges
from viz.frame import Curves, Frame, Tours
from viz.gone import gone_tours
from viz.late import late_after, status_with_late
from viz.source import SourceError
from viz.states import count_states, tour_states
from viz.stored.bases import bases
from viz.stored.charges import Charges
from viz.stored.frames import StoredFrames, between
from viz.stored.milestones import Milestones
from viz.stored.parcel_log import UNKNOWN, ParcelLog
from viz.stored.requests import Requests
from viz.stored.rows import Growing, longer
from viz.stored.scan import DAMAGE, FramesFrom, Scan
from viz.stored.scene import grown_scene, stored_scene
from viz.stored.tasks import StoredTasks

READ_SECONDS = 0.5  # between two looks at a run that goes on
# How far back orders are looked for that released a robot's base, and how many of them, so that a
# moment of ten thousand robots is there as fast as one of a hundred.
BASES_LOOK_BACK = 240  # ticks
BASES_BYTES = 8 << 20


class Replay:
    """Shows a run folder; opens lazily, so that a long day starts as fast as a short one.

    A day that is still under way grows while one looks at it.  It is only ever read, in
    transactions of milliseconds, so that whoever writes it never waits.
    """

    live = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_at = -READ_SECONDS
        self._trouble = ""
        try:
            self._store = Store(folder / "store.sqlite")
            self.under_way = self._is_under_way()
            self._store.db.execute("BEGIN")  # all tables as of the same tick
            self.scene = stored_scene(folder, self._store)
            self._frames = StoredFrames(self._store)
        except (StoreError, FloorError) as error:
            raise SourceError(str(error)) from error
        except (*DAMAGE, msgspec.DecodeError) as error:
            raise _not_a_run(folder, error) from error
        if not len(self._frames):
            raise SourceError(f"{folder}: holds no ticks yet; let `fleet run` go on for a while")
        assert self.scene.floor is not None
        self._charges = Charges(self._store, int(self._frames.ticks[-1]))
        self._log = Growing("parcel_log", ("seq", "tick", "parcel", "state", "place"))
        self._tasks = Growing("task_log", ("seq", "tick", "robot", "parcel"))
        self._asked = Growing("request", ("seq", "tick", "what", "robot", "cell"),
                              where="refused = ''")  # fmt: skip
        self._told = Growing("alarm", ("seq", "tick", "what", "robot", "detail"))
        self._wall = Growing("wall", ("tick", "planner_ms"), dtype=np.float32)
        self.log = ParcelLog(0, *self._log.columns)
        self._milestones, self._bags = Milestones(), BagChanges()
        self._planner, self._planned = np.zeros(0, np.float32), 0
        self.scan = Scan(self.scene.floor.cells, self._frames.ticks)
        try:
            self._read_tables()
            self._work_out()
        except DAMAGE as error:
            raise _not_a_run(folder, error) from error
        self._store.db.execute("ROLLBACK")
        self.scan.start(self._open_for_scan)

    # -- reading

    def _is_under_way(self) -> bool:
        """Tell whether a controller runs this day."""
        # A controller that is killed leaves its addresses behind.
        listens = (self._folder / ADDRESSES).exists() and is_written(self._store.path)
        return listens and not self._store.meta("ended", "")

    def refresh(self, now: float) -> None:
        """Take in what was written since the last time; `now`: seconds of any steady clock."""
        if now - self._read_at < READ_SECONDS:
            return
        self._read_at = now
        try:
            under_way = self._is_under_way()
            if under_way or self.under_way:
                self._grow(ended=not under_way)
            self.under_way, self._trouble = under_way, ""
        except DAMAGE as error:  # what has been read can be seen
            self._trouble = f"what comes cannot be read ({error}); trying again"
            return
        self.scan.grow(self._frames.ticks, self._open_for_scan)

    def _grow(self, *, ended: bool) -> None:
        self._store.db.execute("BEGIN")  # all tables as of the same tick
        try:
            if self._frames.are_more() or ended:
                scene = grown_scene(self.scene, self._store)
                self._read_tables()
                self._frames.read_on()
                self.scene = scene
                self._work_out()
        finally:
            self._store.db.execute("ROLLBACK")

    def _read_tables(self) -> None:
        for table in (self._log, self._tasks, self._asked, self._told, self._wall):
            table.read_on(self._store.db)

    def _work_out(self) -> None:
        """Work out what follows from what tables and frames have more than the last time."""
        scene, ticks = self.scene, self._frames.ticks
        assert scene.parcels is not None
        self.log.grow(len(scene.parcels), self._log.columns)
        self._milestones.read_on(self.log, ticks)
        self._bags.read_on(scene, self.log)
        self._about = StoredTasks(scene, scene.parcels, self.log, self._tasks.columns)
        self._requests = Requests(self._asked.rows)
        self._read_planner(ticks)
        self._whole: tuple[tuple[int, bool], dict[str, Any]] | None = None
        self._alarms: tuple[int, np.ndarray] | None = None
        self._bases: tuple[int, np.ndarray] | None = None

    def _read_planner(self, ticks: np.ndarray) -> None:
        """Put the planner's times to the frames' ticks, as far as these have come."""
        self._planner = longer(self._planner, len(ticks), np.nan)
        first = self._planned
        self._planned = int(np.searchsorted(self._wall.keys, ticks[-1], side="right"))
        keys, spent = self._wall.keys[first : self._planned], self._wall.columns[0]
        at = np.searchsorted(ticks, keys)
        known = ticks[at] == keys
        self._planner[at[known]] = spent[first : self._planned][known]

    def _open_for_scan(self) -> tuple[FramesFrom, Callable[[], None]]:
        store = Store(self._folder / "store.sqlite")

        def frames(first: int, last: int) -> Iterator[tuple[int, np.ndarray]]:
            self._charges.read_on(store, last)  # so that what was scanned is known in all
            return store.frames(first, last)

        return frames, store.close

    # -- answering

    def span(self) -> tuple[int, int]:
        """Return the first and last tick of the run."""
        return int(self._frames.ticks[0]), int(self._frames.ticks[-1])

    def frame(self, time: float) -> Frame:
        """Return a moment of the run.

        Raises
        ------
        SourceError
            If what the run holds of it is damaged.
        """
        with self._damage_told(time):
            now, after, part = between(self._frames, time)
            key = int(time), self._charges.known(int(time))
            if self._whole is None or self._whole[0] != key:
                self._whole = (key, self._whole_tick(int(time), now))
        return Frame(
            time=time,
            cells=now["cell"],
            next_cells=after["cell"],
            headings=(after if part >= 0.5 else now)["heading"],
            part=part,
            planner_ms=float(self._planner[self._frames.index(time)]),
            **self._whole[1],
        )

    @contextmanager
    def _damage_told(self, time: float) -> Iterator[None]:
        """Say in one line which moment cannot be shown, where what the run holds is damaged."""
        try:
            yield
        except DAMAGE as error:
            raise SourceError(
                f"{self._folder}: damaged at tick {int(time)} ({error}); look with `fleet check`"
            ) from error

    def _whole_tick(self, tick: int, now: np.ndarray) -> dict[str, Any]:
        """Return what is the same for all moments from one tick to the next."""
        scene, log = self.scene, self.log
        floor, parcels = scene.floor, scene.parcels
        assert floor is not None
        assert parcels is not None
        log.go_to(tick)
        states, places = log.states, log.places
        count = np.bincount(states, minlength=256)
        tour_state = tour_states(scene.tours, tick)
        chutes = len(floor.chutes) + len(floor.rejects)
        chute_tours = np.full(chutes, -1, np.int32)
        open_ = (tour_state == TourState.SORTING) | (tour_state == TourState.READY)
        open_ &= ~gone_tours(scene.tours, tour_state, states, tick)
        chute_tours[scene.tours.chute[open_]] = np.flatnonzero(open_)
        held = (states == ParcelState.IN_CHUTE) | (states == ParcelState.REJECTED)
        held &= places >= 0
        # A tour gets its chute after all that came in with that tick has been taken in.
        began = _bags_began(scene.tours, tour_state, chutes, tick)
        held[held] = log.since[held] > began[np.minimum(places[held], chutes - 1)]
        shut = np.zeros(chutes, np.uint8)
        shut[self._bags.shut(tick)] = 1
        goals, tasks, boards = self._about.at(tick, len(now))
        waits = parcels.station[states == ParcelState.AT_STATION]
        return {
            "status": status_with_late(now, self._standing(tick)),
            "goals": goals,
            "tasks": tasks,
            "queues": np.bincount(waits, minlength=len(floor.stations)).astype(np.int32),
            "chute_tours": chute_tours,
            "chute_counts": np.bincount(
                np.minimum(places[held], chutes - 1), minlength=chutes
            ).astype(np.int32),
            "chute_shut": shut,
            "parcel_state": states,
            "parcel_tick": log.since,
            "tour_state": tour_state,
            "charges": self._charges.at(tick),
            "boards": boards,
            "closed": self._requests.closed(tick),
            "floor_paused": self._requests.floor_paused(tick),
            "counts": count_states(count, len(states) - int(count[UNKNOWN])),
        }

    def _standing(self, tick: int) -> Iterator[np.ndarray]:
        """Yield the frames through which a robot that is late has not stirred, newest first."""
        ticks, after = self._frames.ticks, late_after(self.scene.scenario)
        first = int(np.searchsorted(ticks, tick - after, side="right")) - 1
        if first >= 0:
            newest = self._frames.index(tick) - 1
            yield from (self._frames.robots(k) for k in range(newest, first - 1, -1))

    def curves(self) -> Curves:
        """Return key figures of the whole run; waiting is filled in by a pass in the background."""
        # The pass fills `waiting` in place, and replaces it where the run grows.
        return Curves(
            ticks=self._frames.ticks,
            sorted=self._milestones.sorted,
            delivered=self._milestones.delivered,
            waiting=self.scan.waiting,
            planner_ms=self._planner,
            to_chute=self._milestones.to_chute,
            to_door=self._milestones.to_door,
        )

    def alarms(self) -> np.ndarray:
        """Return troubles of parcels and robots in order of time."""
        found = len(self.scan.alarms)
        if self._alarms is None or self._alarms[0] != found:
            told = np.array([told_alarm(*row) for row in self._told.rows.tolist()], ALARM)
            parts = [parcel_alarms(self.log), self.scan.alarm_rows(), self._requests.alarms(), told]
            rows = np.concatenate(parts)
            self._alarms = (found, rows[np.argsort(rows["tick"], kind="stable")])
        return self._alarms[1]

    def heat(self, kind: str, first: int, last: int) -> np.ndarray | None:
        """Return visits or waiting of each cell between two ticks."""
        ticks = self._frames.ticks
        low, high = np.searchsorted(ticks, first), np.searchsorted(ticks, last, side="right")
        return self.scan.heat(kind, int(low), int(high))

    def trail(self, robot: int, time: float, ticks: int) -> np.ndarray:
        """Return where a robot was."""
        last = self._frames.index(time)
        first = max(0, last - ticks)
        with self._damage_told(time):
            return np.array([self._frames.robots(k)[robot]["cell"] for k in range(first, last + 1)])

    def bases(self, time: float) -> np.ndarray:
        """Return the cells released ahead of robots, from the orders sent."""
        tick = int(time)
        if self._bases is None or self._bases[0] != tick:
            with self._damage_told(time):
                now = self._frames.robots(self._frames.index(time))
                self._bases = (tick, bases(self._orders(tick), now["cell"], now["status"]))
        return self._bases[1]

    def _orders(self, tick: int) -> Iterator[np.ndarray]:
        """Yield what was sent, a tick at a time, the newest first, as far as it is looked for."""
        read = 0
        rows = self._store.db.execute(
            "SELECT orders FROM orders WHERE tick <= ? AND tick > ? ORDER BY tick DESC",
            (tick, tick - BASES_LOOK_BACK),
        )
        for (blob,) in rows:
            orders = np.frombuffer(zlib.decompress(blob), ORDER)
            yield orders
            read += orders.nbytes
            if read > BASES_BYTES:
                return

    def story(self, parcel: int) -> list[tuple[int, int, int]]:
        """Return a parcel's way over the whole run."""
        log = self.log
        rows = np.flatnonzero(log.parcel == parcel)
        return [(int(log.tick[k]), int(log.state[k]), int(log.place[k])) for k in rows]

    def state(self) -> str:
        """Return that this is a replay, or that the day goes on."""
        return "under way" if self.under_way else "replay"

    def notice(self) -> str:
        """Return why the run cannot be read on, if so."""
        return self._trouble or self.scan.failure

    def operate(self, request: Request) -> None:
        """Do nothing: what was is not changed."""

    def close(self) -> None:
        """Close the store."""
        self.scan.stop()
        self._store.close()


def _bags_began(tours: Tours, tour_state: np.ndarray, chutes: int, tick: int) -> np.ndarray:
    """Return the tick since which what has come to each chute lies there, -1: since ever."""
    began = np.full(chutes, -1)
    had = np.flatnonzero((tour_state >= TourState.SORTING) & (tour_state <= TourState.DONE))
    left = tour_state[had] > TourState.READY  # and took all with it, what was rejected too
    began[tours.chute[had]] = np.where(left, tick, tours.chute_tick[had])
    return began


def _not_a_run(folder: Path, error: Exception) -> SourceError:
    return SourceError(
        f"{folder}: not a run that can be shown ({error}); check it with `fleet check`"
    )
