"""A problem described in TOML: depots, vehicles and rules here, stops in the table it names.

stops = "stops.csv"           # beside this file; see `table`
objective = "cost"            # distance, vehicles or cost
rounding = "exact"            # exact, nearest or dimacs
pace = 1.0                    # duration of one unit of distance
[[depots]]
id = "north"
x = 0.0                       # or lat, lon: then distances are metres
y = 0.0
[[vehicles]]
name = "van"
capacity = 100                # or one number a dimension
count = 10                    # none: as many as needed
start = "north"               # a depot; none: the first
end = "north"                 # a depot, or "anywhere"; none: where it starts
fixed = 50.0
per_distance = 1.0
earliest = 0.0
latest = 1000.0
max_duration = 800.0
max_distance = 500.0
skills = ["cold"]
break = { earliest = 300.0, latest = 500.0, duration = 45.0 }
[[locks]]                     # the beginning of a tour under way
vehicle = "van"
stops = ["s1", "s7"]
"""

from __future__ import annotations

import math
from codecs import BOM_UTF8
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from routing.road.formats.deliveries import check_deliveries
from routing.road.formats.table import DEGREES, Table, read_table
from routing.road.problem import Break, Problem, ProblemError, Vehicle

EARTH_METRES = 6_371_008.8  # mean radius


class DepotEntry(msgspec.Struct, forbid_unknown_fields=True):
    """Where vehicles start and end."""

    id: str
    x: float | None = None
    y: float | None = None
    lat: float | None = None
    lon: float | None = None
    ready: float = 0.0
    due: float = math.inf


class BreakEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A rest: the window of its start, and how long it lasts."""

    earliest: float
    latest: float
    duration: float


class VehicleEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A type of vehicle."""

    capacity: int | list[int]
    name: str = ""
    count: int | None = None
    start: str = ""
    end: str = ""
    fixed: float = 0.0
    per_distance: float = 1.0
    earliest: float = 0.0
    latest: float = math.inf
    max_duration: float = math.inf
    max_distance: float = math.inf
    skills: list[str] = []
    rest: BreakEntry | None = msgspec.field(default=None, name="break")


class LockEntry(msgspec.Struct, forbid_unknown_fields=True):
    """The beginning of a tour under way."""

    vehicle: str
    stops: list[str]


class Description(msgspec.Struct, forbid_unknown_fields=True):
    """The file."""

    stops: str
    depots: list[DepotEntry]
    vehicles: list[VehicleEntry]
    objective: Literal["distance", "vehicles", "cost"] = "distance"
    rounding: Literal["exact", "nearest", "dimacs"] = "exact"
    pace: float = 1.0
    locks: list[LockEntry] = []


def read_described(path: Path, rounding: str | None, objective: str | None) -> Problem:
    """The problem that a TOML file and its table of stops state."""
    said = read_description(path)
    table = read_table(path.parent / said.stops)
    depots = {entry.id for entry in said.depots}
    both = next((row for row, name in enumerate(table.names) if name in depots), None)
    if both is not None:
        raise ProblemError(
            f"{table.where(both)}: stop {table.names[both]!r} has the id of a depot; rename one"
        )
    return _problem(path, said, table, rounding, objective)


