"""Tests of the command `routing`."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from routing.__main__ import Progress, main
from routing.road.make import make

DATA = Path(__file__).parents[1] / "data" / "road"


@pytest.mark.slow
def test_solve_then_check(tmp_path, capsys):
    """What `solve` writes, `check` accepts, and the two agree on the cost."""
    make("windows", 10, 0, tmp_path / "w.toml")
    files = [str(tmp_path / "w.toml"), str(tmp_path / "w.sol")]
    options = ["--iterations", "200", "--workers", "1", "--json"]
    assert main(["solve", files[0], "--out", files[1], *options]) == 0
    solved = json.loads(capsys.readouterr().out)
    assert main(["check", *files, "--json"]) == 0
    judged = json.loads(capsys.readouterr().out)
    assert judged["ok"]
    assert judged["cost"] == pytest.approx(solved["cost"])


@pytest.mark.slow
def test_reason_of_a_stop_left_out(tmp_path, capsys):
    """A stop that nobody can reach in time has its reason in the JSON, as data."""
    (tmp_path / "s.csv").write_text("id,x,y,demand,due\na,1,0,1,\nb,90,0,1,10\n")
    options = ["--depot", "0,0", "--capacity", "5", "--iterations", "10", "--json"]
    assert main(["solve", str(tmp_path / "s.csv"), *options]) == 0
    (reason,) = json.loads(capsys.readouterr().out)["reasons"]
    assert (reason["stop"], reason["rule"], reason["missing"]) == ("b", "window", 80)
    assert reason["words"].startswith("stop 'b': ")


@pytest.mark.slow
def test_tours_are_told(tmp_path, capsys):
    """By the names of stops and vehicles where the file has them, with their lengths."""
    (tmp_path / "s.csv").write_text("id,x,y,demand\na,3,0,1\nb,0,4,1\n")
    (tmp_path / "p.toml").write_text(
        'stops = "s.csv"\n[[depots]]\nid = "d"\nx = 0\ny = 0\n'
        '[[vehicles]]\ncapacity = 0\n[[vehicles]]\nname = "van"\ncapacity = 9\n'
    )
    options = ["--iterations", "10", "--json"]
    assert main(["solve", str(tmp_path / "p.toml"), *options]) == 0
    (tour,) = json.loads(capsys.readouterr().out)["tours"]
    assert sorted(tour.pop("stops")) == ["a", "b"]
    assert tour == {"vehicle": 1, "name": "van", "distance": pytest.approx(12)}
    table = ["--depot", "0,0", "--capacity", "5"]
    assert main(["solve", str(tmp_path / "s.csv"), *table, *options]) == 0
    (tour,) = json.loads(capsys.readouterr().out)["tours"]
    assert (tour["vehicle"], tour["name"]) == (0, None)


@pytest.mark.slow
def test_words_of_a_plan(tmp_path, capsys):
    """The cost is called what it is, and prices that do not count are told."""
    (tmp_path / "s.csv").write_text("id,x,y,demand\na,3,0,1\n")
    (tmp_path / "p.toml").write_text(
        'stops = "s.csv"\n[[depots]]\nid = "d"\nx = 0\ny = 0\n'
        "[[vehicles]]\ncapacity = 9\nfixed = 50\n"
    )
    words = ["solve", str(tmp_path / "p.toml"), "--iterations", "10"]
    for more, first, notes in (
        ([], "p: distance 6 (exact)", 1),
        (["--objective", "vehicles"], "p: distance 6 (exact)", 0),
        (["--objective", "cost"], "p: cost 56 (exact)", 0),
    ):
        assert main([*words, *more]) == 0
        line, *rest = capsys.readouterr().out.splitlines()
        assert line.startswith(first)
        assert len(rest) == notes
        assert all("do not count where the objective is distance" in note for note in rest)


def test_stops_a_tour_of_kinds_that_have_none(tmp_path, capsys):
    """An option that would change nothing is refused."""
    words = ["make", "optional", "--per-tour", "7", "--out", str(tmp_path / "x.toml")]
    assert main(words) == 2
    said = "routing: --per-tour 7: is for clustered alone, not optional; leave it out\n"
    assert capsys.readouterr().err == said


@pytest.mark.slow
@pytest.mark.parametrize("alone", [False, True])
def test_what_is_told_after_an_interrupt(tmp_path, capsys, monkeypatch, alone):
    """Reasons, notes and iterations, as at the end of the limit."""
    (tmp_path / "s.csv").write_text("id,x,y,demand,due\na,1,0,1,\nc,2,0,1,\nb,90,0,1,10\n")
    rest = "max_duration = 900\nbreak = { earliest = 0, latest = 600, duration = 1 }\n"
    (tmp_path / "p.toml").write_text(
        'stops = "s.csv"\n[[depots]]\nid = "d"\nx = 0\ny = 0\n'
        f"[[vehicles]]\ncapacity = 9\n{rest if alone else ''}"
    )
    show = Progress.__call__

    def interrupt(self, plan, share):
        show(self, plan, share)
        if plan.iterations or alone:
            raise KeyboardInterrupt

    looks = iter(range(10**9))

    @contextmanager
    def soon():
        yield lambda: next(looks) > 5_000

    monkeypatch.setattr(Progress, "__call__", interrupt)
    monkeypatch.setattr(import_module("routing.road.solve"), "interruptible", soon)
    assert main(["solve", str(tmp_path / "p.toml"), "--seconds", "600", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["unserved"] == ["b"]
    *notes, reason = told["notes"]
    assert reason == told["reasons"][0]["words"]
    assert len(notes) == alone
    if alone:
        assert notes[0].endswith("planned by OR-Tools alone, which improves slowly")
    else:
        assert told["iterations"] > 0


def test_check_of_a_wrong_solution(tmp_path, capsys):
    """A solution that leaves stops out fails with 1 and says which."""
    (tmp_path / "x.sol").write_text("Route #1: 1 2\nCost 3\n")
    assert main(["check", str(DATA / "X-n101-k25.vrp"), str(tmp_path / "x.sol")]) == 1
    assert "not visited: stop 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["solve", "nowhere.vrp"],
        ["check", "nowhere.vrp", "nowhere.sol"],
        ["bench", "nowhere.vrp"],
        ["make", "odd", "--out", "x.toml"],
        ["solve", str(DATA / "README.md")],
        ["bench", str(DATA / "R101.txt"), "--out", "no/folder/rows.jsonl"],
        ["make", "mixed", "--out", "/proc/x.toml"],
    ],
)
def test_bad_input(capsys, words):
    """Bad input is one line on stderr and exit code 2."""
    assert main(words) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("small.toml", "small.toml: a floor's scenario, no problem of tours; it is for `fleet run"),
        ("small.csv", "column 'size' is unknown; known are id, x, y, lat, lon, demand, ready,"),
    ],
)
def test_what_is_of_the_floor(capsys, file, said):
    """A scenario, and a table of parcels, are told from problems of tours."""
    words = ["--depot", "0,0", "--capacity", "12"] if file.endswith(".csv") else []
    assert main(["solve", str(Path(__file__).parents[2] / "maps" / file), *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["solve", "--out", "x.foo"], "'.foo' is unknown; name a .sol, .csv or .geojson file"),
        (["solve", "--out", "."], "--out .: is a folder; name a file in it"),
        (
            ["solve", "--workers", "2", "--cluster", "tcp://there:1"],
            "--workers 2: counts threads here, and --cluster tcp://there:1 works there; give one",
        ),
        (["solve", "--seconds", "1", "--iterations", "9"], "are both given; give one of them"),
        (["bench", "--solvers", "peakday,oops"], "--solvers: 'oops' is unknown; use peakday"),
        (["bench", "--solvers", "peakday,json:nan"], "--solvers: json:nan: module 'json'"),
        (["bench", "--solvers", "math:pi"], "--solvers: math:pi: is no function; name one"),
        (
            ["bench", "--plot", "x.map"],
            "--plot x.map: unknown kind of picture; name a .png, .svg or .pdf file",
        ),
        (["bench", "--out", "numbers.npy"], "numbers.npy: is no text; name another --out"),
        (["bench", "x.map"], "x.map: is a floor, and other paths are tours; compare floors"),
        (["bench", "s.csv"], "a table has neither depot nor vehicles; give --depot"),
    ],
)
def test_options_are_checked_first(tmp_path, monkeypatch, capsys, words, said):
    """What would end a run after hours is told before it begins."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers.npy").write_bytes(b"\x93NUMPY\xff")
    (tmp_path / "s.csv").write_text("id,x,y,demand\na,1,0,1\n")
    assert main([words[0], str(DATA / "R101.txt"), *words[1:]]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert said in line


@pytest.mark.parametrize("option", ["--out", "--csv", "--plot"])
def test_places_are_tried_first(tmp_path, capsys, option):
    """Where nothing can be written, nothing is run."""
    words = ["bench", str(DATA / "R101.txt"), "--solvers", "json:dumps"]
    assert main([*words, option, "/proc/x.png"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"routing: {option} /proc/x.png: ")
    assert line.endswith("; name another file")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["solve", "s.csv", "--out", "./s.csv"], "--out s.csv: is read, too; name another file"),
        (["solve", "t.toml", "--out", "s.csv"], "--out s.csv: is read, too; name another file"),
        (["bench", "p.json", "--csv", "s.csv"], "--csv s.csv: is read, too; name another file"),
        (["bench", "x.scen", "--plot", "s.csv"], "--plot s.csv: is read, too; name another file"),
        (["bench", "s.csv", "--csv", "s.csv"], "--csv s.csv: is read, too; name another file"),
        (["tune", "s.csv", "--out", "s.csv"], "--out s.csv: is read, too; name another file"),
        (["bench", "x.map", "--settings", "s.csv", "--csv", "s.csv"], "--csv s.csv: is read, too"),
        (["bench", "s.csv", "--out", "r", "--csv", "r"], "--csv r: is written by --out, too; name"),
    ],
)
def test_nothing_is_written_over_what_is_read(tmp_path, monkeypatch, capsys, words, said):
    """Nor two things into one file."""
    monkeypatch.chdir(tmp_path)
    Path("s.csv").write_text("id,x,y,demand\na,1,0,1\n")
    Path("t.toml").write_text(
        'stops = "s.csv"\n[[depots]]\nid = "d"\nx = 0\ny = 0\n[[vehicles]]\ncapacity = 5\n'
    )
    Path("p.json").write_text('{"mapFile": "x.map", "taskFile": "s.csv"}')
    Path("x.scen").write_text("version 1\n0\tmaps/s.csv\t1\t1\t0\t0\t0\t0\t0\n")
    before = Path("s.csv").read_text()
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert Path("s.csv").read_text() == before


