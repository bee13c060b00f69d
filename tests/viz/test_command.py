"""The `viz` command."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from tests.viz.test_files import VRP, result, write
from viz import app
from viz.__main__ import main
from viz.colours import EMPTY, IDLE
from viz.events import GROUPS, PARCELS
from viz.options import parser
from viz.session import Session
from viz.view import View


def test_a_still_and_a_moving_picture(run_folder: Path, tmp_path: Path) -> None:
    """PNG and GIF have the size asked for, the GIF as many frames as its stretch takes."""
    still, moving = tmp_path / "x.png", tmp_path / "x.gif"
    run = str(run_folder)
    assert main([run, "--out", str(still), "--at", "0:20", "--size", "640x400"]) == 0
    assert Image.open(still).size == (640, 400)
    options = ["--from", "10", "--to", "20", "--speed", "10", "--fps", "10", "--size", "400x240"]
    assert main([run, "--out", str(moving), "--view", "both", *options]) == 0
    picture = Image.open(moving)
    assert picture.size == (400, 240)
    assert picture.n_frames == 11


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "x.bmp"], "end it in .png, .gif or .mp4"),
        (["--out", "nowhere/x.png"], "make it first"),
        (["--out", "x.gif", "--from", "0:30", "--to", "0:10"], "no stretch of time"),
        (["--out", "x.png", "--select", "nobody"], "nothing here is called so"),
        (["--out", "x.png", "--robots", "4:"], "has 0 to 3; choose"),
        (["--out", "x.png", "--city-zoom", "3"], "add --view city or both"),
        (["--errands", "all"], "no League result"),
        (["--from", "0:10"], "name it with --out FILE.gif"),
        (["--out", "x.gif", "--at", "0:10"], "--at is one moment; x.gif has a stretch"),
        (["--out", "x.png", "--from", "0:10"], "--from and --to are the ends of a moving picture"),
        (["--map", "x.map"], "leave it out"),
        (["--keys", "keys"], "leave it out"),
        ([], "no screen"),
    ],
)
def test_bad_wishes_are_one_line(
    run_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    """Each says what is wrong and what to do, and the code is 2."""
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    assert main([str(run_folder), *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("result.json", ["--view", "city"], "--view city: result.json has no city"),
        ("result.json", ["--view", "both"], "--view both: result.json has no city"),
        ("tiny.sol", ["--view", "floor"], "--view floor: tiny.sol has no floor"),
        ("field.map", ["--heat", "visits"], "--heat visits: nothing moves in field.map"),
        ("problem.json", ["--heat", "waiting"], "nothing moves in problem.json"),
        ("tiny.sol", ["--heat", "waiting"], "nothing moves in tiny.sol"),
        ("field.map", ["--map", "field.map"], "--map field.map: field.map is no League result"),
        ("problem.json", ["--map", "field.map"], "problem.json is a League problem"),
        ("field.map", ["--keys", "k"], "--keys k: field.map is no controller"),
    ],
)
def test_what_a_source_has_not_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    arguments: list[str],
    said: str,
) -> None:
    """An option that would change nothing is not passed over."""
    write(tmp_path, result())
    (tmp_path / "tiny.vrp").write_text(VRP)
    (tmp_path / "tiny.sol").write_text("Route #1: 1 2\nRoute #2: 3\nCost 30\n")
    (tmp_path / "a.agents").write_text("1\n0\n")
    problem = {"mapFile": "field.map", "agentFile": "a.agents"}
    (tmp_path / "problem.json").write_text(json.dumps(problem))
    monkeypatch.chdir(tmp_path)
    assert main([name, "--out", "x.png"]) == 0
    capsys.readouterr()
    assert main([name, "--out", "x.png", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("text", ["1:-30", "1:2:3:4", "", "1:", "1.5:00", "²", "nan", "1_0", "-1"])
def test_what_is_no_time_is_refused(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Seconds, minutes and hours are whole numbers, of seconds there are parts."""
    with pytest.raises(SystemExit) as caught:
        main(["gone", f"--at={text}"])
    assert caught.value.code == 2
    assert "is no time" in capsys.readouterr().err


