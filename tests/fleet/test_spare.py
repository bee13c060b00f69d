"""Spares: processes that wait to be told which part of a day they are."""

from __future__ import annotations

import signal

import pytest

from fleet import spare
from fleet.spare import AGAIN_SECONDS, FIRST_SECONDS, Spares

HELP = ["couriers", "--help"]


@pytest.fixture
def spares():
    """Return spares of a day that began at 0 seconds."""
    made = Spares(lambda: True)
    made.refill(0.0)
    yield made
    made.end()


def test_a_spare_is_what_it_is_told_to_be(spares: Spares) -> None:
    """It runs the command that the first line of its input says, and ends with its exit code."""
    for now in (FIRST_SECONDS, FIRST_SECONDS + AGAIN_SECONDS):  # the controller's comes first
        spares.refill(now)
    process = spares.take("couriers", HELP, 9.0)
    assert process is not None
    assert process.wait() == 0
    assert spares.take("host 0:6", HELP, 9.0) is None  # there was one


def test_a_short_day_has_no_spares(spares: Spares) -> None:
    """Nor does one start while the part that took the last one does."""
    spares.refill(FIRST_SECONDS - 1)
    assert spares.take("controller", HELP, FIRST_SECONDS) is None
    spares.refill(FIRST_SECONDS)
    assert spares.take("controller", HELP, FIRST_SECONDS) is None


def test_while_parts_still_start_there_are_none() -> None:
    """However long compiling takes: the day begins with its first tick."""
    ticks: list[int] = []
    spares = Spares(lambda: bool(ticks))
    spares.refill(100.0)
    ticks.append(0)
    spares.refill(200.0)
    spares.refill(200.0 + FIRST_SECONDS - 0.1)
    assert spares.take("controller", HELP, 203.0) is None
    spares.refill(204.0)
    process = spares.take("controller", HELP, 204.0)
    spares.end()
    assert process is not None
    assert process.wait() == 0


def test_a_spare_that_has_died_is_none(spares: Spares) -> None:
    """The part is then started as if there had never been one."""
    for now in (5.0, 6.0):
        spares.refill(now)
    process = spares._waiting["other"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert spares.take("couriers", HELP, 9.0) is None


def test_a_spare_ends_with_who_keeps_it(spares: Spares) -> None:
    """Its input ends before it was told anything."""
    for now in (5.0, 6.0):
        spares.refill(now)
    process = spares._waiting["other"]
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait() == 0


def test_a_spare_that_cannot_start_ends_nothing(
    spares: Spares, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no room for one the day goes on without, and it is tried again."""
    tried = []

    def refused(kind: str) -> None:
        tried.append(kind)
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(spare, "_start", refused)
    for now in (5.0, 5.1, 7.0):
        spares.refill(now)
    assert tried == ["controller", "controller"]
    assert spares.take("controller", HELP, 9.0) is None
