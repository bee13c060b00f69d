"""The planner: tiny floors for every rule, then random floors under the judge."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor import planner
from routing.floor.check import check_moves
from routing.floor.distances import TURN_TICKS
from routing.floor.granting import GrantPlanner
from routing.floor.planner import FloorState, Planner, dead_ends
from tests.routing.floor.grants import drawn, play
from tests.routing.floor.test_grid import floor


def test_example_in_the_docstring_runs():
    """The library example of the planner is what it says."""
    failed, run = doctest.testmod(planner)
    assert run > 5
    assert failed == 0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cells": [0, 4]}, "robot 1: cell 4 is not free"),
        ({"cells": [0, 9]}, "robot 1: cell 9 is not free"),
        ({"goals": [4, 0]}, "robot 0: goal 4 is not free"),
        ({"headings": [0, 4]}, "robot 1: heading 4"),
        ({"cells": [0, 0]}, r"robot 1: held\[0\] is 0; give the robot in that cell"),
        ({"held": [0, -1, -1, -1, -1, -1]}, r"robot 1: held\[2\] is -1"),
        ({"held": [0, -1]}, "held: 2 rows; give 6"),
        ({"movable": [True]}, "movable: 1 rows; give 2"),
    ],
)
@pytest.mark.parametrize("kind", [Planner, GrantPlanner])
def test_what_cannot_be_so_is_refused(kind, changed, words):
    """Walls, shared cells, headings and lengths: a line each, before any compiled code runs."""
    facts = {
        "cells": [0, 2],
        "headings": [0, 0],
        "goals": [2, 0],
        "since": [0, 0],
        "movable": [True, True],
        "held": [0, -1, 1, -1, -1, -1],
    } | changed
    state = FloorState(**{name: np.array(rows) for name, rows in facts.items()}, tick=0)
    with pytest.raises(ValueError, match=words):
        kind(floor("...", ".@.")).step(state)


def test_robots_pass_each_other_where_there_is_room():
    """Two robots with each other's cell as goal pass where the corridor widens, in both modes."""
    plan = floor("....", "@..@")
    for following in (False, True):
        seen = play(plan, [0, 3], [3, 0], 30, following=following)
        assert check_moves(plan, seen, following=following) == []
        assert any(row.tolist()[0] == 3 for row in seen)
        assert any(row.tolist()[1] == 0 for row in seen)


def test_circle_turns_only_where_following_is_allowed():
    """Four robots on four cells turn in a circle at once, or not at all."""
    plan = floor("..", "..")
    starts, goals = [0, 1, 3, 2], [1, 3, 2, 0]
    assert play(plan, starts, goals, 1, following=True)[-1].tolist() == goals
    assert play(plan, starts, goals, 5)[-1].tolist() == starts


def test_column_moves_up_together_only_where_following_is_allowed():
    """Behind a moving robot the next one enters at once, or a tick later."""
    plan = floor("....")
    assert play(plan, [0, 1], [2, 3], 1, following=True)[-1].tolist() == [1, 2]
    assert play(plan, [0, 1], [2, 3], 1)[-1].tolist() == [0, 2]


def test_idle_robot_makes_way():
    """A robot without a goal leaves the corridor when another wants to pass, and steps aside."""
    plan = floor("....", "@@.@")
    seen = play(plan, [0, 1], [3, -1], 12)
    assert seen[-1].tolist()[0] == 3
    assert check_moves(plan, seen) == []


def test_idle_robots_are_not_driven_along():
    """A row of robots without a goal steps aside, one after another, and not on and on ahead."""
    plan = floor("." * 20, "." * 20, "." * 20)
    seen = play(plan, list(range(20, 30)), [39] + [-1] * 9, 60, turn_ticks=1)
    assert seen[-1].tolist()[0] == 39
    assert check_moves(plan, seen) == []
    moved = (seen[1:] != seen[:-1]).sum(axis=0)
    assert moved[1:].max() <= 3


