"""A wave's parcels to tours: states the problem, has it solved beside the floor, brings rows back.

The solver has a process of its own, so that the floor goes on meanwhile; what it may spend is
counted in iterations, so that a day repeats.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from typing import Any

import numpy as np

from fleet import timers
from fleet.events import PLAN
from fleet.parcels import Parcels
from fleet.scenario import MAX_COORDINATE, Scenario
from fleet.world import World
from routing.parent import end_with_parent
from routing.road import Limit, Plan, Problem, solve
from routing.road.workers import workers

log = logging.getLogger("fleet")


def wave_parcels(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return the last wave's parcels that need a tour, and those that no tour may take; int.

    All that it closed with: whenever planning begins, after a restart too, its tours are the same.
    Parcels cancelled meanwhile are left out where tours are taken in.
    """
    mine = np.flatnonzero(world.parcels["wave"] == world.waves - 1)
    without = timers.untoured(world, mine)
    return mine[~without], mine[without]


def _plannable(world: World, book: Parcels) -> tuple[np.ndarray, np.ndarray]:
    """Return `wave_parcels`, those that lie beyond the bounds among those that no tour may take.

    The door lets none in any more; a run that an earlier version began may have some.
    """
    parcels, without = wave_parcels(world)
    near = (np.abs(book.x[parcels]) <= MAX_COORDINATE) & (np.abs(book.y[parcels]) <= MAX_COORDINATE)
    if not near.all():
        parcels, without = parcels[near], np.concatenate([without, parcels[~near]])
    return parcels, without


def state_problem(
    scenario: Scenario,
    book: Parcels,
    parcels: np.ndarray,
    depot: tuple[float, float],
    leaves: float,
) -> Problem:
    """Return the routing problem of a wave.

    Parameters
    ----------
    book
        All accepted parcels.
    parcels
        Rows of those to plan, int.
    depot
        x, y.
    leaves
        Seconds after opening at which the tours are expected to leave.
    """
    city = scenario.city
    xy = np.column_stack([book.x[parcels], book.y[parcels]])
    xy = np.concatenate([np.array([depot], float), xy])
    demand = np.concatenate([[0], book.size[parcels]]).astype(np.int64)
    windows: dict[str, Any] = {}
    if not np.isnan(book.due_close[parcels]).all():
        opens = np.nan_to_num(book.due_open[parcels] - leaves, nan=0.0)
        closes = np.nan_to_num(book.due_close[parcels] - leaves, nan=np.inf)
        # A window that has closed before anybody could be there is kept as the earliest that is
        # possible: late, but not lost.
        pace = city.metres_per_unit / city.courier_metres_per_second
        soonest = np.hypot(xy[1:, 0] - depot[0], xy[1:, 1] - depot[1]) * pace + 60.0
        windows = {
            "ready": np.concatenate([[0.0], np.maximum(np.minimum(opens, closes), 0.0)]),
            "due": np.concatenate([[np.inf], np.maximum(closes, soonest)]),
            "service": np.concatenate([[0.0], np.full(len(parcels), city.stop_seconds)]),
            "pace": pace,
        }
    return Problem.from_coordinates(
        xy, demand, city.capacity, rounding="nearest", name="wave", **windows
    )


def plan_rows(wave: int, parcels: np.ndarray, without: np.ndarray, plan: Plan | None) -> np.ndarray:
    """Return a wave's tours (dtype `events.PLAN`): those that no tour takes first."""
    left = [without]
    tours = []
    if plan is not None:
        left.append(parcels[plan.unserved - 1])
        tours = [parcels[np.asarray(tour) - 1] for tour in plan.tours]
    rejected = np.concatenate(left)
    rows = np.zeros(len(rejected) + sum(map(len, tours)), PLAN)
    rows["wave"] = wave
    rows["tour"][: len(rejected)] = -1
    rows["position"][: len(rejected)] = -1
    rows["parcel"][: len(rejected)] = rejected
    k = len(rejected)
    for number, tour in enumerate(tours):
        part = rows[k : k + len(tour)]
        part["tour"], part["position"], part["parcel"] = number, np.arange(len(tour)), tour
        k += len(tour)
    return rows


def plan_wave(world: World, book: Parcels, depot: tuple[float, float]) -> np.ndarray:
    """Return the tours of the wave that closed last (dtype `events.PLAN`), planned here and now.

    They are those that a `TourPlanner` would bring.
    """
    parcels, without = _plannable(world, book)
    wave, plan = world.waves - 1, None
    if len(parcels):
        problem = _wave_problem(world, book, parcels, depot)
        iterations = world.scenario.wave.plan_iterations
        plan = _plan(problem, iterations, world.scenario.seed + wave, 1)
    return plan_rows(wave, parcels, without, plan)


