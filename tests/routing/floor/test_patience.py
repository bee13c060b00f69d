"""Tests of robots that go first after a long time without progress."""

import numpy as np

from routing.floor.patience import Patience


def noted(patience: Patience, left: list[int], steps: int = 1, idle: bool = False) -> list[int]:
    """Who goes first after so many steps of two robots with this way left to cells 7 and 8."""
    for _ in range(steps):
        patience.note(np.array([7, 8]), np.array(left), np.array([False, idle]))
    return patience.first(0).tolist()


def test_who_makes_no_progress_goes_first_after_some_steps():
    """The first step with a goal counts as progress; other goals begin anew."""
    patience = Patience(3, seed=0)
    assert noted(patience, [4, 9], steps=4) == []
    assert noted(patience, [3, 9]) == [1]
    patience.note(np.array([7, 5]), np.array([3, 9]), np.zeros(2, bool))
    assert patience.first(0).tolist() == []


def test_progress_wears_the_count_off_slowly():
    """A step forward takes one step off, so that two do not take turns for ever."""
    patience = Patience(3, seed=0)
    assert noted(patience, [4, 0], steps=6, idle=True) == [0]  # five steps without
    assert noted(patience, [3, 0], idle=True) == [0]
    assert noted(patience, [2, 0], idle=True) == []
    assert noted(patience, [2, 0], idle=True) == [0]


def test_each_time_that_a_robot_gets_stuck_is_counted_once():
    """Also where progress wears its count off, and it gets stuck again."""
    patience = Patience(3, seed=0)
    noted(patience, [4, 0], steps=9, idle=True)
    assert patience.times == 1
    assert patience.stuck.tolist() == [True, False]
    for left in range(3, -4, -1):
        noted(patience, [left, 0], idle=True)
    assert patience.stuck.tolist() == [False, False]
    noted(patience, [0, 0], steps=9, idle=True)
    assert patience.times == 2


def test_who_has_no_goal_is_not_stuck():
    """However long it stands."""
    assert noted(Patience(3, seed=0), [0, 9], steps=9, idle=True) == [0]


def test_others_are_drawn_every_sixteen_steps():
    """One in a thousand and one more, always the same by seed and step."""
    patience = Patience(0, seed=1)
    for _ in range(3):
        patience.note(np.zeros(2000, int), np.zeros(2000, int), np.zeros(2000, bool))
    first = patience.first(0)
    assert len(first) == 3
    assert patience.first(15).tolist() == first.tolist()
    assert patience.first(16).tolist() != first.tolist()
