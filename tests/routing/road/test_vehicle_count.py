"""Tests of how a search comes to its number of vehicles."""

import time
from dataclasses import replace

import numpy as np
import pytest

from routing.road.budget import Budget
from routing.road.improve import Job
from routing.road.plan import Limit, make_plan
from routing.road.problem import Problem
from routing.road.search import Search
from routing.road.squeeze import fewer_tours, fewest
from routing.road.vehicle_count import again, choose_count, fewer, tells


def ring(stops: int, capacity: int, **more) -> Problem:
    """Stops of demand 2 and 3 in turns on a circle round the depot."""
    angle = np.linspace(0.0, 2.0 * np.pi, stops, endpoint=False)
    xy = np.concatenate([[[0.0, 0.0]], 10.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)])
    return Problem.from_coordinates(xy, [0, *([2, 3] * (stops // 2))], capacity, **more)


def search_of(problem: Problem, iterations: int) -> Search:
    """A search on one core that counts iterations."""
    budget = Budget(Limit(iterations=iterations), problem.stops, 1, time.perf_counter, 0.0)
    return Search(problem, budget, 1, None, None)


def out_and_back(problem: Problem, each: int):
    """A plan whose tours have `each` stops."""
    rows = np.arange(1, problem.rows, dtype=np.int32)
    return make_plan(problem, np.split(rows, range(each, problem.stops, each)))


def nine_of_eight(problem: Problem):
    """A plan of nine tours where eight would do."""
    rows = np.arange(1, problem.rows, dtype=np.int32)
    return make_plan(problem, np.split(rows, [*range(4, 32, 4), 30]))


def test_a_squeeze_ends_at_the_tours_that_were_asked_for():
    """Thirty-two stops need 8 tours of load 10; nine are left alone where nine are enough."""
    problem = ring(32, 10)
    plan = nine_of_eight(problem)
    job = Job(problem, plan.tours, plan.vehicles, 1, 2000, 0.1, 0.1, least=9)
    assert len(fewer_tours(job).best) == 9
    assert len(fewer_tours(job._replace(least=0)).best) == fewest(problem) == 8


def test_fewer_vehicles_that_pay_are_kept():
    """On a ring each tour more is two radii more: the search goes on with 8 tours."""
    problem = ring(32, 10)
    search = search_of(problem, 32 * 4000)
    best = choose_count(search, nine_of_eight(problem))
    assert len(best.tours) == 8
    assert search.budget.share() < 0.5
    assert not best.missing


@pytest.mark.parametrize("gain", [1.0, -1.0])
def test_the_better_of_two_trials_is_kept(monkeypatch, gain):
    """Fewer vehicles are imposed where the trial with them was the better one, and only there."""
    problem = ring(32, 10)
    first = nine_of_eight(problem)
    second = replace(out_and_back(problem, 4), cost=first.cost - gain)
    search = search_of(problem, 32 * 4000)
    trials = iter([first, second])
    monkeypatch.setattr(search, "anneal", lambda *_: next(trials))
    assert choose_count(search, first) is (second if gain > 0 else first)
    assert search.problem.vehicles[0].count == (8 if gain > 0 else None)


def test_short_limits_are_not_spent_on_trials():
    """Below a thousand iterations a stop nothing is tried."""
    problem = ring(16, 10)
    search = search_of(problem, 16 * 900)
    plan = out_and_back(problem, 2)
    assert choose_count(search, plan) is plan
    assert search.budget.done == 0


def test_windows_get_a_short_annealing_first():
    """Half empty vehicles say nothing of their number, but a good plan is there early."""
    problem = replace(ring(16, 10), due=np.full(17, 100.0))
    search = search_of(problem, 16 * 2000)
    plan = out_and_back(problem, 2)
    early = choose_count(search, plan)
    assert early.cost < plan.cost
    assert search.budget.share() < 0.2
    assert search.problem.vehicles[0].count is None


def test_what_says_nothing_of_the_number():
    """Half empty vehicles bind nobody, and where the fewest come first it is settled before."""
    problem = ring(16, 10)
    full = out_and_back(problem, 4)
    assert tells(problem, full)
    assert not tells(problem, out_and_back(problem, 2))
    windows = replace(problem, due=np.full(17, 100.0))
    assert tells(windows, full)
    assert not tells(replace(windows, price=np.full(17, 5.0)), full)
    assert not tells(replace(problem, objective="vehicles"), full)


@pytest.mark.parametrize("objective", ["vehicles", "distance"])
def test_vehicles_first(objective):
    """Only where vehicles come first the search begins with making tours fewer."""
    problem = ring(16, 10, objective=objective)
    search = search_of(problem, 16 * 500)
    plan = fewer(search, out_and_back(problem, 2))
    assert len(plan.tours) == (4 if objective == "vehicles" else 8)
    assert search.problem.vehicles[0].count == (4 if objective == "vehicles" else None)


def test_another_plan_of_as_few_vehicles():
    """Each first plan has the four tours of the one found first, and serves all."""
    problem = ring(16, 10, objective="vehicles")
    search = search_of(problem, 16 * 5000)
    few = fewer(search, out_and_back(problem, 2))
    assert search.afresh is not None
    others = [search.afresh() for _ in range(3)]
    assert {len(plan.tours) for plan in others} == {4}
    assert not any(plan.missing for plan in others)
    assert len({plan.cost for plan in [few, *others]}) > 1
    assert search.problem.vehicles[0].count == 4


def test_where_no_other_plan_has_as_few_vehicles():
    """Sixteen stops out and back cannot be four tours in two iterations: the first plan stays."""
    problem = ring(16, 10, objective="vehicles")
    search = search_of(problem, 2)
    few = out_and_back(problem, 4)
    assert again(search, problem, out_and_back(problem, 2), few) is few


@pytest.mark.slow
def test_stops_left_out_at_their_price_do_not_hold_up_fewer_tours():
    """Nine tours become eight though a stop that no vehicle can reach is left out."""
    problem = ring(32, 10, vehicles=None)
    price = np.full(problem.rows + 1, np.inf)
    price[-1] = 3.0
    far = replace(
        problem,
        xy=np.concatenate([problem.xy, [[1000.0, 0.0]]]),
        demand=np.concatenate([problem.demand, [[1]]]),
        **{name: np.append(getattr(problem, name), getattr(problem, name)[-1:])
           for name in ("ready", "due", "service", "skills", "partner")},
        price=price,
        vehicles=(replace(problem.vehicles[0], max_distance=500.0),),
    )  # fmt: skip
    plan = nine_of_eight(problem)
    done = fewer_tours(Job(far, plan.tours, plan.vehicles, 1, 20_000, 1.0, 1.0))
    assert len(done.best) == 8
    assert sorted(np.concatenate(done.best)) == list(range(1, 33))


def test_a_stop_that_nobody_can_serve_costs_one_round():
    """The search for a place for it ends at once, not after two fifths of the limit."""
    due = np.full(33, np.inf)
    due[7] = 1.0
    problem = ring(32, 10, due=due)
    search = search_of(problem, 32 * 4000)
    plan = fewer(search, make_plan(problem, [*map(np.array, [[1, 2, 3], [8, 9, 10]])]))
    assert plan.unserved.tolist() == [7]
    assert search.budget.share() < 0.1
