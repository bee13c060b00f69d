"""Tests of what rows of a comparison say."""

import csv

import pytest

from routing.road.bench_table import at_budget, plot, table, write_csv


def row(**changes):
    """A run of 10 s that found 110 at once and 105 after 4 s, where 100 is the best known."""
    return {
        "instance": "x", "solver": "ours", "seed": 0, "seconds": 10.0, "objective": "distance",
        "rounding": "exact", "cost": 105.0, "routes": 3, "best_known": 100.0,
        "best_known_routes": 3, "curve": [[0.2, 110.0, 3], [4.0, 105.0, 3]],
        "first_plan_seconds": 0.2, "wall_seconds": 10.1, "peak_mb": 50.0, "ok": True, "error": "",
    } | changes  # fmt: skip


def test_budgets_are_read_from_the_curve():
    """Before the first plan there is nothing; then the last plan before the budget counts."""
    late = row(curve=[[3.0, 110.0, 3]])
    assert at_budget(late, 1.0) is None
    assert at_budget(row(), 1.0) == pytest.approx(10.0)
    assert at_budget(row(), 5.0) == pytest.approx(5.0)
    assert at_budget(row(best_known=None), 5.0) == 105.0


def test_no_gap_to_a_best_known_cost_of_0():
    """The cost itself is shown, as where none is known."""
    rows = [row(instance=name, best_known=0.0) for name in "xy"]
    assert at_budget(rows[0], 5.0) == 105.0
    lines = table(rows).splitlines()
    assert lines[1].split()[3] == "105"
    assert not any(line.startswith("mean") for line in lines)
    assert lines[-1] == "instances without a best known cost show the cost instead of the gap"


def test_table_has_mean_best_worst():
    """Seeds with gaps of 5 and 7 have a mean of 6."""
    other = row(seed=1, cost=107.0, curve=[[0.2, 107.0, 3]])
    line = table([row(), other]).splitlines()[1].split()
    assert line[:6] == ["x", "ours", "2", "6.000", "5.000", "7.000"]


def test_missing_and_refused_are_said():
    """A peer that is not there and an answer that the judge refuses stand in the table."""
    gone = row(solver="peer", ok=False, missing=True, error="not installed")
    bad = row(solver="bad", ok=False, error="late")
    text = table([row(), gone, bad])
    assert "missing" in text
    assert "REFUSED" in text
    assert "peer: not installed" in text


def test_means_are_over_common_instances():
    """A solver that planned fewer instances does not change over what the means are taken."""
    rows = [row(instance=name, solver=who) for name in "xy" for who in ("a", "b")]
    rows.append(row(instance="z", solver="a", curve=[[0.1, 900.0, 3]]))
    means = [line for line in table(rows).splitlines() if line.startswith("mean")]
    assert [line.split()[:6] for line in means] == [
        ["mean", "of", "2,", "distance", "a", "2"],
        ["mean", "of", "2,", "distance", "b", "2"],
    ]


def test_csv(tmp_path):
    """One line a row, without its curve."""
    write_csv(tmp_path / "r.csv", [row()])
    with (tmp_path / "r.csv").open() as file:
        (line,) = csv.DictReader(file)
    assert line["cost"] == "105.0"


@pytest.mark.slow
def test_plot(tmp_path):
    """The picture is a PNG, even of a run that was at its end at once."""
    pytest.importorskip("matplotlib")
    at_once = row(instance="z", curve=[[0.0, 0.0, 0]], best_known=0.0)
    plot([row(), row(instance="y", best_known=None), at_once], tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"