def test_what_a_time_is() -> None:
    """Seconds, m:ss or h:mm:ss."""
    read = [parser().parse_args(["x", "--at", text]).at for text in ("90.5", "1:30", "1:00:01.5")]
    assert read == [90.5, 90, 3601.5]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--city-zoom", "0.5"], "choose 1 to 200"),
        (["--scale", "20"], "choose 0.5 to 8"),
        (["--zoom", "1e9"], "choose 1 to 160"),
        (["--speed", "1e300"], "choose 0.1 to 1024"),
        (["--robots", "7"], "write A:B"),
        (["--robots", "7:3"], "write A:B"),
        (["--robots", "a:b"], "write A:B"),
        (
            ["--show", "goals,everything"],
            "choose from collided, driven, goals, keys, names, numbers, starts",
        ),
    ],
)
def test_bad_options_are_named(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """Ranges and lists that cannot be read are refused before anything is opened."""
    with pytest.raises(SystemExit) as caught:
        main(["gone", *arguments])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_picture_of_a_few_robots(run_folder: Path, tmp_path: Path) -> None:
    """--robots, --show and --no-grid change the picture; each in its way."""
    out = {}
    for name, options in {
        "all": [],
        "one": ["--robots", "1:1"],
        "more": ["--show", "starts,names,numbers,goals"],
        "plain": ["--no-grid"],
        "keys": ["--show", "keys"],
        "city": ["--view", "city"],
        "close": ["--view", "city", "--city-zoom", "4"],
        "tour": ["--view", "city", "--city-zoom", "4", "--select", "t0"],
        "heat": ["--heat", "waiting"],
    }.items():
        path = tmp_path / f"{name}.png"
        assert main([str(run_folder), "--out", str(path), "--at", "20", *options]) == 0
        out[name] = path.read_bytes()
    assert len(set(out.values())) == len(out)


def test_a_window_opens_where_the_command_says(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--at, --select and --zoom hold for a window, too; a wrong name is one line."""
    seen: list[Session] = []

    def look(session: Session) -> None:
        seen.append(session)
        session.quit = True

    show = app.show
    monkeypatch.setattr(app, "show", partial(show, on_frame=look))
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    options = ["--at", "0:20", "--select", "2", "--zoom", "31", "--size", "640x400"]
    assert main([str(run_folder), *options]) == 0
    session = seen[0]
    assert session.time == 20 / session.source.scene.tick_seconds
    assert session.view.selection.number == 2
    assert session.view.floor_camera is not None
    assert session.view.floor_camera.scale == 31
    assert main([str(run_folder), "--select", "nobody", "--size", "640x400"]) == 2
    assert "nothing here is called so" in capsys.readouterr().err


@pytest.mark.slow
def test_what_the_legend_and_the_list_hide_is_asked_for(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Robots, groups of events, only the selection's own, and heat of the last minutes."""
    seen: list[View] = []
    monkeypatch.setattr("viz.save.save", lambda source, view, out, **how: seen.append(view) or 1)
    out = tmp_path / "x.png"
    out.touch()
    options = ["--hide", "idle,to a station", "--heat", "visits", "--heat-recent"]
    assert main([str(run_folder), "--out", str(out), *options, "--events", "own,parcels"]) == 0
    assert main([str(run_folder), "--out", str(out), "--events", "own"]) == 0
    first, second = seen
    assert (first.hidden, first.heat_window, first.events_own) == ({IDLE, EMPTY}, "recent", True)
    assert first.events_hidden == set(range(len(GROUPS))) - {PARCELS}
    assert (second.events_own, second.events_hidden, second.hidden) == (True, set(), set())
    for wrong in (["--hide", "late,lazy"], ["--events", "mine"]):
        with pytest.raises(SystemExit) as stopped:
            main([str(run_folder), *wrong])
        assert stopped.value.code == 2


def test_help_and_a_bad_source_come_fast_and_clean() -> None:
    """A real process: help names the kinds of source, a bad one gives one line and code 2."""
    done = subprocess.run(
        [sys.executable, "-m", "viz", "--help"], capture_output=True, text=True, check=True
    )
    assert "run folder" in done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "viz", "gone"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
