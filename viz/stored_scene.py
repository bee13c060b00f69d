"""A run's scene, read from its store."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import numpy as np

from fleet.scenario import Scenario
from fleet.store import Store
from routing.floor.grid import Floor
from viz.frame import NEVER, Parcels, Scene, Tours


def stored_scene(folder: Path, store: Store) -> Scene:
    """Return floor, parcels and tours of a run."""
    scenario = msgspec.toml.decode(store.meta("scenario"), type=Scenario)
    floor = Floor.parse(store.meta("map"), str(folder / "floor.map"))
    rows = store.db.execute(
        "SELECT name, x, y, station, due_close FROM parcel ORDER BY id"
    ).fetchall()
    names, xs, ys, stations, due = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    parcels = Parcels(
        names=list(names),
        x=np.array(xs, np.float64),
        y=np.array(ys, np.float64),
        station=np.array(stations, np.int32),
        due_close=np.array([np.nan if d is None else d for d in due], np.float64),
    )
    return Scene(
        name=folder.resolve().name,
        floor=floor,
        scenario=scenario,
        parcels=parcels,
        depot=(float(store.meta("depot_x", "0")), float(store.meta("depot_y", "0"))),
        tours=_tours(store.db),
        tick_seconds=scenario.floor.tick_seconds,
    )


def _tours(db: sqlite3.Connection) -> Tours:
    rows = db.execute(
        "SELECT parcels, wave, load, distance, plan_tick, chute, chute_tick, ready_tick, courier, "
        "depart_tick, home_tick FROM tour ORDER BY id"
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