def test_idle_robots_give_way_where_there_is_no_aside():
    """In a dead straight corridor they go ahead, and into the one pocket that there is."""
    plan = floor("........", "@@@@@.@@")
    seen = play(plan, [0, 1, 2], [7, -1, -1], 60, turn_ticks=1)
    assert check_moves(plan, seen) == []
    assert seen[-1].tolist()[0] == 6  # two before it, and room for one


def test_who_leaves_a_dead_end_goes_first():
    """At a station with a lane in and one out, one that wants in by the way out has to go round."""
    plan = floor("@Ev@", "@^v@", "....")
    assert np.flatnonzero(dead_ends(plan)).tolist() == [1, 8, 11]
    seen = play(plan, [2, 1], [1, 8], 20, turn_ticks=1)
    assert check_moves(plan, seen) == []
    assert seen[-1].tolist() == [1, 8]


def test_turns_hold_both_cells():
    """A robot that turns first arrives later, and nobody enters either cell meanwhile."""
    plan = floor("..", "..")
    assert play(plan, [0], [2], 3, turn_ticks=2)[:, 0].tolist() == [0, 0, 0, 2]


def test_broken_robot_is_led_round():
    """Where a robot is out of order the others take another way, however long it stands."""
    plan = floor(".....", ".@.@.", ".....")
    seen = play(plan, [0, 2], [4, 2], 20, stuck=(1,), blocked=True)
    assert seen[-1].tolist() == [4, 2]
    assert check_moves(plan, seen) == []


def test_late_robot_is_passed_where_that_is_short():
    """The one behind waits for a robot that it takes to go on, and passes it once it is late."""
    plan = floor(".....", ".....")
    seen = play(plan, [0, 2], [4, 2], 10, stuck=(1,), late=True)
    assert seen[-1].tolist() == [4, 2]
    assert check_moves(plan, seen) == []


def test_late_robot_is_waited_for_where_the_way_round_is_long():
    """Twelve cells round it are more than it is likely to stand."""
    plan = floor(".....", ".@@@.", ".@@@.", ".@@@.", ".....")
    seen = play(plan, [0, 2], [4, 2], 10, stuck=(1,), late=True)
    assert seen[-1].tolist() == [1, 2]


def test_one_way_aisles_are_obeyed():
    """A robot goes round by the aisle that leads its way."""
    plan = floor(".<<.", ".>>.")
    seen = play(plan, [0], [3], 8)
    assert check_moves(plan, seen) == []
    assert seen[-1].tolist() == [3]


@settings(max_examples=40, deadline=None)
@given(
    data=st.data(), following=st.booleans(), turn_ticks=st.sampled_from([0, 1]),
    density=st.floats(0.05, 0.95), late=st.booleans(),
)  # fmt: skip
def test_no_illegal_move_at_any_density(data, following, turn_ticks, density, late):
    """On random floors, up to 95 % full, no move breaks a rule; the same call gives the same."""
    plan, starts, goals = drawn(data.draw(st.integers(0, 10_000)), density)
    stuck = tuple(range(0, len(starts), 5)) if late else ()
    settings = {"following": following, "turn_ticks": turn_ticks, "stuck": stuck, "late": late}
    seen = play(plan, starts, goals, 15, **settings)
    assert check_moves(plan, seen, following=following) == []
    again = play(plan, starts, goals, 15, **settings)
    assert np.array_equal(seen, again)


@pytest.mark.parametrize("kind", [Planner, GrantPlanner])
def test_goals_beyond_the_memory_take_turns(kind):
    """With rows for 16 of 30 goals robots that have none stand for a while, and all arrive."""
    plan = floor(*["." * 5] * 30)
    starts, goals = list(range(0, 150, 5)), list(range(4, 150, 5))  # each along a row of its own
    where = play(plan, starts, goals, 2 * TURN_TICKS, planner=kind(plan, turn_ticks=0, memory_mb=0))
    assert (where == np.array(goals)).any(axis=0).all()
    assert (where[:TURN_TICKS] == np.array(starts)).all(axis=0).any()
