"""Tests of `routing.road.solve`."""

import doctest
import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import routing.road
from routing.road import Limit, Problem, ProblemError, Vehicle, solve
from routing.road.check import Answer, case_of, judge
from routing.road.formats import read_problem
from routing.road.plan import Plan, make_plan
from routing.road.problem import Break
from tests.routing.road.rich import faults

DATA = Path(__file__).parents[2] / "data" / "road"


def verdict(problem: Problem, plan: Plan) -> list[dict[str, str]]:
    """Violations that the judge finds in a plan."""
    tours = [tour.tolist() for tour in plan.tours]
    return judge(case_of(problem), Answer(tours, plan.vehicles.tolist(), plan.cost)).violations


def test_a_rest_is_over_when_a_stop_opens_after_the_last_moment_for_it():
    """Both stops in one tour would be shorter, but the rest then fits nowhere.

    It begins by 50 and the second stop is open from 60 to 65, so it ends before that stop: reached
    at 45 from the first one and at 75 with the rest.
    """
    problem = Problem(
        name="rest",
        depots=1,
        xy=np.array([(0.0, 0.0), (10.0, 0.0), (27.5, 0.0)]),
        demand=np.array([[0], [1], [1]]),
        ready=np.array([0.0, 60.0, 0.0]),
        due=np.array([1000.0, 65.0, 40.0]),
        vehicles=(Vehicle((9,), rest=Break(0.0, 50.0, 30.0)),),
    )
    plan = solve(problem, Limit(iterations=200))
    assert verdict(problem, plan) == []
    assert plan.cost == pytest.approx(2 * 10 + 2 * 27.5)


def test_two_sides_of_the_depot():
    """Four stops, two a side, are two tours out and back: 2 x 2 x 2 = 8."""
    xy = [(0, 0), (1, 0), (2, 0), (-1, 0), (-2, 0)]
    problem = Problem.from_coordinates(xy, [0, 1, 1, 1, 1], 2)
    plan = solve(problem, Limit(iterations=100))
    assert plan.cost == pytest.approx(8.0)
    assert sorted(sorted(tour.tolist()) for tour in plan.tours) == [[1, 2], [3, 4]]


def test_a_type_of_vehicle_that_is_too_small_for_one_stop_serves_the_others():
    """Of two types only the large one holds the demand of 100."""
    random = np.random.default_rng(1)
    demand = np.full((121, 1), 5)
    demand[0], demand[7] = 0, 100
    problem = Problem(
        name="two sizes",
        depots=1,
        xy=random.random((121, 2)) * 100,
        demand=demand,
        vehicles=(Vehicle((50,), fixed=60.0), Vehicle((200,), fixed=150.0)),
        objective="cost",
    )
    plan = solve(problem, Limit(iterations=200))
    assert verdict(problem, plan) == []
    assert len(plan.unserved) == 0


def test_a_stop_that_no_vehicle_holds_is_left_out_whatever_its_price():
    """Among so many stops that the first plan is made by savings."""
    demand = np.ones(121, int)
    demand[0], demand[5] = 0, 20
    price = np.full(121, math.inf)
    price[5] = 1e6
    xy = np.random.default_rng(2).random((121, 2)) * 100
    problem = Problem(
        name="too large", depots=1, xy=xy, demand=demand[:, None], price=price,
        vehicles=(Vehicle((10,)),),
    )  # fmt: skip
    plan = solve(problem, Limit(iterations=200))
    assert verdict(problem, plan) == []
    assert plan.unserved.tolist() == [5]


def shortest_tours(problem: Problem, vehicle: Vehicle) -> dict[int, float]:
    """The least length of a tour of each set of stops (bit 0: the first) that has one.

    By all sets and last stops; of the ways to one of these, those that are shorter or earlier than
    the others.
    """
    case = case_of(problem)
    far = [[case.distance(a, b) for b in range(problem.rows)] for a in range(problem.rows)]
    ways: dict[tuple[int, int], list[tuple[float, float]]] = {(0, 0): [(0.0, vehicle.earliest)]}
    out: dict[int, float] = {}
    for chosen in range(1 << problem.stops):
        rows = [row for row in range(1, problem.rows) if chosen >> (row - 1) & 1]
        if sum(case.demand[row][0] for row in rows) > vehicle.capacity[0]:
            continue
        for last in rows or [0]:
            earliest = math.inf
            for length, leaves in sorted(ways.get((chosen, last), [])):
                if leaves >= earliest:
                    continue
                earliest = leaves
                if leaves + far[last][0] <= vehicle.latest:
                    home = length + far[last][0]
                    out[chosen] = min(home, out.get(chosen, math.inf))
                for row in set(range(1, problem.rows)) - set(rows):
                    begins = max(case.ready[row], leaves + far[last][row])
                    if begins <= case.due[row]:
                        ways.setdefault((chosen | 1 << (row - 1), row), []).append(
                            (length + far[last][row], begins + case.service[row])
                        )
    return out


