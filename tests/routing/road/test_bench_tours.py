"""Tests of the comparison of solvers of tours, with real processes."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from routing.__main__ import main
from routing.road import bench_tours
from routing.road.make import make
from routing.road.plan import make_plan


def one_tour_each(problem, limit, seed, executor, on_progress):
    """A user's solver: each stop has its own tour."""
    return make_plan(problem, [np.array([row]) for row in range(1, problem.rows)])


PASSED = {
    "cost": 9.0, "routes": 1, "curve": [[0.1, 9.0, 1]], "first_plan_seconds": 0.1,
    "wall_seconds": 0.2, "peak_mb": 50.0, "ok": True, "error": "",
}  # fmt: skip


def bench(capsys, path, *options):
    """The exit code and the rows of a comparison."""
    code = main(["bench", str(path), "--seconds", "0.2", "--workers", "1", "--json", *options])
    return code, json.loads(capsys.readouterr().out)["rows"]


@pytest.mark.slow
def test_users_solver_is_judged_and_rows_are_kept(tmp_path, capsys):
    """Good answers have a row with a cost, bad ones are refused; kept rows are not run again."""
    path = tmp_path / "c.vrp"
    make("clustered", 12, 0, path)
    (tmp_path / "c.sol").write_text("Route #1: 1\nCost 1000\n")
    out = ["--out", str(tmp_path / "rows.jsonl")]
    good = ["--solvers", f"{__name__}:one_tour_each"]
    code, rows = bench(capsys, path, *good, *out)
    assert code == 0
    assert rows[0]["ok"]
    assert rows[0]["gap_percent"] == pytest.approx(rows[0]["cost"] / 10 - 100)
    assert rows[0]["savings_cost"] <= rows[0]["cost"]
    assert rows[0]["curve"][-1][1:] == [rows[0]["cost"], 12]
    with (tmp_path / "rows.jsonl").open("a") as file:
        file.write('{"instance": "c", "sol')  # as a broken-off run leaves it
    code, again = bench(capsys, path, *good, *out)
    assert again == rows


def test_rows_of_other_workers_are_not_taken(tmp_path, capsys, monkeypatch):
    """A row counts for runs with as many workers; one that does not say had one a core."""
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    ran = []

    def in_child(task):
        ran.append(task["workers"])
        return PASSED

    monkeypatch.setattr(bench_tours, "in_child", in_child)
    path = tmp_path / "s.csv"
    path.write_text("id,x,y,demand\na,3,0,1\n")
    rows = tmp_path / "rows.jsonl"
    table = ["--depot", "0,0", "--capacity", "1", "--solvers", "peakday", "--out", str(rows)]
    for workers in ("1", "2", "2", "3"):
        main(["bench", str(path), "--json", "--workers", workers, *table])
    assert ran == [1, 2, 3]
    unsaid = [json.loads(line) for line in rows.read_text().splitlines()][:1]
    del unsaid[0]["workers"]
    rows.write_text(json.dumps(unsaid[0]) + "\n")
    for workers in ("3", "2"):
        main(["bench", str(path), "--json", "--workers", workers, *table])
    assert ran == [1, 2, 3, 2]


def test_a_table_beside_a_file_that_needs_no_options(tmp_path, capsys, monkeypatch):
    """Depot and capacity go to the table alone; the other file would refuse them."""
    tasks = []

    def in_child(task):
        tasks.append((task["instance"], task.get("depot"), task.get("capacity")))
        return {"ok": True, "cost": 9.0, "routes": 1, "curve": [[0.1, 9.0, 1]]}

    monkeypatch.setattr(bench_tours, "in_child", in_child)
    paths = [tmp_path / "s.csv", tmp_path / "c.vrp"]
    paths[0].write_text("id,x,y,demand\na,3,0,1\n")
    make("clustered", 3, 0, paths[1])
    options = ["--depot", "0,0", "--capacity", "1", "--solvers", "peakday", "--json"]
    assert main(["bench", *map(str, paths), *options]) == 0
    assert tasks == [("s", [0, 0], 1), ("c", None, None)]


