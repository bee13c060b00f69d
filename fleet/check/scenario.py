"""What a scenario will be, and what is wrong with it, without running it."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fleet.parcel_files import ParcelFile, read_parcels, unused_columns
from fleet.parcel_tables import ParcelError
from fleet.parcels import draw
from fleet.scenario import Scenario, ScenarioError, read
from routing.floor.grid import Floor

# Above this the greatest flow takes too long; stations and chutes alone bound the day then.
FLOW_CELLS = 20_000
# Ticks for which a robot that passes holds a cell: it enters, and leaves.
PASS_TICKS = 2
# How many times as long as alone a robot may take for a way among others.
SLOW = 5


@dataclass
class Findings:
    """What a look at a scenario brought up; errors make it impossible to run."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    day: dict[str, Any] = field(default_factory=dict)


def check_scenario(path: Path, *, as_json: bool) -> int:
    """Print what a scenario will be, or what is wrong with it; 2 where it cannot run.

    Raises
    ------
    ScenarioError, FloorError
        For a scenario or map that cannot be read at all.
    """
    found = examine(path)
    if as_json:
        violations = [
            {"what": "scenario", "where": line.partition(": ")[0], "detail": line}
            for line in found.errors
        ]
        plain = {"ok": not found.errors, "violations": violations, "warnings": found.warnings}
        print(json.dumps({**plain, "day": found.day}))
        return 2 if found.errors else 0
    for line in found.errors:
        print(f"fleet check: {line}", file=sys.stderr)
    for line in found.warnings:
        print(f"warning: {line}", file=sys.stderr)
    if not found.errors:
        print(f"{path}: can run")
        for name, value in found.day.items():
            shown = f"{value:,}" if isinstance(value, (int, float)) else value
            print(f"  {name.replace('_', ' '):<28} {shown}")
    return 2 if found.errors else 0


def examine(path: Path) -> Findings:
    """Return what is to be said about a scenario file."""
    found = Findings()
    scenario = read(path)
    floor = Floor.read(scenario.path(scenario.floor.map))
    found.errors += floor_problems(scenario, floor, str(path))
    found.day = {
        "robots": scenario.floor.robots,
        "parcels_on_a_robot": scenario.robots.parcels,
        "stations": len(floor.stations),
        "chutes": len(floor.chutes),
        "reject_chutes": len(floor.rejects),
        "cells": int(floor.free.sum()),
    }
    if len(floor.stations) and len(floor.chutes):
        found.day["parcels_per_hour_at_most"] = parcels_per_hour(scenario, floor)
    city = scenario.city
    if city.parcels is None:
        found.warnings.append(f"{path}: city.parcels is not set; parcels come by `fleet submit`")
        return found
    try:
        file = read_parcels(scenario.path(city.parcels), depot=city.depot, capacity=city.capacity)
        if len(floor.stations):
            draw(file.parcels, scenario, len(floor.stations))
    except ParcelError as error:
        found.errors.append(str(error))
        return found
    _examine_city(path, scenario, floor, file, found)
    return found


def floor_problems(scenario: Scenario, floor: Floor, name: str) -> list[str]:
    """Return why these robots cannot sort on this floor, one line each; none where they can."""
    from routing.floor.graph import problems  # networkx is not for who only asks for help

    found = problems(floor)
    free = int(floor.free.sum())
    robots = scenario.floor.robots
    if robots >= free:
        found.append(
            f"{name}: floor.robots = {robots}, but {floor.name} has {free} free cells; "
            f"choose fewer than {free} robots or a larger map"
        )
    if scenario.floor.battery and not found:
        found += battery_problems(scenario, floor, name)
    return found


