"""A running controller as a source: a snapshot, then one update a tick.

A thread listens; whoever draws takes the newest that has come and never waits.  The last minutes
stay in memory, so that one can look back; older ones are in the run folder.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fleet.events import ParcelState, RobotStatus
from fleet.feed import TOUR_COLUMNS
from fleet.keys import watching_curve
from fleet.requests import Request
from fleet.scenario import Scenario
from routing.floor.grid import Floor
from viz.alarms import ALARM, PARCEL_ALARMS, collisions, request_alarm, robot_alarms, told_alarm
from viz.frame import Curves, Frame, Parcels, Scene, Tours, no_tours
from viz.late import late_after, status_with_late
from viz.live.listener import Listener
from viz.live.moment import heat, read_moment
from viz.live.past import KEPT_TICKS, Past
from viz.live.rows import Newest
from viz.source import SourceError
from viz.states import count_states, tour_states
from viz.stored.parcel_log import ENDS

KEPT_ALARMS = 2000
KEPT_STEPS = 200_000  # of parcels' ways that are remembered, at least
FIRST_ANSWER_SECONDS = 5.0  # a controller tells its addresses when it is ready to answer
SILENCE_SECONDS = 2.0  # without an update or an answer: lost
NOTICE_SECONDS = 5.0  # a refusal is shown
# What an operator asks for is done so long after what was seen then, or never: a link may hold it.
LATEST_SECONDS, LATEST_TICKS = 5.0, 4


class Live:
    """Follows a controller."""

    live = True
    under_way = True

    def __init__(
        self,
        address: str,
        *,
        keys: Path | None = None,
        patience: float = FIRST_ANSWER_SECONDS,
        silence: float = SILENCE_SECONDS,
        listen: Callable[..., Any] = Listener,
    ) -> None:
        curve = None if keys is None else watching_curve(keys)
        self._lock = threading.Lock()
        self.lockstep = False
        self.scene = Scene(name=address)
        self._run: str | None = None  # that is shown
        self._anew: dict | None = None  # a snapshot of another run, that is not shown yet
        self._forget()
        self._listener = listen(
            address,
            curve,
            silence=silence,
            on_snapshot=self._take_snapshot,
            on_tick=self._take_body,
        )
        self._listener.ready.wait(patience)
        if not len(self._past):
            self.close()
            reason = self._listener.failure or f"no answer within {patience:g} s"
            raise SourceError(
                f"{address}: {reason}; give the clients' address that `fleet controller` printed, "
                "and --keys where it asks for keys"
            )

    def _forget(self) -> None:
        """Keep nothing of what has come so far."""
        self._past = Past()
        self._alarms: deque[tuple] = deque(maxlen=KEPT_ALARMS)
        self._curve = Newest(20 * KEPT_TICKS, 5)
        self._steps = Newest(KEPT_STEPS, 4, np.int32)  # tick, parcel, state, place
        self._arrived = np.zeros(0, np.int32)  # when each parcel came to its station
        self._to_chute, self._to_door = (Newest(20 * KEPT_TICKS, 2) for _ in range(2))
        self._alarm_rows: tuple[tuple | None, np.ndarray] = (None, np.zeros(0, ALARM))
        self.scene = replace(self.scene, floor=None)

    @property
    def healed(self) -> int:
        """Times that a snapshot had to heal a gap or a restart."""
        return self._listener.healed

    # -- taking in: the listener's thread

    def _take_snapshot(self, body: dict, other: bool) -> None:
        with self._lock:
            anew = self._run not in (None, body["run"])
            # As where a backup was restored.
            anew |= other and len(self._past) > 0 and body["tick"] < self._past.moments[-1].tick
            if anew or self._anew is not None:
                self._anew = body  # who draws goes over to it between two pictures
            else:
                self._show(body)

    def _show(self, body: dict) -> None:
        """Take in a snapshot of the run that is shown."""
        self.lockstep, self._run = bool(body.get("lockstep", False)), body["run"]
        self._take_scene(body)
        self._add({**body, "log": [], "requests": [], "alarms": []})

    def _take_scene(self, body: dict) -> None:
        scenario = msgspec.toml.decode(body["scenario"], type=Scenario)
        floor = self.scene.floor or Floor.parse(body["map"], scenario.floor.map)
        table = body["parcel_table"]
        x, y = np.frombuffer(table["x"]), np.frombuffer(table["y"])
        station, due = np.frombuffer(table["station"], np.int32), np.frombuffer(table["due_close"])
        self._past.set_states(np.frombuffer(table["state"], np.uint8), body["tick"])
        self._arrived = np.frombuffer(table["station_tick"], np.int32).copy()
        rows = body["tours"]
        tours: Tours = no_tours([np.array(row[4], np.int32) for row in rows])
        tours.wave[:], tours.load[:] = [row[1] for row in rows], body["tour_loads"]
        _set_tours(tours, np.frombuffer(body["tour_columns"], np.int32))
        scene = Scene(
            name=scenario.name,
            floor=floor,
            scenario=scenario,
            parcels=Parcels(list(table["names"]), x, y, station, due),
            depot=(float(body["depot"][0]), float(body["depot"][1])),
            tours=tours,
            tick_seconds=scenario.floor.tick_seconds,
            version=self.scene.version + 1,
        )
        self.scene = scene

    def _take_body(self, body: dict) -> bool:
        """Take in the columns of a tick; return whether it speaks of tours or parcels unknown."""
        with self._lock:
            return self._anew is not None or self._add(body)

    def _add(self, body: dict) -> bool:
        moment = read_moment(body)
        tick, robots = moment.tick, moment.robots
        stale = self._take_log(tick, body["log"])
        stale |= _set_tours(self.scene.tours, moment.tours)
        if len(self._past):
            last = self._past.moments[-1].robots
            status, cells = robots["status"], robots["cell"]
            self._alarms += robot_alarms(tick, last["status"], status, cells)
            self._alarms += collisions(tick, last["cell"], cells)
        self._alarms += [request_alarm(tick, *row) for row in moment.requests]
        self._alarms += [told_alarm(tick, *row[:3]) for row in moment.alarms]
        if self._past.add(moment):
            waiting = (robots["status"] & RobotStatus.WAITING) != 0
            share = float(waiting.mean()) if len(waiting) else 0.0
            done = (moment.counts.get(name, 0) for name in ("sorted", "delivered"))
            self._curve.append(tick, *done, share, moment.planner_ms)
        return stale

    def _take_log(self, tick: int, rows: list) -> bool:
        stale = False
        for parcel, state, place in rows:
            if not self._past.change(tick, parcel, state):
                stale = True
                continue
            self._steps.append(tick, parcel, state, place)
            if state == ParcelState.AT_STATION and self._arrived[parcel] < 0:
                self._arrived[parcel] = tick
            ends = {ParcelState.IN_CHUTE: self._to_chute, ParcelState.DELIVERED: self._to_door}
            if state in ends and self._arrived[parcel] >= 0:
                ends[ParcelState(state)].append(tick, tick - self._arrived[parcel])
            alarm = PARCEL_ALARMS.get(ParcelState(state))
            if alarm is not None:
                self._alarms.append((tick, alarm, -1, parcel, -1))
        return stale

    # -- answering

    def span(self) -> tuple[int, int]:
        """Return the oldest and the newest tick in memory."""
        with self._lock:
            return self._past.moments[0].tick, self._past.moments[-1].tick

    def frame(self, time: float) -> Frame:
        """Return a moment in memory."""
        with self._lock:
            moments, low = self._past.moments, self._past.index(time)
            now = moments[low]
            after = moments[low + 1] if low + 1 < len(moments) else now
            states, since = self._past.parcels(low)
            scene = self.scene
            standing = self._past.robots_since(low, late_after(scene.scenario))
            tour_state = tour_states(scene.tours, now.tick)
        part = 0.0
        if after is not now and len(after.robots) == len(now.robots):
            part = min(max(time - (after.tick - 1), 0.0), 1.0)
        moved = after.robots if part > 0 else now.robots
        chutes = len(now.chutes)
        return Frame(
            time=time,
            cells=now.robots["cell"],
            next_cells=moved["cell"],
            headings=(moved if part >= 0.5 else now.robots)["heading"],
            status=status_with_late(now.robots, standing),
            goals=now.goals,
            tasks=now.tasks,
            queues=now.queues,
            chute_tours=now.chutes[:, 0] if chutes else np.zeros(0, np.int32),
            chute_counts=now.chutes[:, 1] if chutes else np.zeros(0, np.int32),
            chute_shut=now.chute_shut,
            parcel_state=states[: len(scene.parcels or ())],
            parcel_tick=since[: len(scene.parcels or ())],
            tour_state=tour_state,
            counts=count_states(
                np.bincount(states, minlength=256), now.counts.get("accepted", len(states))
            ),
            part=part,
            planner_ms=now.planner_ms,
            charges=now.charges,
            boards=now.boards,
            closed=now.closed,
            floor_paused=now.paused,
        )

    def curves(self) -> Curves:
        """Return key figures since the viewer came."""
        with self._lock:
            ticks, sorted_, delivered, waiting, planner = (self._curve.column(k) for k in range(5))
            ends = [(rows.column(0), rows.column(1)) for rows in (self._to_chute, self._to_door)]
        return Curves(ticks, sorted_, delivered, waiting, planner, *ends)

    def alarms(self) -> np.ndarray:
        """Return what went wrong since the viewer came."""
        with self._lock:
            newest = self._alarms[-1] if self._alarms else None
            if self._alarm_rows[0] != newest:
                self._alarm_rows = (newest, np.array(list(self._alarms), ALARM))
            return self._alarm_rows[1]

    def heat(self, kind: str, first: int, last: int) -> np.ndarray | None:
        """Return visits or waiting of each cell among the ticks in memory."""
        floor = self.scene.floor
        with self._lock:
            moments = [m for m in self._past.moments if first <= m.tick <= last]
        if floor is None or not moments:
            return None
        return heat(moments, kind, floor.cells)

    def trail(self, robot: int, time: float, ticks: int) -> np.ndarray:
        """Return where a robot was."""
        with self._lock:
            return np.array(
                [
                    m.robots["cell"][robot]
                    for m in self._past.moments
                    if time - ticks <= m.tick <= time and robot < len(m.robots)
                ],
                np.int32,
            )

    def bases(self, time: float) -> np.ndarray:
        """Return the cells released ahead of robots."""
        with self._lock:
            return self._past.moments[self._past.index(time)].bases

    def story(self, parcel: int) -> list[tuple[int, int, int]]:
        """Return a parcel's way since the viewer came."""
        with self._lock:
            own = np.flatnonzero(self._steps.column(1) == parcel)
            columns = [self._steps.column(k)[own].astype(int).tolist() for k in (0, 2, 3)]
        return list(zip(*columns, strict=True))

    def speed(self) -> float:
        """Return the run's own speed; 0 while its clock stands, or in lockstep."""
        with self._lock:
            return self._past.moments[-1].speed

    def state(self) -> str:
        """Return how the connection is; ended: silent after every parcel has come to its end."""
        if not self._listener.silent():
            return "live"
        with self._lock:
            return "ended" if np.isin(self._past.states, ENDS).all() else "lost"

    def notice(self) -> str:
        """Return that the controller is lost, what it has just answered, that its clock stands."""
        if self._listener.failure:
            return f"the controller {self._listener.failure}; is it of another version?"
        when, text = self._listener.said
        recent = time.monotonic() - when < NOTICE_SECONDS
        if self.state() == "lost" and not (recent and self._listener.said_since()):
            return "no word from the controller; trying again"
        if recent:
            return text
        return "an operator has stopped the clock" if not self.speed() and not self.lockstep else ""

    def refresh(self, now: float) -> None:
        """Go over to another run, where one has begun; all else the thread takes in."""
        with self._lock:
            if self._anew is not None:
                self._forget()
                self._show(self._anew)
                self._anew = None

    def operate(self, request: Request) -> None:
        """Ask the controller for what an operator wants, now or not at all."""
        until = -1
        if not self.lockstep:
            ticks = math.ceil(LATEST_SECONDS * self.speed() / self.scene.tick_seconds)
            until = self.span()[1] + max(ticks, LATEST_TICKS)
        self._listener.requests.append(replace(request, until=until))

    def close(self) -> None:
        """End the thread and close the sockets."""
        self._listener.close()


def _set_tours(tours: Tours, columns: np.ndarray) -> bool:
    """Take in how far tours are (`feed.tour_columns`); return whether one of them is unknown."""
    rows = columns.reshape(-1, 1 + len(TOUR_COLUMNS))
    known = rows[rows[:, 0] < len(tours)]
    for k, name in enumerate(TOUR_COLUMNS, 1):
        getattr(tours, name)[known[:, 0]] = known[:, k]
    return len(known) < len(rows)
