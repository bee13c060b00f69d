"""What couriers and maps need of a day's tours: a CSV file per tour, and all tours as GeoJSON."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

from fleet.check.recording import Recording, Tour
from fleet.events import ParcelState
from fleet.parcel_files import METRES_PER_DEGREE
from fleet.store import Store

COLUMNS = ("stop", "parcel", "x", "y", "size", "due_open", "due_close", "state", "seconds")


def write(store: Store, run: Recording, folder: Path) -> None:
    """Write `manifests/tour-0001.csv` and so on, and `tours.geojson`.

    A manifest's rows are the tour's stops in their order, those taken out before it left
    included: `state` is the parcel's last one on this tour, `seconds` (after opening) its time.
    GeoJSON is in degrees where the parcel file was, else in that file's own x and y.
    """
    names = [name for (name,) in store.db.execute("SELECT name FROM parcel ORDER BY id")]
    manifests = folder / "manifests"
    manifests.mkdir(exist_ok=True)
    news = _news(run)
    for tour in run.tours:
        path = manifests / f"tour-{tour.id + 1:04d}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_stops(run, tour, names, news))
    features = [_feature(run, tour, names) for tour in run.tours if len(tour.parcels)]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "tours.geojson").write_text(json.dumps(collection) + "\n", encoding="utf-8")


def _news(run: Recording) -> dict[tuple[int, int], tuple[int, int]]:
    """Return (tick, state) of each (parcel, tour): the last that happened to it on that tour."""
    with_courier = (ParcelState.OUT, ParcelState.DELIVERED, ParcelState.RETURNING,
                    ParcelState.RETURNED)  # fmt: skip
    news = {}
    last: dict[int, tuple[int, int]] = {}
    for tick, parcel, state, place in run.log.tolist():
        last[parcel] = (tick, state)
        if state in with_courier:
            news[parcel, place] = (tick, state)
    for tour in run.tours:  # one that never left with it: where it is now
        for parcel in tour.parcels.tolist():
            news.setdefault((parcel, tour.id), last.get(parcel, (0, ParcelState.ACCEPTED)))
    return news


def _stops(
    run: Recording, tour: Tour, names: list[str], news: dict[tuple[int, int], tuple[int, int]]
) -> list[list[Any]]:
    rows = []
    for stop, parcel in enumerate(tour.parcels.tolist(), 1):
        tick, state = news[parcel, tour.id]
        window = [run.parcels[name][parcel] for name in ("due_open", "due_close")]
        rows.append(
            [
                stop,
                names[parcel],
                *(f"{run.parcels[name][parcel]:.15g}" for name in ("x", "y")),
                run.parcels["size"][parcel],
                *("" if math.isnan(value) else f"{value:g}" for value in window),
                ParcelState(state).name.lower(),
                f"{tick * run.tick_seconds:g}",
            ]
        )
    return rows


def _feature(run: Recording, tour: Tour, names: list[str]) -> dict[str, Any]:
    """Return a tour as a line from the depot and back."""
    depot = (float(run.meta["depot_x"]), float(run.meta["depot_y"]))
    doors = [(float(run.parcels["x"][k]), float(run.parcels["y"][k])) for k in tour.parcels]
    line = [_position(run, *place) for place in (depot, *doors, depot)]
    seconds = run.tick_seconds

    def when(tick: int | None) -> float | None:
        return None if tick is None else tick * seconds

    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": line},
        "properties": {
            "tour": tour.id + 1,
            "wave": tour.wave + 1,
            "courier": tour.courier,
            "chute": tour.chute,
            "parcels": [names[k] for k in tour.parcels.tolist()],
            "load": tour.load,
            "distance": tour.distance,
            "depart_seconds": when(tour.depart_tick),
            "home_seconds": when(tour.home_tick),
        },
    }


def _position(run: Recording, x: float, y: float) -> list[float]:
    """Return longitude and latitude where the day has an origin on the Earth, else x and y."""
    if "origin_lat" not in run.meta:
        return [x, y]
    lat, lon = float(run.meta["origin_lat"]), float(run.meta["origin_lon"])
    east = x / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
    return [round((lon + east + 180) % 360 - 180, 7), round(lat + y / METRES_PER_DEGREE, 7)]
