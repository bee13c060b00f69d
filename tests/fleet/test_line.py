"""The line to the controller: how hosts and couriers wait for one that is new."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from fleet import line as lines
from fleet.courier_host import CourierHost
from fleet.host import Host
from fleet.line import BEAT_SECONDS, HELLO_SECONDS, Speaker, serve
from fleet.peer import COURIER_MESSAGES
from fleet.scenario import Scenario
from fleet.wire import Header, Kind
from tests.fleet.pure_day import write_files

WELCOME = {
    "lockstep": True, "tick_seconds": 0.0, "tick": 0, "depot": [0.0, 0.0], "out": [],
    "catch_up": 0, "cells": np.zeros(4, np.int32).tobytes(), "headings": bytes(4), "lost": False,
}  # fmt: skip
SILENCE_SECONDS = 10.0
TICK_SECONDS = 0.25


class Silent:
    """A line at whose other end somebody says welcome and no word more; has its own clock."""

    def __init__(self, **welcome: object) -> None:
        self.now = 0.0
        self.address = "tcp://127.0.0.1:9"
        self.epoch = 0
        self.ends_with = 130  # as told by a signal, so that somebody starts it again
        self.hellos: list[float] = []
        self.waits: list[float] = []
        self.sent: list[tuple[Kind, float]] = []
        head = Header(Kind.WELCOME, 1, 1, 0)
        self.words = [(head, [msgspec.msgpack.encode(WELCOME | welcome)])]

    @property
    def stopped(self) -> bool:
        return self.now >= SILENCE_SECONDS

    def receive(self, seconds: float) -> tuple[Header, list[bytes]] | None:
        if self.words:
            return self.words.pop()
        self.waits.append(seconds)
        self.now += seconds
        return None

    def say_hello(self, now: float) -> None:
        self.hellos.append(now)

    def send(self, kind: Kind, *_: object) -> bool:
        self.sent.append((kind, self.now))
        return True


def hosts(scenario: Scenario) -> Speaker:
    """Return a host of four robots."""
    return Host(scenario, 10, "tiny", 0, 4)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, Silent], None]:
    """Let a speaker stand at a line until its clock says that it is over."""

    def run(make: Callable[[Scenario], Speaker], line: Silent) -> None:
        monkeypatch.setattr(lines, "time", SimpleNamespace(monotonic=lambda: line.now))
        assert serve(line, make(write_files(tmp_path))) == line.ends_with  # type: ignore[arg-type]

    return run


@pytest.mark.parametrize("make", [hosts, CourierHost])
def test_a_new_controller_is_looked_for_into_every_silence(
    run: Callable[..., None], make: Callable[[Scenario], Speaker]
) -> None:
    """Hosts and couriers say hello as often as each other."""
    line = Silent()
    run(make, line)
    assert max(line.waits) <= HELLO_SECONDS
    assert max(np.diff(line.hellos)) <= HELLO_SECONDS


@pytest.mark.parametrize("make", [hosts, CourierHost])
def test_only_who_the_controller_ends_has_done_its_work(
    run: Callable[..., None], make: Callable[[Scenario], Speaker]
) -> None:
    """Its exit code says so: who a signal ended is missing, and is started again."""
    line = Silent()
    line.ends_with = 0
    line.words.insert(0, (Header(Kind.STOP, 1, 2, 0), []))
    run(make, line)


@pytest.mark.parametrize("make", [hosts, CourierHost])
def test_ticks_of_a_real_clock_pass_by_themselves(
    run: Callable[..., None], make: Callable[[Scenario], Speaker]
) -> None:
    """A word a second says that somebody is there, though there be nothing new."""
    line = Silent(lockstep=False, tick_seconds=TICK_SECONDS)
    passed: list[float] = []

    def counted(scenario: Scenario) -> Speaker:
        speaker = make(scenario)
        live = speaker.pass_tick
        speaker.pass_tick = lambda: passed.append(line.now) or live()  # type: ignore[method-assign, func-returns-value]
        return speaker

    run(counted, line)
    assert passed == np.arange(TICK_SECONDS, SILENCE_SECONDS + 0.1, TICK_SECONDS).tolist()
    said = [now for kind, now in line.sent if kind in (Kind.STATES, Kind.NEWS)]
    assert max(np.diff(said)) <= BEAT_SECONDS


def test_who_is_never_answered_says_so_once(
    run: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """An address where nobody listens, or one for clients, looks like a controller that is late."""
    run(hosts, Silent())
    assert capsys.readouterr().err == ""  # somebody said welcome there
    line = Silent()
    line.words.clear()
    run(hosts, line)
    assert capsys.readouterr().err == (
        "tcp://127.0.0.1:9: no controller answers; still asking. "
        "Does it run, is this its address for hosts, and are the keys the same?\n"
    )


def test_news_that_waited_long_fit_into_one_batch(tmp_path: Path) -> None:
    """A controller that took nothing in for minutes is not sent more messages than it takes."""
    away = Silent()
    away.send = lambda *_: False  # type: ignore[method-assign]
    couriers = CourierHost(write_files(tmp_path))
    for _ in range(2 * COURIER_MESSAGES):
        couriers.pass_tick()
        couriers.report(away)  # type: ignore[arg-type]
    batches: list[list[bytes]] = []
    away.send = lambda kind, tick, frames: batches.append(frames) or True  # type: ignore[method-assign, func-returns-value]
    couriers.report(away)  # type: ignore[arg-type]
    assert [len(frames) for frames in batches] == [1]
