"""The controller's process on a real clock, without hosts around it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from fleet import serve, waves
from fleet.controller import Effects
from fleet.door import pack_parcels
from fleet.events import Events, Operation
from fleet.progress import Progress
from fleet.requests import Request
from fleet.run_folder import resume
from fleet.serve import Controller
from fleet.solo import SoloDay
from fleet.store_errors import StoreError
from fleet.wire import Header, Kind
from tests.fleet.pure_day import PureDay, plan_by_number, write_files
from tests.fleet.wire_pair import ANYWHERE


class FarEnoughError(Exception):
    """All has happened that a test looks at."""


def far_enough(*_: object, **__: object) -> None:
    """End a tick before it is lived."""
    raise FarEnoughError


def started_again(folder: Path, *, lockstep: bool = False) -> Controller:
    """Return a controller that goes on with a run, on a real clock or in lockstep."""
    speed = 0.0 if lockstep else 1000.0
    return Controller(
        resume(folder / "run", lockstep=lockstep), speed=speed, bind=(ANYWHERE,) * 3, workers=0,
        wire_record=None, progress=Progress(io.StringIO()),
    )  # fmt: skip


@pytest.fixture
def controller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Controller]:
    """A controller that was started again, waits for nobody and ends after one tick."""
    monkeypatch.setattr(serve, "RECONCILE_SECONDS", 0.0)
    PureDay(tmp_path, write_files(tmp_path)).live(until=20).day.store.close()
    made = started_again(tmp_path)
    live = made._live

    def one_tick(tick: int, events: Events | None = None, *, resend: bool = False) -> None:
        live(tick, events, resend=resend)
        made.stopped = True

    made._live = one_tick  # type: ignore[method-assign]
    yield made
    made.close()


def test_who_is_started_again_goes_on_without_a_host(controller: Controller) -> None:
    """Hosts that do not come in time are silent: their robots get no cells, the clock goes on."""
    robots, tick = controller.day.world.robots, controller.day.world.tick
    assert controller.day.store.meta("lockstep") == "0"
    assert robots["online"].all()
    controller._wait_for_peers()
    controller._run_live()
    assert controller.day.world.tick == tick + 1
    assert not robots["online"].any()


def test_a_day_that_was_stopped_before_its_first_tick_begins_with_its_parcels(
    tmp_path: Path,
) -> None:
    """Nothing is kept of a tick that was not lived, or a later start would take it for lived."""
    PureDay(tmp_path, write_files(tmp_path)).day.store.close()
    controller = started_again(tmp_path, lockstep=True)
    controller.stop()
    assert not controller.run()
    controller.close()
    run = SoloDay(resume(tmp_path / "run", lockstep=True), plan_by_number).live(until=20)
    parcels = len(run.day.world.parcels)
    run.day.store.close()  # as a kill does: no snapshot
    again = resume(tmp_path / "run", lockstep=True)
    assert len(again.world.parcels) == parcels > 0
    again.store.close()


@pytest.mark.parametrize("name", ["scenario.toml", "floor.map"])
def test_a_day_does_not_go_on_with_another_scenario(tmp_path: Path, name: str) -> None:
    """What was changed in the run folder is named; once it is deleted, the day goes on."""
    PureDay(tmp_path, write_files(tmp_path)).live(until=20).day.store.close()
    changed = tmp_path / "run" / name
    kept = changed.read_text()
    changed.write_text(kept.replace("robots = 4", "robots = 5").replace("E", ".", 1))
    with pytest.raises(StoreError, match=f"{name}: is not what the day began with; delete it"):
        resume(tmp_path / "run", lockstep=True)
    changed.unlink()
    resume(tmp_path / "run", lockstep=True).store.close()
    assert changed.read_text() == kept


@pytest.mark.parametrize("killed", [False, True])
def test_what_was_refused_and_how_long_it_took_outlive_a_controller(
    tmp_path: Path, *, killed: bool
) -> None:
    """Both count from the day's beginning, up to its last snapshot where one was killed."""
    PureDay(tmp_path, write_files(tmp_path)).live(until=20).day.store.close()
    for sessions in (1, 2):
        controller = started_again(tmp_path)
        day = controller.day
        controller.refusals.add("malformed", "somebody")
        before = float(day.store.meta("wall_seconds"))
        if killed:
            day.snapshot_ticks = 1

            def kill(*_: object, **__: object) -> None:
                raise FarEnoughError

            controller._wait_for_peers = lambda: None  # type: ignore[method-assign]
            controller._send = kill  # type: ignore[method-assign]
            with pytest.raises(FarEnoughError):
                controller.run()
        else:
            controller.stop()
            controller.run()
        assert controller._refused() == {"malformed": sessions}
        assert msgspec.json.decode(day.store.meta("refused")) == {"malformed": sessions}
        assert float(day.store.meta("wall_seconds")) > before
        controller.close()


