"""Tests of executors by count or address."""

import numpy as np
import pytest

from routing.road import Limit, Problem, ProblemError, solve
from routing.road.workers import workers


def test_one_worker_is_none():
    """One worker needs no executor."""
    with workers(1) as executor:
        assert executor is None


def test_silent_cluster(monkeypatch):
    """An address where nobody answers is one line."""
    distributed = pytest.importorskip("distributed")

    def silent(address, timeout):
        raise OSError("timed out")

    monkeypatch.setattr(distributed, "Client", silent)
    with (
        pytest.raises(ProblemError, match=r"--cluster: tcp://127\.0\.0\.1:9 does not answer"),
        workers(1, "tcp://127.0.0.1:9"),
    ):
        pass


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("foo", "--cluster: 'foo' is no address (missing port number in address 'foo'); give that "
         "of its scheduler, such as tcp://host:8786"),
        ("odd://host:1", "--cluster: 'odd://host:1' is no address (unknown address scheme 'odd'"),
    ],
)  # fmt: skip
def test_what_is_no_address(address, said):
    """It is one line that shows one."""
    pytest.importorskip("distributed")
    with pytest.raises(ProblemError) as refused, workers(1, address):
        pass
    assert str(refused.value).startswith(said)


@pytest.mark.slow
def test_real_cluster_gives_the_same_tours():
    """Pieces improved on a local Dask cluster are those improved here."""
    distributed = pytest.importorskip("distributed")
    random = np.random.default_rng(2)
    problem = Problem.from_coordinates(
        random.integers(0, 1000, (451, 2)), [0, *random.integers(1, 9, 450)], 60
    )
    limit = Limit(iterations=600)
    here = solve(problem, limit, 1)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        workers(1, cluster.scheduler_address) as executor,
    ):
        there = solve(problem, limit, 1, executor)
    assert [tour.tolist() for tour in there.tours] == [tour.tolist() for tour in here.tours]