def _wave_problem(
    world: World, book: Parcels, parcels: np.ndarray, depot: tuple[float, float]
) -> Problem:
    leaves = world.seconds(timers.plan_tick(world)) + world.scenario.wave.sort_seconds
    return state_problem(world.scenario, book, parcels, depot, leaves)


def _plan(problem: Problem, iterations: int, seed: int, count: int) -> Plan:
    """Plan a wave; runs in the planner's process."""
    with workers(count) as executor:
        return solve(problem, Limit(iterations=iterations), seed, executor)


@cache
def solver() -> ProcessPoolExecutor:
    """Return this process's solver: a process beside it, which ends with it."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)


def warm(process: ProcessPoolExecutor) -> None:
    """Load the solver's compiled code in the background, before the first wave needs it."""
    rng = np.random.default_rng(0)
    tiny = Problem.from_coordinates(rng.random((120, 2)), [0] + [1] * 119, 9)
    process.submit(_plan, tiny, 100, 1, 1)


class TourPlanner:
    """Plans one wave at a time, in a process beside the floor's.

    Parameters
    ----------
    scenario, depot
        The day.
    count
        Threads that improve pieces of a wave side by side.
    """

    def __init__(self, scenario: Scenario, depot: tuple[float, float], count: int) -> None:
        self._scenario, self._depot, self._count = scenario, depot, count
        self._process = solver()
        self._plan: Future[Plan] | None = None
        self._work: tuple[Any, ...] = ()  # what the solver was asked last
        self._again = False  # whether it was asked twice
        self._wave = -1
        self._parcels = self._without = np.empty(0, np.int64)

    def warm(self) -> None:
        """Load the solver's compiled code in the background, before the first wave needs it."""
        try:
            warm(self._process)
        except BrokenProcessPool:  # a spare's may have died while it waited
            self._renew()
            warm(self._process)

    def _renew(self) -> None:
        """Take a new process in the place of one that has died."""
        self.close()
        self._process = solver()

    def start(self, world: World, book: Parcels) -> None:
        """Begin to plan the wave that has just closed."""
        self._parcels, self._without = _plannable(world, book)
        self._wave = world.waves - 1
        self._again = False
        self._plan = Future()
        if not len(self._parcels):
            self._plan.set_result(None)  # type: ignore[arg-type]
            return
        try:
            problem = _wave_problem(world, book, self._parcels, self._depot)
        except Exception as error:  # see `take`
            self._plan.set_exception(error)
            return
        wave = self._scenario.wave
        seed = self._scenario.seed + self._wave
        self._work = (problem, wave.plan_iterations, seed, self._count)
        self._submit()

    def _submit(self) -> None:
        try:
            self._plan = self._process.submit(_plan, *self._work)
        except BrokenProcessPool as error:  # it died since the wave before
            self._plan = Future()
            self._plan.set_exception(error)

    def ready(self) -> bool:
        """Tell whether the awaited tours are there; a solver that has died is asked once more."""
        if self._plan is None or not self._plan.done():
            return False
        error = self._plan.exception()
        if isinstance(error, BrokenProcessPool) and not self._again:
            log.warning("wave %d: its solver's process died; it is planned again", self._wave)
            self._again = True
            self._renew()
            self._submit()
            return False
        return True

    def take(self) -> np.ndarray:
        """Return the awaited tours (dtype `events.PLAN`).

        Where the solver failed, whatever the reason, there are none: all parcels of the wave are
        set aside, for it would fail again after each restart, and the floor would stand for ever.
        """
        assert self._plan is not None
        done, self._plan = self._plan, None
        error = done.exception()
        if error is None:
            return plan_rows(self._wave, self._parcels, self._without, done.result())
        log.error(
            "wave %d could not be planned (%r); its %d parcels are set aside and go to the reject "
            "chutes; keep run.log and report it",
            self._wave, error, len(self._parcels), exc_info=error,
        )  # fmt: skip
        aside = np.concatenate([self._without, self._parcels])
        return plan_rows(self._wave, self._parcels, aside, None)

    def close(self) -> None:
        """End the process; a plan under way is dropped."""
        for process in (self._process._processes or {}).values():
            process.terminate()
        self._process.shutdown(wait=False, cancel_futures=True)
        solver.cache_clear()
