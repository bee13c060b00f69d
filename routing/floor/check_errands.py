"""The judge of tasks in results of 2024: who held which task, and who did its errands when."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from routing.floor.check import Violation
from routing.floor.check_counts import judge_finished
from routing.floor.check_paths import Place, Track, at


@dataclass(frozen=True)
class _Task:
    """What a result says of a task."""

    shown: int
    places: list[Place]
    done: list[tuple[int, int]] = field(default_factory=list)  # of each errand, step and robot

    @property
    def end(self) -> int | None:
        """The step of its last errand."""
        return self.done[-1][0] if self.done and len(self.done) == len(self.places) else None


@dataclass(frozen=True)
class _Holding:
    """A robot has a task when errands count in the steps from `first` to before `until`."""

    first: int
    until: int
    robot: int
    task: int


Changes = list[list[tuple[int, int]]]  # by robot, step and task from then on


def judge_errands(result: dict[str, Any], track: Track, found: list[Violation]) -> None:
    """Judge the tasks of a 2024 result.

    The simulator ends a step so: all have moved, then the schedule is taken over, then errands
    count, one a robot, and at last new tasks are shown.
    """
    tasks = _tasks(result, track, found)
    schedule = _schedule(result, track.steps, found) if "actualSchedule" in result else None
    _judge_events(result, tasks, schedule, track, found)
    if schedule is not None:
        holdings = _holdings(schedule, tasks, track.steps, found)
        # What does not fit together would be told once more for each step.
        if not found:
            _judge_reached(holdings, tasks, track, found)
    finished = sum(task.end is not None for task in tasks.values())
    judge_finished(result, finished, found)


def _tasks(result: dict[str, Any], track: Track, found: list[Violation]) -> dict[int, _Task]:
    """Return the tasks by number, noting what no task can be."""
    tasks: dict[int, _Task] = {}
    for number, shown, flat in result["tasks"]:
        task = _Task(shown, list(zip(flat[::2], flat[1::2], strict=True)))
        for place in task.places:
            if track.is_wall(place):
                found.append(at(f"errand of task {number} in a wall", shown, [], place))
        if number in tasks:
            found.append(at(f"task {number} listed twice", shown, [], None))
        tasks[number] = task
    return tasks


def _schedule(result: dict[str, Any], steps: int, found: list[Violation]) -> Changes:
    """Return who got which task when, noting steps that are none."""
    schedule: Changes = []
    for robot, line in enumerate(result["actualSchedule"]):
        words = (word.split(":") for word in line.split(",") if word)
        changes = [(int(step), int(task)) for step, task in words]
        for (before, _), (step, _) in pairwise(changes):
            if step <= before:
                found.append(at("schedule out of order", step, [robot], None))
        for step, _ in changes:
            if step < 1:
                found.append(at("scheduled before the first step", step, [robot], None))
            if step > steps:
                found.append(at("scheduled after the last step", step, [robot], None))
        schedule.append(sorted(changes, key=lambda change: change[0]))
    return schedule


def _judge_events(
    result: dict[str, Any],
    tasks: dict[int, _Task],
    schedule: Changes | None,
    track: Track,
    found: list[Violation],
) -> None:
    """Judge each errand done: its step, its number, its place, its robot; note it in its task."""
    busy: dict[int, int] = {}
    last: dict[int, int] = {}
    for step, robot, number, count in sorted(result["events"], key=lambda event: event[0]):
        task = tasks.get(number)
        if task is None or not task.shown < step <= track.steps:
            found.append(at(f"errand of task {number} out of time", step, [robot], None))
            continue
        if count != len(task.done) + 1 or count > len(task.places):
            found.append(at(f"errand {count} of task {number} out of order", step, [robot], None))
            continue
        place = track.at(step, robot)
        if place != task.places[count - 1]:
            found.append(at(f"errand of task {number} elsewhere", step, [robot], place))
        if task.done and task.done[0][1] != robot:
            found.append(at(f"task {number} changed hands", step, [robot, task.done[0][1]], None))
        if busy.get(robot, number) != number:
            found.append(at(f"task {number} before {busy[robot]} was done", step, [robot], None))
        if last.get(robot) == step:
            found.append(at("two errands in one step", step, [robot], None))
        if schedule is not None and _held(schedule[robot], step) != number:
            found.append(at(f"task {number} was not its own", step, [robot], None))
        last[robot], busy[robot] = step, number
        task.done.append((step, robot))
        if count == len(task.places):
            del busy[robot]


def _held(changes: list[tuple[int, int]], step: int) -> int:
    """Return the task that a robot had when errands of a step counted, -1 none."""
    position = bisect_right(changes, step, key=lambda change: change[0])
    return changes[position - 1][1] if position else -1


def _holdings(
    schedule: Changes, tasks: dict[int, _Task], steps: int, found: list[Violation]
) -> list[_Holding]:
    """Return who held which task when, to its end at most, noting what nobody may hold."""
    holdings = []
    for robot, changes in enumerate(schedule):
        for (first, number), (until, then) in pairwise([*changes, (steps + 1, -1)]):
            if number == -1 or first > steps:
                continue
            task = tasks.get(number)
            if task is None:
                found.append(at(f"unknown task {number}", first, [robot], None))
                continue
            if first <= task.shown:
                found.append(at(f"task {number} held before it was shown", first, [robot], None))
            end = steps if task.end is None else task.end
            if first > end:
                found.append(at(f"task {number} held when it was done", first, [robot], None))
                continue
            holdings.append(_Holding(first, min(until, end + 1), robot, number))
            begun = any(step < until and by == robot for step, by in task.done)
            if begun and until <= end and then != number:
                found.append(at(f"task {number} given back when begun", until, [robot], None))
    held = defaultdict(list)
    for holding in sorted(holdings, key=lambda holding: holding.first):
        held[holding.task].append(holding)
    for number, several in held.items():
        for one, other in pairwise(several):
            if other.first < one.until and one.robot != other.robot:
                what = f"task {number} held by two"
                found.append(at(what, other.first, [one.robot, other.robot], None))
    return holdings


def _judge_reached(
    holdings: list[_Holding], tasks: dict[int, _Task], track: Track, found: list[Violation]
) -> None:
    """Find errands whose robot was there and had the task, but that did not count."""
    for holding in holdings:
        task, begin = tasks[holding.task], holding.first
        for number, place in enumerate(task.places):
            done = task.done[number][0] if number < len(task.done) else holding.until
            end = min(done, holding.until)
            if end > begin:
                missed = track.first_at(holding.robot, place, begin, end)
                if missed is not None:
                    what = f"errand {number + 1} of task {holding.task} not counted"
                    found.append(at(what, missed, [holding.robot], place))
                    break
            if done >= holding.until:
                break
            begin = max(begin, done + 1)
