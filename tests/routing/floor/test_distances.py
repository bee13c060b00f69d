"""Distances: against a search by hand, with turns, costs and a bound on memory."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor.distances import Distances
from routing.floor.grid import Floor

LETTERS = st.lists(st.sampled_from("...@>v<^"), min_size=30, max_size=30)


def floor_of(letters: list[str]) -> Floor:
    """Return a 5 x 6 floor."""
    return Floor.of_letters(np.array([ord(c) for c in letters], np.uint8).reshape(5, 6))


def by_hand(floor: Floor, goal: int, turn_ticks: int) -> dict[tuple[int, int], float]:
    """Return ticks to the goal by state, searching forwards from every state with a heap."""
    best = {}
    for cell in range(floor.cells):
        for heading in range(4):
            queue, seen = [(0, cell, heading)], set()
            while queue:
                ticks, at, way = heapq.heappop(queue)
                if at == goal:
                    best[cell, heading] = ticks
                    break
                if (at, way) in seen:
                    continue
                seen.add((at, way))
                for turn in (1, 3):
                    heapq.heappush(queue, (ticks + turn_ticks, at, (way + turn) % 4))
                if floor.successors[at, way] >= 0:
                    heapq.heappush(queue, (ticks + 1, int(floor.successors[at, way]), way))
    return best


@settings(max_examples=15, deadline=None)
@given(letters=LETTERS, goal=st.integers(0, 29), turn_ticks=st.sampled_from([0, 1, 2]))
def test_rows_agree_with_a_search_by_hand(letters, goal, turn_ticks):
    """A row holds the least ticks to its goal from every cell and heading."""
    floor = floor_of(letters)
    row = Distances(floor, turn_ticks).row(goal)
    expected = by_hand(floor, goal, turn_ticks)
    for cell in range(floor.cells):
        for heading in range(4):
            found = row[cell, heading % row.shape[1]]
            assert found == expected.get((cell, heading), np.inf)


def test_blocked_cells_are_led_round():
    """A blocked cell is no way; without another there is none."""
    floor = floor_of(list("......" + "@@@@@." + "......" + "......" + "......"))
    assert Distances(floor).row(12)[0, 0] == 12
    assert Distances(floor, blocked=np.array([11])).row(12)[0, 0] == np.inf


def test_nearest_of_many_goals():
    """Goal -1 stands for the nearest of a set of cells."""
    floor = floor_of(["."] * 30)
    row = Distances(floor, anywhere=np.array([0, 29])).row(-1)
    assert row[[0, 1, 28, 14], 0].tolist() == [0, 1, 1, 4]


def test_rows_are_dropped_beyond_the_memory_allowed():
    """The least used row goes first, values stay right, and too many at once are refused."""
    floor = floor_of(["."] * 30)
    distances = Distances(floor, memory_mb=0)
    for goal in range(30):
        assert distances.row(goal)[0, 0] == goal // 6 + goal % 6
    assert len(distances.rows) == 16
    with pytest.raises(MemoryError, match="room for 16 rows"):
        distances.slots(np.arange(30, dtype=np.int32))


def test_between_takes_the_best_heading():
    """Ticks between cells do not depend on a heading that nobody gave."""
    floor = floor_of(["."] * 30)
    ticks = Distances(floor, 1).between(np.array([0, 5]), np.array([2, 12, 17]))
    assert ticks.tolist() == [[2, 2, 8], [3, 8, 2]]


@settings(max_examples=60, deadline=None)
@given(
    letters=LETTERS,
    blocked=st.sets(st.integers(0, 29), min_size=1, max_size=6),
    turn_ticks=st.sampled_from([0, 1, 2]),
    seed=st.integers(0, 9),
)
def test_rows_round_blocked_cells_follow_from_those_without(letters, blocked, turn_ticks, seed):
    """A row made from that of the open floor is the row that a search from its goal makes."""
    floor = floor_of(letters)
    costs = np.random.default_rng(seed).integers(1, 5, (floor.cells, 4)).astype(np.int32)
    cells, quiet = np.array(sorted(blocked)), np.array([0, 7, 29])
    goals = np.arange(-1, floor.cells, dtype=np.int32)
    known = Distances(floor, turn_ticks, costs=costs, unit=2, anywhere=quiet)
    known.slots(goals[goals != 3])  # a row that is not there yet is made all the same
    anew = Distances(
        floor, turn_ticks, costs=costs, unit=2, blocked=cells, anywhere=np.setdiff1d(quiet, cells)
    )
    round_them = known.around(cells)
    for goal in goals.tolist():
        assert np.array_equal(round_them.row(goal), anew.row(goal))


def test_more_goals_than_rows_are_looked_at_in_turn() -> None:
    """Where memory has room for sixteen rows alone the ways are the same."""
    floor = floor_of(["."] * 30)
    few, many = Distances(floor, memory_mb=0), Distances(floor)
    cells = np.arange(30, dtype=np.int32)
    assert np.array_equal(few.between(cells[:7], cells), many.between(cells[:7], cells))