def optimum(problem: Problem) -> tuple[int, float]:
    """The fewest stops left out that must be served, and the least cost, over all partitions.

    Of the first type of vehicle there is one; of the second, as many as needed.
    """
    costs = [
        {
            chosen: vehicle.fixed + vehicle.per_distance * length
            for chosen, length in shortest_tours(problem, vehicle).items()
        }
        for vehicle in problem.vehicles
    ]

    @cache
    def least(left: int, ones: int) -> tuple[int, float]:
        if not left:
            return 0, 0.0
        first = left & -left
        price = float(problem.price[first.bit_length()])
        missing, cost = least(left ^ first, ones)
        best = (missing, cost + price) if math.isfinite(price) else (missing + 1, cost)
        chosen = left
        while chosen:
            for kind in (0, 1) if chosen & first else ():
                if chosen in costs[kind] and ones >= 1 - kind:
                    missing, cost = least(left ^ chosen, ones - (1 - kind))
                    best = min(best, (missing, cost + costs[kind][chosen]))
            chosen = (chosen - 1) & left
        return best

    return least((1 << problem.stops) - 1, 1)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_optimum_of_small_problems(data):
    """On up to 8 stops, with windows, prices and two types, it finds what all tours come to."""
    stops = data.draw(st.integers(1, 8))

    def column(low: int, high: int) -> list[int]:
        return data.draw(st.lists(st.integers(low, high), min_size=stops, max_size=stops))

    def number(low: int, high: int) -> int:
        return data.draw(st.integers(low, high))

    ready = np.array([0, *column(0, 60)])
    due = np.add(ready, [0, *column(5, 60)])
    windowed = np.array([0, *column(0, 2)]) == 1
    priced = np.array([0, *column(0, 3)]) == 1
    problem = Problem(
        name="small",
        depots=1,
        xy=np.column_stack([[number(0, 20), *column(0, 20)], [number(0, 20), *column(0, 20)]]),
        demand=np.array([0, *column(1, 5)]),
        vehicles=(
            Vehicle((number(5, 15),), 1, fixed=number(0, 30), latest=150),
            Vehicle((number(5, 15),), fixed=number(0, 30), per_distance=number(1, 2), latest=120),
        ),
        rounding="nearest",
        objective="cost",
        ready=np.where(windowed, ready, 0),
        due=np.where(windowed, due, math.inf),
        service=[0, *column(0, 5)],
        price=np.where(priced, [0, *column(5, 60)], math.inf),
    )
    plan = solve(problem, Limit(iterations=2000))
    assert faults(problem, plan) == []
    assert (plan.missing, plan.cost) == pytest.approx(optimum(problem))


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_judge_accepts_windows(seed):
    """The judge accepts every plan of random problems with windows."""
    random = np.random.default_rng(seed)
    rows = int(random.integers(2, 40))
    ready = random.integers(0, 300, rows).astype(float)
    ready[0] = 0
    due = ready + random.integers(5, 100, rows)
    due[0] = 2000
    problem = Problem.from_coordinates(
        random.integers(0, 100, (rows, 2)),
        np.where(np.arange(rows) > 0, random.integers(1, 10, rows), 0),
        30,
        ready=ready,
        due=due,
        service=np.where(np.arange(rows) > 0, 10.0, 0.0),
    )
    plan = solve(problem, Limit(iterations=500), seed)
    late = [
        row for row in plan.unserved if np.hypot(*(problem.xy[row] - problem.xy[0])) <= due[row]
    ]
    assert late == []
    missing = {f"stop {row} is in no route" for row in plan.unserved}
    assert {v["detail"] for v in verdict(problem, plan) if v["what"] != "cost"} == missing


