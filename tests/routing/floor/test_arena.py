"""Playing League problems: errands, reveals, late and invalid plans; results pass the judge."""

import numpy as np
import pytest

from routing.floor.arena import Game
from routing.floor.baseline import PlainPibt
from routing.floor.check_result import check_result
from routing.floor.entry import MATCHED, Peakday
from routing.floor.formats import Problem
from routing.floor.generate import generate
from routing.floor.results import result_of
from tests.routing.floor.test_grid import floor

PLAN = floor("E...S", ".@.@.", "E...S")


def game_of(tasks: list[list[int]], starts: list[int], **settings: object) -> Game:
    """Return a game on the small floor."""
    return Game(Problem.of_lists("p", PLAN, starts, tasks, **settings))


def test_errands_count_in_order_and_a_new_task_comes_up():
    """A robot that crosses its errands finishes the task; the pool stays as full as it was."""
    game = game_of([[1, 2], [4, 14], [0, 4]], [0], reveal=2)
    assert [number for number, _ in game.view().new_tasks] == [0, 1]
    game.assign(np.array([0]))
    game.apply(np.array([0]))
    game.apply(np.array([0]))
    assert game.finished == 1
    assert game.events == [(1, 0, 0, 1), (2, 0, 0, 2)]
    assert [number for number, _ in game.view().new_tasks] == [2]
    assert game.task.tolist() == [-1]


def test_what_a_planner_does_with_its_view_leaves_the_game_alone():
    """Tasks that were written into the view's own array are taken over when they come back."""
    game = game_of([[1], [4]], [0], reveal=1)
    view = game.view()
    view.task[0] = 0
    view.cells[0], view.headings[0], view.new_tasks[0][1][0] = 14, 2, 10
    game.assign(view.task)
    game.apply(np.array([0]))
    assert (game.events, game.cells.tolist(), game.headings.tolist()) == ([(1, 0, 0, 1)], [1], [0])


def test_tasks_may_come_in_a_list():
    """As actions may."""
    game = game_of([[1], [4]], [0], reveal=1)
    game.assign([0])
    assert game.task.tolist() == [0]


def test_a_lost_step_counts_no_errand():
    """Who stands on its errand while the plan is late does it when the plan comes, as in the
    League of 2024; in 2023 at once, and the task that comes up then is shown later."""
    game = game_of([[1], [4, 14]], [1], reveal=1)
    game.view()
    game.assign(np.array([0]))
    game.apply(None)
    assert (game.finished, game.schedule) == (0, [[]])
    game.apply(np.array([3]))
    assert (game.events, game.schedule) == ([(2, 0, 0, 1)], [[(2, 0)]])
    assert [number for number, _ in game.view().new_tasks] == [1]
    game = game_of([[1], [4]], [1], edition=2023)
    game.view()
    game.apply(None)
    game.apply(np.array([3]))
    assert game.finished == 1
    assert [number for number, _ in game.view().new_tasks] == [1]


def test_schedules_are_noted_as_the_simulator_does():
    """From step 1 on, only changes, and no end of a task: the step after its last errand has the
    next task, or -1."""
    game = game_of([[1], [3], [14]], [0, 10], reveal=2)
    for wanted, actions in (((0, -1), (0, 3)), ((-1, 1), (3, 3)), ((1, 2), (0, 3))):
        game.assign(np.array(wanted))
        game.apply(np.array(actions))
    assert game.events == [(1, 0, 0, 1)]
    assert result_of(game)["actualSchedule"] == ["1:0,2:-1,3:1", "1:-1,2:1,3:2"]


def test_invalid_actions_cost_the_step():
    """Into a wall nobody moves, and it is counted."""
    game = game_of([[4, 0]], [0, 10], reveal=1)
    game.apply(np.array([1, 0]))
    assert game.headings.tolist() == [1, 0]
    game.apply(np.array([1, 0]))
    game.apply(np.array([0, 3]))
    assert game.invalid == 1
    assert game.cells.tolist() == [0, 12]


