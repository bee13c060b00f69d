"""Tours for other programs: CSV (one line a visit) or GeoJSON (one line string a tour)."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from routing.road.formats.described import EARTH_METRES
from routing.road.formats.solution import write_solution
from routing.road.plan import Plan
from routing.road.problem import Problem, ProblemError

SUFFIXES = (".sol", ".csv", ".geojson")


def check_suffix(path: Path) -> None:
    """Refuse a name for tours that says no format."""
    if path.suffix not in SUFFIXES:
        raise ProblemError(
            f"--out: {path.suffix or path.name!r} is unknown; name a .sol, .csv or .geojson file"
        )


def check_places(path: Path, problem: Problem) -> None:
    """Refuse GeoJSON of a problem that has travel times alone, and no places."""
    placed = problem.rounding != "matrix" or bool((problem.xy != problem.xy[0]).any())
    if path.suffix == ".geojson" and not placed:
        raise ProblemError(
            f"--out {path}: {problem.name} gives no coordinates; name a .sol or .csv file"
        )


def write_tours(path: Path, problem: Problem, plan: Plan, vehicles: Sequence[str] = ()) -> None:
    """Write a plan as its suffix says: `.sol`, `.csv` or `.geojson`.

    Stops are called as the instance calls them, and where it gives latitudes and longitudes, so
    does GeoJSON.  `vehicles` are the names of the types of vehicle, where they have any.
    """
    check_suffix(path)
    if path.suffix == ".sol":
        write_solution(path, problem, plan)
        return
    names = [str(problem.label(row)) for row in range(problem.depots, problem.rows)]
    if path.suffix == ".csv":
        _write_csv(path, problem, plan, names, vehicles)
    else:
        text = json.dumps(_geojson(problem, plan, names, vehicles))
        path.write_text(text, encoding="utf-8")


def _write_csv(
    path: Path, problem: Problem, plan: Plan, names: list[str], vehicles: Sequence[str]
) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["tour", "vehicle", "position", "id", "name"])
        for number, (tour, kind) in enumerate(zip(plan.tours, plan.vehicles, strict=True), 1):
            for position, row in enumerate(tour.tolist(), 1):
                name = vehicles[kind] if vehicles else ""
                writer.writerow([number, int(kind), position, names[row - problem.depots], name])
        for row in plan.unserved.tolist():
            writer.writerow(["", "", "", names[row - problem.depots], ""])


def _geojson(
    problem: Problem, plan: Plan, names: list[str], vehicles: Sequence[str]
) -> dict[str, Any]:
    places = problem.xy
    if problem.degrees:
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
                    "name": (vehicles[kind] if vehicles else "") or None,
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
