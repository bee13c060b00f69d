"""A recorded day as a source."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from fleet import feed
from fleet.check.recording import read_recording
from fleet.events import ParcelState, RobotStatus
from fleet.store import Store
from fleet.summary import summarize
from tests.fleet.pure_day import CHARGERS, WITH_BATTERY, PureDay, write_files
from viz.live.moment import read_moment
from viz.save import wait_for_scan
from viz.source import SourceError
from viz.stored.charges import Charges
from viz.stored.replay import Replay


def test_counts_agree_with_what_the_controller_counted(run_folder: Path, replay: Replay) -> None:
    """At every tick the parcels' log adds up to the counts in the frame table."""
    store = Store(run_folder / "store.sqlite")
    rows = store.db.execute(
        "SELECT tick, accepted, on_robot, delivered FROM frame ORDER BY tick"
    ).fetchall()
    for tick, accepted, on_robot, delivered in rows:
        counts = replay.frame(tick).counts
        assert counts["accepted"] == accepted
        assert counts["on_robot"] == on_robot
        assert counts["delivered"] == delivered
    assert replay.frame(rows[-1][0]).counts["at_station"] == 0
    store.close()


def test_loaded_robots_have_the_parcel_they_carry(replay: Replay) -> None:
    """A robot that carries has a goal, and its task's parcel is on a robot."""
    first, last = replay.span()
    carried = 0
    for tick in range(first, last, 7):
        frame = replay.frame(tick)
        loaded = np.flatnonzero((frame.status & 15) == RobotStatus.LOADED)
        for robot in loaded.tolist():
            parcel = int(frame.tasks[robot])
            assert parcel >= 0
            assert frame.parcel_state[parcel] == ParcelState.ON_ROBOT
            assert frame.goals[robot] >= 0
            carried += 1
    assert carried


