"""Planning grants some ticks ahead: tiny floors for every rule, then random floors."""

import doctest
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor import granting
from routing.floor.check import check_moves
from routing.floor.detours import lead_round
from routing.floor.granting import GrantPlanner
from routing.floor.grid import Floor
from routing.floor.guidance import UNIT
from routing.floor.holding import hold, keep_to
from routing.floor.maneuvers import WAIT, horizon, maneuvers
from routing.floor.pibt import plan_moves
from routing.floor.planner import Planner
from routing.floor.simulate import Pace, simulate
from tests.routing.floor.grants import drawn, play
from tests.routing.floor.test_grid import floor


def ahead(plan: Floor, starts: list[int], goals: list[int], ticks: int, **settings) -> np.ndarray:
    """Return where robots were that were granted cells by looking ahead."""
    turn_ticks = settings.get("turn_ticks", 0)
    return play(plan, starts, goals, ticks, planner=GrantPlanner(plan, turn_ticks), **settings)


def test_example_in_the_docstring_runs():
    """The library example of the planner is what it says."""
    failed, run = doctest.testmod(granting)
    assert run > 5
    assert failed == 0


def test_what_is_needed_now_and_then_can_be_loaded_before():
    """Any floor will do; a robot that has stood for long then compiles nothing more."""
    GrantPlanner(floor("."), turn_ticks=1).warm()
    GrantPlanner(floor("E.S"), turn_ticks=1).warm()
    known = [len(kernel.signatures) for kernel in (plan_moves, keep_to, lead_round)]
    assert min(known) > 0
    ahead(floor("..."), [0, 2], [2, 0], 40, turn_ticks=1)  # they get in each other's way for good
    assert [len(kernel.signatures) for kernel in (plan_moves, keep_to, lead_round)] == known


def test_who_leaves_a_station_goes_before_who_wants_in_by_the_way_out():
    """The one in the way out has waited for longer, and there is no other way for both."""
    plan = floor("Ev", "^v", "..")
    where = play(plan, [1, 0], [0, 5], 30, planner=GrantPlanner(plan, 0, patience=0))
    assert (where == np.array([0, 5])).any(axis=0).all()


def test_another_seed_is_that_of_a_new_planner():
    """A planner whose seed was changed plays the game of one that was made with it."""
    for seed in range(4):
        plan, starts, goals = drawn(seed, 0.7)
        changed = GrantPlanner(plan, 1, seed=99, patience=1)
        changed.seed = seed
        fresh = GrantPlanner(plan, 1, seed=seed, patience=1)
        games = [play(plan, starts, goals, 60, turn_ticks=1, planner=p) for p in (changed, fresh)]
        assert (games[0] == games[1]).all()


def test_maneuvers_wait_first_and_turn_twice_at_most():
    """Of two ticks with a tick a quarter turn: ahead or not, a turn, or round, each also later."""
    words = {tuple(word) for word in maneuvers(2, 1).actions.tolist()}
    now = {(0, WAIT), (0, 0), (0, 1), (0, 3), (1, WAIT), (2, WAIT), (3, WAIT)}
    later = {(WAIT, WAIT), (WAIT, 0), (WAIT, 1), (WAIT, 2), (WAIT, 3)}
    assert words == now | later


@pytest.mark.parametrize("turn_ticks", [0, 1, 2, 3, 5, 20])
def test_maneuvers_begin_alike_as_long_as_they_say(turn_ticks):
    """Only to wait comes last; each begins like the one before as far as it says, not farther."""
    chosen = maneuvers(horizon(turn_ticks), turn_ticks)
    assert (chosen.actions[-1] == WAIT).all()
    for one, other, shared in zip(
        chosen.actions, chosen.actions[1:], chosen.shared[1:], strict=False
    ):
        assert (one[:shared] == other[:shared]).all()
        assert one[shared] != other[shared]


def held_by(plan: Floor, heading: int, ready: int, *, movable: bool) -> dict:
    """Return the values of what a robot in cell 0, bound for cell 2, would hold."""
    planner = GrantPlanner(plan, turn_ticks=1, depth=3)
    distances, chosen = planner.distances, maneuvers(3, 1)
    number = len(chosen.actions)
    holds, values = np.empty((1, number, 6), np.int32), np.empty((1, number), np.int64)
    ranks, counts = np.empty((1, number), np.int16), np.empty(1, np.int16)
    cells, goals = np.zeros(1, np.int32), np.full(1, 2, np.int32)
    held = np.full(plan.cells, -1, np.int32)
    held[0] = 0
    hold(
        cells, np.full(1, heading, np.uint8), np.full(1, ready, np.int32), np.ones(1, bool),
        np.full(1, movable), distances.slots(goals), distances.rows, distances.successors,
        distances.costs, distances.turn_cost, 1, UNIT, distances.headings, held, chosen.actions,
        chosen.shared, holds, values, ranks, counts,
    )  # fmt: skip
    order = ranks[0, : counts[0]].tolist()
    assert (np.diff(values[0, order]) >= 0).all()
    return {tuple(holds[0, option].tolist()): int(values[0, option] >> 3) for option in order}


def test_what_a_robot_would_hold():
    """It holds the cell that it leaves and the one that it enters, and turns at its first."""
    plan = floor("...")
    ways = held_by(plan, 0, 0, movable=True)
    assert next(iter(ways.items())) == ((0, 1, 1, 2, 2, -1), 2 * UNIT)
    assert ways[(0, -1, 0, 1, 1, 2)] == 3 * UNIT
    assert ways[(0, -1, 0, -1, 0, -1)] == 5 * UNIT
    assert next(iter(held_by(plan, 1, 0, movable=True))) == (0, 1, 0, 1, 1, 2)


