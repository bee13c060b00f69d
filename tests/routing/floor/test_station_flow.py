"""Robots to stations at once: never dearer than nearest pairs first, within the same limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor.dispatch import BACKLOG_CAP, BACKLOG_TICKS, QUEUE_TICKS, match
from routing.floor.station_flow import match_by_flow, nearest_columns
from tests.routing.floor.test_dispatch import DISTANCES, PLAN, tasks


def test_robots_are_not_sent_past_each_other():
    """The robot between two stations leaves the near one to the robot that is farther from both."""
    todo = tasks((0, 0), (1, 0))
    cells = np.array([11, 9])
    got = match_by_flow(PLAN, DISTANCES, cells, todo, np.zeros(2, int), 1)
    assert got.tolist() == [1, 0]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 1000), number=st.integers(1, 6))
def test_nearest_columns_are_the_first_of_sorted_rows(seed, number):
    """With equal values and stations that cannot be reached among them."""
    ways = np.random.default_rng(seed).choice([0.0, 1.0, 2.5, np.inf], (4, 6))
    found = np.empty((4, number), np.int64)
    nearest_columns(ways, found)
    assert (found == np.argsort(ways, axis=1, kind="stable")[:, :number]).all()


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_flow_serves_as_many_at_no_greater_cost(data):
    """Against the greedy match: as many robots served, limits kept, total cost not above."""
    pairs = data.draw(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=12))
    robots = np.array(data.draw(st.lists(st.integers(0, 26), max_size=6, unique=True)), np.int32)
    under_way = np.array(data.draw(st.tuples(st.integers(0, 4), st.integers(0, 4))))
    todo = tasks(*pairs)
    greedy = match(PLAN, DISTANCES, robots, todo, under_way, 3)
    flow = match_by_flow(PLAN, DISTANCES, robots, todo, under_way, 3)
    assert (flow >= 0).sum() == (greedy >= 0).sum()
    given_out = flow[flow >= 0]
    assert len(set(given_out.tolist())) == len(given_out)

    def cost(picks: np.ndarray) -> float:
        backlog = np.bincount(todo.stations, minlength=2)
        worth = np.minimum(BACKLOG_CAP, BACKLOG_TICKS * backlog)
        queue, total = under_way.astype(float), 0.0
        for robot, pick in zip(robots, picks, strict=True):
            if pick >= 0:
                station = todo.stations[pick]
                way = DISTANCES.between(np.array([robot]), PLAN.stations[[station]])[0, 0]
                total += way + QUEUE_TICKS * queue[station] - worth[station]
                queue[station] += 1
        return total

    assert cost(flow) <= cost(greedy) + 0.5