def test_files_of_one_name_are_refused(tmp_path, capsys):
    """Rows are told apart by the name; a file that is named twice is compared once."""
    for folder in "ab":
        (tmp_path / folder).mkdir()
        make("clustered", 3, 0, tmp_path / folder / "x.vrp")
    one, other = (str(tmp_path / folder / "x.vrp") for folder in "ab")
    assert main(["bench", one, other]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"routing: {one} and {other} have one name, which rows go by; rename one"


def test_a_folder_with_other_things(tmp_path, capsys, monkeypatch):
    """What is no instance is named and passed over, tables of described problems silently."""
    monkeypatch.setattr(bench_tours, "in_child", lambda task: dict(PASSED))
    folder = tmp_path / "folder"
    folder.mkdir()
    make("clustered", 3, 0, folder / "a.vrp")
    make("windows", 3, 0, folder / "b.toml")
    (folder / "a.txt").write_text("About us\n")
    (folder / "c.csv").write_text("id,x,y,demand\na,3,0,1\n")
    words = ["bench", str(folder), "--solvers", "peakday", "--json"]
    for table, instances, passed in (
        ([], ["a", "b"], ["a.txt", "c.csv"]),
        (["--depot", "0,0", "--capacity", "1"], ["a", "b", "c"], ["a.txt"]),
    ):
        assert main([*words, *table]) == 0
        said = capsys.readouterr()
        assert [row["instance"] for row in json.loads(said.out)["rows"]] == instances
        lines = [line for line in said.err.splitlines() if line.startswith("routing: passed over")]
        assert [Path(line.split(": ")[2]).name for line in lines] == passed
    assert main(["bench", str(folder / "a.txt"), *words[1:]]) == 2
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "passed" not in line)
    assert line.startswith(f"routing: {folder / 'a.txt'}: neither CVRPLIB, ")


def test_a_file_named_twice_is_compared_once(tmp_path, capsys, monkeypatch):
    """By its folder and by itself."""
    monkeypatch.setattr(bench_tours, "in_child", lambda task: PASSED)
    make("clustered", 3, 0, tmp_path / "x.vrp")
    paths = [str(tmp_path), str(tmp_path / "x.vrp")]
    assert main(["bench", *paths, "--solvers", "peakday", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 1


def test_rows_of_another_problem_of_the_name_are_not_taken(tmp_path, capsys, monkeypatch):
    """A file that has got another stop is run again, and savings are reckoned again."""
    tasks = []

    def in_child(task):
        tasks.append(task)
        return PASSED | {"savings_cost": 5.0}

    monkeypatch.setattr(bench_tours, "in_child", in_child)
    out = ["--out", str(tmp_path / "rows.jsonl"), "--solvers", "peakday"]
    for stops in (3, 3, 4):
        make("clustered", stops, 0, tmp_path / "x.vrp")
        bench(capsys, tmp_path / "x.vrp", *out)
    assert [task["stops"] for task in tasks] == [3, 4]
    assert "savings_cost" not in tasks[1]


def test_rows_of_another_content_are_not_taken(tmp_path, capsys, monkeypatch):
    """Be it the file or the table that it names; a row that tells no content is of any."""
    ran = []

    def in_child(task):
        ran.append(task["content"])
        return dict(PASSED)

    monkeypatch.setattr(bench_tours, "in_child", in_child)
    path, table, rows = (tmp_path / name for name in ("x.toml", "s.csv", "rows.jsonl"))
    out = ["--out", str(rows), "--solvers", "peakday"]
    text = 'stops = "s.csv"\n[[depots]]\nid = "d"\nx = 0\ny = 0\n[[vehicles]]\ncapacity = {}\n'
    for capacity, x in ((5, 1), (5, 1), (6, 1), (6, 2), (5, 1)):
        path.write_text(text.format(capacity))
        table.write_text(f"id,x,y,demand\na,{x},0,1\n")
        bench(capsys, path, *out)
    assert len(ran) == len(set(ran)) == 3
    untold = json.loads(rows.read_text().splitlines()[0])
    del untold["content"]
    rows.write_text(json.dumps(untold) + "\n")
    table.write_text("id,x,y,demand\na,3,0,1\n")
    bench(capsys, path, *out)
    assert len(ran) == 3


def test_the_best_known_of_a_kept_row_is_read_anew(tmp_path, capsys, monkeypatch):
    """It may have come, or become better, since the run."""
    monkeypatch.setattr(bench_tours, "in_child", lambda task: dict(PASSED))
    path, out = tmp_path / "x.vrp", ["--solvers", "peakday", "--out", str(tmp_path / "rows.jsonl")]
    make("clustered", 3, 0, path)
    gaps = []
    for known in (None, 6, 4.5):
        if known is not None:
            (tmp_path / "x.sol").write_text(f"Route #1: 1 2 3\nCost {known}\n")
        _, (row,) = bench(capsys, path, *out)
        gaps.append(row["gap_percent"])
    assert gaps == [None, 50.0, 100.0]
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "known", "gap"),
    [
        ([], "6", 50.0),
        (["--rounding", "nearest"], "6", 50.0),
        (["--rounding", "exact"], "6", None),
        ([], "0", None),
    ],
)
def test_gap_to_the_best_known(tmp_path, capsys, monkeypatch, options, known, gap):
    """A cost of another rounding says nothing, and there is no gap in percent to 0."""
    monkeypatch.setattr(bench_tours, "in_child", lambda task: dict(PASSED))
    make("clustered", 3, 0, tmp_path / "x.vrp")
    (tmp_path / "x.sol").write_text(f"Route #1: 1 2 3\nCost {known}\n")
    code, (row,) = bench(capsys, tmp_path / "x.vrp", "--solvers", "peakday", *options)
    assert (code, row["gap_percent"]) == (0, gap)
    assert row["best_known"] == (None if "exact" in options else float(known))


