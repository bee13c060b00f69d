"""The judge of League results finds each broken rule, and passes results of paths alone."""

import pytest

from routing.floor.check_result import check_result

MAP = "type octile\nheight 2\nwidth 3\nmap\n...\n.@."


def result(starts: list, paths: list[str], **more: object) -> dict:
    """Return a result of paths."""
    return {"teamSize": len(starts), "start": starts, "actualPaths": paths, **more}


@pytest.mark.parametrize(
    ("starts", "paths", "what"),
    [
        ([[0, 0, "W"]], ["F"], "into a wall"),
        ([[0, 1, "S"]], ["F"], "into a wall"),
        ([[0, 0, "E"]], ["X"], "unknown action 'X'"),
        ([[0, 0, "E"], [0, 2, "W"]], ["F", "F"], "two in one cell"),
        ([[0, 0, "E"], [0, 1, "W"]], ["F", "F"], "swapped"),
        ([[0, 0, "E"], [0, 1, "W"]], ["F", "F,F"], "ragged paths"),
        ([[0, 0, "E"]], ["F,,F"], "unknown action ''"),
        ([[0, 0, "E"]], ["F,FR"], "unknown action 'FR'"),
        ([[0, 0, "E"]], ["F,\u00b2"], "unknown action '\u00b2'"),
        ([[0, 2, "E"]], ["F"], "into a wall"),
        ([[1, 2, "S"]], ["W,F"], "into a wall"),
        ([[1, 1, "E"]], ["W"], "starts in a wall"),
        ([[0, 7, "E"]], ["W"], "starts in a wall"),
        ([[0, 0, "E"], [0, 0, "E"]], ["", ""], "two in one cell"),
    ],
)
def test_illegal_moves_are_found(starts, paths, what):
    """Each kind of illegal move is named."""
    assert what in {violation.what for violation in check_result(MAP, result(starts, paths))}


def test_water_and_what_is_out_of_bounds_are_walls():
    """As the map format has it."""
    wet = MAP.replace("@", "W").replace("type octile", "type tile")
    assert check_result(wet, result([[0, 1, "S"]], ["F"]))


def test_a_finding_says_step_robot_and_cell():
    """The second of two robots drives into the hole in the third step."""
    starts = [[0, 2, "W"], [0, 0, "E"]]
    found = check_result(MAP, result(starts, ["W,W,W", "F,R,F"]))
    assert [(v.what, v.where, v.detail) for v in found] == [
        ("into a wall", "step 2, robot 1", "cell (1, 1)")
    ]


def test_following_is_legal_only_where_it_is_allowed():
    """The League lets a robot enter the cell that another leaves; grants do not."""
    moves = result([[0, 0, "E"], [0, 1, "E"]], ["F", "F"])
    assert check_result(MAP, moves) == []
    assert [v.what for v in check_result(MAP, moves, following=False)] == ["followed"]


def tasks_of_2024(events: list, schedule: list[str] | None, **more: object) -> set[str]:
    """Return what is found where two robots drive along the upper row, the second behind."""
    played = result(
        [[0, 1, "E"], [0, 0, "E"]], ["F,W,W,W", "W,F,W,W"], version="2024 LoRR",
        numTaskFinished=sum(task != 1 or count == 2 for _, _, task, count in events),
        events=events, tasks=[[0, 0, [0, 2]], [1, 0, [0, 1, 0, 2]], [2, 1, [0, 1]]],
    )  # fmt: skip
    if schedule is not None:
        played["actualSchedule"] = schedule
    return {violation.what for violation in check_result(MAP, played | more)}


@pytest.mark.parametrize(
    ("events", "schedule", "what"),
    [
        ([[1, 0, 0, 1], [2, 1, 1, 1]], ["1:0", "1:1"], None),
        ([[1, 0, 0, 1], [2, 1, 1, 1]], ["1:0", "1:-1,2:1"], None),
        ([[1, 0, 0, 1], [2, 1, 1, 1]], ["1:0,2:-1", "2:1"], None),
        ([[1, 0, 0, 1], [2, 1, 1, 1]], ["1:0", "3:1"], "task 1 was not its own"),
        ([[1, 0, 0, 1], [2, 1, 1, 1]], ["1:0", "1:1,2:-1"], "task 1 was not its own"),
        ([[1, 0, 0, 1], [2, 1, 2, 1]], ["1:0", "2:2"], None),
        ([[1, 0, 0, 1]], ["1:0", "1:-1"], None),
    ],
)
def test_an_errand_belongs_to_who_has_the_task_in_its_step(events, schedule, what):
    """The simulator notes who has which task after the move, and counts errands thereupon."""
    found = tasks_of_2024(events, schedule)
    assert (what in found) if what else (found == set())


FIRST = [1, 0, 0, 1]  # robot 0 does task 0
BEGUN = [2, 1, 1, 1]  # robot 1 does the first of task 1's two errands


