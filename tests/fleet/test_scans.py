"""What is looked for among all parcels each tick is what going through all of them finds."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from fleet import flow, timers
from fleet.events import ParcelState, TourState
from fleet.world import NO_TOUR, REJECT, World
from tests.fleet.pure_day import PureDay, troubled

TROUBLES = {
    "missing_share": 0.2,
    "failed_share": 0.3,
    "cancelled_share": 0.3,
    "untoured_share": 0.2,
}


def tasks(world: World) -> list[int]:
    """Return what a robot may be given, by asking parcel after parcel."""
    sorting = np.flatnonzero(world.tours["state"] == TourState.SORTING).tolist()
    return [
        k
        for k, row in enumerate(world.parcels)
        if row["state"] == ParcelState.AT_STATION
        and row["robot"] < 0
        and (row["tour"] == REJECT or row["tour"] in sorting)
    ]


def at_hand(world: World) -> list[int]:
    """Return what a wave would take, likewise."""
    return [
        k
        for k, row in enumerate(world.parcels)
        if row["state"] == ParcelState.AT_STATION
        and row["tour"] == NO_TOUR
        and row["wave"] < 0
        and not row["cancelled"]
    ]


def closes(world: World) -> bool:
    """Tell whether a wave closes now, with everything asked."""
    if world.planned < world.waves or world.tick < timers._wave_tick(world) or not at_hand(world):
        return False
    states = world.parcels["state"].tolist()
    to_come = ParcelState.ACCEPTED in states or ParcelState.MISSING in states
    home = (world.tours["state"] == TourState.DONE).all()
    return bool(world.scenario.wave.every_seconds) or (not to_come and bool(home))


@pytest.mark.parametrize("every", [0.0, 10.0])
def test_each_tick_finds_what_all_parcels_say(tmp_path: Path, every: float) -> None:
    """A whole day with every trouble, in one wave and in many."""
    scenario = troubled(tmp_path, **TROUBLES)
    wave = msgspec.structs.replace(scenario.wave, every_seconds=every)
    run = PureDay(tmp_path, msgspec.structs.replace(scenario, wave=wave))
    world = run.day.world
    run.tick()
    seen = dict.fromkeys(("tasks", "at hand", "found", "wave"), 0)
    while not run.over:
        world.tick = run.next_tick()
        due = timers.due(world, expected=0)
        rows = world.parcels
        missing = (rows["state"] == ParcelState.MISSING) & (rows["until"] <= world.tick)
        found = due["found"]["parcel"].tolist() if "found" in due else []
        assert found == np.flatnonzero(missing).tolist()
        assert ("wave" in due) == closes(world)
        run.tick()
        assert flow.tasks(world).tolist() == tasks(world)
        assert flow.at_hand(world).tolist() == at_hand(world)
        now = len(tasks(world)), len(at_hand(world)), len(found), int("wave" in due)
        seen = {what: seen[what] + more for what, more in zip(seen, now, strict=True)}
    run.day.store.close()
    assert all(seen.values())
