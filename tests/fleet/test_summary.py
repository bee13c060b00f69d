"""Key figures, reports and manifests of a run, from its store alone."""

import csv
import json
import shutil
import sqlite3
from argparse import Namespace

import numpy as np
import pytest

from fleet import manifests, report
from fleet.check.recording import LOG, Tour, read_recording
from fleet.events import ParcelState, RobotStatus
from fleet.store import Store
from fleet.summary import gap_percent, robot_shares, summarize, waiting_ticks
from tests.fleet.pure_day import record


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A whole small day."""
    return record(tmp_path_factory.mktemp("tiny"), failed_share=0.2)


@pytest.fixture(scope="module")
def figures(folder):
    """Its key figures."""
    return summarize(Store(folder / "store.sqlite"), read_recording(folder))


class _Run:
    """Just what a figure needs of a recording."""

    def __init__(self, log=(), tours=(), ticks=10, best="100", parcels=1):
        self.log = np.array(list(log), LOG)
        self.tours = tours
        self.ticks = np.arange(ticks)
        self.meta = {"best_known": best}
        self.parcels = {"id": np.arange(parcels)}


def _tour(parcels, *, chute_tick=0, depart_tick=5):
    return Tour(0, 0, 0, 1, 110.0, np.array(parcels), 0, chute_tick, 4, 0, depart_tick, 9)


def test_the_summary_has_the_promised_keys(figures):
    """Scripts rely on them."""
    assert {
        "parcels", "collisions", "first_delivery_seconds", "floor", "city", "lead_time_seconds",
        "events_hash", "state_hash", "wall_seconds",
    } <= set(figures)  # fmt: skip
    assert {"accepted", "sorted", "delivered", "lost", "doubled"} <= set(figures["parcels"])
    assert set(figures["floor"]) == {
        "robots", "ticks", "following", "parcels_per_hour", "parcels_per_robot_hour",
        "jobs_per_robot_day", "share", "planner_ms",
    }  # fmt: skip
    assert set(figures["city"]) == {"couriers", "tours", "distance", "gap_percent"}
    json.dumps(figures)


def test_the_summary_counts_what_happened(figures):
    """All parcels of this day are sorted and come to an end, and robots' time is whole."""
    parcels = figures["parcels"]
    assert parcels["accepted"] == parcels["sorted"] == 14
    assert parcels["delivered"] + parcels["returned"] == 14
    assert (parcels["lost"], parcels["doubled"], figures["collisions"]) == (0, 0, 0)
    assert sum(figures["floor"]["share"].values()) == pytest.approx(1, abs=0.001)
    floor = figures["floor"]
    assert floor["parcels_per_robot_hour"] == pytest.approx(floor["parcels_per_hour"] / 3, rel=1e-4)
    assert figures["lead_time_seconds"]["p50"] <= figures["lead_time_seconds"]["p99"]


def test_lost_doubled_and_colliding_are_counted(folder, tmp_path):
    """Each in a store changed by hand."""
    shutil.copytree(folder, tmp_path / "run")
    db = sqlite3.connect(tmp_path / "run" / "store.sqlite")
    delivered = "SELECT max(seq) FROM parcel_log WHERE state = 5"
    db.execute(f"INSERT INTO parcel_log SELECT NULL, tick, parcel, state, place FROM parcel_log "
               f"WHERE seq = ({delivered})")  # fmt: skip
    db.execute(
        "DELETE FROM parcel_log WHERE seq = (SELECT min(seq) FROM parcel_log WHERE state = 5)"
    )
    db.commit()
    db.close()
    run = tmp_path / "run"
    changed = summarize(Store(run / "store.sqlite"), read_recording(run))["parcels"]
    assert (changed["lost"], changed["doubled"]) == (1, 1)


def test_a_parcel_waits_from_its_chute_to_its_task():
    """Not before its tour has a chute, nor after a robot was given it."""
    log = [(1, 0, ParcelState.ACCEPTED, -1), (2, 0, ParcelState.AT_STATION, 0),
           (8, 0, ParcelState.ON_ROBOT, 0)]  # fmt: skip
    run = _Run(log, [_tour([0], chute_tick=4)])
    given = np.array([(6, 0)])
    assert np.flatnonzero(waiting_ticks(run, given)).tolist() == [4, 5]
    assert np.flatnonzero(waiting_ticks(run, given[:0])).tolist() == [4, 5, 6, 7]
    assert not waiting_ticks(_Run(log), given).any()


def test_shares_are_of_all_robots_time():
    """Waiting is whoever has a task and stands, whatever it carries; a fault counts as waiting."""
    codes = np.array([[RobotStatus.LOADED, RobotStatus.EMPTY, RobotStatus.IDLE,
                       RobotStatus.LOADED | RobotStatus.WAITING],
                      [RobotStatus.DROPPING, RobotStatus.LOADING, RobotStatus.FAULT,
                       RobotStatus.IDLE | RobotStatus.SILENT]], np.uint8)  # fmt: skip
    assert robot_shares(codes) == {
        "loaded": 0.375,
        "empty": 0.125,
        "waiting": 0.25,
        "idle": 0.25,
        "charging": 0.0,
    }
    assert set(robot_shares(codes[:0]).values()) == {None}