def without_shortcut(**more) -> Problem:
    """Four stops; the way from stop 1 to stop 3 is bad, that over stop 2 is not."""
    xy = np.array([(0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (12.0, 0.0), (0.0, 12.0)])
    demand = np.array([[0], [1], [1], [1], [1]])
    return Problem(name="shortcut", depots=1, xy=xy, demand=demand, **more)


def test_no_tour_becomes_late_by_a_stop_that_leaves_it():
    """Durations may break the triangle inequality: without stop 2 the tour is late at stop 3."""
    durations = np.ones((5, 5))
    durations[1, 3] = durations[3, 1] = 1000.0
    due = np.array([math.inf, 50.0, 50.0, 50.0, 50.0])
    problem = without_shortcut(vehicles=(Vehicle((3,)),), durations=durations, due=due)
    start = make_plan(problem, [np.array([1, 2, 3]), np.array([4])])
    for seed in range(20):
        assert verdict(problem, solve(problem, Limit(iterations=2), seed, start=start)) == []


def test_no_tour_becomes_too_long_by_a_stop_that_leaves_it():
    """So may distances, where tours have a longest one."""
    distances = np.full((5, 5), 10.0)
    distances[1, 3] = distances[3, 1] = 35.0
    limit = Vehicle((3,), 2, max_distance=50.0)
    problem = without_shortcut(vehicles=(limit,), distances=distances, rounding="matrix")
    start = make_plan(problem, [np.array([1, 2, 3]), np.array([4])])
    for seed in range(20):
        assert verdict(problem, solve(problem, Limit(iterations=2), seed, start=start)) == []


@pytest.mark.slow
def test_same_seed_same_tours_for_any_workers():
    """With an iteration limit the tours do not depend on the executor."""
    random = np.random.default_rng(1)
    problem = Problem.from_coordinates(
        random.integers(0, 1000, (501, 2)), [0, *random.integers(1, 9, 500)], 60
    )
    limit = Limit(iterations=6000)
    alone = solve(problem, limit, 3)
    with ThreadPoolExecutor(2) as pool:
        threads = solve(problem, limit, 3, pool)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        processes = solve(problem, limit, 3, pool)
    for other in (threads, processes):
        assert [tour.tolist() for tour in other.tours] == [tour.tolist() for tour in alone.tours]
    assert verdict(problem, alone) == []


@pytest.mark.slow
def test_solomon_by_vehicle_windows():
    """R101 by distance comes within 3 percent of its optimum, 1642.9, in 20,000 steps."""
    problem = read_problem(DATA / "R101.txt", objective="distance")
    plan = solve(problem, Limit(iterations=20_000))
    assert verdict(problem, plan) == []
    assert plan.cost < 1642.88 * 1.03


@pytest.mark.slow
def test_example_of_the_library():
    """The example in the package's docstring gives what it says."""
    assert doctest.testmod(routing.road).failed == 0


def test_seeds_of_numpy():
    """They give what the same whole numbers give; one below 0 is refused."""
    problem = without_shortcut(vehicles=(Vehicle((3,)),))
    plan, other = (solve(problem, Limit(iterations=5), seed) for seed in (3, np.int64(3)))
    assert plan.cost == other.cost
    with pytest.raises(ProblemError, match="seed is -1; give a whole number from 0"):
        solve(problem, Limit(iterations=5), -1)


@pytest.mark.parametrize(
    ("tour", "kind", "said"),
    [
        ([9], 0, "tour 1 of the start names row 9; stops are rows 1 to 4"),
        ([1], 3, "tour 1 of the start has vehicle 3; there are types 0 to 0"),
    ],
)
def test_a_start_of_another_problem(tour, kind, said):
    """It is refused in one line; an empty tour of it is no matter."""
    problem = without_shortcut(vehicles=(Vehicle((3,)),))
    start = make_plan(problem, [np.array([1])])
    none = replace(start, tours=[np.zeros(0, np.int32)])
    assert not solve(problem, Limit(iterations=2), start=none).unserved.size
    wrong = replace(start, tours=[np.array(tour, np.int32)], vehicles=np.array([kind]))
    with pytest.raises(ProblemError, match=said):
        solve(problem, Limit(iterations=2), start=wrong)


@pytest.mark.parametrize("iterations", [1, 2, 5])
def test_few_iterations_are_not_exceeded(iterations):
    """Two chains share them, and one has what is left over."""
    random = np.random.default_rng(2)
    problem = Problem.from_coordinates(random.integers(0, 99, (11, 2)), [0, *[1] * 10], 4)
    assert solve(problem, Limit(iterations=iterations), 1).iterations == iterations


def test_what_must_be_served_comes_before_any_price():
    """One van of 10 takes stop 1, which has no price, or one or five others for much money."""
    for others in ([10], [2] * 5):
        xy = np.random.default_rng(1).random((2 + len(others), 2))
        demand = np.array([0, 10, *others])[:, None]
        price = np.array([math.inf, math.inf, *[5000.0] * len(others)])
        problem = Problem("dear", 1, xy, demand, (Vehicle((10,), 1),), price=price)
        plan = solve(problem, Limit(iterations=200))
        assert [tour.tolist() for tour in plan.tours] == [[1]]