def test_grants_begin_beside_the_robot(replay: Replay) -> None:
    """Cells granted to a robot are a way from where it is, each beside the one before."""
    assert replay.scene.floor is not None
    width = replay.scene.floor.width
    seen = 0
    for tick in range(0, 160, 3):
        frame = replay.frame(tick)
        for robot in range(len(frame.cells)):
            ahead = replay.bases(tick)[robot]
            way = [int(frame.cells[robot]), *ahead[ahead >= 0].tolist()]
            seen += len(way) - 1
            for one, other in itertools.pairwise(way):
                assert abs(one % width - other % width) + abs(one // width - other // width) == 1
    assert seen


def test_curves_end_with_the_whole_day(replay: Replay) -> None:
    """Each parcel counts once, though some were tried twice."""
    curves = replay.curves()
    assert curves.delivered[-1] <= 14
    assert (np.diff(curves.sorted) >= 0).all()
    assert curves.rate("sorted", replay.span()[1], 10**9) > 0


def test_lead_times_are_those_of_the_report(replay: Replay, run_folder: Path) -> None:
    """From a parcel's station to its door, 95 % of all deliveries."""
    store = Store(run_folder / "store.sqlite")
    told = summarize(store, read_recording(store.path))["lead_time_seconds"]["p95"]
    store.close()
    took = replay.curves().took("to_door", replay.span()[1], 10**9)
    assert took * replay.scene.tick_seconds == pytest.approx(told, abs=0.05)
    assert np.isnan(replay.curves().took("to_door", 0, 10))


def test_alarms_are_in_order_and_name_parcels(replay: Replay) -> None:
    """Missing and failed parcels of this day are listed by time."""
    alarms = replay.alarms()
    assert len(alarms)
    assert (np.diff(alarms["tick"]) >= 0).all()
    assert (alarms["parcel"] >= 0).any()


@pytest.mark.parametrize("harm", ["gone", "other", "version", "empty", "no bytes"])
def test_bad_runs_are_one_clear_line(tmp_path: Path, harm: str) -> None:
    """A folder without a run, another file, a newer version or a run without ticks is refused."""
    store = tmp_path / "store.sqlite"
    if harm == "other":
        store.write_bytes(b"no database at all, but long enough to look at" * 10)
    elif harm == "version":
        db = sqlite3.connect(store)
        db.execute("PRAGMA user_version = 99")
        db.execute("CREATE TABLE x (y)")
        db.close()
    elif harm == "no bytes":
        store.touch()
    elif harm == "empty":
        Store(store, write=True).close()
    with pytest.raises(SourceError) as caught:
        Replay(tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert ("is empty" in str(caught.value)) == (harm == "no bytes")


@pytest.mark.slow
def test_batteries_are_shown_as_they_were_said(tmp_path: Path) -> None:
    """Live and replayed, each robot has the percentage that the controller knew at that tick."""
    run = PureDay(tmp_path, write_files(tmp_path, toml=WITH_BATTERY, floor=CHARGERS))
    world, seen, live = run.day.world, {}, []
    plain_tick = run.day.tick

    def tick(*args: object, **how: object) -> object:
        effects = plain_tick(*args, **how)  # type: ignore[arg-type]
        seen[world.tick] = world.batteries["charge"].tolist()
        body = feed.tick_body(world, effects, speed=1.0, planner_ms=0.0)
        live.append(read_moment(body).charges.tolist())
        return effects

    run.day.tick = tick  # type: ignore[assignment]
    run.live(until=150)
    run.day.store.close()
    source = Replay(tmp_path / "run")
    source.frame(140)  # perhaps before the journal has been read
    source.scan.join()
    assert live == list(seen.values())
    assert source.frame(140).charges.tolist() == seen[140]
    assert {at: source.frame(at).charges.tolist() for at in seen} == seen
    assert len({tuple(row) for row in live}) > 10
    source.close()


@pytest.mark.slow
def test_what_is_not_read_yet_is_not_told(tmp_path: Path) -> None:
    """A long journal is read beside the picture; as of a tick that it has not come to: nothing."""
    run = PureDay(tmp_path, write_files(tmp_path, toml=WITH_BATTERY, floor=CHARGERS))
    run.live(until=80)
    charges = Charges(run.day.store, run.day.world.tick)
    assert len(charges.at(0)) == 0
    charges.read_on(run.day.store, 40)
    assert len(charges.at(41)) == 0
    assert (charges.known(40), charges.known(41)) == (True, False)
    assert len(charges.at(40)) == len(run.day.world.robots)
    charges.read_on(run.day.store, run.day.world.tick)
    assert charges.at(10**6).tolist() == run.day.world.batteries["charge"].tolist()  # it goes on
    run.day.store.close()


def test_robots_without_batteries_have_none(replay: Replay) -> None:
    """The column is empty."""
    assert len(replay.frame(replay.span()[0]).charges) == 0


def test_frames_that_are_damaged_are_told_when_they_are_met(
    tmp_path: Path, run_folder: Path
) -> None:
    """A run whose later frames are broken opens; the moment that cannot be shown says so."""
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    db = sqlite3.connect(copy / "store.sqlite")
    ticks = [row[0] for row in db.execute("SELECT tick FROM frame ORDER BY tick")]
    db.execute("UPDATE frame SET robots = x'00' WHERE tick > ?", (ticks[len(ticks) // 2],))
    db.commit()
    db.close()
    replay = Replay(copy)
    replay.frame(ticks[1])
    with pytest.raises(SourceError, match="damaged at tick"):
        replay.frame(ticks[-1])
    replay.scan.join()
    assert "frames cannot be read" in replay.notice()
    with pytest.raises(SourceError, match="frames cannot be read"):
        wait_for_scan(replay, ticks[-1])
    replay.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE frame SET robots = x'789c4b040000620062' WHERE tick > 20",
        "UPDATE orders SET orders = x'00'",
        "UPDATE orders SET orders = x'789c4b040000620062'",  # one byte, well packed
        "UPDATE parcel_log SET parcel = 1000000",
        "UPDATE task_log SET robot = 999, parcel = 999",
    ],
)
def test_damage_is_told_in_one_line(tmp_path: Path, run_folder: Path, damage: str) -> None:
    """Whatever is broken and whatever is asked, it is a SourceError, never another."""
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    db = sqlite3.connect(copy / "store.sqlite")
    db.execute(damage)
    db.commit()
    db.close()
    told = 0
    try:
        replay = Replay(copy)
    except SourceError:
        return
    for ask in (replay.frame, replay.bases, lambda tick: replay.trail(1, tick, 5)):
        for tick in range(0, 120, 10):
            try:
                ask(tick)
            except SourceError as error:
                told += "damaged at tick" in str(error)
    assert told
    replay.scan.join()
    replay.close()
