"""The judge of moves finds each kind of violation on floors one can read."""

import numpy as np
import pytest

from routing.floor.check import check_moves
from tests.routing.floor.test_grid import floor


@pytest.mark.parametrize(
    ("rows", "cells", "following", "what"),
    [
        (["..."], [[0, 2], [1, 1]], False, "two in one cell"),
        (["..."], [[0, 1], [1, 0]], True, "swapped"),
        (["..."], [[0, 1], [1, 2]], False, "followed into a cell just left"),
        (["..."], [[0], [2]], True, "jumped"),
        (["..", ".."], [[1], [2]], True, "jumped"),
        ([".@"], [[0], [1]], True, "in a wall"),
        ([">."], [[1], [0]], True, "against a one-way aisle"),
        (["..", ".."], [[0, 1, 3, 2], [1, 3, 2, 0]], False, "followed into a cell just left"),
    ],
)
def test_violations_are_found(rows, cells, following, what):
    """Each illegal move is named."""
    found = check_moves(floor(*rows), np.array(cells), following=following)
    assert {violation.what for violation in found} == {what}


@pytest.mark.parametrize(
    ("rows", "cells", "following"),
    [
        (["..."], [[0, 2], [1, 2]], False),
        (["..."], [[0, 1], [1, 2]], True),
        (["..", ".."], [[0, 1, 3, 2], [1, 3, 2, 0]], True),
    ],
)
def test_legal_moves_pass(rows, cells, following):
    """Following and turning in a circle are legal where following is."""
    assert check_moves(floor(*rows), np.array(cells), following=following) == []


def test_headings_are_judged():
    """A robot moves along its heading and turns one quarter a tick."""
    plan = floor("..", "..")
    cells = np.array([[0], [0], [2]])
    assert check_moves(plan, cells, np.array([[0], [1], [1]])) == []
    assert [v.what for v in check_moves(plan, cells, np.array([[0], [0], [1]]))] == [
        "moved across its heading"
    ]
    assert [v.what for v in check_moves(plan, cells[:2], np.array([[0], [2]]))] == [
        "turned half round in one tick"
    ]
