"""Parcels as columns: joined, picked, and drawn where their file left something open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from fleet.faults import Chance
from fleet.faults import draw as chance
from fleet.parcel_tables import ParcelError
from fleet.scenario import MAX_COORDINATE, Scenario

MAX_SECONDS = 10_000_000.0  # from opening; four months, in ticks of 0.01 s still an int32
MAX_NAME_BYTES = 100
REASONS = 10  # of refused parcels that an answer names
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, eq=False)
class Parcels:
    """Parcels in columns of one length.

    Attributes
    ----------
    names
        The clients' ids, unique.
    x, y
        In the units of the scenario's city; metres where the file had degrees.
    size
        In the unit of the van's capacity.
    station
        Index of its station, -1: to be drawn.
    ready_seconds
        After opening; NaN: to be drawn.
    due_open, due_close
        Seconds after opening; NaN: none.
    paid
        Whether its sender has paid.
    """

    names: list[str]
    x: np.ndarray  # float64
    y: np.ndarray  # float64
    size: np.ndarray  # int32
    station: np.ndarray  # int32
    ready_seconds: np.ndarray  # float64
    due_open: np.ndarray  # float64
    due_close: np.ndarray  # float64
    paid: np.ndarray  # bool

    def __len__(self) -> int:
        return len(self.names)

    def take(self, rows: np.ndarray) -> Parcels:
        """Return the parcels of some rows, in the order of ``rows``."""
        columns = {name: getattr(self, name)[rows] for name in COLUMNS}
        return Parcels(names=[self.names[k] for k in rows.tolist()], **columns)


COLUMNS = [f.name for f in fields(Parcels) if f.name != "names"]


def empty_parcels() -> Parcels:
    """Return a book without parcels."""
    return Parcels(
        names=[],
        x=np.empty(0),
        y=np.empty(0),
        size=np.empty(0, np.int32),
        station=np.empty(0, np.int32),
        ready_seconds=np.empty(0),
        due_open=np.empty(0),
        due_close=np.empty(0),
        paid=np.empty(0, bool),
    )


def joined(parts: Sequence[Parcels]) -> Parcels:
    """Return the parcels of all parts, in order."""
    parts = [empty_parcels(), *parts]
    columns = {name: np.concatenate([getattr(p, name) for p in parts]) for name in COLUMNS}
    return Parcels(names=[name for p in parts for name in p.names], **columns)


class Book:
    """Parcels that grow: a column is copied when its room is used up, not with each arrival.

    What `parcels` was before is used up, too: its list of names grows.
    """

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self._room = {name: getattr(parcels, name) for name in COLUMNS}

    def add(self, more: Parcels) -> None:
        """Put parcels behind the others."""
        first, last = len(self.parcels), len(self.parcels) + len(more)
        for name, room in self._room.items():
            if len(room) < last:
                self._room[name] = np.concatenate(
                    [room[:first], np.empty(2 * last - first, room.dtype)]
                )
            self._room[name][first:last] = getattr(more, name)
        names = self.parcels.names
        names += more.names
        self.parcels = Parcels(names, **{name: room[:last] for name, room in self._room.items()})


def name_fault(name: object) -> str:
    """Return why something cannot be a parcel's id, "" where it can."""
    if not isinstance(name, str):
        return "is no text"
    if CONTROL.search(name):
        return "has control characters"
    if not 0 < len(name.encode()) <= MAX_NAME_BYTES:
        return f"has not 1 to {MAX_NAME_BYTES} bytes"
    return ""


def faults(parcels: Parcels, capacity: int, stations: int) -> Iterator[tuple[np.ndarray, str]]:
    """Yield which parcels cannot be sorted or delivered (bool), and why, a reason at a time."""
    for name in ("x", "y"):
        where = getattr(parcels, name)
        yield (
            ~(np.abs(where) <= MAX_COORDINATE),
            (f"its {name} is not within -{MAX_COORDINATE:.0f} to {MAX_COORDINATE:.0f}"),
        )
    yield parcels.size < 0, "its size is negative"
    yield parcels.size > capacity, f"its size is above the van's capacity of {capacity}"
    yield (
        (parcels.station < -1) | (parcels.station >= stations),
        (f"its station is not on this floor, which has 0 to {stations - 1}"),
    )
    ready = parcels.ready_seconds
    yield (
        ~np.isnan(ready) & ~((ready >= 0) & (ready <= MAX_SECONDS)),
        (f"its ready is not within 0 to {MAX_SECONDS:.0f} seconds after opening"),
    )
    for name in ("due_open", "due_close"):
        due = getattr(parcels, name)
        yield (
            ~np.isnan(due) & ~(np.abs(due) <= MAX_SECONDS),
            (
                f"its {name} is not within -{MAX_SECONDS:.0f} to {MAX_SECONDS:.0f} seconds after "
                "opening"
            ),
        )
    yield parcels.due_close < parcels.due_open, "its due_close is before its due_open"


def draw(parcels: Parcels, scenario: Scenario, stations: int) -> Parcels:
    """Draw what the file left open: stations, and ready times over `wave.arrive_seconds`.

    The draw depends on the scenario's seed and the number of parcels alone: a parcel's station
    or time does not change because another one's is given.

    Raises
    ------
    ParcelError
        If a parcel names a station that the floor does not have.
    """
    n = len(parcels)
    wrong = (parcels.station >= stations) | (parcels.station < -1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ParcelError(
            f"parcel {parcels.names[row]!r}: station {parcels.station[row]} is not on the floor; "
            f"it has {stations}, numbered from 0"
        )
    rows = np.arange(n)
    station = (chance(scenario.seed, Chance.STATION, rows) * stations).astype(np.int32)
    ready = np.empty(n)
    order = np.argsort(chance(scenario.seed, Chance.READY, rows), kind="stable")
    ready[order] = rows * (scenario.wave.arrive_seconds / max(n, 1))
    return replace(
        parcels,
        station=np.where(parcels.station < 0, station, parcels.station),
        ready_seconds=np.where(np.isnan(parcels.ready_seconds), ready, parcels.ready_seconds),
    )
