"""A run's scene, read from its store; where the run goes on, what has come since."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from fleet.feed import TOUR_COLUMNS
from fleet.scenario import Scenario
from fleet.store import Store
from routing.floor.grid import Floor
from viz.frame import NEVER, Parcels, Scene, Tours


def stored_scene(folder: Path, store: Store) -> Scene:
    """Return floor, parcels and tours of a run."""
    scenario = msgspec.toml.decode(store.meta("scenario"), type=Scenario)
    return Scene(
        name=folder.resolve().name,
        floor=Floor.parse(store.meta("map"), str(folder / "floor.map")),
        scenario=scenario,
        parcels=_parcels(store.db, 0),
        depot=(float(store.meta("depot_x", "0")), float(store.meta("depot_y", "0"))),
        tours=_tours(store.db, 0),
        tick_seconds=scenario.floor.tick_seconds,
    )


def grown_scene(scene: Scene, store: Store) -> Scene:
    """Return a run's scene with the parcels and tours that have come since."""
    known = scene.parcels
    assert known is not None
    fresh = _parcels(store.db, len(known))
    if len(fresh):
        known = Parcels(
            known.names + fresh.names,
            *(
                np.concatenate([getattr(known, name), getattr(fresh, name)])
                for name in ("x", "y", "station", "due_close")
            ),
        )
    tours = _grown_tours(scene.tours, store.db)
    return replace(scene, parcels=known, tours=tours, version=scene.version + 1)


def _grown_tours(known: Tours, db: sqlite3.Connection) -> Tours:
    """Return all tours; those before the first that is not back yet are as they were."""
    under_way = np.flatnonzero(known.home_tick == NEVER)
    first = int(under_way[0]) if len(under_way) else len(known)
    fresh = _tours(db, first)
    columns = {
        name: np.concatenate([getattr(known, name)[:first], getattr(fresh, name)])
        for name in ("wave", "load", "distance", *TOUR_COLUMNS)
    }
    return Tours(stops=known.stops[:first] + fresh.stops, **columns)


def _parcels(db: sqlite3.Connection, first: int) -> Parcels:
    """Return the parcels from a row on."""
    rows = db.execute(
        "SELECT name, x, y, station, due_close FROM parcel WHERE id >= ? ORDER BY id", (first,)
    ).fetchall()
    names, xs, ys, stations, due = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    return Parcels(
        names=list(names),
        x=np.array(xs, np.float64),
        y=np.array(ys, np.float64),
        station=np.array(stations, np.int32),
        due_close=np.array([np.nan if d is None else d for d in due], np.float64),
    )


def _tours(db: sqlite3.Connection, first: int) -> Tours:
    """Return the tours from one on."""
    rows = db.execute(
        "SELECT parcels, wave, load, distance, plan_tick, chute, chute_tick, ready_tick, courier, "
        "depart_tick, home_tick FROM tour ORDER BY id LIMIT -1 OFFSET ?",
        (first,),
    ).fetchall()

    def column(k: int, dtype: type = np.int32) -> np.ndarray:
        return np.array([NEVER if row[k] is None else row[k] for row in rows], dtype)

    return Tours(
        stops=[np.frombuffer(row[0], np.int32) for row in rows],
        wave=column(1),
        load=column(2, np.int64),
        distance=column(3, np.float64),
        plan_tick=column(4),
        chute=column(5),
        chute_tick=column(6),
        ready_tick=column(7),
        courier=column(8),
        depart_tick=column(9),
        home_tick=column(10),
    )
