"""The files that parcels come in.

A parcel file is a table with one row a parcel, `.csv` or `.parquet`:

===================  ==========  ==================================================================
column               default     meaning
===================  ==========  ==================================================================
id                   (required)  the client's name for the parcel; unique
x, y                 (required)  where its door is, in the scenario's units; or
lat, lon             (required)  where its door is, in degrees (WGS84); becomes metres around the
                                 depot; in a scenario's file alone, not by `fleet submit`
size                 1           whole number, in the unit of the van's capacity
ready                drawn       seconds after opening at which it is at its station
due_open, due_close  none        seconds after opening between which its door is open
paid                 true        true, false, yes, no, 1 or 0
station              drawn       index of its station on the floor, from 0
===================  ==========  ==================================================================

x and y lie within ±25,000,000 (national grids in metres fit), times within ±10,000,000 seconds, and
an id has 1 to 100 bytes without control characters.  An empty field takes the default.  Other
columns are passed over and named in the result.  A `.vrp` file of CVRPLIB (`EUC_2D`) is read too:
its demands are the sizes, its node numbers the ids.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fleet.parcel_tables import Column, ParcelError, read_csv, read_parquet
from fleet.parcels import MAX_SECONDS, Parcels, name_fault
from fleet.scenario import MAX_COORDINATE

METRES_PER_DEGREE = 6_371_008.8 * math.pi / 180  # on a sphere of the Earth's mean radius
COLUMNS = ("id", "x", "y", "lat", "lon", "size", "ready", "due_open", "due_close", "paid",
           "station")  # fmt: skip
WORDS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "1": 1.0, "0": 0.0}


@dataclass(frozen=True, eq=False)
class ParcelFile:
    """What a parcel file holds.

    Attributes
    ----------
    parcels
        All its parcels, in the order of the file.
    depot
        Where couriers start, in the units of `parcels`; None where neither file nor caller say.
    capacity
        Of a van, where the file says so.
    origin
        Latitude and longitude of x = y = 0, where the file was in degrees.
    ignored
        Columns that mean nothing to us, and degrees beside x and y.
    """

    parcels: Parcels
    depot: tuple[float, float] | None = None
    capacity: int | None = None
    origin: tuple[float, float] | None = None
    ignored: tuple[str, ...] = ()


def read_parcels(
    path: Path | str,
    *,
    depot: tuple[float, float] | None = None,
    capacity: int | None = None,
) -> ParcelFile:
    """Read a parcel file.

    Parameters
    ----------
    depot
        x, y of the depot; latitude, longitude for a file in degrees.  Degrees become metres
        around it (around the parcels' mean where it is None); within a city's 30 km the error
        of this equirectangular projection is under 0.1 %.
    capacity
        Size that fits into a van; a larger parcel is an error.  A `.vrp` file has its own.

    Raises
    ------
    ParcelError
        In one line: file, line, column, value and what to do.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind == ".vrp":
        from fleet.parcels_vrp import read_vrp

        return read_vrp(path)
    if kind == ".csv":
        columns, locate = read_csv(path)
    elif kind in (".parquet", ".pq"):
        columns, locate = read_parquet(path)
    else:
        raise ParcelError(
            f"{path}: unknown kind of parcel file {kind!r}; use .csv, .parquet or .vrp"
        )
    return _Table(path, columns, locate).parcel_file(depot, capacity)


def unused_columns(path: Path | str, file: ParcelFile) -> list[str]:
    """Return a line for each column of a file that is not used, for its user to see."""
    known = ", ".join(COLUMNS)
    return [
        f"{path}: column {name} is not used"
        + (" beside x and y" if name in COLUMNS else f"; known are {known}")
        for name in file.ignored
    ]


def check_sizes(
    size: np.ndarray, capacity: int | None, complain: Callable[[int, str, str, str], ParcelError]
) -> None:
    """Raise what ``complain(row, column, value, remedy)`` makes of the first impossible size."""
    wrong = size < 0
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise complain(row, "size", f"{size[row]:g} is negative", "give 0 or more")
    if capacity is not None and (size > capacity).any():
        row = int(np.flatnonzero(size > capacity)[0])
        raise complain(
            row,
            "size",
            f"{size[row]:g} is above the van's capacity of {capacity}",
            "split the parcel or raise city.capacity",
        )


class _Table:
    """Columns as a file gave them, on their way to `Parcels`."""

    def __init__(
        self, path: Path, columns: dict[str, Column], locate: Callable[[int], str]
    ) -> None:
        self.path, self.columns, self.locate = path, columns, locate

    def complain(self, row: int, column: str, value: str, remedy: str) -> ParcelError:
        return ParcelError(f"{self.path}:{self.locate(row)}: {column} {value}; {remedy}")

    def parcel_file(self, depot: tuple[float, float] | None, capacity: int | None) -> ParcelFile:
        names = self._names()
        x, y, depot, origin = self._places(depot)
        size = self._whole("size", 1)
        check_sizes(size, capacity, self.complain)
        ready = self._floats("ready")
        due_open, due_close = self._floats("due_open"), self._floats("due_close")
        self._refuse("ready", ready < 0, ready, "is before opening", "give seconds, 0 or more")
        for name, seconds in (("ready", ready), ("due_open", due_open), ("due_close", due_close)):
            self._refuse(
                name, np.abs(seconds) > MAX_SECONDS, seconds, "is out of range",
                f"give seconds after opening, at most {MAX_SECONDS:.0f}",
            )  # fmt: skip
        late = due_close < np.fmax(due_open, ready)
        self._refuse("due_close", late, due_close, "is before due_open or ready", "mend the window")
        station = self._whole("station", -1)
        self._refuse("station", station < -1, station, "is negative", "number stations from 0")
        parcels = Parcels(
            names=names,
            x=x,
            y=y,
            size=size.astype(np.int32),
            station=station.astype(np.int32),
            ready_seconds=ready,
            due_open=due_open,
            due_close=due_close,
            paid=self._flags("paid"),
        )
        used = set(COLUMNS) if origin else set(COLUMNS) - {"lat", "lon"}
        ignored = tuple(name for name in self.columns if name not in used)
        return ParcelFile(parcels, depot, capacity, origin, ignored)

    def _refuse(
        self, column: str, wrong: np.ndarray, values: np.ndarray, what: str, remedy: str
    ) -> None:
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise self.complain(row, column, f"{values[row]:g} {what}", remedy)

    def _required(self, name: str) -> Column:
        if name not in self.columns:
            found = ", ".join(self.columns) or "none"
            raise ParcelError(
                f"{self.path}: column {name} is missing (found: {found}); "
                "a parcel file needs id and x, y or lat, lon"
            )
        return self.columns[name]

    def _names(self) -> list[str]:
        column = self._required("id")
        names = column if isinstance(column, list) else [_plain(value) for value in column.tolist()]
        if len(set(names)) < len(names) or "" in names:
            seen: dict[str, int] = {}
            for row, name in enumerate(names):
                if not name:
                    raise self.complain(row, "id", "is empty", "give each parcel an id")
                if name in seen:
                    where = self.locate(seen[name])
                    raise self.complain(
                        row, "id", f"{name!r} stands at {where} already", "give each its own"
                    )
                seen[name] = row
        for row, name in enumerate(names):
            if fault := name_fault(name):
                raise self.complain(row, "id", f"{name!r} {fault}", "choose another id")
        return names

    def _places(
        self, depot: tuple[float, float] | None
    ) -> tuple[np.ndarray, np.ndarray, tuple[float, float] | None, tuple[float, float] | None]:
        if "x" in self.columns or "lat" not in self.columns:
            x, y = self._coordinate("x", MAX_COORDINATE), self._coordinate("y", MAX_COORDINATE)
            return x, y, depot, None
        lat, lon = self._coordinate("lat", 90), self._coordinate("lon", 180)
        if depot is not None:
            origin = depot
        elif len(lat):
            turn = np.exp(1j * np.radians(lon)).sum()  # a mean that survives the 180th meridian
            origin = (float(lat.mean()), math.degrees(math.atan2(turn.imag, turn.real)))
        else:
            origin = (0.0, 0.0)
        if not (-90 <= origin[0] <= 90 and -180 <= origin[1] <= 180):
            raise ParcelError(
                f"{self.path}: has lat and lon, but the depot {list(origin)} is not in degrees; "
                "set city.depot = [latitude, longitude]"
            )
        x = (((lon - origin[1] + 180) % 360) - 180) * METRES_PER_DEGREE
        x *= math.cos(math.radians(origin[0]))
        y = (lat - origin[0]) * METRES_PER_DEGREE
        return x, y, None if depot is None else (0.0, 0.0), origin

    def _coordinate(self, name: str, limit: float) -> np.ndarray:
        column = self._required(name)
        values = _numbers(column, self.complain, name)
        self._refuse(name, np.isnan(values), values, "is no place", "fill the field in")
        remedy = f"give -{limit:.0f} to {limit:.0f}"
        self._refuse(name, np.abs(values) > limit, values, "is out of range", remedy)
        return values

    def _floats(self, name: str) -> np.ndarray:
        if name not in self.columns:
            return np.full(len(self.columns["id"]), np.nan)
        return _numbers(self.columns[name], self.complain, name)

    def _whole(self, name: str, default: int) -> np.ndarray:
        values = self._floats(name)
        values[np.isnan(values)] = default
        wrong = (values != np.floor(values)) | (np.abs(values) > 2**31 - 1)
        self._refuse(name, wrong, values, "is not a whole number", "give one below 2^31")
        return values

    def _flags(self, name: str) -> np.ndarray:
        column = self.columns.get(name)
        if isinstance(column, list):
            for row, word in enumerate(column):
                if word and word.lower() not in WORDS:
                    raise self.complain(row, name, f"{word!r} is no flag", "give true or false")
            values = np.array([WORDS.get(word.lower(), 1.0) for word in column])
        else:
            values = self._floats(name)
            values[np.isnan(values)] = 1
            wrong = (values != 0) & (values != 1)
            self._refuse(name, wrong, values, "is no flag", "give 1 or 0")
        return values == 1


def _plain(value: float) -> str:
    """Return a number as an id; whole ones as such, "" where the field is empty."""
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else str(value)


def _numbers(
    column: Column, complain: Callable[[int, str, str, str], ParcelError], name: str
) -> np.ndarray:
    """Return a column as float64, NaN where its field is empty; a written NaN is an error."""
    if not isinstance(column, list):
        values = column.astype(np.float64)
        empty = np.isnan(values)
    else:
        try:
            values = np.array([float(text or "nan") for text in column])
        except ValueError:
            row = next(row for row, text in enumerate(column) if not _is_number(text))
            raise complain(
                row, name, f"{column[row]!r} is not a number", "write it as 12 or 12.5"
            ) from None
        empty = np.fromiter((not text for text in column), bool, len(column))
    wrong = ~np.isfinite(values) & ~empty
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise complain(row, name, f"{column[row]!s} is not a finite number", "write it as 12.5")
    return values


def _is_number(text: str) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True