@pytest.mark.parametrize(
    ("actions", "error", "planned"),
    [
        ([2, 0], [1, -1, 1, "unallowed move"], ["C", "F"]),
        ([0, 3], [1, 0, 1, "vertex conflict"], ["F", "W"]),
        ([3], [-1, -1, 1, "incorrect vector size"], ["W", "T"]),
        ([3, 7], [1, -1, 1, "unallowed move"], ["W", "T"]),
    ],
)
def test_refused_actions_are_told_as_the_simulator_does(actions, error, planned):
    """What the planner wanted, why it was refused, and that all waited."""
    game = Game(Problem.of_lists("p", floor("..@"), [0, 1], [[0]], reveal=1))
    game.apply(np.array(actions))
    result = result_of(game)
    assert (result["errors"], result["numPlannerErrors"]) == ([error], 1)
    assert (result["plannerPaths"], result["actualPaths"]) == (planned, ["W", "W"])
    assert check_result(game.problem.floor.text(), result) == []


def test_two_robots_face_to_face_are_refused():
    """Told of the second one, as the simulator looks at one after the other."""
    game = Game(Problem.of_lists("p", floor("..."), [0, 1], [[2]], reveal=1))
    for _ in range(2):
        game.apply(np.array([3, 1]))
    game.apply(np.array([0, 0]))
    assert game.errors == [(1, 0, 3, "edge conflict")]


@pytest.mark.parametrize(
    ("edition", "actual", "errors"),
    [(2024, ["T", "T"], []), (2023, ["W", "W"], [[-1, -1, 1, "incorrect vector size"]])],
)
def test_a_late_plan_is_told_as_the_simulator_does(edition, actual, errors):
    """That of 2023 takes it for one that has no robot's action."""
    game = Game(Problem.of_lists("p", floor("..@"), [0, 1], [[1]], edition=edition))
    game.apply(None)
    result = result_of(game)
    assert (result["actualPaths"], result["plannerPaths"]) == (actual, ["T", "T"])
    assert (result["errors"], game.late, game.invalid) == (errors, 1, 0)


def test_begun_tasks_stay_and_unknown_ones_are_refused():
    """A schedule is refused as a whole where one entry is not allowed."""
    game = game_of([[1, 2], [4, 14]], [0], reveal=2)
    game.assign(np.array([0]))
    game.apply(np.array([0]))
    with pytest.raises(ValueError, match="task 0 begun"):
        game.assign(np.array([1]))
    with pytest.raises(ValueError, match="is not free"):
        game_of([[1, 2]], [0], reveal=1).assign(np.array([5]))


@pytest.mark.slow
@pytest.mark.parametrize("edition", [2023, 2024])
@pytest.mark.parametrize("entry", [Peakday(tries=50), PlainPibt()])
def test_entries_finish_tasks_and_pass_the_judge(edition, entry):
    """Both planners play both editions; the judge finds nothing, the count agrees."""
    problem = generate(PLAN, 4, 100, 3, edition=edition)
    entry.prepare(PLAN, 4, edition)
    game = Game(problem)
    for _ in range(60):
        game.assign(entry.assign(game.view()))
        game.apply(entry.act(game.view(), game.task))
    game.apply(None)
    assert game.finished > 5
    assert (game.invalid, game.late) == (0, 1)
    result = result_of(game)
    assert check_result(PLAN.text(), result) == []
    result["numTaskFinished"] += 1
    assert [v.what for v in check_result(PLAN.text(), result)] == ["tasks finished"]


@pytest.mark.slow
def test_matching_stops_at_its_time_and_goes_on_a_step_later():
    """No time at all: one batch of robots gets tasks in each step, none loses its own."""
    plan = floor(*["." * 26] * 26)
    game = Game(generate(plan, 600, 1000, 1))
    entry = Peakday(step_seconds=0.0, tries=0, rows_ahead=1, active_share=1.0)
    entry.prepare(plan, 600)
    first = entry.assign(game.view())
    assert (first >= 0).sum() == MATCHED
    game.assign(first)
    game.apply(entry.act(game.view(), game.task))
    begun = game.errand > 0
    second = entry.assign(game.view())
    assert (second >= 0).all()
    assert (second[begun] == game.task[begun]).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "following", "active"), [(None, True, 11), (None, False, 6), (0, True, 24)]
)
def test_crowded_floors_without_stations_leave_robots_idle(first, following, active):
    """Of 24 robots on 25 cells 11 have a task, unless all tasks begin at one station; and fewer
    where moving robots need gaps."""
    plan = floor(*["....."] * 5)
    tasks = [[n % 25 if first is None else first, (n + 7) % 25] for n in range(60)]
    game = Game(Problem.of_lists("p", plan, list(range(24)), tasks, reveal=1.5))
    entry = Peakday(tries=0, settings={"following": following})
    entry.prepare(plan, 24)
    assert (entry.assign(game.view()) >= 0).sum() == active
