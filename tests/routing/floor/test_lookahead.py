"""The planner that looks ahead: rules on floors one can read, then random floors, judged."""

import doctest
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor import lookahead
from routing.floor.check import check_moves
from routing.floor.effort import Effort
from routing.floor.epibt import score
from routing.floor.grid import Floor
from routing.floor.lookahead import AGAINST, UNIT, LookaheadPlanner
from routing.floor.operations import FORWARD, LEFT, RIGHT, STAY, operations, places
from routing.floor.rows import Rows
from tests.routing.floor.test_grid import floor


def play(
    plan: Floor, starts: list[int], goals: list[int], steps: int, *, following: bool = True,
    tries: int = 20, seed: int = 0, broken: Callable[[int], list[bool]] | None = None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Carry out the planner's actions; return cells and headings by step."""
    planner = LookaheadPlanner(plan, following=following, depth=3, seed=seed)
    cells, headings = np.array(starts, np.int32), np.zeros(len(starts), np.uint8)
    seen = [(cells, headings)]
    for step in range(steps):
        actions = planner.step(
            cells, headings, np.array(goals, np.int32), Effort(tries=tries),
            broken=np.array(broken(step)) if broken else None,
        )  # fmt: skip
        ahead = plan.successors[cells, headings]
        cells = np.where(actions == FORWARD, ahead, cells).astype(np.int32)
        turn = np.select([actions == RIGHT, actions == LEFT], [1, 3], 0)
        headings = ((headings + turn) % 4).astype(np.uint8)
        seen.append((cells, headings))
    return np.array([c for c, _ in seen]), np.array([h for _, h in seen])


def random_floor(seed: int, density: float) -> tuple[Floor, list[int], list[int]]:
    """Return a floor with walls and lanes, and where robots stand and want to go."""
    rng = np.random.default_rng(seed)
    letters = rng.choice([ord(c) for c in "......@@>v<^"], (6, 8)).astype(np.uint8)
    plan = Floor.of_letters(letters)
    free = np.flatnonzero(plan.free)
    robots = max(1, int(density * len(free)))
    starts = rng.choice(free, robots, replace=False).tolist()
    return plan, starts, rng.choice(free, robots).tolist()


def play_sideways(
    plan: Floor, starts: list[int], goals: list[int], steps: int, *, following: bool = True
) -> np.ndarray:
    """Carry out the actions of robots that do not turn; return their cells by step."""
    planner = LookaheadPlanner(plan, turning=False, following=following)
    cells, headings = np.array(starts, np.int32), np.zeros(len(starts), np.uint8)
    seen = [cells]
    for _ in range(steps):
        actions = planner.step(cells, headings, np.array(goals, np.int32), Effort(tries=20))
        ahead = plan.successors[cells, np.minimum(actions, 3)]
        cells = np.where(actions == STAY, cells, ahead).astype(np.int32)
        seen.append(cells)
    return np.array(seen)


def test_example_in_the_docstring_runs():
    """The library example of the planner is what it says."""
    failed, run = doctest.testmod(lookahead)
    assert run > 5
    assert failed == 0


def test_robot_that_does_not_turn_moves_to_any_side():
    """Down, and east, in two steps; one that stands on its goal stays there."""
    seen = play_sideways(floor("..", ".."), [0], [3], 3)
    assert seen[2:, 0].tolist() == [3, 3]
    assert seen[1, 0] in (1, 2)


def test_robots_that_do_not_turn_pass_each_other():
    """Where the corridor widens, in both modes; a ring turns only with following."""
    plan = floor("....", "@..@")
    for following in (True, False):
        seen = play_sideways(plan, [0, 3], [3, 0], 300, following=following)
        assert check_moves(plan, seen, following=following) == []
        assert 3 in seen[:, 0]
        assert 0 in seen[:, 1]
    ring = floor("..", "..")
    assert play_sideways(ring, [0, 1, 2, 3], [1, 3, 0, 2], 1)[1].tolist() == [1, 3, 0, 2]
    seen = play_sideways(ring, [0, 1, 2, 3], [1, 3, 0, 2], 3, following=False)
    assert (seen == seen[0]).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), following=st.booleans(), density=st.floats(0.05, 0.95))
def test_no_illegal_move_of_robots_that_do_not_turn(seed, following, density):
    """On random floors, up to 95 % full."""
    plan, starts, goals = random_floor(seed, density)
    seen = play_sideways(plan, starts, goals, 8, following=following)
    assert check_moves(plan, seen, following=following) == []


