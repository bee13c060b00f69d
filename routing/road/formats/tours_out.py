"""Tours for other programs: CSV (one line a visit) or GeoJSON (one line string a tour)."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from routing.road.formats.described import EARTH_METRES, read_description
from routing.road.formats.solution import write_solution
from routing.road.formats.table import Table, read_table
from routing.road.plan import Plan
from routing.road.problem import Problem, ProblemError

SUFFIXES = (".sol", ".csv", ".geojson")


def check_suffix(path: Path) -> None:
    """Refuse a name for tours that says no format."""
    if path.suffix not in SUFFIXES:
        raise ProblemError(
            f"--out: {path.suffix or path.name!r} is unknown; name a .sol, .csv or .geojson file"
        )


def write_tours(path: Path, problem: Problem, plan: Plan, source: Path) -> None:
    """Write a plan as its suffix says: `.sol`, `.csv` or `.geojson`.

    `source` is the instance's file: where it names its stops, the tours name them so, and where it
    gives latitudes and longitudes, so does GeoJSON.
    """
    check_suffix(path)
    if path.suffix == ".sol":
        write_solution(path, problem, plan)
        return
    table = _table(source)
    names = [str(stop) for stop in range(1, problem.stops + 1)] if table is None else table.names
    if path.suffix == ".csv":
        _write_csv(path, problem, plan, names)
    else:
        degrees = table is not None and table.degrees
        path.write_text(json.dumps(_geojson(problem, plan, names, degrees)), encoding="utf-8")


def _table(source: Path) -> Table | None:
    if source.suffix == ".toml":
        return read_table(source.parent / read_description(source).stops)
    return read_table(source) if source.suffix in (".csv", ".parquet") else None


def _write_csv(path: Path, problem: Problem, plan: Plan, names: list[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["tour", "vehicle", "position", "id"])
        for number, (tour, kind) in enumerate(zip(plan.tours, plan.vehicles, strict=True), 1):
            for position, row in enumerate(tour.tolist(), 1):
                writer.writerow([number, int(kind), position, names[row - problem.depots]])
        for row in plan.unserved.tolist():
            writer.writerow(["", "", "", names[row - problem.depots]])


def _geojson(problem: Problem, plan: Plan, names: list[str], degrees: bool) -> dict[str, Any]:
    places = problem.xy
    if degrees:
        # the inverse of the reader's plane, which touches the depots' mean latitude
        base = float(places[: problem.depots, 1].mean()) / EARTH_METRES
        places = np.degrees(places / EARTH_METRES / np.array([math.cos(base), 1.0]))
    places = np.round(places, 7)
    features = []
    for number, (tour, kind) in enumerate(zip(plan.tours, plan.vehicles, strict=True), 1):
        vehicle = problem.vehicles[kind]
        way = [vehicle.start, *tour.tolist()] + ([] if vehicle.end is None else [vehicle.end])
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": places[way].tolist()},
                "properties": {
                    "tour": number,
                    "vehicle": int(kind),
                    "stops": [names[row - problem.depots] for row in tour.tolist()],
                    "demand": problem.demand[tour].clip(0).sum(axis=0).tolist(),
                },
            }
        )
    for row in plan.unserved.tolist():
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": places[row].tolist()},
                "properties": {"stop": names[row - problem.depots], "left_out": True},
            }
        )
    return {"type": "FeatureCollection", "features": features}
