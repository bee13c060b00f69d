"""The judge of tasks in results of 2023: each robot does those that it was assigned, in order."""

from __future__ import annotations

from typing import Any

from routing.floor.check import Violation
from routing.floor.check_counts import judge_costs, judge_finished
from routing.floor.check_paths import Place, Track, at


def judge_assigned(result: dict[str, Any], track: Track, found: list[Violation]) -> None:
    """Judge the tasks of a 2023 result.

    The simulator ends a step so: all have moved, then who is at the place of its first task has
    finished it, then robots are assigned tasks.
    """
    goals = _goals(result, track, found)
    owners: dict[int, int] = {}
    once = bool(result.get("oneShot"))
    for robot, events in enumerate(result["events"]):
        _judge_events(robot, events, goals, owners, once, track, found)
    if not found and once:
        ends = enumerate(result["events"])
        costs = sum(_judge_end(robot, events, goals, track, found) for robot, events in ends)
        judge_costs(result, costs, track, found)
    elif not found:
        for robot, events in enumerate(result["events"]):
            _judge_reached(robot, events, goals, track, found)
    finished = sum(what == "finished" for events in result["events"] for _, _, what in events)
    judge_finished(result, finished, found)


def _goals(result: dict[str, Any], track: Track, found: list[Violation]) -> dict[int, Place]:
    """Return the places of the tasks, noting what no task can be."""
    goals: dict[int, Place] = {}
    for number, row, column in result["tasks"]:
        if track.is_wall((row, column)):
            found.append(Violation("in a wall", f"task {number}", f"cell {(row, column)}"))
        if number in goals:
            found.append(Violation("listed twice", f"task {number}", ""))
        goals[number] = row, column
    return goals


def _judge_events(
    robot: int,
    events: list[tuple[int, int, str]],
    goals: dict[int, Place],
    owners: dict[int, int],
    once: bool,
    track: Track,
    found: list[Violation],
) -> None:
    """Judge what a robot was assigned and what it finished: the steps, the place, whose it was."""
    given: list[tuple[int, int]] = []
    before, last = 0, -1
    for task, step, what in events:
        if step < before:
            found.append(at("events out of order", step, [robot], None))
        before = step
        if task not in goals or step > track.steps:
            known = "out of time" if task in goals else "unknown"
            found.append(at(f"task {task} {known}", step, [robot], None))
        elif what == "assigned":
            if task in owners:
                whose = sorted({owners[task], robot})
                found.append(at(f"task {task} assigned twice", step, whose, None))
            owners[task] = robot
            given.append((task, step))
        elif not given or given[0][0] != task:
            found.append(at(f"task {task} was not its own", step, [robot], None))
        else:
            _, since = given.pop(0)
            # Where all is played once, who starts where it is to go has arrived.
            if step <= since and not (once and step == 0):
                found.append(at(f"task {task} finished before a step with it", step, [robot], None))
            if step == last:
                found.append(at("two errands in one step", step, [robot], None))
            if track.at(step, robot) != goals[task]:
                found.append(at(f"task {task} finished elsewhere", step, [robot], None))
            last = step


def _judge_reached(
    robot: int,
    events: list[tuple[int, int, str]],
    goals: dict[int, Place],
    track: Track,
    found: list[Violation],
) -> None:
    """Find the steps in which a robot was where its first task is without finishing it."""
    ends = {task: step for task, step, what in events if what == "finished"}
    begin = 1
    for task, step, what in events:
        if what == "finished":
            continue
        end = ends.get(task, track.steps + 1)
        missed = track.first_at(robot, goals[task], max(begin, step + 1), end)
        if missed is not None:
            found.append(at(f"task {task} not finished", missed, [robot], goals[task]))
        begin = end + 1


def _judge_end(
    robot: int,
    events: list[tuple[int, int, str]],
    goals: dict[int, Place],
    track: Track,
    found: list[Violation],
) -> int:
    """Judge a robot that has one goal only: it is done when it stays there to the end.

    Return its cost, the steps until then or all.
    """
    goal = goals[events[0][0]] if events else None
    last = track.steps
    while last >= 0 and track.at(last, robot) == goal:
        last -= 1
    since = last + 1 if last < track.steps else None
    said = next((step for _, step, what in events if what == "finished"), None)
    if said != since:
        detail = f"{said} said, {since} found".replace("None", "never")
        found.append(Violation("arrival", f"robot {robot}", detail))
    return track.steps if since is None else since