def test_the_sound_parcels_of_a_batch_come_in(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One id that is none is named, and holds up nobody else."""
    answers: list[dict] = []
    monkeypatch.setattr(controller.door, "answer", lambda route, body: answers.append(body))
    controller.door.closed = False
    two = controller.day.book.take(np.array([0, 1]))
    two.names[:] = ["good", "b\nd"]
    request = {"ask": "submit", "parcels": pack_parcels(two)}
    controller.door.take_frames(b"r", "", [msgspec.msgpack.encode(request)])
    controller._live(controller.day.world.tick + 1)
    assert controller.day.names["good"] >= 0
    reasons = [["'b\\nd'", "its id has control characters"]]
    assert answers == [{"accepted": 1, "known": 0, "refused": 1, "reasons": reasons}]


def test_alarms_of_robots_wait_for_those_of_hosts(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However fast the clock: a host is suspect after 3 s of ours, its robots would be before."""
    asked: list[int] = []
    tick = controller.day.tick

    def noted(*words: Any, patience: int, **more: Any) -> Effects:
        asked.append(patience)
        return tick(*words, **more)

    monkeypatch.setattr(controller.day, "tick", noted)
    for controller.speed in (1000.0, 8.0):
        controller._live(controller.day.world.tick + 1)
    tick_seconds = controller.day.scenario.floor.tick_seconds
    assert asked == [4000 / tick_seconds, 32 / tick_seconds]


def test_a_host_that_comes_just_before_the_first_tick_is_there(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said hello after the wait was over: its robots are not taken for silent."""
    day = controller.day
    hello = {"role": "host", "first": 0, "last": len(day.world.robots)}
    controller._wait_for_peers()

    def serve_hello(seconds: float) -> None:
        if not controller.peers.peers:
            head = Header(Kind.HELLO, 0, 1, 0)
            controller.peers._hello(day.world, day.store, b"r", "", head, hello)

    monkeypatch.setattr(controller, "_serve", serve_hello)
    controller._run_live()
    assert day.world.robots["online"].all()


def test_the_floor_goes_on_while_a_wave_is_planned_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is started again asks for its tours at once, and lives ticks until they are there."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=0)
    while run.day.world.waves == 0:
        run.live_one()
    run.day.store.close()
    asked: list[object] = []
    process = SimpleNamespace(
        submit=lambda *job: asked.append(job) or Future(), shutdown=lambda **_: None, _processes={}
    )
    monkeypatch.setattr(waves, "solver", cache(lambda: process))
    controller = started_again(tmp_path)
    world = controller.day.world
    assert len(asked) == 1
    for _ in range(2 * world.scenario.ticks(world.scenario.wave.plan_seconds)):
        controller._live(world.tick + 1)
        assert controller.day.store.last_tick() == world.tick
    assert (world.waves, world.planned) == (1, 0)
    controller.close()


def test_a_host_that_comes_while_the_clock_waits_for_tours_reports_the_last_tick_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or its reports would be taken in a tick later than those of a day that nothing befell."""
    PureDay(tmp_path, write_files(tmp_path)).live(until=20).day.store.close()
    controller = started_again(tmp_path, lockstep=True)
    world, peers = controller.day.world, controller.peers
    last = world.tick
    said: list[str] = []
    ready, answered = iter([False, True, True]), iter([False, True])  # it came at the first look
    tours = SimpleNamespace(ready=lambda: next(ready), take=lambda: np.empty(0), close=lambda: None)
    monkeypatch.setattr(controller, "tours", tours)
    monkeypatch.setattr(peers, "all_answered", lambda tick: tick == last and next(answered))
    monkeypatch.setattr(controller, "_plan_is_due", lambda tick: True)
    monkeypatch.setattr(controller, "_serve", lambda seconds: said.append(f"waits at {world.tick}"))
    monkeypatch.setattr(controller, "_news", lambda: said.append("news") or {})
    monkeypatch.setattr(controller.day, "tick", far_enough)
    world.waves, world.planned = 1, 0
    try:
        with pytest.raises(FarEnoughError):
            controller._live(last + 1)
    finally:
        controller.close()
    assert said == [f"waits at {last}"] * 2 + ["news"]


@pytest.mark.parametrize("ask", ["submit", "cancel", "operate"])
def test_clients_are_answered_while_the_clock_stands(
    controller: Controller, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    """Else a client would ask again for a minute, and hear that there is no controller."""
    answers: list[dict] = []
    monkeypatch.setattr(controller.door, "answer", lambda route, body: answers.append(body))
    words = {
        "submit": {"parcels": pack_parcels(controller.day.book.take(np.array([0])))},
        "cancel": {"names": ["P0"]},
        "operate": Request("r", Operation.PAUSE).plain(),
    }
    frame = msgspec.msgpack.encode(words[ask] | {"ask": ask})
    controller.door.closed = False
    controller.speed = 0.0
    looks = iter([lambda: controller.door.take_frames(b"r", "", [frame]), far_enough])
    monkeypatch.setattr(controller, "_serve", lambda seconds: next(looks)())
    controller._run_live()
    assert len(answers) == 1
    assert "error" not in answers[0]