def read_description(path: Path) -> Description:
    """What a TOML file says, without its table of stops.

    Raises
    ------
    ProblemError
        In one line, where it cannot be read.
    """
    try:
        text = path.read_bytes().removeprefix(BOM_UTF8)
        return msgspec.toml.decode(text, type=Description)
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}; name a file that can be read") from error
    except UnicodeDecodeError as error:
        raise ProblemError(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8") from None
    except msgspec.DecodeError as error:
        if _is_scenario(text):
            raise ProblemError(
                f"{path}: a floor's scenario, no problem of tours; it is for `fleet run {path}`"
            ) from None
        raise ProblemError(f"{path}: {error}; see the description of the format") from None


def _is_scenario(text: bytes) -> bool:
    try:
        return "floor" in msgspec.toml.decode(text, type=dict)
    except msgspec.DecodeError:
        return False


def problem_of_table(
    path: Path, depot: tuple[float, float] | None, capacity: int | None,
    rounding: str | None, objective: str | None,
) -> Problem:  # fmt: skip
    """The problem of a table of stops, one depot (x, y or lat, lon) and one type of vehicle."""
    if depot is None or capacity is None:
        raise ProblemError(
            f"{path}: a table has neither depot nor vehicles; give --depot X,Y and --capacity N, "
            "or describe them in TOML"
        )
    if capacity < 0:
        raise ProblemError(f"{path}: --capacity is {capacity}; give a whole number from 0 up")
    table = read_table(path)
    names = ("lat", "lon") if table.degrees else ("x", "y")
    entry = DepotEntry("depot", **dict(zip(names, depot, strict=True)))
    said = Description(path.name, [entry], [VehicleEntry(capacity)])
    return _problem(path, said, table, rounding, objective)


def _problem(
    path: Path, said: Description, table: Table, rounding: str | None, objective: str | None
) -> Problem:
    if not said.depots:
        raise ProblemError(f"{path}: there is no depot; give at least one")
    depots = len(said.depots)
    row_of = {entry.id: row for row, entry in enumerate(said.depots)}
    if len(row_of) < depots:
        raise ProblemError(f"{path}: two depots have one id; name each once")
    stop_of = {name: depots + row for row, name in enumerate(table.names)}

    def column(name: str, default: float, of_depots: list[float] | None = None) -> np.ndarray:
        head = of_depots or [default] * depots
        return np.concatenate([np.array(head, np.float64), table.numbers(name, default)])

    demand = np.column_stack([table.whole(name) for name in table.demands])
    demand = np.concatenate([np.zeros((depots, demand.shape[1]), np.int64), demand])
    bits = _bits(path, said, table)
    needs = [str(words).split() for words in table.columns.get("skills", [""] * table.rows)]
    return Problem(
        name=path.stem,
        depots=depots,
        xy=_places(path, said, table),
        demand=demand,
        vehicles=tuple(
            _vehicle(path, entry, row_of, said.depots[0].id, bits) for entry in said.vehicles
        ),
        rounding=rounding or said.rounding,
        objective=objective or said.objective,
        ready=column("ready", 0.0, [entry.ready for entry in said.depots]),
        due=column("due", math.inf, [entry.due for entry in said.depots]),
        service=column("service", 0.0),
        price=column("price", math.inf),
        skills=np.array([0] * depots + [_mask(words, bits) for words in needs], np.int64),
        partner=_partners(table, stop_of, demand),
        pace=said.pace,
        locks=_locks(path, said, stop_of),
        ids=(*row_of, *stop_of),
        degrees=table.degrees,
        skill_names=tuple(bits),
    )


def _places(path: Path, said: Description, table: Table) -> np.ndarray:
    """Coordinates; degrees become metres on a plane that touches the depots' mean latitude."""
    names = ("lon", "lat") if table.degrees else ("x", "y")
    depots = []
    for entry in said.depots:
        place = [getattr(entry, name) for name in names]
        if None in place:
            raise ProblemError(
                f"{path}: depot {entry.id!r} has no {' and '.join(names)}, which the stops have; "
                "add them"
            )
        for name, value in zip(names, place, strict=True):
            if table.degrees and not abs(value) <= DEGREES[name]:
                raise ProblemError(
                    f"{path}: depot {entry.id!r}: {name} is {value:g}; "
                    f"give degrees from -{DEGREES[name]} to {DEGREES[name]}"
                )
        depots.append(place)
    places = np.concatenate([np.array(depots, np.float64), table.places()])
    if not table.degrees:
        return places
    return _metres(places, float(places[: len(depots), 1].mean()))


def _metres(degrees: np.ndarray, base: float) -> np.ndarray:
    """Longitudes and latitudes as metres on the plane that touches latitude `base`.

    Longitudes go on beyond 180 or -180 degrees where that is nearer to the first depot.
    """
    around = degrees.copy()
    around[:, 0] -= 360.0 * np.round((degrees[:, 0] - degrees[0, 0]) / 360.0)
    across = math.cos(math.radians(base))
    return np.radians(around) * EARTH_METRES * np.array([across, 1.0])


def _bits(path: Path, said: Description, table: Table) -> dict[str, int]:
    words = {w for cell in table.columns.get("skills", []) for w in str(cell).split()}
    words |= {word for entry in said.vehicles for word in entry.skills}
    if len(words) > 62:
        raise ProblemError(f"{path}: {len(words)} skills are named; 62 are the most")
    return {word: 1 << k for k, word in enumerate(sorted(words))}


def _mask(words: list[str], bits: dict[str, int]) -> int:
    return sum(bits[word] for word in set(words))


def _vehicle(
    path: Path, entry: VehicleEntry, row_of: dict[str, int], first: str, bits: dict[str, int]
) -> Vehicle:
    start = entry.start or first
    end = entry.end or start
    for name in (start, end):
        if name not in row_of and (name != "anywhere" or start == "anywhere"):
            raise ProblemError(
                f"{path}: vehicle {entry.name!r} names depot {name!r}; "
                f"there are {', '.join(map(repr, row_of))}"
            )
    sizes = entry.capacity if isinstance(entry.capacity, list) else [entry.capacity]
    rest = entry.rest
    return Vehicle(
        capacity=tuple(sizes),
        count=entry.count,
        start=row_of[start],
        end=None if end == "anywhere" else row_of[end],
        fixed=entry.fixed,
        per_distance=entry.per_distance,
        earliest=entry.earliest,
        latest=entry.latest,
        max_duration=entry.max_duration,
        max_distance=entry.max_distance,
        skills=_mask(entry.skills, bits),
        rest=None if rest is None else Break(rest.earliest, rest.latest, rest.duration),
    )


def _partners(table: Table, stop_of: dict[str, int], demand: np.ndarray) -> np.ndarray:
    depots = len(demand) - table.rows
    partner = np.full(len(demand), -1, np.int32)
    pickup = partner.copy()
    for row, cell in enumerate(table.columns.get("pickup", [])):
        if not cell:
            continue
        if str(cell) not in stop_of:
            raise ProblemError(
                f"{table.where(row)}: pickup {cell!r} is no stop; name one of the table"
            )
        pickup[depots + row] = partner[depots + row] = stop_of[str(cell)]
        partner[stop_of[str(cell)]] = depots + row
    check_deliveries(demand, pickup, lambda row: f"{table.where(row - depots)}")
    return partner


def _locks(
    path: Path, said: Description, stop_of: dict[str, int]
) -> tuple[tuple[int, np.ndarray], ...]:
    names = [entry.name for entry in said.vehicles]
    kinds = {name: kind for kind, name in enumerate(names)}
    out = []
    for lock in said.locks:
        if lock.vehicle not in kinds:
            raise ProblemError(
                f"{path}: a lock names vehicle {lock.vehicle!r}; "
                f"there are {', '.join(map(repr, kinds))}"
            )
        if names.count(lock.vehicle) > 1:
            raise ProblemError(
                f"{path}: a lock names vehicle {lock.vehicle!r}, as several are named; "
                "give each its own name"
            )
        unknown = [stop for stop in lock.stops if stop not in stop_of]
        if unknown:
            raise ProblemError(f"{path}: a lock names stop {unknown[0]!r}; name stops of the table")
        rows = np.array([stop_of[stop] for stop in lock.stops], np.int32)
        out.append((kinds[lock.vehicle], rows))
    return tuple(out)
