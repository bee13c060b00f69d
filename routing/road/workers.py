"""Executors by count: threads here, since the compiled code lets go of the interpreter's lock."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from routing.road.problem import ProblemError


@contextmanager
def workers(count: int, cluster: str | None = None) -> Iterator[Executor | None]:
    """An executor with `count` workers, None for one; with an address, that of a Dask cluster."""
    if cluster is not None:
        try:
            from distributed import Client
        except ImportError:
            raise ProblemError(
                "--cluster: Dask is not installed; install peakday[cluster]"
            ) from None
        try:
            client = Client(cluster, timeout="10s")
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
            yield client.get_executor()
    elif count > 1:
        with ThreadPoolExecutor(count) as executor:
            yield executor
    else:
        yield None
