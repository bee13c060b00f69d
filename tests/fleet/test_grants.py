"""A cell has one holder, and comes back by its holder alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.grants import FREE, GrantError, grant, release


def test_a_free_cell_is_granted_and_released():
    """The holder's number stands in the cell between grant and release."""
    held = np.full(4, FREE)
    grant(held, np.array([7, 8]), np.array([1, 3]))
    assert held.tolist() == [FREE, 7, FREE, 8]
    release(held, np.array([7]), np.array([1]))
    assert held.tolist() == [FREE, FREE, FREE, 8]


@pytest.mark.parametrize(
    ("robots", "cells"),
    [([1], [0]), ([0], [0]), ([0, 1], [2, 2]), ([0, 0], [2, 2])],
    ids=["another's", "its own", "one to two", "one twice"],
)
def test_no_cell_is_granted_twice(robots, cells):
    """Not to another, and not to its holder either: the first way out would free it."""
    held = np.array([0, FREE, FREE])
    with pytest.raises(GrantError):
        grant(held, np.array(robots), np.array(cells))


def test_only_the_holder_releases():
    """A robot that reports to have left another's cell is refused, with both named."""
    with pytest.raises(GrantError, match="robot 1 left cell 0, which robot 0 holds"):
        release(np.array([0]), np.array([1]), np.array([0]))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 3)), max_size=30))
def test_grants_agree_with_a_dict(calls):
    """Whatever is asked, held cells are those of a dict that refuses what is taken."""
    held, model = np.full(4, FREE), {}
    for give, robot, cell in calls:
        allowed = cell not in model if give else model.get(cell) == robot
        act = grant if give else release
        if not allowed:
            with pytest.raises(GrantError):
                act(held, np.array([robot]), np.array([cell]))
            continue
        act(held, np.array([robot]), np.array([cell]))
        if give:
            model[cell] = robot
        else:
            del model[cell]
        assert held.tolist() == [model.get(k, FREE) for k in range(4)]