def test_the_rest_flow_round_a_robot_out_of_order():
    """It stands in the middle of three lanes, breaks down, and nobody pushes it any more."""
    plan = floor(".......", ".......", ".......")
    starts, goals = [10, 7, 13], [10, 13, 7]
    for following in (True, False):
        cells, headings = play(
            plan, starts, goals, 40, following=following,
            broken=lambda step: [step >= 3, False, False],
        )  # fmt: skip
        assert check_moves(plan, cells, headings, following=following) == []
        assert (cells[3:, 0] == cells[3, 0]).all()
        assert 13 in cells[:, 1]
        assert 7 in cells[:, 2]


def test_who_works_again_goes_on():
    """In a lane, where nobody could pass it meanwhile."""
    cells, _ = play(floor("....."), [1, 0], [4, 3], 40, broken=lambda step: [step < 20, False])
    assert (cells[:21, 0] == 1).all()
    assert cells[-1].tolist() == [4, 3]


@pytest.mark.parametrize(
    ("cells", "headings", "says"),
    [
        ([0, 0], [0, 0], "robots 0 and 1: both in cell 0"),
        ([0, 1], [0, 4], "robot 1: heading 4; give 0 E, 1 S, 2 W or 3 N"),
    ],
)
def test_robots_that_cannot_stand_so_are_refused(cells, headings, says):
    """Inside, another heading would be another cell's."""
    planner = LookaheadPlanner(floor("...", "..."))
    with pytest.raises(ValueError, match=says):
        planner.step(
            np.array(cells), np.array(headings, np.uint8), np.array([5, 4]), Effort(tries=5)
        )


@pytest.mark.parametrize(("depth", "turning"), [(1, True), (9, True), (4, False)])
def test_depths_that_are_too_many_operations_are_refused(depth, turning):
    """Or too few."""
    with pytest.raises(ValueError, match=f"depth {depth}: give 2 to {5 if turning else 3}"):
        LookaheadPlanner(floor("..."), depth=depth, turning=turning)


def test_robot_turns_and_goes():
    """Down and back: two turns and two moves, no step wasted."""
    cells, _ = play(floor("..", ".."), [0], [2], 2)
    assert cells[:, 0].tolist() == [0, 0, 2]


def test_circle_turns_only_where_following_is_allowed():
    """Robots that face each other's cell round a block move at once, or not at all."""
    plan = floor("..", "..")
    cells, headings = play(plan, [0, 1, 3, 2], [1, 3, 2, 0], 8)
    assert check_moves(plan, cells, headings, following=True) == []
    assert (cells != cells[0]).any()
    cells, headings = play(plan, [0, 1, 3, 2], [1, 3, 2, 0], 8, following=False)
    assert (cells == cells[0]).all()


def test_robot_in_a_dead_end_gets_out():
    """The one that wants in stands in the way of the one that wants out, and yields."""
    plan = floor("....", "@@.@")
    cells, headings = play(plan, [6, 2], [0, 6], 300)
    assert check_moves(plan, cells, headings, following=True) == []
    assert 0 in cells[:, 0]
    assert 6 in cells[:, 1]


@pytest.mark.parametrize(
    ("cells", "goals", "says"),
    [
        ([1, 0], [2, 2], "robot 0: cell 1 is not free on floor"),
        ([0, -3], [2, 2], "robot 1: cell -3 is not free"),
        ([0, 2], [2, 1], "robot 1: goal 1 is not free"),
        ([0, 2], [99, -1], "robot 0: goal 99 is not free"),
    ],
)
def test_walls_are_refused(cells, goals, says):
    """Inside, the place of a wall is the last one: a robot would go there instead."""
    planner = LookaheadPlanner(floor(".@.", "..."))
    with pytest.raises(ValueError, match=says):
        planner.step(np.array(cells), np.zeros(2, np.uint8), np.array(goals), Effort(tries=5))


