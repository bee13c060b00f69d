"""Tests of PyVRP and VROOM as peers, where they are installed."""

import math

import numpy as np
import pytest

from routing.road import Limit, Problem
from routing.road.solvers import MissingError, solver
from tests.routing.road.rich import faults, problem_of

PEERS = {"pyvrp": "pyvrp", "vroom": "vroom"}
SHORT = Limit(seconds=0.05)


@pytest.fixture(params=PEERS)
def peer(request):
    """A peer's solver."""
    pytest.importorskip(PEERS[request.param])
    return solver(request.param)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_judge_accepts(peer, seed):
    """The judge finds nothing wrong with a peer's answer to what it can state."""
    problem = problem_of(seed, rests=False, prices=False)
    try:
        plan = peer(problem, SHORT, 0, None, None)
    except MissingError as error:
        pytest.skip(str(error))
    assert faults(problem, plan) == []


def test_nothing_to_plan(peer):
    """Where there is no stop, the plan has no tour."""
    plan = peer(Problem.from_coordinates([(0, 0)], [0], 5), SHORT, 0, None, None)
    assert (plan.tours, plan.cost) == ([], 0)


def test_pyvrp_tells_of_better_plans():
    """The last cost told is that of the plan, with the price of what is left out."""
    pytest.importorskip("pyvrp")
    told = []
    price = np.array([math.inf, 5.0, math.inf])
    problem = Problem.from_coordinates([(0, 0), (9, 0), (0, 4)], [0, 1, 1], 5, price=price)
    plan = solver("pyvrp")(problem, SHORT, 0, None, lambda better, share: told.append(better))
    assert plan.unserved.tolist() == [1]
    assert told[-1] == pytest.approx((8 + 5, 1), abs=0.1)


def test_times_below_0(peer):
    """Peers that count from 0 say so, and are not taken for having failed."""
    xy, demand = [(0, 0), (1, 0)], [0, 1]
    problem = Problem.from_coordinates(xy, demand, 1, ready=[-9, -5], due=[9, 5])
    with pytest.raises(MissingError, match="knows no times below 0"):
        peer(problem, SHORT, 0, None, None)


def pair(**columns):
    """A pickup at 10 and its delivery at 20."""
    return Problem.from_coordinates(
        [(0, 0), (10, 0), (20, 0)], [0, 0, 0], 1, partner=[-1, 2, 1], **columns
    )


@pytest.mark.parametrize(
    ("prices", "served"), [((1, 50), True), ((50, 1), True), ((1, 2), False), ((1, math.inf), True)]
)
def test_pyvrp_knows_both_prices_of_a_pair(prices, served):
    """Who leaves one out leaves both out, and pays for both."""
    pytest.importorskip("pyvrp")
    plan = solver("pyvrp")(pair(price=[math.inf, *prices]), SHORT, 0, None, None)
    assert plan.cost == (40 if served else 3)


def test_a_pair_without_demand(peer):
    """It is planned like others: the lower row is the pickup."""
    plan = peer(pair(), SHORT, 0, None, None)
    assert [tour.tolist() for tour in plan.tours] == [[1, 2]]
