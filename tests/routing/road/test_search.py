"""Rounds of one search, and several annealings of one problem."""

from dataclasses import replace

import numpy as np

from routing.road import Limit, Problem, Vehicle, solve
from routing.road.budget import Budget
from routing.road.construct import first_plan
from routing.road.heat import choosing
from routing.road.search import AFRESH_EACH, START_EACH, TOGETHER, Search


def vans_and_lorries() -> Problem:
    random = np.random.default_rng(3)
    return Problem(
        name="vans",
        depots=1,
        xy=random.uniform(0, 100, (25, 2)),
        demand=np.r_[0, random.integers(1, 9, 24)][:, None],
        vehicles=(Vehicle((15,), fixed=40.0), Vehicle((40,), fixed=70.0, per_distance=1.4)),
        objective="cost",
    )


def search(problem: Problem, each: float) -> Search:
    limit = Limit(iterations=round(each * problem.stops))
    budget = Budget(limit, problem.stops, 1, lambda: 0.0, 0.0)
    return Search(problem, budget, 1, None, None)


def test_starts_need_time_for_two():
    problem = vans_and_lorries()
    plan = first_plan(problem)
    assert choosing(problem)
    short = search(problem, START_EACH)
    assert short.starts(plan) is None
    long = search(problem, 3.5 * START_EACH)
    assert long.starts(plan) is not None
    assert abs(long.budget.share() - (1.0 - TOGETHER)) < 0.05


def test_each_start_has_a_first_plan_of_its_own(monkeypatch):
    """Where other first plans can be had, all annealings but the first begin with one."""
    problem = vans_and_lorries()
    plan, other = first_plan(problem), first_plan(problem)
    begun = []

    def anneal(plan, end, *_):
        begun.append(plan)
        long.budget.done = round(end * long.budget.expected())
        return plan

    long = search(problem, 5.0 * AFRESH_EACH)
    monkeypatch.setattr(long, "anneal", anneal)
    long.afresh = lambda: other
    long.starts(plan)
    assert [found is other for found in begun] == [False, False, True, True]


def test_what_is_told_never_gets_worse():
    told = []
    problem = vans_and_lorries()
    limit = Limit(iterations=round(4 * START_EACH * problem.stops))
    plan = solve(problem, limit, on_progress=lambda plan, share: told.append((plan.cost, share)))
    costs, shares = zip(*told, strict=True)
    assert list(costs) == sorted(costs, reverse=True)
    assert list(shares) == sorted(shares)
    assert costs[-1] == plan.cost


def test_the_best_plan_that_was_told_is_given_back():
    """Also where another annealing, from another plan, does not come to it again."""
    problem = vans_and_lorries()
    good = solve(problem, Limit(iterations=20_000))
    short = search(problem, 1.0)
    short.report(good)
    assert short.run(first_plan(problem)).cost == good.cost


def test_the_temperature_follows_the_speed_that_the_first_round_shows():
    problem = vans_and_lorries()
    now = [0.0]
    budget = Budget(Limit(seconds=1.0), problem.stops, 1, lambda: now[0], 0.0)
    budget.rate = 200.0  # a poor guess
    searching = Search(problem, budget, 1, None, None)
    seen = []

    def round_(plan, iterations, hot, cold, worth):
        seen.append((hot, cold))
        now[0] += 0.05
        budget.count(5000, 0.05)
        return plan, plan

    searching.round = round_
    searching.anneal(first_plan(problem), 1.0)
    assert seen[1][0] > 3 * seen[0][0]
    assert [hot for hot, _ in seen[1:]] == sorted((hot for hot, _ in seen[1:]), reverse=True)


def test_a_plan_costs_what_its_tours_are_long():
    """What makes tours cheaper while it is hot is not part of what is told or given back."""
    random = np.random.default_rng(5)
    xy, demand = random.uniform(0, 100, (31, 2)), np.r_[0, random.integers(1, 5, 30)]
    plain = Problem.from_coordinates(xy, demand, 30)
    due = random.uniform(150, 400, 31)
    due[0] = 1000.0
    told = []
    plan = solve(
        replace(plain, due=due), Limit(iterations=6000),
        on_progress=lambda plan, share: told.append(plan),
    )  # fmt: skip
    for one in [*told, plan]:
        ends = [np.r_[0, tour, 0] for tour in one.tours]
        length = sum(np.linalg.norm(np.diff(xy[way], axis=0), axis=1).sum() for way in ends)
        assert abs(one.cost - length) < 1e-6
