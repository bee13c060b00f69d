"""The real thing: controller, hosts and couriers as processes, on a small day."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from fleet.__main__ import main
from fleet.events import ParcelState
from fleet.run_folder import create
from fleet.scenario import read
from fleet.solo import SoloDay
from fleet.store import STORE, Store
from fleet.store_errors import StoreError
from fleet.waves import plan_wave
from tests.fleet.pure_day import shortened

ROOT = Path(__file__).parent.parent.parent
SMALL = str(ROOT / "maps" / "small.toml")
PARCELS = 80
SCHEMAS = ROOT / "tests" / "data" / "vda5050-2.1.0"

pytestmark = pytest.mark.slow


def fleet(*words: str, **how) -> subprocess.Popen:
    """Start a `fleet` command as a user would."""
    return subprocess.Popen(
        [sys.executable, "-m", "fleet", *words], cwd=ROOT, text=True,
        env=os.environ | {"SDL_VIDEODRIVER": "dummy"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how,
    )  # fmt: skip


def solo(path: Path, run: Path) -> tuple[str, str]:
    """Live a scenario's day in this process; return the hashes of its events and its state."""
    day = create(run, read(path), lockstep=True)
    assert SoloDay(day, lambda day: plan_wave(day.world, day.book, day.depot)).live().over
    return day.hashes()


def until_sorted(process: subprocess.Popen, run: Path) -> None:
    """Wait until a day has parcels in chutes, and robots under way."""
    while process.poll() is None and not _sorted(run):
        threading.Event().wait(0.05)


def _sorted(run: Path) -> bool:
    try:
        with closing(Store(run / STORE)) as store:
            query = f"SELECT count(*) FROM parcel_log WHERE state = {int(ParcelState.IN_CHUTE)}"
            return bool(store.db.execute(query).fetchone()[0])
    except (StoreError, sqlite3.Error):
        return False  # it has not been made yet


def finished(process: subprocess.Popen) -> tuple[int, str, str]:
    """Wait for a command; return exit code, stdout and stderr."""
    out, error = process.communicate()
    return process.returncode, out, error


@pytest.fixture(scope="module")
def small_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path, Path]:
    """A day stopped by Ctrl-C and resumed: its summary, run folder and recorded wire.

    First it has three hosts and one worker, then two hosts.
    """
    folder = tmp_path_factory.mktemp("runs")
    run, record = folder / "day", ("--record-wire", str(folder / "wire.jsonl"))
    scenario = str(shortened(folder, PARCELS))
    process = fleet("run", scenario, "--speed", "max", "--hosts", "3", "--workers", "1",
                    "--out", str(run), *record)  # fmt: skip
    until_sorted(process, run)
    process.send_signal(signal.SIGINT)
    code, _, error = finished(process)
    assert code == 130, error
    store = Store(run / STORE)
    assert store.last_tick() > 0
    store.close()
    again = fleet("run", "--resume", str(run), "--hosts", "2", "--json", *record)
    code, out, error = finished(again)
    assert code == 0, error
    return json.loads(out), run, folder / "wire.jsonl"


def test_a_day_ends_with_nothing_lost(small_day: tuple[dict, Path, Path]) -> None:
    """All parcels come to an end, most at their door; nothing lost, doubled or collided."""
    figures, run, _ = small_day
    parcels = figures["parcels"]
    assert parcels["accepted"] == PARCELS
    assert parcels["lost"] == parcels["doubled"] == figures["collisions"] == 0
    assert parcels["delivered"] > 0.85 * PARCELS
    assert json.loads((run / "summary.json").read_text()) == figures
    assert len(list((run / "manifests").glob("*.csv"))) >= figures["city"]["tours"]


def test_the_judges_find_nothing(small_day: tuple[dict, Path, Path]) -> None:
    """`fleet check` reads the run folder alone and agrees."""
    code, out, error = finished(fleet("check", str(small_day[1]), "--json"))
    assert code == 0, error
    verdict = json.loads(out)
    assert verdict["ok"]
    assert verdict["violations"] == []


def test_every_recorded_message_fits_its_official_schema(
    small_day: tuple[dict, Path, Path],
) -> None:
    """Orders, states, connections and factsheets of a real run validate against VDA 5050 2.1.0."""
    validators = {
        path.stem: Draft202012Validator(json.loads(path.read_text()))
        for path in SCHEMAS.glob("*.schema")
    }
    seen: Counter[str] = Counter()
    with small_day[2].open() as lines:
        for line in lines:
            record = json.loads(line)
            topic = record["topic"]
            seen[topic] += 1
            if seen[topic] <= 400:  # the validator is slow, and the shapes are few
                validators[topic].validate(record["message"])
    assert seen["connection"] >= 12
    assert seen["factsheet"] == 12
    assert min(seen["order"], seen["state"]) > 1000


def test_one_process_lives_the_same_day(small_day: tuple[dict, Path, Path], tmp_path: Path) -> None:
    """Without a stop, and without sockets, hosts and couriers of their own: the same two hashes."""
    figures = small_day[0]
    path = shortened(tmp_path, PARCELS)
    assert solo(path, tmp_path / "day") == (figures["events_hash"], figures["state_hash"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", SMALL, "--oops"), "unrecognized arguments: --oops (see fleet run --help)"),
        (("bench", "kill", "x"), "unrecognized arguments: x (see fleet bench kill --help)"),
        (("operate", "r", "out", "x"), "invalid int value: 'x' (see fleet operate RUN out --help)"),
    ],
)
def test_the_help_that_is_named_is_the_command_s_own(
    words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It can be typed as it stands."""
    with pytest.raises(SystemExit):
        main([*words])
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "nowhere.toml"), "nowhere.toml: cannot be read"),
        (("run", SMALL, "--speed", "fast"), "--speed fast"),
        (("run", SMALL, "--robots", "5000"), "robots"),
        (("host", SMALL, "--connect", "tcp://127.0.0.1"), "tcp://HOST:PORT"),
        (("host", SMALL, "--connect", "tcp://127.0.0.1:9", "--robots", "9:99"), "--robots 9:99"),
        (("controller", SMALL, "--bind", "tcp://0.0.0.0:5570"), "not a loopback address"),
        (("cancel", "P1", "--connect", "tcp://127.0.0.1:9", "--seconds", "0.2"), "no controller"),
        (("report", "nowhere"), "nowhere"),
        (("run", SMALL, "--workers", "0"), "--workers 0: no number of threads; choose 1 or more"),
        (("run", SMALL, "--out", SMALL), "small.toml: a file; name a folder"),
        (("keys", SMALL), "small.toml: a file; name a folder"),
        (("check", SMALL.replace("toml", "map")), "neither a scenario (.toml) nor a run folder"),
    ],
)
def test_bad_input_is_one_clear_line(
    words: tuple[str, ...], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one line that names the thing and the remedy; no traceback."""
    out = ("--out", str(tmp_path / "run")) if words[0] in ("run", "controller") else ()
    assert main([words[0], *out, *words[1:]]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert len(error.strip().splitlines()) == 1