@pytest.mark.parametrize(
    ("events", "schedule", "what"),
    [
        ([FIRST, BEGUN], ["1:0", "1:1,3:-1"], "task 1 given back when begun"),
        ([FIRST, BEGUN], ["1:0", "1:1,4:2"], "task 1 given back when begun"),
        ([FIRST, BEGUN], ["1:0", "1:1,3:-1,4:1"], "task 1 given back when begun"),
        ([FIRST, BEGUN], ["1:0,4:1", "1:1,3:-1"], "task 1 given back when begun"),
        ([FIRST], ["1:0", "1:2"], "task 2 held before it was shown"),
        ([FIRST], ["1:0", "1:7"], "unknown task 7"),
        ([FIRST], ["1:0", "1:-2"], "unknown task -2"),
        ([FIRST], ["1:0", "2:0"], "task 0 held when it was done"),
        ([FIRST], ["1:0,2:-1,3:0", ""], "task 0 held when it was done"),
        ([FIRST], ["1:1", "2:1"], "task 1 held by two"),
        ([FIRST], ["1:0", "2:1,4:1"], "errand 1 of task 1 not counted"),
        ([FIRST, [3, 1, 1, 1]], ["1:0", "1:1"], "errand 1 of task 1 not counted"),
        ([], ["1:0", ""], "errand 1 of task 0 not counted"),
        ([FIRST], ["1:0", "2:1,1:-1"], "schedule out of order"),
        ([FIRST], ["1:0", "1:1,1:-1"], "schedule out of order"),
        ([FIRST], ["1:0,5:-1", ""], "scheduled after the last step"),
        ([FIRST], ["0:0", ""], "scheduled before the first step"),
        ([[0, 1, 2, 1]], None, "errand of task 2 out of time"),
        ([[1, 1, 2, 1]], None, "errand of task 2 out of time"),
    ],
)
def test_schedules_are_judged(events, schedule, what):
    """Who may hold which task when, and that what was reached is counted."""
    assert what in tasks_of_2024(events, schedule)


def test_what_is_reached_in_a_lost_step_counts_later():
    """The simulator looks at tasks only when a plan has come."""
    played = {"actualPaths": ["F,T,W", "W,T,W"], "numTaskFinished": 1}
    assert tasks_of_2024([[3, 0, 0, 1]], ["3:0", ""], **played) == set()
    assert tasks_of_2024([], ["2:0", ""], **played | {"numTaskFinished": 0})


def test_no_action_of_one_robot_is_a_wait():
    """The simulator takes "not applicable" from a planner for single robots, and notes it as T."""
    played = {"actualPaths": ["F,T,W", "T,F,W"], "numTaskFinished": 1, "numEntryTimeouts": 0}
    assert tasks_of_2024([FIRST], ["1:0", ""], **played) == set()


@pytest.mark.parametrize(
    ("tasks", "what"),
    [
        ([[0, 0, [0, 2]], [0, 0, [0, 1]]], "task 0 listed twice"),
        ([[0, 0, [0, 2]], [1, 0, [1, 1]]], "errand of task 1 in a wall"),
        ([[0, 0, [0, 2]], [1, 0, [0, 0, 2, 0]]], "errand of task 1 in a wall"),
    ],
)
def test_tasks_are_judged(tasks, what):
    """Each once, each errand on a free cell of the map."""
    assert what in tasks_of_2024([FIRST], ["1:0", ""], tasks=tasks)


@pytest.mark.parametrize(
    ("events", "schedule", "what"),
    [
        ([[1, 0, 0, 1], [2, 0, 0, 2]], ["1:0"], None),
        ([[1, 0, 0, 1], [2, 0, 0, 1]], ["1:0"], "errand 1 of task 0 out of order"),
        ([[2, 0, 0, 1]], ["1:0"], "errand of task 0 elsewhere"),
        ([[1, 0, 0, 1], [2, 0, 0, 2]], ["2:0"], "task 0 was not its own"),
        ([[1, 0, 0, 1]], ["1:0"], "tasks finished"),
        ([[1, 0, 0, 3]], ["1:0"], "errand 3 of task 0 out of order"),
        ([[1, 0, 0, 0]], ["1:0"], "errand 0 of task 0 out of order"),
    ],
)
def test_errands_are_judged(events, schedule, what):
    """Errands count at their place, in order, for the robot that has the task."""
    played = result(
        [[0, 0, "E"]], ["F,F"], version="2024 LoRR", numTaskFinished=1, events=events,
        actualSchedule=schedule, tasks=[[0, 0, [0, 1, 0, 2]]],
    )  # fmt: skip
    found = {violation.what for violation in check_result(MAP, played)}
    assert (what in found) if what else (found == set())


def test_one_task_at_a_time_and_one_robot_a_task():
    """A task held by two robots at once is found."""
    played = result(
        [[0, 0, "E"], [1, 0, "N"]], ["W,W", "W,W"], version="2024 LoRR", numTaskFinished=0,
        events=[], actualSchedule=["1:0", "2:0"], tasks=[[0, 0, [0, 1, 0, 2]]],
    )  # fmt: skip
    assert [v.what for v in check_result(MAP, played)] == ["task 0 held by two"]


