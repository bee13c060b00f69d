"""Tests of `routing.road.workers`."""

import pytest

from routing.road import Limit, ProblemError, solve
from routing.road.workers import workers
from tests.routing.road.test_solve import DATA, read_problem


@pytest.mark.slow
def test_same_tours_on_a_cluster():
    """A real local Dask cluster of two processes plans the tours that are planned here."""
    distributed = pytest.importorskip("distributed")
    problem = read_problem(DATA / "X-n101-k25.vrp")
    limit = Limit(iterations=2000)
    here = solve(problem, limit, 5)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        workers(2, cluster.scheduler_address) as executor,
    ):
        there = solve(problem, limit, 5, executor)
    assert [tour.tolist() for tour in there.tours] == [tour.tolist() for tour in here.tours]


def test_one_worker_is_none():
    """With one worker pieces take turns."""
    with workers(1) as executor:
        assert executor is None


@pytest.mark.slow
def test_cluster_that_does_not_answer(monkeypatch):
    """An address where no scheduler is gives one line."""
    distributed = pytest.importorskip("distributed")

    def refuse(*_: object, **__: object) -> None:
        raise OSError("timed out")

    monkeypatch.setattr(distributed, "Client", refuse)
    with pytest.raises(ProblemError, match="does not answer"), workers(2, "tcp://127.0.0.1:1"):
        pass
