"""`viz bench --watch HOURS`: how the memory of a viewer grows that watches a live run for long.

The moments of a recorded run are played to the live source as its listener would, forth and back
as often as it takes, with parcels of their own and a snapshot an hour.  Nothing waits for a clock
or a network.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np
import pygame

from fleet.events import ROBOT_FRAME, ParcelState
from fleet.feed import TOUR_COLUMNS
from viz.colours import LATE_FLAG
from viz.draw import Picture
from viz.live.source import Live
from viz.source import Source
from viz.view import View

PARCELS_AN_HOUR = 4_000
PLAYED = 240  # moments of the run that are played forth and back
FRAME_EVERY = 120  # updates: often enough that what is kept of texts is full within an hour
WAY = (
    ParcelState.AT_STATION,
    ParcelState.ON_ROBOT,
    ParcelState.IN_CHUTE,
    ParcelState.OUT,
    ParcelState.DELIVERED,
)
STOPS = 15  # of a tour


class Player:
    """Stands where the listener does; updates come when `play` is called."""

    def __init__(
        self,
        run: Source,
        parcels: int,
        ticks: int,
        *,
        on_snapshot: Callable[[dict, bool], None],
        on_tick: Callable[[dict], bool],
    ) -> None:
        self._on_snapshot, self._on_tick = on_snapshot, on_tick
        self.requests: deque = deque()
        self.ready, self.failure, self.healed = threading.Event(), "", 0
        self.said = (-float("inf"), "")
        self._states = np.full(parcels, ParcelState.ACCEPTED, np.uint8)
        self._arrived = np.full(parcels, -1, np.int32)
        self._ticks, self._done = ticks, 0
        self._bodies = _bodies(run)
        self._table = _table(run, parcels)
        self.heal()
        self.ready.set()

    def silent(self) -> bool:
        """Tell that it is not: something always comes."""
        return False

    def close(self) -> None:
        """Nothing is open."""

    def heal(self, tick: int = 0) -> None:
        """Send a snapshot, as after a gap."""
        table = {
            **self._table["parcel_table"],
            "state": self._states.tobytes(),
            "station_tick": self._arrived.tobytes(),
        }
        self._on_snapshot({**self._table, "parcel_table": table, **self._body(tick)}, False)

    def play(self, tick: int) -> None:
        """Send the update of a tick."""
        until = len(WAY) * len(self._states) * tick // self._ticks
        log = []
        for event in range(self._done, until):
            parcel, step = divmod(event, len(WAY))
            log.append([parcel, int(WAY[step]), parcel % 8])
            self._states[parcel] = WAY[step]
            if step == 0:
                self._arrived[parcel] = tick
        self._done = until
        self._on_tick({**self._body(tick), "log": log})

    def _body(self, tick: int) -> dict:
        turn = tick % (2 * len(self._bodies))
        body = self._bodies[min(turn, 2 * len(self._bodies) - 1 - turn)]
        # Each update that comes over a wire has bytes of its own.
        fresh = {name: bytes(bytearray(part)) for name, part in body.items()}
        return {
            **fresh, "tick": tick, "counts": {"accepted": len(self._states), "sorted": tick},
            "speed": 1.0, "planner_ms": 1.0, "log": [], "alarms": [], "requests": [],
            "paused": False,
        }  # fmt: skip


def _bodies(run: Source) -> list[dict[str, bytes]]:
    first, last = run.span()
    bodies = []
    for tick in range(first, min(last, first + PLAYED - 1) + 1):
        frame = run.frame(float(tick))
        robots = np.zeros(len(frame.cells), ROBOT_FRAME)
        robots["cell"], robots["heading"] = frame.cells, frame.headings
        robots["status"] = frame.status & ~np.uint8(LATE_FLAG)
        columns = {
            "robots": robots, "goals": frame.goals, "parcels": frame.tasks,
            "station_queue": frame.queues,
            "chutes": np.column_stack([frame.chute_tours, frame.chute_counts]).astype(np.int32),
            "chute_shut": frame.chute_shut,
        }  # fmt: skip
        none = dict.fromkeys(("couriers", "bases", "boards", "charges", "closed"), b"")
        plain = {name: np.ascontiguousarray(part).tobytes() for name, part in columns.items()}
        bodies.append({**plain, **none, "tour_changes": b""})
    return bodies


def _table(run: Source, parcels: int) -> dict:
    """Return what of a snapshot stays as it is."""
    floor = run.scene.floor
    assert floor is not None
    seconds = run.scene.tick_seconds
    scenario = f'name = "watch"\n[floor]\nmap = "watch.map"\nrobots = 1\ntick_seconds = {seconds}\n'
    xy = np.random.default_rng(1).normal(0, 1000, (2, parcels))
    stops = np.arange(parcels, dtype=np.int32)
    tours = [stops[k : k + STOPS].tolist() for k in range(0, parcels, STOPS)]
    columns = np.full((len(tours), 1 + len(TOUR_COLUMNS)), -1, np.int32)
    columns[:, 0] = np.arange(len(tours))
    return {
        "run": "watch", "scenario": scenario, "map": floor.text(),
        "depot": [0.0, 0.0], "lockstep": False,
        "tours": [[k, 0, -1, 0, own] for k, own in enumerate(tours)],
        "tour_loads": [len(own) for own in tours], "tour_columns": columns.tobytes(),
        "parcel_table": {
            "x": xy[0].tobytes(), "y": xy[1].tobytes(), "names": [f"P{k}" for k in range(parcels)],
            "station": np.zeros(parcels, np.int32).tobytes(),
            "due_close": np.full(parcels, np.nan).tobytes(),
        },
    }  # fmt: skip


def watch(
    run: Source, hours: float, size: tuple[int, int], memory: Callable[[], float]
) -> dict[str, object]:
    """Return figures of a watch of so many simulated hours; `memory` tells megabytes in use."""
    hour = round(3600 / run.scene.tick_seconds)
    ticks, parcels = max(round(hours * hour), 2), max(round(hours * PARCELS_AN_HOUR), 1)
    players: list[Player] = []

    def listen(address: str, curve: object, *, silence: float, **on: Callable) -> Player:
        players.append(Player(run, parcels, ticks, **on))
        return players[-1]

    live = Live("tcp://nowhere:1", listen=listen)
    player, picture, surface = players[0], Picture(live), pygame.Surface(size)
    view = View(shown="both", paused=False)
    used: list[float] = []
    worked = 0.0
    for tick in range(1, ticks + 1):
        began = time.thread_time()
        player.play(tick)
        worked += time.thread_time() - began
        if tick % FRAME_EVERY == 0:
            picture.draw(surface, float(tick), view)
        if tick % hour == 0 or tick == ticks:
            used.append(round(memory(), 1))
            player.heal(tick)
    return {
        "robots": len(live.frame(float(ticks)).cells),
        "parcels": parcels,
        "updates": ticks,
        "update_cpu_ms": round(1000 * worked / ticks, 3),
        "rss_mb": used,
        "rss_growth_mb": round(used[-1] - used[0], 1),
    }
