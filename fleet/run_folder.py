"""A day's run folder: made from a scenario, or taken up where its day stopped."""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec
import numpy as np

from fleet.check.scenario import require_floor
from fleet.day import Day
from fleet.parcel_files import read_parcels, unused_columns
from fleet.parcels import Parcels, draw
from fleet.scenario import Scenario, read, write
from fleet.store import STORE, Store
from fleet.store_errors import DiskError, EndedError, StoreError, TakenError, of_disk
from routing.floor.grid import Floor

log = logging.getLogger("fleet")


def create(folder: Path, scenario: Scenario, *, lockstep: bool) -> Day:
    """Make a run folder and open its day.

    Raises
    ------
    ScenarioError, FloorError, ParcelError, StoreError
        In one line, for what the scenario names and cannot be used.
    TakenError
        If the folder holds a run already.
    """
    source = scenario.path(scenario.floor.map)
    floor = Floor.read(source)
    require_floor(scenario, floor, scenario.name)
    parcels, depot, capacity, origin = scenario_parcels(
        scenario, len(floor.stations), note=log.warning
    )
    if _began(folder / STORE):
        raise TakenError(folder)
    with _whole_or_nothing(folder):
        shutil.copyfile(source, folder / "floor.map")
        # The run folder stands alone: its own map, and the parcels in the store.
        kept = msgspec.structs.replace(
            scenario,
            floor=msgspec.structs.replace(scenario.floor, map="floor.map"),
            city=msgspec.structs.replace(
                scenario.city, parcels=None, capacity=capacity, depot=depot
            ),
            folder=str(folder),
        )
        write(kept, folder / "scenario.toml")
        store = Store(folder / STORE, write=True)
        city, city_file = kept.city, scenario.city.parcels
        store.begin()
        store.set_meta(
            scenario=(folder / "scenario.toml").read_text(),
            map=(folder / "floor.map").read_text(),
            map_name=source.stem,
            seed=scenario.seed,
            opening=scenario.opening,
            parcel_file=str(scenario.path(city_file).resolve()) if city_file else "",
            metres_per_unit=city.metres_per_unit,
            depot_x=depot[0],
            depot_y=depot[1],
            capacity=capacity,
            couriers=city.couriers,
            best_known="" if city.best_known is None else city.best_known,
            following=0,
            epoch=0,
            run=secrets.token_hex(8),  # viewers tell runs apart by it
            wall_seconds=0,
            door="file" if scenario.city.parcels else "open",
            lockstep=int(lockstep),
        )
        if origin is not None:
            store.set_meta(origin_lat=origin[0], origin_lon=origin[1])
        day = Day(folder, store, kept, lockstep=lockstep)
        store.set_meta(
            opening_cells=day.world.robots["cell"].astype(np.int32).tobytes().hex(),
            opening_headings=day.world.robots["heading"].tobytes().hex(),
            opening_charges=day.world.batteries["charge"].tobytes().hex(),
        )
        store.commit()
    day.pending = parcels
    return day


def _began(path: Path) -> bool:
    """Tell whether a run's store holds what a day begins with; a kill may have come before that."""
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with closing(Store(path)) as store:
            return bool(store.meta("map", ""))
    except StoreError:  # whatever it is, it is not ours to write over
        return True


@contextmanager
def _whole_or_nothing(folder: Path) -> Iterator[None]:
    """Make a run folder; leave nothing of a run that cannot begin, so that it can be tried again.

    Raises
    ------
    DiskError
        If the disk is full.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException as error:
        if isinstance(error, StoreError) and not isinstance(error, DiskError):
            raise  # somebody else was faster, and has it
        side_files = [f"{STORE}{end}" for end in ("", "-wal", "-shm", "-journal", ".lock")]
        for name in ("floor.map", "scenario.toml", *side_files):
            (folder / name).unlink(missing_ok=True)
        if made:
            with suppress(OSError):  # somebody has put something there
                folder.rmdir()
        if isinstance(error, Exception) and of_disk(error):
            raise DiskError(folder / STORE, error) from error
        raise


def resume(folder: Path, *, lockstep: bool) -> Day:
    """Open a run folder where it stopped, wherever it lies now.

    Raises
    ------
    EndedError
        If its day is over.
    StoreError
        If it holds no run, or in lockstep one that has run on a real clock; if its scenario or map
        has been changed.
    """
    store = Store(folder / STORE, write=True) if (folder / STORE).exists() else None
    if store is None:
        raise StoreError(f"{folder}: no such run; name a run folder that `fleet run` made")
    if store.meta("ended", ""):
        store.close()
        raise EndedError(folder)
    if lockstep and store.last_tick() >= 0 and not int(store.meta("lockstep")):
        store.close()
        # Its robots went by their own clocks: reliving their orders leads somewhere else.
        raise StoreError(
            f"{folder}: this day has run on a real clock, which --speed max does not know; go on "
            "with a number, as in --speed 8"
        )
    for name, key in (("scenario.toml", "scenario"), ("floor.map", "map")):
        file, began_with = folder / name, store.meta(key)
        if not file.exists():  # a backup is the store alone, which holds them too
            file.write_text(began_with)
        elif file.read_bytes().decode(errors="replace").splitlines() != began_with.splitlines():
            store.close()
            raise StoreError(
                f"{file}: is not what the day began with; delete it, and it is written anew"
            )
    scenario = read(folder / "scenario.toml")
    day = Day(folder, store, scenario, lockstep=lockstep)
    if store.last_tick() < 0:
        # Stopped before its first tick: the parcels are still where the scenario said.
        # A file in degrees is placed around the same origin again.
        depot = scenario.city.depot
        if store.meta("origin_lat", ""):
            depot = (float(store.meta("origin_lat")), float(store.meta("origin_lon")))
        parcels = store.meta("parcel_file") or None
        city = msgspec.structs.replace(scenario.city, parcels=parcels, depot=depot)
        from_file = msgspec.structs.replace(scenario, city=city)
        day.pending, *_ = scenario_parcels(from_file, len(day.floor.stations))
    else:
        day.replay()
    return day


def scenario_parcels(
    scenario: Scenario,
    stations: int,
    note: Callable[[str], None] = lambda line: None,
) -> tuple[Parcels | None, tuple[float, float], int, tuple[float, float] | None]:
    """Return a scenario's parcels, depot, van capacity, and the place on Earth of x = y = 0.

    Parcels are None where they come through the door, the last where the file has no degrees.
    ``note`` is told what in the file is not used.
    """
    city = scenario.city
    if city.parcels is None:
        return None, city.depot or (0.0, 0.0), city.capacity, None
    file = read_parcels(scenario.path(city.parcels), depot=city.depot, capacity=city.capacity)
    for line in unused_columns(scenario.path(city.parcels), file):
        note(line)
    depot = file.depot or city.depot
    if depot is None:
        depot = (float(file.parcels.x.mean()), float(file.parcels.y.mean()))
    capacity = file.capacity or city.capacity
    return draw(file.parcels, scenario, stations), depot, capacity, file.origin
