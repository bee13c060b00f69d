"""The judge of tasks in results of 2023: each robot does those that it was assigned, in order."""

from __future__ import annotations

from typing import Any

from routing.floor.check import Violation
from routing.floor.check_paths import Track, at


def judge_assigned(result: dict[str, Any], track: Track, found: list[Violation]) -> None:
    """Judge the errands of a 2023 result."""
    goals = {number: (row, column) for number, row, column in result["tasks"]}
    finished = 0
    for robot, events in enumerate(result["events"]):
        given: list[int] = []
        for task, step, what in events:
            if what == "assigned":
                given.append(task)
                continue
            finished += 1
            if not given or task != given.pop(0):
                found.append(at(f"task {task} was not its own", step, [robot], None))
            if step > track.steps or track.at(step, robot) != goals.get(task):
                found.append(at(f"task {task} finished elsewhere", step, [robot], None))
    if finished != result.get("numTaskFinished", finished):
        detail = f"{result['numTaskFinished']} said, {finished} found"
        found.append(Violation("tasks finished", "numTaskFinished", detail))