A, F = "assigned", "finished"
DONE = [[0, 0, A], [0, 1, F], [2, 1, A], [2, 2, F]]  # robot 0 drives to the end of its row


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (DONE, [[1, 0, A]], None),
        ([[0, 0, A], [2, 0, A], [0, 1, F], [2, 2, F]], [], None),
        ([[0, 0, A], [0, 1, F], [0, 1, A], [0, 3, F]], [], "task 0 assigned twice"),
        (DONE, [[2, 0, A]], "task 2 assigned twice"),
        ([[0, 1, A], [0, 1, F]], [], "task 0 finished before a step with it"),
        ([[0, 3, A], [0, 1, F]], [], "events out of order"),
        ([[0, 1, F], [0, 1, A]], [], "task 0 was not its own"),
        ([[0, 0, A], [3, 0, A], [0, 1, F], [3, 1, F]], [], "two errands in one step"),
        (DONE, [[9, 0, A]], "task 9 unknown"),
        (DONE, [[1, 5, A]], "task 1 out of time"),
        ([[0, 0, A], [0, 2, F]], [], "task 0 finished elsewhere"),
        ([[2, 0, A], [2, 3, F]], [], "task 2 not finished"),
        ([[0, 0, A]], [], "task 0 not finished"),
        ([[1, 0, A], [0, 0, A]], [], None),
        ([[0, 0, A], [0, 0, F]], [], "task 0 finished before a step with it"),
    ],
)
def test_tasks_of_2023_are_judged(first, second, what):
    """Each is assigned once and finished when its robot is there, in order, one a step."""
    played = result(
        [[0, 0, "E"], [1, 0, "E"]], ["F,F,W", "W,W,W"],
        numTaskFinished=str([first, second]).count(F), events=[first, second],
        tasks=[[0, 0, 1], [1, 1, 2], [2, 0, 2], [3, 0, 1]],
    )  # fmt: skip
    found = {violation.what for violation in check_result(MAP, played)}
    assert (what in found) if what else (found == set())


@pytest.mark.parametrize(
    ("events", "fits"),
    [
        ([[0, 0, A], [0, 5, F]], True),
        ([[0, 0, A], [0, 1, F]], False),
        ([[0, 0, A]], False),
    ],
)
def test_with_one_goal_each_who_stays_has_arrived(events, fits):
    """Passing it, as in the first step, finishes nothing."""
    played = result([[0, 0, "E"]], ["F,F,R,R,F"], oneShot=True, events=[events], tasks=[[0, 0, 1]])
    assert (check_result(MAP, played) == []) == fits


@pytest.mark.parametrize(
    ("counts", "where"),
    [
        ({"sumOfCost": 8, "makespan": 5}, []),
        ({"sumOfCost": 3}, ["sumOfCost"]),
        ({"sumOfCost": 10}, ["sumOfCost"]),
        ({"makespan": 4}, ["makespan"]),
        ({"makespan": 6}, ["makespan"]),
    ],
)
def test_with_one_goal_each_costs_are_judged(counts, where):
    """Of who arrives its steps until it stays, of who does not all; the makespan is all steps."""
    played = result(
        [[1, 0, "E"], [0, 0, "E"]], ["W,W,W,W,W", "W,W,F,W,W"], oneShot=True,
        events=[[[0, 0, A]], [[1, 0, A], [1, 3, F]]], tasks=[[0, 1, 2], [1, 0, 1]], **counts,
    )  # fmt: skip
    assert [violation.where for violation in check_result(MAP, played)] == where


@pytest.mark.parametrize(
    ("counts", "where"),
    [
        ({"teamSize": 2}, "teamSize"),
        ({"makespan": 4}, "makespan"),
        ({"makespan": 2}, None),  # no robot had a task in one step
        ({"numEntryTimeouts": 1}, None),
        ({"numEntryTimeouts": 0}, "numEntryTimeouts"),
        ({"numEntryTimeouts": 2}, "numEntryTimeouts"),
        ({"numPlannerErrors": 1}, None),  # not listed
        ({"numPlannerErrors": 1, "errors": [[0, -1, 2, "unallowed move"]]}, None),
        ({"numPlannerErrors": 0, "errors": [[0, -1, 2, "unallowed move"]]}, "numPlannerErrors"),
        ({"numScheduleErrors": 2, "scheduleErrors": []}, "numScheduleErrors"),
    ],
)
def test_counts_are_what_is_listed(counts, where):
    """A robot, three steps, one of them lost to a late plan."""
    found = check_result(MAP, result([[0, 0, "E"]], ["F,T,W"]) | counts)
    assert [v.where for v in found] == ([where] if where else [])


def test_a_schedule_is_of_2024_without_a_version_too():
    """The first files of that edition do not name it."""
    assert tasks_of_2024([FIRST], ["1:0", ""], version="") == set()