def test_trying_a_place_changes_nothing(tmp_path, monkeypatch):
    """A file that is there stays as it is, one that is not is not made, nor what a link names."""
    monkeypatch.chdir(tmp_path)
    Path("mine.sol").write_text("mine")
    Path("link.sol").symlink_to("nowhere.sol")
    for name in ("mine.sol", "new.sol", "link.sol"):
        assert main(["solve", "none.vrp", "--out", name]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.sol", "mine.sol"]
    assert Path("link.sol").is_symlink()
    assert Path("mine.sol").read_text() == "mine"


def test_a_pipe_is_not_tried(tmp_path):
    """Its reader would take the end of the trial for the end of all."""
    os.mkfifo(tmp_path / "p.sol")
    assert main(["solve", "none.vrp", "--out", str(tmp_path / "p.sol")]) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_disk_that_is_full(tmp_path, capsys):
    """Where the system names no file, none is made up."""
    (tmp_path / "x.vrp").symlink_to("/dev/full")
    assert main(["make", "clustered", "--stops", "5", "--out", str(tmp_path / "x.vrp")]) == 2
    said = "routing: No space left on device; make room or name another file\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["solve"], "routing solve: the following arguments are required: file"),
        (["solve", "x.vrp", "--seed", "-1"], "--seed: '-1'; give a whole number from 0 to 42949"),
        (["solve", "x.vrp", "--seconds", "-1"], "--seconds: '-1'; give a number above 0"),
        (["solve", "x.vrp", "--seconds", "inf"], "--seconds: 'inf'; give a number above 0"),
        (
            ["solve", "x.vrp", "--seconds", "1e300"],
            "--seconds: '1e300'; give a number above 0, up to 1000000",
        ),
        (["bench", "x.vrp", "--seconds", "1e7"], "'1e7'; give a number above 0, up to 1000000"),
        (["solve", "x.vrp", "--iterations", "9" * 23], "give a whole number from 0 to 1000000000"),
        (["solve", "x.vrp", "--workers", "0"], "--workers: '0'; give a whole number of at least 1"),
        (["bench", "x.vrp", "--seconds", "0"], "--seconds: '0'; give a number above 0"),
        (["bench", "x.vrp", "--seeds", "x"], "--seeds: 'x'; give A:B with 0 <= A < B"),
        (["bench", "x.vrp", "--seeds=-1:1"], "--seeds: '-1:1'; give A:B with 0 <= A < B"),
        (["make", "mixed", "--stops", "0"], "--stops: '0'; give a whole number from 1 to 1000000"),
        (["make", "mixed", "--stops", "1" * 30], "1'; give a whole number from 1 to 100000000"),
        (["no-command"], "invalid choice: 'no-command'"),
        (["solve", "x.vrp", "--oops", "1"], "unrecognized arguments: --oops 1 (see routing solve"),
    ],
)
def test_options_that_cannot_be_meant(capsys, words, said):
    """One line without the usage, and exit code 2."""
    with pytest.raises(SystemExit) as refused:
        main(words)
    assert refused.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert said in line
    assert line.endswith("--help)")


@pytest.mark.parametrize("words", [["x.map", "-h"], ["-h", "x.map"], ["--help", "x.json"]])
def test_help_on_floors(capsys, words):
    """A floor asks for the options of planners, wherever it stands."""
    with pytest.raises(SystemExit) as ended:
        main(["bench", *words])
    assert ended.value.code == 0
    assert "--planner" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stops", "said"),
    [
        ("1 999", r"x.sol: route 1 of it names stop 999; there are stops 1 to 100"),
        ("0", "names stop 0; there are"),
        ("99999999999999999999", "line 1 is"),
    ],
)
def test_start_of_other_stops(tmp_path, capsys, stops, said):
    """A start file that names what is not there is one line."""
    (tmp_path / "x.sol").write_text(f"Route #1: {stops}\n")
    assert main(["solve", str(DATA / "R101.txt"), "--start", str(tmp_path / "x.sol")]) == 2
    assert said in capsys.readouterr().err


def test_help_is_fast():
    """`--help` loads neither numba nor OR-Tools."""
    code = (
        "import sys; from routing.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numba', 'ortools', 'numpy'} & set(sys.modules)), file=sys.stderr)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stderr.strip() == "[]"
