"""Tests of one measured run of a solver of tours: its row, and what of its plans is judged."""

import json
import multiprocessing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from routing.road import bench_run
from routing.road.bench_run import Curve, run
from routing.road.check import CheckError
from routing.road.make import make
from routing.road.plan import make_plan
from routing.road.problem import Problem
from routing.road.solvers import Better
from tests.routing.road.test_bench_tours import one_tour_each


def nothing(problem, limit, seed, executor, on_progress):
    """A user's solver that forgets all stops."""
    return make_plan(problem, [])


def breaks(problem, limit, seed, executor, on_progress):
    """A user's solver with a bug."""
    return 1 // 0


def forgets(problem, limit, seed, executor, on_progress):
    """A user's solver without a `return`."""


def tells_numpy(problem, limit, seed, executor, on_progress):
    """A user's solver that tells of its costs as numpy counts them."""
    on_progress(Better(np.float32(999), np.int64(5)), 0.0)
    return one_tour_each(problem, limit, seed, executor, on_progress)


def cheats_at_first(problem, limit, seed, executor, on_progress):
    """A user's solver whose first plan visits a stop twice and forgets another."""
    plan = one_tour_each(problem, limit, seed, executor, on_progress)
    on_progress(replace(plan, tours=[plan.tours[0], *plan.tours[:-1]], cost=plan.cost - 1), 0.0)
    return plan


def goes_on_in_its_arrays(problem, limit, seed, executor, on_progress):
    """A user's solver that tells a good plan and then writes something else into it."""
    plan = one_tour_each(problem, limit, seed, executor, on_progress)
    on_progress(plan, 0.0)
    answer = make_plan(problem, [tour.copy() for tour in plan.tours[::-1]])
    plan.tours[0][:] = 2
    return answer


class Pipe(list):
    """Where a run sends its row, without a process."""

    send = list.append


def run_of(tmp_path, solver):
    """The row of a run of one of the solvers above."""
    task = {
        "file": str(tmp_path / "c.vrp"), "solver": f"{__name__}:{solver}", "seconds": 0.1,
        "seed": 0, "workers": 1, "rounding": None, "objective": None, "savings_cost": None,
    }  # fmt: skip
    pipe = Pipe()
    run(task, pipe)
    (row,) = pipe
    return row


@pytest.mark.parametrize(
    ("solver", "said"),
    [
        ("nothing", "not visited"),
        ("breaks", "ZeroDivisionError"),
        ("forgets", "TypeError: the solver returned NoneType, not a Plan"),
    ],
)
def test_bad_answers_and_broken_solvers_are_refused(tmp_path, solver, said):
    """A plan that breaks a rule, or a solver that fails, is a row that is not ok."""
    make("clustered", 5, 0, tmp_path / "c.vrp")
    row = run_of(tmp_path, solver)
    assert not row["ok"]
    assert said in row["error"]


def test_what_cannot_be_read_or_judged_is_a_row(tmp_path, monkeypatch):
    """The file went away after the comparison began, or its judge does not know it."""
    assert "c.vrp: No such file or directory" in run_of(tmp_path, "nothing")["error"]
    make("clustered", 5, 0, tmp_path / "c.vrp")

    def cannot_read(*files, **options):
        raise CheckError("c.vrp: line 1 is odd")

    monkeypatch.setattr("routing.road.check.case_as_asked", cannot_read)
    row = run_of(tmp_path, "one_tour_each")
    assert (row["ok"], row["error"]) == (False, "CheckError: c.vrp: line 1 is odd")


def test_rows_can_be_written(tmp_path):
    """Whatever kind of numbers a solver tells of."""
    make("clustered", 5, 0, tmp_path / "c.vrp")
    row = run_of(tmp_path, "tells_numpy")
    assert json.loads(json.dumps(row))["curve"][0][1:] == [999, 5]


def test_plans_told_on_the_way_are_judged(tmp_path):
    """One that breaks a rule makes the run no better, however good the answer is."""
    make("clustered", 5, 0, tmp_path / "c.vrp")
    row = run_of(tmp_path, "cheats_at_first")
    assert not row["ok"]
    assert row["error"].startswith("the plan told after 0")
    assert "visited twice" in row["error"]
    assert run_of(tmp_path, "goes_on_in_its_arrays")["ok"]


def test_plans_are_kept_where_a_table_reads_them(monkeypatch):
    """The first, and the best at each budget; of a million stops more would fill the memory."""
    clock = iter([0.0, 0.25, 0.75, 1.25, 3.0, 8.0])
    monkeypatch.setattr(bench_run.time, "perf_counter", lambda: next(clock))
    problem = Problem.from_coordinates([(0, 0), (1, 0), (2, 0)], [0, 1, 1], 5)
    curve = Curve(problem, 10.0)
    plan = make_plan(problem, [np.array([1, 2])])
    counts = []
    for better in range(5):
        curve(replace(plan, cost=plan.cost - better))
        counts.append(len(curve.kept))
    assert counts == [1, 2, 2, 3, 4]
    assert [seconds for seconds, _ in curve.to_judge(plan)] == [1.25, 3.0]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_memory_is_that_of_the_run_alone():
    """What its parent has counts for nobody."""
    mine = np.ones(60_000_000)
    mine += 1.0
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.apply(bench_run.peak_mb) < mine.nbytes / 2**20
