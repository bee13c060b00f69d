"""Problems described in TOML with a table of stops, as the judge reads them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from routing.road.case import Case, Wagon, finite, text_of, whole
from routing.road.case_table import stop_rows

EARTH_METRES = 6_371_008.8

WORD, LIST, TABLE = (str,), (list,), (dict,)
NUMBER = (int, float)
FILE = {
    "stops": WORD, "depots": LIST, "vehicles": LIST, "objective": WORD, "rounding": WORD,
    "pace": NUMBER, "locks": LIST,
}  # fmt: skip
DEPOT = {"id": WORD} | dict.fromkeys(("x", "y", "lat", "lon", "ready", "due"), NUMBER)
VEHICLE = {
    "capacity": (int, float, list), "name": WORD, "count": NUMBER, "start": WORD, "end": WORD,
    "skills": LIST, "break": TABLE,
} | dict.fromkeys(
    ("fixed", "per_distance", "earliest", "latest", "max_duration", "max_distance"), NUMBER
)  # fmt: skip
REST = dict.fromkeys(("earliest", "latest", "duration"), NUMBER)
LOCK = {"vehicle": WORD, "stops": LIST}
CHOICES = {
    "objective": ("distance", "vehicles", "cost"),
    "rounding": ("exact", "nearest", "dimacs"),
}


def described_case(path: Path) -> Case:
    """Depots and vehicles from TOML, stops from the table that it names."""
    head = tomllib.loads(text_of(path, "strict"))
    _require("the file", head, FILE, ("stops", "depots", "vehicles"))
    stops = stop_rows(path.parent / head["stops"])
    case = _case(head, stops)
    shared = {stop["id"] for stop in stops} & {depot["id"] for depot in head["depots"]}
    if shared:
        raise ValueError(f"{min(shared)!r} is the id of a stop and of a depot")
    return case


def table_case(path: Path, depot: tuple[float, float], capacity: int) -> Case:
    """A table of stops alone: one depot and one type of vehicle."""
    stops = stop_rows(path)
    names = ("lat", "lon") if "lat" in stops[0] else ("x", "y")
    entry = {"id": "depot", **dict(zip(names, depot, strict=True))}
    return _case({"depots": [entry], "vehicles": [{"capacity": capacity}]}, stops)


def _require(
    what: str, entry: Any, fields: Mapping[str, tuple[type, ...]], needed: tuple[str, ...]
) -> None:
    """Refuse what a table of the file must not say, or fails to."""
    if not isinstance(entry, dict):
        raise ValueError(f"{what} is {entry!r}, no table")
    for name, value in entry.items():
        if name not in fields:
            raise ValueError(f"{what} has {name!r}; known are {', '.join(fields)}")
        fits = isinstance(value, fields[name]) and not isinstance(value, bool)
        if isinstance(value, list) and name in ("skills", "stops"):
            fits = all(isinstance(word, str) for word in value)
        if not fits or value != value or value not in CHOICES.get(name, (value,)):
            raise ValueError(f"{what}: {name} is {value!r}")
    for name in needed:
        if name not in entry:
            raise ValueError(f"{what} has no {name!r}")


def _case(head: dict[str, Any], stops: list[dict[str, Any]]) -> Case:
    depots, vehicles, locks = head["depots"], head["vehicles"], head.get("locks", [])
    degrees = "lat" in stops[0]
    names = ("lat", "lon") if degrees else ("x", "y")
    for k, depot in enumerate(depots, 1):
        _require(f"depot {k}", depot, DEPOT, ("id", *names))
    for k, vehicle in enumerate(vehicles, 1):
        _require(f"vehicle {k}", vehicle, VEHICLE, ("capacity",))
    for k, lock in enumerate(locks, 1):
        _require(f"lock {k}", lock, LOCK, ("vehicle", "stops"))
    base: dict[str, int] = {}
    for row, depot in enumerate(depots):
        if base.setdefault(depot["id"], row) != row:
            raise ValueError(f"depot {depot['id']!r} stands twice")
    if not base or not vehicles:
        raise ValueError("there is no depot, or no vehicle")
    columns = [name for name in stops[0] if name.startswith("demand")]
    columns.sort(key=lambda name: (len(name), name))  # the tenth dimension after the ninth
    number = {stop["id"]: row for row, stop in enumerate(stops, len(depots))}
    words = {w for s in stops for w in s.get("skills", "").split()}
    words |= {w for v in vehicles for w in v.get("skills", [])}
    bit = {word: 1 << k for k, word in enumerate(sorted(words))}
    rows = [*depots, *stops]

    def column(name: str, default: float) -> list[float]:
        return [default if (v := row.get(name)) is None else float(v) for row in rows]

    case = Case(
        points=_points(rows, depots)
        if degrees
        else [(finite(r["x"]), finite(r["y"])) for r in rows],
        demand=[[0] * len(columns) for _ in depots]
        + [[whole(stop[name] or 0) for name in columns] for stop in stops],
        ready=column("ready", 0.0),
        due=column("due", math.inf),
        service=column("service", 0.0),
        price=column("price", math.inf),
        skills=[sum(bit[w] for w in set(row.get("skills", "").split())) for row in rows],
        pickup_of=_pickups(stops, number),
        depots=len(depots),
        pace=float(head.get("pace", 1.0)),
        rounding=head.get("rounding", "exact"),
        objective=head.get("objective", "distance"),
    )
    for k, vehicle in enumerate(vehicles, 1):
        wagon = _wagon(f"vehicle {k}", vehicle, base, bit)
        if len(wagon.capacity) != len(columns):
            sizes = f"{len(wagon.capacity)} capacities, {len(columns)} demand"
            raise ValueError(f"vehicle {k} has {sizes} columns; make them equal")
        case.wagons.append(wagon)
    called = [vehicle.get("name", "") for vehicle in vehicles]
    for lock in locks:
        name, unknown = lock["vehicle"], [s for s in lock["stops"] if s not in number]
        if called.count(name) != 1:
            many = "several are" if name in called else "none is"
            raise ValueError(f"a lock names vehicle {name!r}, as {many} named")
        if unknown:
            raise ValueError(f"a lock names stop {unknown[0]!r}, which is none of the table")
        case.locks.append((called.index(name), [number[stop] for stop in lock["stops"]]))
    return case


def _points(rows: list[dict[str, Any]], depots: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Degrees as metres on the plane that touches the depots' mean latitude.

    Who lies more than half round the Earth east or west of the first depot lies nearer the other
    way.
    """
    middle = sum(float(depot["lat"]) for depot in depots) / len(depots)
    east = EARTH_METRES * math.cos(math.radians(middle))
    home = float(depots[0]["lon"])
    points = []
    for row in rows:
        lon = finite(row["lon"])
        if lon - home > 180:
            lon -= 360
        elif home - lon > 180:
            lon += 360
        points.append((east * math.radians(lon), EARTH_METRES * math.radians(finite(row["lat"]))))
    return points


