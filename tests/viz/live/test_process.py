"""Following a real controller, in a process of its own, that is killed and comes back."""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest

from fleet.events import Operation
from fleet.parts import Parts
from fleet.requests import speed_request
from fleet.run_folder import create
from fleet.scenario import read
from fleet.store import STORE, Store
from viz.live.source import Live
from viz.session import Session
from viz.stored.replay import Replay
from viz.view import View

SMALL = Path(__file__).parents[3] / "maps" / "small.toml"
PATIENCE_SECONDS = 120.0  # a controller may first have to compile

pytestmark = pytest.mark.slow


def until(there: Callable[[], object]) -> None:
    """Wait until something has come about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not there():
        threading.Event().wait(0.02)
        assert time.monotonic() < deadline


def test_it_is_followed_over_its_death(tmp_path: Path) -> None:
    """The window draws on meanwhile; afterwards what was seen is what the store has."""
    pygame.font.init()
    run = tmp_path / "run"
    scenario = read(SMALL)
    create(run, scenario, lockstep=False).store.close()
    handlers = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    parts = Parts()
    options = argparse.Namespace(workers=1, speed="20", record_wire=None, keys=None)
    robots = scenario.floor.robots
    day = threading.Thread(
        target=parts.run, args=(run, options, [(0, robots)]), kwargs={"window": 0}
    )
    day.start()
    live = None
    try:
        until(lambda: parts.addresses.get("clients"))
        live = Live(parts.addresses["clients"], patience=PATIENCE_SECONDS, silence=0.5)
        session, surface = Session(live, View()), pygame.Surface((640, 400))

        def draws_on(there: Callable[[], object]) -> None:
            def look() -> object:
                session.advance(0.02)
                session.draw(surface)
                return there()

            until(look)

        draws_on(lambda: live.span()[1] > 10)
        live.operate(speed_request("x", 40))
        draws_on(lambda: live.speed() == 40)
        folder = Replay(run)
        assert folder.state() == "under way"
        pid = parts.processes["controller"].pid
        os.kill(pid, signal.SIGSTOP)  # a killed one may be replaced before anybody misses it
        draws_on(lambda: live.state() == "lost")
        assert live.notice() == "no word from the controller; trying again"
        before = live.span()[1]
        os.kill(pid, signal.SIGKILL)
        draws_on(lambda: live.state() == "live" and live.span()[1] > before + 10)
        folder.refresh(float("inf"))
        seen = min(live.span()[1], folder.span()[1])
        assert seen > before
        folder.close()
        store = Store(run / STORE)
        for tick in (before, seen):
            _, robots_then = next(store.frames(tick, tick))
            assert (live.frame(tick).cells == robots_then["cell"]).all()
        asked = store.db.execute("SELECT id, what, cell, refused FROM request").fetchall()
        assert asked == [("x", Operation.SPEED, 40_000, "")]
        store.close()
    finally:
        if live is not None:
            live.close()
        parts.interrupted = True
        parts.processes["controller"].terminate()
        day.join()
        parts.end()
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), handlers, strict=True):
            signal.signal(number, handler)
