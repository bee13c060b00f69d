"""Tests of interrupts while OR-Tools searches."""

import _thread
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

import numpy as np
import pytest

from routing.road import Limit, Problem, Vehicle, solve
from routing.road.interrupt import interruptible, until_interrupted
from routing.road.plan import Plan
from routing.road.problem import Break
from routing.road.why import refused


@pytest.fixture
def default_interrupts() -> Iterator[None]:
    """Interrupts are handled as usual, also where the tests run in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("default_interrupts")
def test_an_interrupt_is_noted_and_raised_only_after_it() -> None:
    """Within, Ctrl-C is noted; after it all is as before."""
    with interruptible() as interrupted:
        assert not interrupted()
        signal.raise_signal(signal.SIGINT)
        assert interrupted()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("default_interrupts")
def test_work_in_a_thread_is_stopped_by_an_interrupt() -> None:
    """Ctrl-C comes while it works: it is told to stop, and the interrupt is raised after it."""
    stopped = threading.Event()
    over: list[bool] = []

    def work() -> None:
        _thread.interrupt_main()
        over.append(stopped.wait(60.0))

    with pytest.raises(KeyboardInterrupt):
        until_interrupted(work, stopped.set)
    assert over == [True]
    assert until_interrupted(lambda: 5, stopped.clear) == 5


def test_who_handles_interrupts_keeps_doing_so() -> None:
    """A handler of somebody else hears of it."""
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        with interruptible() as interrupted:
            signal.raise_signal(signal.SIGINT)
            assert not interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]


def test_a_search_by_ortools_ends_and_keeps_its_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rests and longest durations together are OR-Tools': of ten minutes some looks are used."""
    places = np.array([[0.0, 0], *[[10 * k, 7 * k % 50] for k in range(1, 21)]])
    vehicle = Vehicle((5,), max_duration=900.0, rest=Break(0.0, 600.0, 10.0))
    problem = Problem("rests", 1, places, np.array([[0], *[[1]] * 20]), (vehicle,))
    assert refused(problem) is not None
    looks = 0

    @contextmanager
    def soon() -> Iterator[Callable[[], bool]]:
        def came() -> bool:
            nonlocal looks
            looks += 1
            return looks > 5_000

        yield came

    monkeypatch.setattr(import_module("routing.road.solve"), "interruptible", soon)
    told: list[Plan] = []
    with pytest.raises(KeyboardInterrupt):
        solve(problem, Limit(seconds=600.0), on_progress=lambda plan, _: told.append(plan))
    assert not told[-1].missing
    assert sum(map(len, told[-1].tours)) == 20
