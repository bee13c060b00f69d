"""Tests of executors by count or address."""

from concurrent.futures import BrokenExecutor, Executor

import numpy as np
import pytest

from routing.road import Limit, Problem, ProblemError, solve
from routing.road import workers as module
from routing.road.workers import Cluster, workers


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


class Breaks(Executor):
    """Workers that are gone after some rounds."""

    def __init__(self, rounds):
        self.rounds = rounds

    def map(self, work, jobs):
        """The results, as long as it works."""
        self.rounds -= 1
        if self.rounds < 0:
            raise BrokenExecutor("they are gone")
        return map(work, jobs)


@pytest.mark.parametrize("rounds", [0, 3])
def test_the_best_plan_so_far_outlives_the_workers(rounds):
    """Also where they were gone before the first round."""
    random = np.random.default_rng(2)
    problem = Problem.from_coordinates(random.integers(0, 99, (31, 2)), [0, *[1] * 30], 6)
    told = []
    limit = Limit(iterations=3000)
    plan = solve(problem, limit, 1, Breaks(rounds), lambda plan, _: told.append(plan.cost))
    assert plan.notes == ("workers were lost (they are gone): this is the best plan so far",)
    assert (len(plan.unserved), plan.cost) == (0, min(told))
    assert (plan.iterations > 0) == (rounds > 0)


@pytest.fixture
def cluster():
    """A scheduler in this process, and one worker."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.mark.slow
def test_cluster_that_goes_away(cluster):
    """It is told as broken, as a pool of processes tells it."""
    with workers(1, cluster.scheduler_address) as executor:
        assert list(executor.map(abs, [-1, 2])) == [1, 2]
        cluster.close()
        with pytest.raises(BrokenExecutor, match="its scheduler is gone"):
            list(executor.map(abs, [-1, 2]))


@pytest.mark.slow
def test_cluster_without_workers(monkeypatch):
    """It is one line that says what to start."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster:
        client = distributed.Client
        monkeypatch.setattr(distributed, "Client", lambda address, timeout: client(address))
        monkeypatch.setattr(module, "PATIENCE", 0.01)
        with (
            pytest.raises(ProblemError, match=r"has no workers; start one \(dask worker "),
            workers(1, cluster.scheduler_address),
        ):
            pass


def test_cluster_whose_workers_went_away(monkeypatch):
    """Its scheduler would wait for others for ever."""
    pytest.importorskip("distributed")

    class Silent:
        def get_executor(self):
            return None

        def map(self, work, jobs):
            return [self]

        def result(self, seconds):
            raise TimeoutError

        def nthreads(self):
            return {}

    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with pytest.raises(BrokenExecutor, match="tcp://there:1: no worker any more"):
        list(Cluster(Silent(), "tcp://there:1").map(abs, [1]))


@pytest.mark.slow
def test_real_cluster_gives_the_same_tours(cluster):
    """Pieces improved on a local Dask cluster are those improved here."""
    random = np.random.default_rng(2)
    problem = Problem.from_coordinates(
        random.integers(0, 1000, (451, 2)), [0, *random.integers(1, 9, 450)], 60
    )
    limit = Limit(iterations=600)
    here = solve(problem, limit, 1)
    with workers(1, cluster.scheduler_address) as executor:
        there = solve(problem, limit, 1, executor)
    assert [tour.tolist() for tour in there.tours] == [tour.tolist() for tour in here.tours]