def test_a_gap_is_given_only_where_it_says_something():
    """All parcels in one tour each, and a best known cost; else there is none."""
    assert gap_percent(_Run(tours=[_tour([0])]), 110.0) == pytest.approx(10)
    assert gap_percent(_Run(tours=[_tour([0])], best=""), 110.0) is None
    assert gap_percent(_Run(tours=[_tour([0])], parcels=2), 110.0) is None
    assert gap_percent(_Run(tours=[_tour([0], depart_tick=None)]), 110.0) is None


def test_two_reports_stand_side_by_side(folder, capsys):
    """With the difference; one run alone, or as JSON."""
    assert report.run(Namespace(runs=[str(folder)], json=False)) == 0
    alone = capsys.readouterr().out
    assert "parcels per hour" in alone
    assert "difference" not in alone
    assert report.run(Namespace(runs=[str(folder)] * 2, json=False)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [str(folder), str(folder), "difference"]
    assert lines[-1].endswith("same")
    assert report.run(Namespace(runs=[str(folder)], json=True)) == 0
    assert json.loads(capsys.readouterr().out)["parcels"]["accepted"] == 14
    assert report.run(Namespace(runs=[str(folder)] * 2, json=True)) == 0
    assert len(json.loads(capsys.readouterr().out)["runs"]) == 2
    with pytest.raises(ValueError, match="3 runs"):
        report.run(Namespace(runs=["a"] * 3, json=False))
    with pytest.raises(ValueError, match="no such run"):
        report.run(Namespace(runs=["none"], json=False))


def test_a_file_of_a_run_stands_for_it(folder, capsys):
    """Its store or summary is what a shell completes to."""
    assert report.run(Namespace(runs=[str(folder / "store.sqlite")], json=False)) == 0
    assert capsys.readouterr().out.split()[0] == folder.name


def test_runs_of_one_name_are_told_apart_by_their_folders():
    """Two heads `day` would say nothing."""
    assert report.names(["a/monday", "a/tuesday"]) == ["monday", "tuesday"]
    assert report.names(["a/day", "b/day"]) == ["a/day", "b/day"]
    assert report.names(["."]) == ["."]


def test_differences_have_sign_and_share():
    """A rise, a fall, nothing to compare."""
    one, two = {"wall_seconds": 10.0, "collisions": 0}, {"wall_seconds": 12.0, "collisions": 0}
    table = report.table([("a", one), ("b", two)])
    assert "+2 (+20.0 %)" in table
    line = next(line for line in table.splitlines() if line.startswith("collisions"))
    assert line.split() == ["collisions", "0", "0", "="]


def test_manifests_hold_each_stop_once(folder, tmp_path):
    """A CSV row a stop in the tour's order, and a GeoJSON line from the depot and back."""
    store = Store(folder / "store.sqlite")
    recording = read_recording(folder)
    manifests.write(store, recording, tmp_path)
    paths = sorted((tmp_path / "manifests").iterdir())
    assert [path.name for path in paths][:2] == ["tour-0001.csv", "tour-0002.csv"]
    rows = [list(csv.DictReader(path.open())) for path in paths]
    assert [len(tour) for tour in rows] == [len(tour.parcels) for tour in recording.tours]
    assert [row["parcel"] for row in rows[0]] == [f"p{k}" for k in recording.tours[0].parcels]
    assert {row["state"] for tour in rows for row in tour} <= {"delivered", "returning", "returned"}
    features = json.loads((tmp_path / "tours.geojson").read_text())["features"]
    assert len(features) == len(rows)
    line = features[0]["geometry"]["coordinates"]
    assert line[0] == line[-1] == [0, 0]
    assert len(line) == len(rows[0]) + 2


def test_manifests_of_degrees_are_in_degrees(folder, tmp_path):
    """Where the parcel file was in degrees, the map is too: east and north of the origin."""
    shutil.copytree(folder, tmp_path / "run")
    store = Store(tmp_path / "run" / "store.sqlite", write=True)
    store.set_meta(origin_lat=60.0, origin_lon=20.0)
    manifests.write(store, read_recording(tmp_path / "run"), tmp_path)
    line = json.loads((tmp_path / "tours.geojson").read_text())["features"][0]["geometry"]
    recording = read_recording(folder)
    x, y = (recording.parcels[name] for name in "xy")
    parcel = recording.tours[0].parcels[0]
    lon, lat = line["coordinates"][1]
    assert lat == pytest.approx(60 + y[parcel] / 111_195, abs=1e-6)
    assert lon == pytest.approx(20 + x[parcel] / 55_597, abs=1e-6)
