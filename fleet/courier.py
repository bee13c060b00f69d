"""Simulated couriers: a tour's deliveries as a pure schedule.

What a courier reports and when follows from seed and departure alone, so that the process can
die and be rebuilt from the tours that are out.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np

from fleet.events import COURIER, CourierNews
from fleet.faults import Chance, draw

DEPARTURE_COLUMNS = ("parcels", "attempts", "x", "y", "open")


@dataclass(frozen=True)
class Departure:
    """One tour that leaves: who, when and where to.  Columns have one row a stop."""

    tour: int
    courier: int
    tick: int
    parcels: np.ndarray  # int32
    attempts: np.ndarray  # failed tries so far; int32
    x: np.ndarray  # coordinate units; float64
    y: np.ndarray
    open: np.ndarray  # seconds after opening before which nobody opens, nan: any time; float64


@dataclass(frozen=True)
class Trip:
    """What all couriers have in common."""

    depot: tuple[float, float]
    metres_per_unit: float
    metres_per_second: float
    stop_seconds: float
    depart_seconds: float
    tick_seconds: float
    seed: int
    failed_share: float


def schedule(departure: Departure, trip: Trip) -> tuple[np.ndarray, np.ndarray]:
    """Return the ticks of a tour's reports (int64), and the reports (dtype `events.COURIER`).

    The last one says that the courier is home.
    """
    n = len(departure.parcels)
    x = np.concatenate([[trip.depot[0]], departure.x, [trip.depot[0]]])
    y = np.concatenate([[trip.depot[1]], departure.y, [trip.depot[1]]])
    drive = np.hypot(np.diff(x), np.diff(y)) * trip.metres_per_unit / trip.metres_per_second
    now = departure.tick * trip.tick_seconds + trip.depart_seconds
    seconds = np.empty(n + 1)
    for k in range(n):
        now += drive[k]
        if now < departure.open[k]:
            now = departure.open[k]
        now += trip.stop_seconds
        seconds[k] = now
    seconds[n] = now + drive[n]
    rows = np.zeros(n + 1, COURIER)
    rows["courier"] = departure.courier
    rows["tour"] = departure.tour
    rows["position"] = np.arange(n + 1)
    rows["parcel"][:n] = departure.parcels
    rows["parcel"][n] = -1
    failed = (
        draw(trip.seed, Chance.FAILED, departure.parcels, departure.attempts) < trip.failed_share
    )
    rows["news"][:n] = np.where(failed, CourierNews.FAILED, CourierNews.DELIVERED)
    rows["news"][n] = CourierNews.HOME
    return np.ceil(seconds / trip.tick_seconds - 1e-9).astype(np.int64), rows


@dataclass
class Couriers:
    """The tours that are out, and what is still to be reported."""

    trip: Trip
    _queue: list[tuple[int, int, int, tuple]] = field(default_factory=list)

    def depart(self, departure: Departure, reported: int = 0) -> None:
        """Send a tour out, of which some reports have been taken in already."""
        ticks, rows = schedule(departure, self.trip)
        for tick, row in list(zip(ticks.tolist(), rows.tolist(), strict=True))[reported:]:
            heapq.heappush(self._queue, (tick, departure.courier, row[2], row))

    def news(self, tick: int) -> np.ndarray:
        """Return what is to be reported by this tick, earliest first (dtype `events.COURIER`)."""
        rows = []
        while self._queue and self._queue[0][0] <= tick:
            rows.append(heapq.heappop(self._queue)[3])
        return np.array(rows, COURIER)

    def next_tick(self) -> int:
        """Return the tick of the next report, -1 where nobody is out."""
        return self._queue[0][0] if self._queue else -1


def pack(departure: Departure, reported: int) -> dict[str, object]:
    """Return a departure as plain values for the wire."""
    plain: dict[str, object] = {
        "tour": departure.tour,
        "courier": departure.courier,
        "tick": departure.tick,
        "reported": reported,
    }
    for name in DEPARTURE_COLUMNS:
        plain[name] = getattr(departure, name).tobytes()
    return plain


def unpack(plain: dict) -> tuple[Departure, int]:
    """Return what `pack` packed."""
    types = (np.int32, np.int32, np.float64, np.float64, np.float64)
    columns = {
        name: np.frombuffer(plain[name], dtype)
        for name, dtype in zip(DEPARTURE_COLUMNS, types, strict=True)
    }
    departure = Departure(
        tour=plain["tour"], courier=plain["courier"], tick=plain["tick"], **columns
    )
    return departure, plain["reported"]
