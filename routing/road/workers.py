"""Executors by count: threads here, since the compiled code lets go of the interpreter's lock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from routing.road.problem import ProblemError

PATIENCE = 10.0  # seconds for a scheduler to answer, and for a cluster to have a worker
LOOK = 1.0  # seconds between two looks at whether it still has one


@contextmanager
def workers(count: int, cluster: str | None = None) -> Iterator[Executor | None]:
    """An executor with `count` workers, None for one; with an address, that of a Dask cluster."""
    if cluster is not None:
        try:
            from distributed import Client
        except ImportError:
            raise ProblemError(
                "--cluster: Dask is not installed; uv sync --extra cluster"
            ) from None
        # what it logs of a lost connection are pages, and who called is told in a line
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        try:
            client = Client(cluster, timeout=f"{PATIENCE}s")
        except OSError as error:
            raise ProblemError(
                f"--cluster: {cluster} does not answer ({error}); start its scheduler"
            ) from None
        except ValueError as error:
            raise ProblemError(
                f"--cluster: {cluster!r} is no address ({error}); give that of its scheduler, "
                "such as tcp://host:8786"
            ) from None
        with client:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError:
                raise ProblemError(
                    f"--cluster: {cluster} has no workers; start one (dask worker {cluster})"
                ) from None
            yield Cluster(client, cluster)
    elif count > 1:
        with ThreadPoolExecutor(count) as executor:
            yield executor
    else:
        yield None


class Cluster(Executor):
    """A Dask cluster that says so when it is gone; Dask itself would wait for another worker."""

    def __init__(self, client: Any, address: str) -> None:
        self.client = client
        self.address = address
        self.inner = client.get_executor()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have one call made there."""
        future: Future[Any] = self.inner.submit(fn, *args, **kwargs)
        return future

    def map(self, fn: Callable[..., Any], *iterables: Any, **_: Any) -> Iterator[Any]:
        """The results of all calls, in their order.

        Raises
        ------
        BrokenExecutor
            Where the cluster goes away, or has no worker for a while.
        """
        from distributed import KilledWorker

        try:
            for future in self.client.map(fn, *iterables):
                yield self._result(future)
        except (OSError, CancelledError) as error:
            raise BrokenExecutor(f"{self.address}: its scheduler is gone") from error
        except KilledWorker as error:
            raise BrokenExecutor(f"{self.address}: its workers died at a piece") from error

    def _result(self, future: Any) -> Any:
        seen = time.monotonic()
        while True:
            try:
                return future.result(LOOK)
            except TimeoutError:
                now = time.monotonic()
                if self.client.nthreads():
                    seen = now
                elif now >= seen + PATIENCE:
                    raise BrokenExecutor(f"{self.address}: no worker any more") from None