def battery_problems(scenario: Scenario, floor: Floor, name: str) -> list[str]:
    """Return why a robot could end with an empty battery, one line each; none where it cannot.

    A robot takes its last parcel with `battery.stop_at` in its battery.  That has to last for the
    longest way there can be to a station, a chute for each parcel and a charger, `SLOW` times as
    long as a robot alone would take, and then until all others have had their turn on a charger.
    """
    import networkx

    battery, part = scenario.battery, scenario.floor
    if not len(floor.chargers):
        return [
            f"{name}: floor.battery = true, but {floor.name} has no charger; "
            "draw some (letter C), or leave it out"
        ]
    graph, hub = floor.to_graph(), int(floor.chargers[0])
    there = networkx.single_source_shortest_path_length(graph.reverse(copy=False), hub)
    back = networkx.single_source_shortest_path_length(graph, hub)
    way = max(there.values()) + max(back.values())  # no way is longer
    ways = 2 + scenario.robots.parcels
    cells = ways * way
    turns = -(-part.robots // len(floor.chargers))
    joules = battery.capacity_watt_hours * 3600
    gained = (battery.charge_watts - battery.standing_watts) or -1.0
    if gained <= 0:
        return [
            f"{name}: battery.charge_watts = {battery.charge_watts:g} is no more than a standing "
            f"robot uses ({battery.standing_watts:g}); give more"
        ]
    on_charger = joules * battery.leave_at / gained + 2 * battery.plug_seconds
    acting = scenario.robots.parcels * (part.load_seconds + part.drop_seconds)
    driving = SLOW * cells * part.tick_seconds + acting
    wait = turns * (on_charger + driving / ways)
    needed = cells * part.cell_metres * battery.joules_per_metre
    needed += (driving + wait) * battery.standing_watts
    if needed <= battery.stop_at * joules:
        return []
    level = math.ceil(needed / joules * 1000) / 1000
    if level <= battery.leave_at - 0.01:  # `scenario.check_values` takes no more
        remedy = f"choose {level:g} or more, or draw more chargers"
    else:
        remedy = "give more battery.capacity_watt_hours, or draw more chargers"
    return [
        f"{name}: battery.stop_at = {battery.stop_at:g} keeps {battery.stop_at * joules:,.0f} J, "
        f"but a robot may need {needed:,.0f} J until it charges ({wait:,.0f} s of them waiting for "
        f"one of {len(floor.chargers)} chargers); {remedy}"
    ]


def require_floor(scenario: Scenario, floor: Floor, name: str) -> None:
    """Refuse a floor on which these robots cannot sort.

    Raises
    ------
    ScenarioError
        With the first of `floor_problems`.
    """
    for line in floor_problems(scenario, floor, name):
        raise ScenarioError(line)


def parcels_per_hour(scenario: Scenario, floor: Floor) -> int:
    """Return a bound on what the floor can sort, whatever its robots do."""
    # A passage through a cell moves a whole load.
    most = scenario.robots.parcels
    load = most * scenario.ticks(scenario.floor.load_seconds)
    drop = most * scenario.ticks(scenario.floor.drop_seconds)
    if floor.free.sum() <= FLOW_CELLS:
        from routing.floor.graph import flow_bound

        per_tick = flow_bound(floor, load, drop).parcels_per_tick
    else:
        per_tick = min(
            len(floor.stations) / (load + PASS_TICKS), len(floor.chutes) / (drop + PASS_TICKS)
        )
    return int(most * per_tick * 3600 / scenario.floor.tick_seconds)


def _examine_city(
    path: Path, scenario: Scenario, floor: Floor, file: ParcelFile, found: Findings
) -> None:
    city, parcels = scenario.city, file.parcels
    capacity = file.capacity or city.capacity
    if not len(parcels):
        found.errors.append(f"{path}: {city.parcels} holds no parcel; give at least one")
    if file.origin is not None and city.metres_per_unit != 1:
        found.errors.append(
            f"{path}: city.metres_per_unit = {city.metres_per_unit:g}, but {city.parcels} is in "
            "degrees, which become metres; set it to 1"
        )
    if file.depot is None:
        found.warnings.append(
            f"{path}: city.depot is not set; couriers start amid the parcels of {city.parcels}"
        )
    found.warnings += unused_columns(scenario.path(city.parcels or ""), file)
    total = int(parcels.size.sum(dtype=np.int64))
    tours = -(-total // capacity)
    one_wave = not scenario.wave.every_seconds
    if one_wave and tours > len(floor.chutes):
        found.warnings.append(
            f"{path}: at least {tours} tours in one wave, but {floor.name} has "
            f"{len(floor.chutes)} chutes; tours will wait for one"
        )
    if one_wave and tours > city.couriers:
        found.warnings.append(
            f"{path}: at least {tours} tours in one wave, but city.couriers = {city.couriers}; "
            "tours will wait for a courier"
        )
    found.day |= {
        "parcels": len(parcels),
        "size_in_all": total,
        "van_capacity": capacity,
        "tours_at_least": tours,
        "couriers": city.couriers,
        "parcels_with_due_window": int((~np.isnan(parcels.due_close)).sum()),
    }