def _pickups(stops: list[dict[str, Any]], number: dict[str, int]) -> dict[int, int]:
    """The row of each delivery's pickup."""
    out: dict[int, int] = {}
    for stop in stops:
        pickup = stop.get("pickup", "")
        if pickup == "":
            continue
        if pickup not in number:
            raise ValueError(f"stop {stop['id']!r} names the pickup {pickup!r}, which is no stop")
        if number[pickup] in out.values() or number[pickup] == number[stop["id"]]:
            raise ValueError(f"stop {stop['id']!r} and another name {pickup!r} as their pickup")
        out[number[stop["id"]]] = number[pickup]
    return out


def _wagon(what: str, entry: dict[str, Any], base: dict[str, int], bit: dict[str, int]) -> Wagon:
    start = entry.get("start") or next(iter(base))
    end = entry.get("end") or start
    for depot in (start, end):
        if depot not in base and (depot != "anywhere" or start == "anywhere"):
            raise ValueError(f"{what}: there is no depot {depot!r}")
    sizes = entry["capacity"] if isinstance(entry["capacity"], list) else [entry["capacity"]]
    rest = entry.get("break")
    if rest is not None:
        _require(f"{what}: break", rest, REST, tuple(REST))
    return Wagon(
        capacity=[whole(size) for size in sizes],
        count=None if entry.get("count") is None else whole(entry["count"]),
        start=base[start],
        end=None if end == "anywhere" else base[end],
        fixed=finite(entry.get("fixed", 0.0)),
        per_distance=finite(entry.get("per_distance", 1.0)),
        earliest=finite(entry.get("earliest", 0.0)),
        latest=entry.get("latest", math.inf),
        longest=entry.get("max_distance", math.inf),
        longest_time=entry.get("max_duration", math.inf),
        skills=sum(bit[word] for word in set(entry.get("skills", []))),
        rest=rest and (rest["earliest"], rest["latest"], rest["duration"]),
    )
