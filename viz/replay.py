"""A recorded run as a source: any moment of it, decoded from the store when asked for."""

from __future__ import annotations

import itertools
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fleet.events import BATTERY, ORDER, ParcelState, TourState
from fleet.requests import Request
from fleet.store import Store, StoreError
from routing.floor.grid import FloorError
from viz.alarms import ALARM, parcel_alarms, told_alarm
from viz.bases import bases
from viz.boards import NO_BOARDS, boards_of
from viz.frame import NOT_PLANNED, Curves, Frame, Tours
from viz.frames import StoredFrames, between
from viz.log import UNKNOWN, ParcelLog
from viz.requests import Requests
from viz.scan import FramesFrom, Scan
from viz.source import SourceError
from viz.stored_scene import stored_scene

# How far back orders are looked for that released a robot's base, and how many of them, so that a
# moment of ten thousand robots is there as fast as one of a hundred.
BASES_LOOK_BACK = 240  # ticks
BASES_BYTES = 8 << 20


class Replay:
    """Shows a run folder; opens lazily, so that a long day starts as fast as a short one."""

    live = False

    def __init__(self, folder: Path) -> None:
        try:
            self._store = Store(folder / "store.sqlite")
            self.scene = stored_scene(folder, self._store)
            self._frames = StoredFrames(self._store)
        except (StoreError, FloorError) as error:
            raise SourceError(str(error)) from error
        except (sqlite3.DatabaseError, msgspec.DecodeError, ValueError) as error:
            raise SourceError(
                f"{folder}: not a run that can be shown ({error}); check it with `fleet check`"
            ) from error
        if not len(self._frames):
            raise SourceError(f"{folder}: holds no ticks yet; let `fleet run` go on for a while")
        self._folder = folder
        self._load_logs()
        assert self.scene.floor is not None
        self.scan = Scan(self.scene.floor.cells, self._frames.ticks)
        self._whole: tuple[int, dict[str, Any]] | None = None
        self._alarms: tuple[int, np.ndarray] | None = None
        self._bases: tuple[int, np.ndarray] | None = None
        self._battery: tuple[np.ndarray, np.ndarray] | None = None  # ticks, `events.BATTERY`
        # A parcel counts once, the first time that it is dropped or delivered.
        log, ticks = self.log, self._frames.ticks
        self._curves = Curves(
            ticks=ticks,
            sorted=_first_times(log, (ParcelState.IN_CHUTE, ParcelState.REJECTED), ticks),
            delivered=_first_times(log, (ParcelState.DELIVERED,), ticks),
            waiting=self.scan.waiting,
            planner_ms=self._planner,
            **_chute_times(log),
        )
        self.scan.start(self._open_for_scan)

    # -- opening

    def _load_logs(self) -> None:
        scene, db = self.scene, self._store.db
        assert scene.parcels is not None
        assert scene.floor is not None
        rows = _table(db, "SELECT tick, parcel, state, place FROM parcel_log ORDER BY seq", 4)
        self.log = ParcelLog(len(scene.parcels), *(rows[:, k].copy() for k in range(4)))
        tasks = _table(db, "SELECT tick, robot, parcel FROM task_log ORDER BY seq", 3)
        self._task_tick, self._task_robot, self._task_parcel = tasks.T.copy()
        wall = db.execute("SELECT tick, planner_ms FROM wall ORDER BY tick").fetchall()
        self._planner = np.full(len(self._frames), np.nan, np.float32)
        if wall:
            ticks = np.array([row[0] for row in wall])
            at = np.searchsorted(self._frames.ticks, ticks)
            ok = (at < len(self._frames)) & (
                self._frames.ticks[np.minimum(at, len(self._frames) - 1)] == ticks
            )
            self._planner[at[ok]] = np.array([row[1] for row in wall], np.float32)[ok]
        self._chute_cells = np.concatenate([scene.floor.chutes, scene.floor.rejects])
        self._tour_of: dict[int, np.ndarray] = {}
        self._plan_ticks = np.sort(scene.tours.plan_tick)
        self._shut = self._bag_changes()
        rows = _table(db, "SELECT tick, what, robot, cell FROM request WHERE refused = '' "
                          "ORDER BY seq", 4)  # fmt: skip
        self._requests = Requests(rows)
        told = _table(db, "SELECT tick, what, robot, detail FROM alarm ORDER BY seq", 4)
        self._told = np.array([told_alarm(*row) for row in told.tolist()], ALARM)

    def _bag_changes(self) -> np.ndarray:
        """Return (chute, from tick, until tick) of every full chute whose bag was changed."""
        scenario, log = self.scene.scenario, self.log
        if scenario is None:
            return np.zeros((0, 3), np.int64)
        rows = np.flatnonzero(log.state == ParcelState.IN_CHUTE)
        chute, tick = log.place[rows], log.tick[rows]
        tours = self.scene.tours
        result = []
        full = scenario.floor.chute_parcels
        empty = scenario.ticks(scenario.floor.chute_empty_seconds)
        order = np.argsort(chute, kind="stable")
        chute, tick = chute[order], tick[order]
        for k in np.unique(chute).tolist():
            ticks = tick[np.searchsorted(chute, k) : np.searchsorted(chute, k, "right")]
            starts = np.append(np.sort(tours.chute_tick[tours.chute == k]), 2**31 - 1)
            for first, end in itertools.pairwise(starts):
                own = ticks[(ticks >= first) & (ticks < end)]
                result += [(k, int(t), int(t) + empty) for t in own[full - 1 :: full]]
        return np.array(result, np.int64).reshape(-1, 3)

    def _open_for_scan(self) -> tuple[FramesFrom, Callable[[], None]]:
        store = Store(self._folder / "store.sqlite")
        return store.frames, store.close

    # -- answering

    def span(self) -> tuple[int, int]:
        """Return the first and last tick of the run."""
        return int(self._frames.ticks[0]), int(self._frames.ticks[-1])

    def frame(self, time: float) -> Frame:
        """Return a moment of the run."""
        now, after, part = between(self._frames, time)
        if self._whole is None or self._whole[0] != int(time):
            self._whole = (int(time), self._whole_tick(int(time), len(now)))
        return Frame(
            time=time,
            cells=now["cell"],
            next_cells=after["cell"],
            headings=(after if part >= 0.5 else now)["heading"],
            status=now["status"],
            part=part,
            planner_ms=float(self._planner[self._frames.index(time)]),
            **self._whole[1],
        )

    def _whole_tick(self, tick: int, robots: int) -> dict[str, Any]:
        """Return what is the same for all moments from one tick to the next."""
        scene, log = self.scene, self.log
        floor, parcels = scene.floor, scene.parcels
        assert floor is not None
        assert parcels is not None
        log.go_to(tick)
        states, places = log.states, log.places
        count = np.bincount(states, minlength=256)
        tour_state = tour_states(scene.tours, tick)
        chutes = len(self._chute_cells)
        chute_tours = np.full(chutes, -1, np.int32)
        open_ = (tour_state == TourState.SORTING) | (tour_state == TourState.READY)
        chute_tours[scene.tours.chute[open_]] = np.flatnonzero(open_)
        held = (states == ParcelState.IN_CHUTE) | (states == ParcelState.REJECTED)
        held &= places >= 0
        shut = np.zeros(chutes, np.uint8)
        now_shut = (self._shut[:, 1] <= tick) & (tick < self._shut[:, 2])
        shut[self._shut[now_shut, 0]] = 1
        goals, tasks = self._tasks(tick, robots)
        boards = self._boards(tick, robots)
        if len(boards):
            self._lead_on(tick, goals, tasks, boards)
        waits = parcels.station[states == ParcelState.AT_STATION]
        return {
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
            "charges": self._charges(tick),
            "boards": boards,
            "closed": self._requests.closed(tick),
            "floor_paused": self._requests.floor_paused(tick),
            "counts": count_states(count, len(states) - int(count[UNKNOWN])),
        }

    def _charges(self, tick: int) -> np.ndarray:
        """Return what each robot said last of its battery, percent; empty where it needs none."""
        opening = bytes.fromhex(self._store.meta("opening_charges", ""))
        charges = np.frombuffer(opening, np.uint8).copy()
        if not len(charges):
            return charges
        if self._battery is None:  # the first time somebody looks: the journal is long
            rows = [(at, e["battery"]) for at, _, e in self._store.events() if "battery" in e]
            parts = [np.zeros(0, BATTERY), *(part for _, part in rows)]
            ticks = np.repeat([at for at, _ in rows], [len(part) for _, part in rows])
            self._battery = (ticks.astype(np.int64), np.concatenate(parts))
        ticks, said = self._battery
        said = said[: np.searchsorted(ticks, tick, side="right")]
        charges[said["robot"]] = said["charge"]
        return charges

    def _tasks(self, time: float, robots: int) -> tuple[np.ndarray, np.ndarray]:
        """Return each robot's goal cell and parcel as of a time."""
        scene, log = self.scene, self.log
        assert scene.floor is not None
        assert scene.parcels is not None
        upto = int(np.searchsorted(self._task_tick, time, side="right"))
        tasks = np.full(robots, -1, np.int32)
        tasks[self._task_robot[:upto]] = self._task_parcel[:upto]
        last = np.full(len(scene.parcels), -1, np.int32)
        last[self._task_parcel[:upto]] = self._task_robot[:upto]
        state = np.where(tasks >= 0, log.states[tasks], 255)
        mine = (tasks >= 0) & (last[tasks] == np.arange(robots))
        fetch = mine & np.isin(state, (ParcelState.ACCEPTED, ParcelState.AT_STATION))
        carry = mine & (state == ParcelState.ON_ROBOT) & (log.places[tasks] == np.arange(robots))
        goals = np.full(robots, -1, np.int32)
        goals[fetch] = scene.floor.stations[scene.parcels.station[tasks[fetch]]]
        tour = self._tours_at(time)[tasks]
        chute = np.where(tour >= 0, scene.tours.chute[tour] if len(scene.tours) else -1, -1)
        rejects = len(scene.floor.rejects)
        aside = len(scene.floor.chutes) + scene.parcels.station[tasks] % max(rejects, 1)
        chute = np.where(chute >= 0, chute, aside)
        goals[carry] = self._chute_cells[chute[carry]]
        tasks[~(fetch | carry)] = -1
        return goals, tasks

    def _boards(self, time: float, robots: int) -> np.ndarray:
        """Return what each robot has on board; empty where robots carry one parcel at most."""
        scenario, log = self.scene.scenario, self.log
        if scenario is None or scenario.robots.parcels == 1:
            return NO_BOARDS
        upto = int(np.searchsorted(self._task_tick, time, side="right"))
        tasks = self._task_robot[:upto], self._task_parcel[:upto]
        return boards_of(robots, scenario.robots.parcels, tasks, log.states, log.places)

    def _lead_on(
        self, time: float, goals: np.ndarray, tasks: np.ndarray, boards: np.ndarray
    ) -> None:
        """Set the goals of robots that load nothing more: the first of their drops."""
        assert self.scene.floor is not None
        assert self.scene.parcels is not None
        first = boards[:, 0]
        ids = np.flatnonzero((first >= 0) & ~np.isin(goals, self.scene.floor.stations))
        tour = self._tours_at(time)[first[ids]]
        tours = self.scene.tours
        chute = np.where(tour >= 0, tours.chute[tour] if len(tours) else -1, -1)
        station = self.scene.parcels.station[first[ids]]
        aside = len(self.scene.floor.chutes) + station % max(len(self.scene.floor.rejects), 1)
        tasks[ids] = first[ids]
        goals[ids] = self._chute_cells[np.where(chute >= 0, chute, aside)]

    def _tours_at(self, time: float) -> np.ndarray:
        """Return each parcel's tour as planned by a time."""
        planned = int(np.searchsorted(self._plan_ticks, time, side="right"))
        if planned not in self._tour_of:
            tours = self.scene.tours
            assert self.scene.parcels is not None
            result = np.full(len(self.scene.parcels), -1, np.int32)
            for tour in np.flatnonzero(tours.plan_tick <= time).tolist():
                result[tours.stops[tour]] = tour
            self._tour_of[planned] = result
        return self._tour_of[planned]

    def curves(self) -> Curves:
        """Return key figures of the whole run; waiting is filled in by a pass in the background."""
        return self._curves

    def alarms(self) -> np.ndarray:
        """Return troubles of parcels and robots in order of time."""
        found = len(self.scan.alarms)
        if self._alarms is None or self._alarms[0] != found:
            told = (self._requests.alarms(), self._told)
            rows = np.concatenate([parcel_alarms(self.log), self.scan.alarm_rows(), *told])
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
        return np.array([self._frames.robots(k)[robot]["cell"] for k in range(first, last + 1)])

    def bases(self, time: float) -> np.ndarray:
        """Return the cells released ahead of robots, from the orders sent."""
        tick = int(time)
        if self._bases is None or self._bases[0] != tick:
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
        """Return that this is a replay."""
        return "replay"

    def notice(self) -> str:
        """Return nothing: there is nobody to lose."""
        return ""

    def set_speed(self, speed: float) -> None:
        """Do nothing: a replay's speed is the viewer's own."""

    def operate(self, request: Request) -> None:
        """Do nothing: what was is not changed."""

    def close(self) -> None:
        """Close the store."""
        self.scan.stop()
        self._store.close()


