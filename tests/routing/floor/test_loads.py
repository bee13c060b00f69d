"""Which parcels of a station go together onto a robot, and in which order it drops them."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor.distances import Distances
from routing.floor.loads import by_model, by_queue
from tests.routing.floor.test_grid import floor

# A street with the station at its left end and chutes a to f along it.
STREET = floor("E..........", "...........", ".S.S.S.S.S.")
DISTANCES = Distances(STREET)
STATION = int(STREET.stations[0])
ENDS = STREET.stations.astype(np.int32)


def goals(letters: str) -> np.ndarray:
    """Return the cells of chutes a, b, ... e."""
    return STREET.chutes[["abcde".index(letter) for letter in letters]].astype(np.int32)


def way(cells: np.ndarray) -> float:
    """Return the ticks from the station past these cells and back."""
    stops = [STATION, *cells.tolist(), STATION]
    return sum(
        float(DISTANCES.between(np.array([a], np.int32), np.array([b], np.int32))[0, 0])
        for a, b in pairwise(stops)
    )


def test_the_plain_rule_takes_the_first_in_the_queue_and_goes_to_the_nearest_next() -> None:
    """Of five the first three go along; a is nearest to the station, then c, then e."""
    assert by_queue(DISTANCES, STATION, goals("eacbd"), 3) == [1, 2, 0]


def test_the_model_takes_what_lies_together() -> None:
    """The oldest goes to a; the others for a and b go along, those for d and e wait."""
    chosen = by_model(DISTANCES, STATION, goals("aedaba"), 4, ENDS)
    assert sorted(chosen) == [0, 3, 4, 5]


def test_a_parcel_alone_goes_alone() -> None:
    """With nothing else there, there is nothing to choose."""
    assert by_queue(DISTANCES, STATION, goals("c"), 4) == [0]
    assert by_model(DISTANCES, STATION, goals("c"), 4, ENDS) == [0]


@settings(max_examples=40, deadline=None)
@given(st.text("abcde", min_size=1, max_size=7), st.integers(1, 4))
def test_the_oldest_goes_along_the_robot_is_full_and_the_order_is_the_best(
    letters: str, capacity: int
) -> None:
    """Both rules; and no other order of the model's parcels makes a shorter way."""
    cells = goals(letters)
    for chosen in (
        by_queue(DISTANCES, STATION, cells, capacity),
        by_model(DISTANCES, STATION, cells, capacity, ENDS),
    ):
        assert 0 in chosen
        assert len(set(chosen)) == len(chosen) == min(capacity, len(cells))
    best = min(way(cells[list(order)]) for order in permutations(chosen))
    assert way(cells[chosen]) == pytest.approx(best)


def test_the_model_repeats() -> None:
    """The same question has the same answer."""
    cells = goals("abcdeedcbaabc")
    first = by_model(DISTANCES, STATION, cells, 4, ENDS)
    assert all(by_model(DISTANCES, STATION, cells, 4, ENDS) == first for _ in range(3))
