"""A wave's parcels to tours: states the problem, has it solved beside the floor, brings rows back.

The solver runs in a thread that hands its pieces to a process pool, so that the floor goes on
meanwhile; what it may spend is counted in iterations, so that a day repeats.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np

from fleet import timers
from fleet.events import PLAN, ParcelState
from fleet.parcels import Parcels
from fleet.scenario import Scenario
from fleet.world import World
from routing.road import Limit, Plan, Problem, solve


def wave_parcels(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return the last wave's parcels that need a tour, and those that no tour may take; int."""
    rows = world.parcels
    mine = np.flatnonzero(
        (rows["wave"] == world.waves - 1) & (rows["state"] == ParcelState.AT_STATION)
    )
    without = timers.untoured(world, mine)
    return mine[~without], mine[without]


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
    windows = {}
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


class TourPlanner:
    """Plans one wave at a time beside the floor."""

    def __init__(self, scenario: Scenario, depot: tuple[float, float], workers: int) -> None:
        self._scenario, self._depot = scenario, depot
        self._pool: Executor = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
        self._thread = ThreadPoolExecutor(1, "tours")
        self._plan: Future[np.ndarray] | None = None

    def warm(self) -> None:
        """Load the solver's compiled code in the background, before the first wave needs it."""
        xy = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        tiny = Problem.from_coordinates(xy, [0, 1, 1], 2, rounding="nearest")
        self._thread.submit(solve, tiny, Limit(iterations=100), 1, self._pool)

    def start(self, world: World, book: Parcels) -> None:
        """Begin to plan the wave that has just closed."""
        parcels, without = wave_parcels(world)
        wave = world.waves - 1
        leaves = world.seconds(timers.plan_tick(world)) + self._scenario.wave.sort_seconds
        self._plan = self._thread.submit(self._solve, wave, book, parcels, without, leaves)

    def _solve(
        self, wave: int, book: Parcels, parcels: np.ndarray, without: np.ndarray, leaves: float
    ) -> np.ndarray:
        plan = None
        if len(parcels):
            problem = state_problem(self._scenario, book, parcels, self._depot, leaves)
            limit = Limit(iterations=self._scenario.wave.plan_iterations)
            plan = solve(problem, limit, self._scenario.seed + wave, self._pool)
        return plan_rows(wave, parcels, without, plan)

    @property
    def busy(self) -> bool:
        """Whether a wave's tours are awaited."""
        return self._plan is not None

    def ready(self) -> bool:
        """Tell whether the awaited tours are there."""
        return self._plan is not None and self._plan.done()

    def take(self) -> np.ndarray:
        """Return the awaited tours (dtype `events.PLAN`); waits for them."""
        assert self._plan is not None
        rows = self._plan.result()
        self._plan = None
        return rows

    def close(self) -> None:
        """End the pool; a plan under way is dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._pool.shutdown(wait=False, cancel_futures=True)