def count_states(count: np.ndarray, accepted: int) -> dict[str, int]:
    """Return the panel's figures from the number of parcels in each state."""
    sorted_ = sum(
        int(count[s])
        for s in (
            ParcelState.IN_CHUTE,
            ParcelState.OUT,
            ParcelState.DELIVERED,
            ParcelState.RETURNING,
            ParcelState.RETURNED,
            ParcelState.REJECTED,
        )
    )
    return {
        "accepted": accepted,
        "to come": int(count[ParcelState.ACCEPTED]),
        "at_station": int(count[ParcelState.AT_STATION]) + int(count[ParcelState.MISSING]),
        "on_robot": int(count[ParcelState.ON_ROBOT]),
        "in_chute": int(count[ParcelState.IN_CHUTE]),
        "sorted": sorted_,
        "out": int(count[ParcelState.OUT]) + int(count[ParcelState.RETURNING]),
        "delivered": int(count[ParcelState.DELIVERED]),
        "aside": int(
            count[ParcelState.REJECTED] + count[ParcelState.CANCELLED] + count[ParcelState.RETURNED]
        ),
    }


def tour_states(tours: Tours, time: float) -> np.ndarray:
    """Return each tour's `events.TourState` at a time, 255 before it was planned."""
    state = np.full(len(tours), NOT_PLANNED, np.uint8)
    for column, value in (
        (tours.plan_tick, TourState.PLANNED),
        (tours.chute_tick, TourState.SORTING),
        (tours.ready_tick, TourState.READY),
        (tours.depart_tick, TourState.OUT),
        (tours.home_tick, TourState.DONE),
    ):
        state[(column >= 0) & (column <= time)] = value
    return state


def _chute_times(log: ParcelLog) -> dict[str, np.ndarray]:
    """Return when parcels reached their chutes and how long after their stations."""
    arrived = np.full(len(log.states), -1, np.int64)
    rows = np.flatnonzero(log.state == ParcelState.AT_STATION)[::-1]
    arrived[log.parcel[rows]] = log.tick[rows]  # the first time stays
    dropped = np.flatnonzero(log.state == ParcelState.IN_CHUTE)
    began = arrived[log.parcel[dropped]]
    dropped, began = dropped[began >= 0], began[began >= 0]
    ticks = log.tick[dropped]
    return {"chute_ticks": ticks, "took_ticks": ticks - began}


def _first_times(log: ParcelLog, states: tuple[int, ...], ticks: np.ndarray) -> np.ndarray:
    rows = np.flatnonzero(np.isin(log.state, states))
    _, first = np.unique(log.parcel[rows], return_index=True)
    return np.searchsorted(np.sort(log.tick[rows[first]]), ticks, side="right")


def _table(db: sqlite3.Connection, query: str, columns: int) -> np.ndarray:
    return np.array(db.execute(query).fetchall(), np.int32).reshape(-1, columns)