def test_what_is_granted_ahead_is_held_until_the_robot_comes():
    """Two ticks before it is ready its next cell is held if it is told now, and else is not."""
    plan = floor("...")
    assert next(iter(held_by(plan, 0, 2, movable=True))) == (-1, 1, -1, 1, 0, 1)
    assert next(iter(held_by(plan, 0, 2, movable=False))) == (-1, -1, -1, -1, 0, 1)


def test_robots_pass_each_other_where_there_is_room():
    """Two robots with each other's cell as goal pass where the corridor widens."""
    plan = floor("....", "@..@")
    seen = ahead(plan, [0, 3], [3, 0], 30)
    assert check_moves(plan, seen) == []
    assert any(row.tolist()[0] == 3 for row in seen)
    assert any(row.tolist()[1] == 0 for row in seen)


def test_no_cell_is_entered_as_it_is_left_nor_in_a_circle():
    """Four robots on four cells stay; behind a moving robot the next one enters a tick later."""
    plan = floor("..", "..")
    assert ahead(plan, [0, 1, 3, 2], [1, 3, 2, 0], 5)[-1].tolist() == [0, 1, 3, 2]
    assert ahead(floor("...."), [0, 1], [2, 3], 1)[-1].tolist() == [0, 2]


def test_idle_robot_makes_way():
    """A robot without a goal leaves the corridor when another wants to pass, and steps aside."""
    plan = floor("....", "@@.@")
    seen = ahead(plan, [0, 1], [3, -1], 12)
    assert seen[-1].tolist()[0] == 3
    assert check_moves(plan, seen) == []


def test_turns_hold_both_cells():
    """A robot that turns first arrives later, and nobody enters either cell meanwhile."""
    plan = floor("..", "..")
    assert ahead(plan, [0], [2], 3, turn_ticks=2)[:, 0].tolist() == [0, 0, 0, 2]


def test_broken_robot_is_led_round():
    """Where a robot is out of order the others take another way, however long it stands."""
    plan = floor(".....", ".@.@.", ".....")
    seen = ahead(plan, [0, 2], [4, 2], 20, stuck=(1,), blocked=True)
    assert seen[-1].tolist() == [4, 2]
    assert check_moves(plan, seen) == []


def test_one_way_aisles_are_obeyed():
    """A robot goes round by the aisle that leads its way."""
    plan = floor(".<<.", ".>>.")
    seen = ahead(plan, [0], [3], 8)
    assert check_moves(plan, seen) == []
    assert seen[-1].tolist() == [3]


def test_who_has_stood_for_long_is_let_go():
    """Where turning round takes longer than one looks ahead, others still make way at last."""
    plan = floor("....", "@..@")
    planner = GrantPlanner(plan, turn_ticks=3, depth=2)
    seen = play(plan, [0, 3], [3, 0], 200, turn_ticks=3, planner=planner)
    assert check_moves(plan, seen) == []
    assert any(row.tolist()[0] == 3 for row in seen)
    assert any(row.tolist()[1] == 0 for row in seen)


def test_who_is_long_on_its_way_is_let_through_an_aisle():
    """Of two who meet in an aisle one comes through, and the other backs out before it."""
    plan = floor(".@@@@@@.", "........", ".@@@@@@.")
    planner = GrantPlanner(plan, turn_ticks=1, overdue=0)
    seen = play(plan, [10, 13], [15, 8], 120, turn_ticks=1, planner=planner)
    assert check_moves(plan, seen) == []
    assert any(row.tolist()[0] == 15 for row in seen)


def test_more_parcels_are_sorted_than_by_looking_one_cell_ahead():
    """Forty robots on the small floor."""
    plan, rng = Floor.read("maps/small.map"), np.random.default_rng
    pace = Pace(turn_ticks=1)
    planner = Planner(plan, turn_ticks=1)
    plain = simulate(plan, 40, 2000, 500, rng(3), pace=pace, planner=planner, waiting=200)
    figures = simulate(plan, 40, 2000, 500, rng(3), pace=pace, waiting=200)
    assert figures.sorted > plain.sorted


def test_threads_change_nothing(monkeypatch):
    """Robots in parts of three, side by side, are granted what they are granted together."""
    monkeypatch.setattr(granting, "PART", 3)
    plan, starts, goals = drawn(3, 0.4)
    with ThreadPoolExecutor(2) as executor:
        seen = [
            play(plan, starts, goals, 30, turn_ticks=1, planner=GrantPlanner(plan, executor=each))
            for each in (None, executor)
        ]
    assert len(starts) % 3
    assert (seen[0] == seen[1]).all()


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(), turn_ticks=st.sampled_from([0, 1, 2]), density=st.floats(0.05, 0.95),
    late=st.booleans(),
)  # fmt: skip
def test_no_illegal_move_at_any_density(data, turn_ticks, density, late):
    """On random floors, up to 95 % full, no move breaks a rule; the same call gives the same."""
    plan, starts, goals = drawn(data.draw(st.integers(0, 10_000)), density)
    settings = {"turn_ticks": turn_ticks, "stuck": tuple(range(0, len(starts), 5)) if late else ()}
    seen = ahead(plan, starts, goals, 40, **settings)
    assert check_moves(plan, seen) == []
    assert np.array_equal(seen, ahead(plan, starts, goals, 40, **settings))
