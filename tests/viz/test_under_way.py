"""A run folder that is still being written: shown while it grows, as it is shown afterwards."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from fleet.run_folder import resume
from fleet.store import ADDRESSES
from fleet.timers import NEVER
from tests.fleet.pure_day import TOML, PureDay, write_files
from tests.viz.conftest import TROUBLES
from viz.frame import Frame
from viz.session import Session
from viz.stored.replay import READ_SECONDS, Replay
from viz.view import View


@pytest.fixture
def run(tmp_path: Path) -> PureDay:
    """Return a day at its tick 30, and a controller's word that it runs it."""
    day = PureDay(tmp_path, write_files(tmp_path, toml=TOML + TROUBLES)).live(until=30)
    (day.day.folder / ADDRESSES).write_text("{}")
    return day


def go_on(run: PureDay, ticks: int) -> None:
    """Live some more ticks, as far as there are any."""
    for _ in range(ticks):
        tick = run.next_tick()
        if tick == NEVER:
            return
        run.day.world.tick = tick
        run.tick()


def end(run: PureDay) -> None:
    """Close the store as a controller does that has come to the day's end."""
    run.close(1.0)
    (run.day.folder / ADDRESSES).unlink()


def same(one: Frame, other: Frame) -> bool:
    """Tell whether two frames have the same columns."""
    pairs = ((getattr(one, f.name), getattr(other, f.name)) for f in fields(Frame))
    return all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b
               or (np.isnan(a) and np.isnan(b)) for a, b in pairs)  # fmt: skip


def test_a_grown_run_is_as_if_opened_afterwards(run: PureDay) -> None:
    """Whenever it was looked at meanwhile: frames, curves, events, heat and bases are the same."""
    grown, now = Replay(run.day.folder), 0.0
    first = grown.span()
    while not run.over:
        go_on(run, 23)
        now += READ_SECONDS
        grown.refresh(now)
        last = grown.span()[1]
        assert last == run.day.world.tick
        assert (grown.frame(last).cells == run.day.world.robots["cell"]).all()
        assert grown.state() == "under way"
    end(run)
    grown.refresh(now + READ_SECONDS)
    assert grown.state() == "replay"
    afterwards = Replay(run.day.folder)
    assert first < grown.span() == afterwards.span()
    for source in (grown, afterwards):
        while not source.scan.done:
            source.scan.join()
            source.refresh(now := now + READ_SECONDS)
    for tick in range(0, grown.span()[1], 11):
        assert same(grown.frame(tick + 0.25), afterwards.frame(tick + 0.25))
        assert (grown.bases(tick) == afterwards.bases(tick)).all()
    for curve in fields(grown.curves()):
        mine, its = getattr(grown.curves(), curve.name), getattr(afterwards.curves(), curve.name)
        assert np.array_equal(mine, its, equal_nan=True)
    assert grown.alarms().tolist() == afterwards.alarms().tolist()
    for kind in ("visits", "waiting"):
        mine, its = (s.heat(kind, *s.span()) for s in (grown, afterwards))
        assert mine is not None
        assert np.array_equal(mine, its)
    grown.close()
    afterwards.close()


def test_its_end_is_followed_until_one_looks_back(run: PureDay) -> None:
    """It opens at its newest tick and goes on from there; End comes back to that."""
    source = Replay(run.day.folder)
    session = Session(source, View())
    assert session.time == source.span()[1]
    go_on(run, 50)
    for _ in range(60):
        source.refresh(float("inf"))
        session.advance(0.1)
    assert session.time > source.span()[1] - 2
    session.go_to(10)
    session.view.paused = True
    session.advance(0.1)
    assert session.time == 10
    session.go_to(source.span()[1])
    assert session.at_head
    source.close()


def test_a_store_that_cannot_be_read_for_a_while_ends_nothing(
    run: PureDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read stays on screen, the trouble is told, and then it goes on."""
    source = Replay(run.day.folder)
    last = source.span()[1]
    go_on(run, 20)
    with monkeypatch.context() as broken:
        broken.setattr(source._frames, "read_on", lambda: source._store.db.execute("SELECT x"))
        source.refresh(1.0)
        assert "cannot be read" in source.notice()
        assert source.span()[1] == last
    source.refresh(2.0)
    assert source.notice() == ""
    assert source.span()[1] > last
    source.close()


def test_a_day_whose_controller_was_killed_is_not_under_way(run: PureDay) -> None:
    """Its addresses stay behind; it is under way again once a controller has it again."""
    source = Replay(run.day.folder)
    assert source.state() == "under way"
    run.day.store.close()  # as a process that ends lets go of its lock
    source.refresh(1.0)
    assert source.state() == "replay"
    again = resume(run.day.folder, lockstep=True)
    source.refresh(2.0)
    assert source.state() == "under way"
    again.store.close()
    source.close()


def test_a_day_that_is_over_does_not_grow(run_folder: Path) -> None:
    """It begins at its first tick, and nothing is looked for."""
    source = Replay(run_folder)
    session = Session(source, View())
    assert not source.under_way
    assert session.time == source.span()[0]
    source.close()