@pytest.mark.parametrize(
    ("options", "cost", "known"),
    [([], 2, 2), ([], 2.83, None), (["--rounding", "exact"], 2.83, 2.83), ([], 2.4, 2.4)],
)
def test_the_rounding_of_the_best_known_cost(tmp_path, capsys, monkeypatch, options, cost, known):
    """It is the one by which the tours beside cost what they say, where one does."""
    monkeypatch.setattr(bench_tours, "in_child", lambda task: dict(PASSED))
    (tmp_path / "x.vrp").write_text(
        "DIMENSION : 2\nEDGE_WEIGHT_TYPE : EUC_2D\nCAPACITY : 1\nNODE_COORD_SECTION\n"
        "1 0 0\n2 1 1\nDEMAND_SECTION\n1 0\n2 1\nEOF\n"
    )
    (tmp_path / "x.sol").write_text(f"Route #1: 1\nCost {cost}\n")
    _, (row,) = bench(capsys, tmp_path / "x.vrp", "--solvers", "peakday", *options)
    assert row["best_known"] == known


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cost": None}, "Expected `float`, got `null` - at `$.cost`"),
        ({"cost": "9"}, "Expected `float`, got `str` - at `$.cost`"),
        ({"cost": float("nan")}, "Expected `float` >= -1e+300 - at `$.cost`"),
        ({"curve": []}, "Expected `array` of length >= 1 - at `$.curve`"),
        ({"curve": [[0.1, "9", 1]]}, "Expected `float`, got `str` - at `$.curve[0][1]`"),
        ({"seed": "0"}, "Expected `int`, got `str` - at `$.seed`"),
        ({"ok": 1}, "Expected `bool`, got `int` - at `$.ok`"),
        ({"ok": False, "error": 5}, "Expected `str`, got `int` - at `$.error`"),
    ],
)
def test_kept_rows_that_cannot_be_shown(tmp_path, capsys, changed, said):
    """They are refused before the first run, by file and line."""
    path = tmp_path / "s.csv"
    path.write_text("id,x,y,demand\na,3,0,1\n")
    key = {"instance": "s", "solver": "peakday", "seed": 0, "seconds": 10.0,
           "objective": "distance", "rounding": "exact"}  # fmt: skip
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(key | PASSED) + "\n" + json.dumps(key | PASSED | changed) + "\n")
    assert main(["bench", str(path), "--out", str(rows)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"routing: {rows}: line 2: {said}; correct the line or name another --out"


@pytest.mark.slow
def test_failed_runs_are_tried_again(tmp_path, capsys):
    """The new row comes behind the one that failed, and the newest counts; a table is a problem."""
    path = tmp_path / "s.csv"
    path.write_text("id,x,y,demand\na,3,0,1\nb,0,4,1\n")
    options = ["--depot", "0,0", "--capacity", "1", "--out", str(tmp_path / "rows.jsonl"),
               "--solvers", f"{__name__}:one_tour_each"]  # fmt: skip
    key = {
        "instance": "s", "solver": f"{__name__}:one_tour_each", "seed": 0, "seconds": 0.2,
        "objective": "distance", "rounding": "exact", "stops": 2, "depot": [0, 0], "capacity": 1,
        "workers": 1,
    }  # fmt: skip
    failed = json.dumps(key | {"ok": False, "error": "broke off"}) + "\n"
    (tmp_path / "rows.jsonl").write_text(failed)
    assert main(["bench", str(path), "--seconds", "0.2", "--workers", "1", *options]) == 0
    assert "1 kept runs had failed and are tried again" in capsys.readouterr().err
    text = (tmp_path / "rows.jsonl").read_text()
    assert text.startswith(failed)
    code, (row,) = bench(capsys, path, *options)
    assert (code, row["cost"]) == (0, 14)
    assert (tmp_path / "rows.jsonl").read_text() == text
