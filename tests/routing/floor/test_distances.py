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
    distances = Distances(floor)
    assert distances.row(12)[0, 0] == 12
    distances.go_round(np.array([11]))
    assert distances.row(12)[0, 0] == np.inf
    distances.go_round(np.array([10]))
    assert distances.row(12)[0, 0] == 12


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
    blocked=st.lists(st.sets(st.integers(0, 29), max_size=6), min_size=1, max_size=4),
    turn_ticks=st.sampled_from([0, 1, 2]),
    seed=st.integers(0, 9),
    memory_mb=st.sampled_from([0, 100]),
)
def test_rows_stay_right_while_cells_close_and_open(letters, blocked, turn_ticks, seed, memory_mb):
    """A row changed again and again is the row that a search from its goal makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("routing.floor.distances.FEW_CELLS", 1.0)  # five of these thirty
        rows_stay_right(floor_of(letters), blocked, turn_ticks, seed, memory_mb)


def rows_stay_right(floor, blocked, turn_ticks, seed, memory_mb):
    """Close and open cells, and compare rows with those of distances that never knew others."""
    random = np.random.default_rng(seed)
    costs = random.integers(1, 5, (floor.cells, 4)).astype(np.int32)
    quiet = np.array([0, 7, 29])
    goals = np.arange(-1, floor.cells, dtype=np.int32)

    def distances() -> Distances:
        return Distances(
            floor, turn_ticks, costs=costs, unit=2, anywhere=quiet, memory_mb=memory_mb
        )

    known = distances()
    for goal in goals[goals != 3].tolist():  # a row that is not there yet is made all the same
        known.slot(goal)
    for cells in blocked:
        known.go_round(np.array(sorted(cells)))
        anew = distances()
        anew.go_round(np.array(sorted(cells)))
        for goal in goals[random.random(len(goals)) < 0.7].tolist():
            assert np.array_equal(known.row(goal), anew.row(goal))


def test_more_goals_than_rows_are_looked_at_in_turn() -> None:
    """Where memory has room for sixteen rows alone the ways are the same."""
    floor = floor_of(["."] * 30)
    few, many = Distances(floor, memory_mb=0), Distances(floor)
    cells = np.arange(30, dtype=np.int32)
    assert np.array_equal(few.between(cells[:7], cells), many.between(cells[:7], cells))
