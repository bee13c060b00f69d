"""Scenario files: one day's floor, city, waves and troubles, from TOML to typed structs.

Every field is documented here with its unit and default; `maps/README.md` shows the same table.
A path in a scenario is relative to the scenario's own folder.
"""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from fleet.events import MAX_PARCELS

MAX_ROBOTS = 20_000
MAX_SEED = 2**63 - 1
# Of x and y, on either side of 0.  Half the Earth's girth in metres fits, and so do metres of a
# national grid; squares and sums of them stay far within the numbers that plan tours.
MAX_COORDINATE = 25_000_000.0
OPENING_YEARS = (1970, 9000)  # with room for a day and a zone on either side


class ScenarioError(ValueError):
    """A scenario that cannot run; the message says file, place, value and remedy in one line."""


class FloorPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The warehouse floor and its robots."""

    map: str  # MovingAI map file
    robots: int
    cell_metres: float = 0.6
    tick_seconds: float = 0.25  # time of one move; cell_metres / tick_seconds is the speed
    load_seconds: float = 1.5  # to load one parcel at a station
    drop_seconds: float = 1.0  # to drop one parcel
    turn_seconds: float = 0.25  # a quarter turn
    battery: bool = False  # whether robots use charge and go to chargers; see [battery]
    station_robots: int = 5  # robots on their way to one station or at it, at most
    chute_robots: int = 12  # that have a parcel for one chute, on board or to be loaded, at most
    dispatch_ticks: int = 4  # every so many ticks one zone is planned by the routing model
    chute_parcels: int = 60  # parcels in a chute's bag; a full one is changed
    chute_empty_seconds: float = 10.0  # the chute is shut while its bag is changed


class RobotsPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one robot carries."""

    parcels: int = 1  # at once; all of one station
    # Which waiting parcels of its station a robot takes along, and in which order it drops them:
    # by the routing model, or the first in the queue, then always the nearest chute.
    loads: Literal["model", "queue"] = "model"


class CityPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The parcels and the couriers that take them to the door."""

    parcels: str | None = None  # .vrp, .csv or .parquet; none: they come by `fleet submit`
    depot: tuple[float, float] | None = None  # x, y; a .vrp file has its own
    metres_per_unit: float = 1.0  # of x and y
    couriers: int = 10
    capacity: int = 25  # sizes that fit into one van; a .vrp file has its own
    courier_metres_per_second: float = 8.0
    stop_seconds: float = 60.0  # at each door
    depart_seconds: float = 30.0  # from a full chute to the van's start
    best_known: float | None = None  # cost of the best known tours, for the gap


class WavePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When parcels appear and when they leave together."""

    arrive_seconds: float = 0.0  # parcels without a ready time appear evenly over this time
    first_seconds: float = 0.0  # when the first wave closes, after opening
    every_seconds: float = 0.0  # to the next one's close; 0: one wave, of all the file
    plan_seconds: float = 10.0  # simulated time from a wave's close to its tours
    plan_iterations: int = 200_000  # limit of the improvement, per wave
    sort_seconds: float = 300.0  # expected from tours to departure; due windows are planned so


class TroublesPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What real days do.  Shares are of 1, drawn by seed."""

    missing_share: float = 0.0  # a robot arrives without its parcel
    found_seconds: float = 60.0  # until such a parcel lies at its station again
    failed_share: float = 0.0  # of deliveries that nobody opens for
    attempts: int = 2  # tries at a door before a parcel stays at the depot
    blocked_per_hour: float = 0.0  # chutes that block, over the whole floor
    blocked_seconds: float = 60.0
    cancelled_share: float = 0.0  # of parcels that their sender cancels at a random time
    untoured_share: float = 0.0  # of parcels that no tour may take (no address): reject chute


class BatteryPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Robots' batteries, where floor.battery is true.  Levels are of 1.

    With the defaults a robot works for about eight hours on a full battery.  Time in which the
    whole floor has nothing to do uses none.
    """

    capacity_watt_hours: float = 150.0
    standing_watts: float = 5.0  # always
    joules_per_metre: float = 10.0  # on top, while it drives
    charge_watts: float = 600.0  # of a charger
    plug_seconds: float = 2.0  # to begin to charge, and to end it
    opening_low: float = 0.5  # levels at opening are drawn evenly by seed from here
    opening_high: float = 1.0  # to here
    go_at: float = 0.3  # a free robot below goes to charge where a charger is free
    stop_at: float = 0.2  # below, it takes no further parcel
    leave_at: float = 0.8  # it charges up to here


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One day."""

    name: str
    floor: FloorPart
    robots: RobotsPart = RobotsPart()
    city: CityPart = CityPart()
    wave: WavePart = WavePart()
    troubles: TroublesPart = TroublesPart()
    battery: BatteryPart = BatteryPart()
    seed: int = 1
    opening: str = "2017-11-11T00:00:00Z"  # the date that message times count from
    folder: str = ""  # of the file; set by `read`, not in it

    def ticks(self, seconds: float) -> int:
        """Return a duration in whole ticks, at least one."""
        return max(1, math.ceil(seconds / self.floor.tick_seconds - 1e-9))

    def path(self, name: str) -> Path:
        """Return a path that the scenario names."""
        return Path(self.folder) / name


def read(path: Path | str) -> Scenario:
    """Read and check a scenario file.

    Raises
    ------
    ScenarioError
        In one line: the file, the place, the value and what to do.
    """
    path = Path(path)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ScenarioError(
            f"{path}: cannot be read ({error.strerror}); name a scenario file such as "
            "maps/small.toml"
        ) from error
    try:
        scenario = msgspec.toml.decode(text, type=Scenario)
    except msgspec.ValidationError as error:
        raise ScenarioError(
            f"{path}: {error}; maps/README.md lists all fields, types and units"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: not valid TOML ({error}); mend that line") from error
    scenario = msgspec.structs.replace(scenario, folder=str(path.parent))
    check_values(path, scenario)
    return scenario


def write(scenario: Scenario, path: Path) -> None:
    """Write a scenario as TOML, so that `read` returns the same (but for the folder)."""
    plain = msgspec.to_builtins(scenario)
    del plain["folder"]
    lines = []
    for key, value in plain.items():
        if not isinstance(value, dict):
            lines.append(f"{key} = {_toml(value)}")
    for key, value in plain.items():
        if isinstance(value, dict):
            lines.append(f"\n[{key}]")
            lines += [f"{name} = {_toml(v)}" for name, v in value.items() if v is not None]
    path.write_text("\n".join(lines) + "\n")


def _toml(value: object) -> str:
    if isinstance(value, str):
        # A JSON string is a TOML one, but for the one control character that JSON allows.
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return repr(value)


def check_values(path: Path | str, scenario: Scenario) -> None:
    """See whether all values are within their bounds.

    Raises
    ------
    ScenarioError
        In one line that begins with `path`, for the first that is not.
    """
    floor, city, wave, troubles = scenario.floor, scenario.city, scenario.wave, scenario.troubles
    battery = scenario.battery
    bounds: list[tuple[str, float, float, float]] = [
        ("floor.robots", floor.robots, 1, MAX_ROBOTS),
        ("robots.parcels", scenario.robots.parcels, 1, MAX_PARCELS),
        ("floor.cell_metres", floor.cell_metres, 0.01, 100),
        ("floor.tick_seconds", floor.tick_seconds, 0.01, 60),
        ("floor.load_seconds", floor.load_seconds, 0, 3600),
        ("floor.drop_seconds", floor.drop_seconds, 0, 3600),
        ("floor.turn_seconds", floor.turn_seconds, 0, 60),
        ("floor.station_robots", floor.station_robots, 1, 1000),
        ("floor.chute_robots", floor.chute_robots, 1, 100_000),
        ("floor.dispatch_ticks", floor.dispatch_ticks, 1, 10_000),
        ("floor.chute_parcels", floor.chute_parcels, 1, 1_000_000),
        ("floor.chute_empty_seconds", floor.chute_empty_seconds, 0, 86_400),
        ("city.metres_per_unit", city.metres_per_unit, 1e-9, 1000),
        ("city.couriers", city.couriers, 1, 10_000_000),
        ("city.capacity", city.capacity, 1, 1_000_000_000),
        ("city.courier_metres_per_second", city.courier_metres_per_second, 0.01, 1000),
        ("city.stop_seconds", city.stop_seconds, 0, 86_400),
        ("city.depart_seconds", city.depart_seconds, 0, 86_400),
        ("wave.arrive_seconds", wave.arrive_seconds, 0, 604_800),
        ("wave.first_seconds", wave.first_seconds, 0, 604_800),
        ("wave.every_seconds", wave.every_seconds, 0, 604_800),
        ("wave.plan_seconds", wave.plan_seconds, 0, 86_400),
        ("wave.plan_iterations", wave.plan_iterations, 1, 10**12),
        ("wave.sort_seconds", wave.sort_seconds, 0, 86_400),
        ("troubles.missing_share", troubles.missing_share, 0, 1),
        ("troubles.found_seconds", troubles.found_seconds, 0, 86_400),
        ("troubles.failed_share", troubles.failed_share, 0, 1),
        ("troubles.attempts", troubles.attempts, 1, 100),
        ("troubles.blocked_per_hour", troubles.blocked_per_hour, 0, 1e6),
        ("troubles.blocked_seconds", troubles.blocked_seconds, 0, 86_400),
        ("troubles.cancelled_share", troubles.cancelled_share, 0, 1),
        ("troubles.untoured_share", troubles.untoured_share, 0, 1),
        ("battery.capacity_watt_hours", battery.capacity_watt_hours, 0.01, 1e6),
        ("battery.standing_watts", battery.standing_watts, 0, 1e6),
        ("battery.joules_per_metre", battery.joules_per_metre, 0, 1e6),
        ("battery.charge_watts", battery.charge_watts, 0.01, 1e7),
        ("battery.plug_seconds", battery.plug_seconds, 0, 3600),
        ("battery.leave_at", battery.leave_at, 0.02, 1),
        ("battery.go_at", battery.go_at, 0.01, battery.leave_at - 0.01),
        ("battery.stop_at", battery.stop_at, 0, battery.go_at),
        ("battery.opening_low", battery.opening_low, battery.stop_at, 1),
        ("battery.opening_high", battery.opening_high, battery.opening_low, 1),
        ("seed", scenario.seed, 0, MAX_SEED),
    ]
    for name, value, low, high in bounds:
        if not low <= value <= high:  # NaN fails too
            raise ScenarioError(
                f"{path}: {name} = {value} is out of range; choose {low:g} to {high:g}"
            )
    best = city.best_known
    if best is not None and not 0 < best < math.inf:
        raise ScenarioError(
            f"{path}: city.best_known = {best:g} is no cost; give a number above 0, or leave it out"
        )
    if city.depot is not None and not all(abs(x) <= MAX_COORDINATE for x in city.depot):
        most = f"{MAX_COORDINATE:.0f}"
        raise ScenarioError(
            f"{path}: city.depot = {list(city.depot)} is no place; give two numbers, "
            f"-{most} to {most}"
        )
    try:
        opening = datetime.fromisoformat(scenario.opening.replace("Z", "+00:00"))
    except ValueError:
        raise ScenarioError(
            f"{path}: opening = {scenario.opening!r} is no time; write it like 2017-11-11T00:00:00Z"
        ) from None
    low, high = OPENING_YEARS
    if not low <= opening.year <= high:
        raise ScenarioError(
            f"{path}: opening = {scenario.opening!r} is out of range; choose {low} to {high}"
        )
    if not scenario.name or not all(c.isalnum() or c in "-_." for c in scenario.name):
        raise ScenarioError(
            f"{path}: name = {scenario.name!r} names the run folder; "
            "use letters, digits, '-', '_' and '.'"
        )
