"""Dispatch: who takes which parcel, at once and ahead."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor.dispatch import Tasks, match, plan_next, zones
from routing.floor.distances import Distances
from tests.routing.floor.test_grid import floor

PLAN = floor("E.......E", ".........", "S.......S")
DISTANCES = Distances(PLAN)


def tasks(*pairs: tuple[int, int]) -> Tasks:
    """Return tasks of (station, chute) indices."""
    stations, chutes = zip(*pairs, strict=True) if pairs else ((), ())
    return Tasks(
        np.arange(len(pairs), dtype=np.int32),
        np.array(stations, np.int32),
        PLAN.chutes[np.array(chutes, np.int32)],
    )


def test_each_robot_takes_the_oldest_parcel_of_its_nearest_station():
    """Two robots, one at each end, take the first parcel of the station at hand."""
    got = match(
        PLAN, DISTANCES, np.array([1, 7]), tasks((1, 0), (0, 1), (0, 0)), np.zeros(2, int), 3
    )
    assert got.tolist() == [1, 0]


def test_full_queue_sends_robots_elsewhere():
    """No station gets more robots than its queue takes; who finds none stays free."""
    got = match(
        PLAN, DISTANCES, np.array([1, 2, 3]), tasks((0, 0), (0, 0), (1, 0)), np.array([2, 0]), 3
    )
    assert sorted(got.tolist()) == [-1, 0, 2]


def test_nothing_to_match():
    """No robots or no tasks give no pairs."""
    assert match(PLAN, DISTANCES, np.array([1]), tasks(), np.zeros(2, int), 3).tolist() == [-1]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_match_never_gives_a_parcel_twice_nor_overfills_a_queue(data):
    """Whatever the tasks, each goes to one robot at most and queues stay within their limit."""
    pairs = data.draw(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=12))
    robots = data.draw(st.lists(st.integers(0, 26), max_size=8, unique=True))
    under_way = np.array(data.draw(st.tuples(st.integers(0, 4), st.integers(0, 4))))
    todo = tasks(*pairs)
    got = match(PLAN, DISTANCES, np.array(robots, np.int32), todo, under_way, 3)
    given_out = got[got >= 0]
    assert len(set(given_out.tolist())) == len(given_out)
    more = np.bincount(todo.stations[given_out], minlength=2)
    assert ((under_way + more <= 3) | (more == 0)).all()


@pytest.mark.slow
def test_plan_ahead_gives_short_ways_and_the_same_answer_twice():
    """A robot at the left gets the parcels at the left, and a limit in solutions repeats."""
    todo = tasks((0, 0), (1, 1), (0, 0), (1, 1))
    asked = (PLAN, DISTANCES, np.array([18, 26]), np.array([0, 5]), todo, np.zeros(2, int), 3, 6, 4)
    got = plan_next(*asked)
    assert [sorted(row) for row in got.tolist()] == [[0, 2], [1, 3]]
    assert np.array_equal(got, plan_next(*asked))


@pytest.mark.slow
def test_robot_with_room_for_two_loads_both_before_it_drops():
    """With a capacity of two, both parcels of one station ride together."""
    todo = tasks((0, 0), (0, 0), (0, 1))
    asked = (PLAN, DISTANCES, np.array([0]), np.array([0]), todo, np.zeros(2, int), 3, 1, 1)
    got = plan_next(*asked, per_robot=2, capacity=2)
    assert sorted(got[0].tolist()) == [0, 1]


def test_zones_share_the_stations():
    """Two zones have one station each, and every cell has a zone."""
    zone = zones(PLAN, 2)
    assert sorted(zone[PLAN.stations].tolist()) == [0, 1]
    assert set(zone.tolist()) == {0, 1}
