"""Packed rows hold the same distances as plain ones, in bounded memory."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from routing.floor.distances import Distances
from routing.floor.rows import Rows, fill_packed, look_up
from tests.routing.floor.test_grid import floor

PLAN = floor("....", ".@@.", "....")
CELL_OF = np.flatnonzero(PLAN.free)
PLACE_OF = np.full(PLAN.cells, -1)
PLACE_OF[CELL_OF] = np.arange(len(CELL_OF))
FORWARD = np.where(PLAN.successors[CELL_OF] >= 0, PLACE_OF[PLAN.successors[CELL_OF]], -1).astype(
    np.int32
)


def rows_of(**settings: object) -> Rows:
    """Return rows of the floor with moves of 4 and turns of 4 units."""
    return Rows(FORWARD.ravel(), np.full(FORWARD.size, 4), 4, **settings)


def test_packed_rows_agree_with_plain_ones():
    """Every state to every goal."""
    rows = rows_of()
    plain = Distances(PLAN, 1)
    states = np.arange(4 * len(CELL_OF), dtype=np.int32)
    for goal, cell in enumerate(CELL_OF):
        slots = rows.slots(np.full(len(states), goal))
        expected = plain.row(int(cell))[CELL_OF].ravel() * 4
        assert np.array_equal(look_up(rows.rows, slots, states), expected)


def test_rows_made_again_take_the_present_costs():
    """New costs hold for rows made after, and for old ones once they are refreshed."""
    rows = rows_of()
    east = np.array([0], np.int32)
    slot = rows.slots(np.array([3]))
    rows.set_costs(np.full(FORWARD.size, 8))
    assert look_up(rows.rows, slot, east).tolist() == [12]
    assert rows.refresh(np.array([3]), 5, -1, None) == 1
    assert look_up(rows.rows, slot, east).tolist() == [24]


def test_each_goal_keeps_a_row_of_its_own_where_not_all_fit():
    """Of 100 cells 64 fit; where some rows are free and some are dropped, none is given twice."""
    plan = floor(*["." * 10] * 10)
    rows = Rows(plan.successors.astype(np.int32).ravel(), np.full(400, 4), 4, memory_mb=0)
    assert rows.capacity == 64
    plain = Distances(plan, 1)
    rows.slots(np.arange(60))
    goals = np.arange(60, 72)
    slots = rows.slots(goals)
    assert len(set(slots.tolist())) == len(goals)
    for goal, slot in zip(goals.tolist(), slots.tolist(), strict=True):
        states = np.arange(400, dtype=np.int32)
        expected = plain.row(goal).ravel() * 4
        got = look_up(rows.rows, np.full(400, slot, np.int32), states)
        assert np.array_equal(got, expected)
    assert rows.has(np.arange(60)).sum() == 52


def test_however_many_rows_are_made_the_kernel_is_compiled_once():
    """Two halves side by side, one alone, one made again: the same layout of all arrays.

    Another one would be compiled in the middle of play, and cost steps.
    """
    with ThreadPoolExecutor(2) as executor:
        rows = rows_of(executor=executor)
        rows.slots(np.arange(7))
        rows.slots(np.array([8]))
        rows.refresh(np.array([3]), 5, -1, None)
    arrays = [kind for kinds in fill_packed.signatures for kind in kinds if hasattr(kind, "layout")]
    assert {kind.layout for kind in arrays} == {"C"}


def test_turns_must_fit_the_packing():
    """A turn costs at most 7 units."""
    with pytest.raises(ValueError, match="turn_cost 8"):
        Rows(FORWARD.ravel(), np.full(FORWARD.size, 4), 8)


def test_goals_for_which_there_is_no_room_get_rows_as_others_are_done():
    """Until then they have none; whoever has one keeps it while it asks for it."""
    plan = floor(*["." * 10] * 10)
    rows = Rows(plan.successors.astype(np.int32).ravel(), np.full(400, 4), 4, memory_mb=0)
    stay, waiting = np.arange(60), np.arange(60, 100)
    kept = rows.slots(stay)
    for left in range(40, 0, -4):
        assert len(waiting) == left
        slots = rows.slots(np.concatenate((stay, waiting)))
        assert np.array_equal(slots[:60], kept)
        waiting = waiting[slots[60:] == rows.nowhere]
    assert not len(waiting)
