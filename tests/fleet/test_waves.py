"""The planner of waves, where the solver beside the floor fails."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fleet import waves
from fleet.events import ParcelState
from fleet.parcels import Parcels
from fleet.waves import TourPlanner, wave_parcels
from fleet.world import World
from routing.road import Problem
from tests.fleet.pure_day import PureDay, write_files


class Solver:
    """A solver's process that comes to these ends, one a question."""

    def __init__(self, *ends: BaseException) -> None:
        self.ends = list(ends)
        self.asked: list[Problem] = []
        self._processes: dict = {}

    def submit(self, _: object, problem: Problem, *more: object) -> Future:
        """Be asked, and fail."""
        self.asked.append(problem)
        future: Future = Future()
        future.set_exception(self.ends.pop(0))
        return future

    def shutdown(self, **_: object) -> None:
        """End."""


@pytest.fixture
def day(tmp_path: Path) -> PureDay:
    """A day whose first wave has closed and is not planned yet."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=0)
    while run.day.world.waves == 0:
        run.live_one()
    return run


def planner(run: PureDay, solver: Solver, monkeypatch: pytest.MonkeyPatch) -> TourPlanner:
    """Return a day's planner with this solver in the place of every process."""
    monkeypatch.setattr(waves, "solver", cache(lambda: solver))
    return TourPlanner(run.day.scenario, run.day.depot, 1)


def test_a_wave_that_cannot_be_planned_is_set_aside(
    day: PureDay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once with the reason; its parcels go to the reject chutes and the day goes on."""
    tours = planner(day, Solver(OverflowError("too far")), monkeypatch)
    world = day.day.world
    mine = np.flatnonzero(world.parcels["wave"] == 0)
    with caplog.at_level(logging.WARNING, "fleet"):
        tours.start(world, day.day.book)
        assert tours.ready()
        rows = tours.take()
    [record] = caplog.records
    assert "wave 0 could not be planned (OverflowError('too far'))" in record.message
    assert record.exc_info
    assert set(rows["tour"].tolist()) == {-1}
    assert sorted(rows["parcel"].tolist()) == mine.tolist()
    usual, wave = day.tours, world.waves
    day.tours = lambda one: rows if world.waves == wave else usual(one)
    day.live()
    assert day.over
    assert set(world.parcels["state"][mine].tolist()) == {ParcelState.REJECTED}


def test_a_wave_is_what_it_closed_with(day: PureDay) -> None:
    """Planned after a restart it has the tours that it had before, whatever was cancelled since."""
    world = day.day.world
    closed, _ = wave_parcels(world)
    world.tick += 1
    day.tick(cancels=[day.day.book.names[closed[0]]])
    assert wave_parcels(world)[0].tolist() == closed.tolist()


def test_a_solver_that_was_killed_is_asked_once_more(
    day: PureDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its death is not the wave's fault; a second one is taken for it."""
    solver = Solver(BrokenProcessPool("killed"), BrokenProcessPool("killed"))
    tours = planner(day, solver, monkeypatch)
    tours.start(day.day.world, day.day.book)
    assert not tours.ready()
    assert tours.ready()
    assert solver.ends == []
    assert set(tours.take()["tour"].tolist()) == {-1}


def test_a_parcel_beyond_the_bounds_does_not_take_its_wave_along(
    day: PureDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that an earlier version let in is set aside alone; the solver never sees it."""
    book: Parcels = day.day.book
    world: World = day.day.world
    mine = np.flatnonzero(world.parcels["wave"] == 0)
    book.x[mine[0]] = 1e308
    solver = Solver(ValueError())
    planner(day, solver, monkeypatch).start(world, book)
    assert solver.asked[0].stops == len(mine) - 1


def test_a_solver_that_died_while_it_waited_is_warmed_anew(
    day: PureDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of a spare may have, long before the spare is needed."""

    class Dead(Solver):
        def submit(self, _: object, problem: Problem, *more: object) -> Future:
            raise BrokenProcessPool("killed")

    fresh = Solver(ValueError())
    solvers = iter([Dead(), fresh])
    monkeypatch.setattr(waves, "solver", cache(lambda: next(solvers)))
    TourPlanner(day.day.scenario, day.day.depot, 1).warm()
    assert len(fresh.asked) == 1