def test_no_robots_have_no_actions():
    """As in a floor that is still empty."""
    none = np.empty(0, np.int32)
    planner = LookaheadPlanner(floor("..", ".."))
    assert planner.step(none, none.astype(np.uint8), none, Effort(tries=5)).tolist() == []


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), following=st.booleans(), density=st.floats(0.05, 0.95))
def test_no_illegal_move_at_any_density(seed, following, density):
    """On random floors, up to 95 % full, no action breaks a rule; the same calls give the same."""
    plan, starts, goals = random_floor(seed, density)
    cells, headings = play(plan, starts, goals, 8, following=following)
    assert check_moves(plan, cells, headings, following=following) == []
    again, _ = play(plan, starts, goals, 8, following=following)
    assert np.array_equal(cells, again)


def test_robot_on_its_goal_stays_for_the_step_that_counts():
    """It stands where its task begins: leaving at once would mean to come back."""
    planner = LookaheadPlanner(floor("...."), depth=3)
    actions = planner.step(
        np.array([1], np.int32), np.zeros(1, np.uint8), np.array([1], np.int32), Effort(tries=5),
        later=np.array([3], np.int32),
    )  # fmt: skip
    assert actions[0] != FORWARD


def test_robot_without_a_goal_makes_way():
    """In a lane of three, the one in the middle has no goal and is pushed out of the way."""
    plan = floor("...", "@.@")
    cells, headings = play(plan, [0, 1], [2, -1], 30)
    assert check_moves(plan, cells, headings, following=True) == []
    assert 2 in cells[:, 0]


def test_no_operation_enters_a_held_cell_without_following():
    """Where somebody stands ahead, going at once is not even tried."""
    plan = floor("...")
    forward = np.array([1, -1, -1, -1, 2, -1, 0, -1, -1, -1, 1, -1], np.int32)
    assert (np.where(plan.successors >= 0, plan.successors, -1).ravel() == forward).all()
    chosen = operations(2)
    rows = Rows(forward, np.full(12, UNIT), UNIT)
    states, goals = np.array([0, 4], np.int32), np.array([2, 2], np.int32)
    now = np.array([0, 1, -1], np.int32)
    cells, ends, possible = places(operations(2), forward)
    for circles in (True, False):
        values = np.empty((2, len(chosen.actions)), np.int64)
        ranks, counts = np.empty(values.shape, np.int16), np.empty(2, np.int16)
        score(
            states, goals, rows.slots(goals), np.full(2, -1, np.int32), rows.rows, cells, ends,
            possible, chosen.tails, np.zeros(len(chosen.actions), np.int64), UNIT, 2 * UNIT, now,
            circles, values, ranks, counts,
        )  # fmt: skip
        at_once = [
            (chosen.actions[ranks[robot, : counts[robot]], 0] == FORWARD).any() for robot in (0, 1)
        ]
        assert at_once == [circles, True]


def test_lanes_depend_on_the_rule_of_following():
    """Where a moving robot takes up two cells, lanes of sorting floors are stricter."""
    plan = floor("E....", "....S")
    strict = LookaheadPlanner(plan, following=False, depth=2).rows.costs.max()
    assert strict > LookaheadPlanner(plan, depth=2).rows.costs.max()
    open_floor = floor(".....", ".....")
    usual = LookaheadPlanner(open_floor, following=False, depth=2).rows.costs.max()
    assert usual == 4 * (1 + AGAINST)


def test_the_first_in_order_weigh_more_on_crowded_floors():
    """Without following, where a moving robot takes up two cells, sooner; with it where all want
    to the same stations, or most cells have a robot on its way that does not stay; else all weigh
    the same."""
    plan = floor("E....", "....S")
    assert LookaheadPlanner(plan, following=False, depth=2)._power(3, 0) == 8.0
    assert LookaheadPlanner(plan, following=False, depth=2)._power(2, 0) == 0.0
    assert LookaheadPlanner(plan, depth=2)._power(5, 0) == 4.0
    assert LookaheadPlanner(plan, depth=2)._power(4, 0) == 0.0
    anywhere = LookaheadPlanner(floor(".....", "....."), depth=2)
    assert anywhere._power(10, 10) == 0.0
    anywhere.lifelong = True
    assert [anywhere._power(10, on_way) for on_way in (6, 7)] == [0.0, 4.0]


def test_late_rows_leave_robots_standing():
    """After the deadline no distances are made: everybody stands, nobody breaks a rule."""
    planner = LookaheadPlanner(floor("...", "..."), depth=3)
    actions = planner.step(
        np.array([0, 5], np.int32), np.zeros(2, np.uint8), np.array([5, 0], np.int32),
        Effort(deadline=0.0),
    )  # fmt: skip
    assert FORWARD not in actions.tolist()
