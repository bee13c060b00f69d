"""SIGTERM ends a command as Ctrl-C does: in order, and what it has found is kept."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.road.check import check
from routing.road.interrupt import interruptible
from routing.road.make import make
from routing.told_to_end import term_as_interrupt

# A search that is told to end by its own first report, so that no test waits for a clock.
ENDED = """
import os, signal, sys
from routing import __main__ as command

def tell(self, plan, share):
    self.plan = plan
    os.kill(os.getpid(), signal.SIGTERM)

command.Progress.__call__ = tell
sys.exit(command.main(sys.argv[1:]))
"""


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """Numbers of the signals that came; they are handled as before when the test is over."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    numbers: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: numbers.append(number))
    yield numbers
    for one, handler in before.items():
        signal.signal(one, handler)


def test_it_is_heard_by_who_handles_interrupts_at_that_time(heard: list[int]) -> None:
    with term_as_interrupt():
        signal.raise_signal(signal.SIGTERM)
        assert heard == [signal.SIGINT]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_it_is_heard_where_interrupts_are_ignored(heard: list[int]) -> None:
    """As they are in what a shell started in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with term_as_interrupt(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    with term_as_interrupt(), interruptible() as interrupted:
        signal.raise_signal(signal.SIGINT)
        assert not interrupted()
        signal.raise_signal(signal.SIGTERM)
        assert interrupted()


def test_who_handles_it_already_goes_on_doing_so(heard: list[int]) -> None:
    signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    with term_as_interrupt():
        signal.raise_signal(signal.SIGTERM)
    assert heard == [signal.SIGTERM]


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("background", [False, True])
def test_a_search_keeps_its_best_tours(background: bool, tmp_path: Path) -> None:
    problem, tours = tmp_path / "x.vrp", tmp_path / "x.sol"
    make("clustered", 120, 1, problem, 10)
    ended = subprocess.run(
        [sys.executable, "-c", ENDED, "solve", problem, "--iterations", "1000000000",
         "--out", tours],
        preexec_fn=_ignore_interrupts if background else None,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, "best plan so far" in ended.stderr) == (0, True), ended.stderr
    assert check(problem, tours).ok
