"""The judge of tasks in results of 2024: who held which task, and who did its errands when."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

from routing.floor.check import Violation
from routing.floor.check_paths import Track, at


def judge_errands(result: dict[str, Any], track: Track, found: list[Violation]) -> None:
    """Judge the errands of a 2024 result."""
    goals = {}
    shown = {}
    for number, step, flat in result["tasks"]:
        goals[number] = list(zip(flat[::2], flat[1::2], strict=True))
        shown[number] = step
    holders = _holders(result, track.steps, found) if "actualSchedule" in result else None
    done: dict[int, int] = defaultdict(int)
    began: dict[int, int] = {}
    busy: dict[int, int] = {}
    finished = 0
    last: dict[int, int] = {}
    for step, robot, task, count in sorted(result["events"], key=lambda event: event[0]):
        if task not in goals or step > track.steps or step < shown[task]:
            found.append(at(f"errand of task {task} out of time", step, [robot], None))
            continue
        if count != done[task] + 1 or count > len(goals[task]):
            found.append(at(f"errand {count} of task {task} out of order", step, [robot], None))
            continue
        place = track.at(step, robot)
        if place != goals[task][count - 1]:
            found.append(at(f"errand of task {task} elsewhere", step, [robot], place))
        if began.setdefault(task, robot) != robot:
            found.append(at(f"task {task} changed hands", step, [robot, began[task]], None))
        if busy.get(robot, task) != task:
            found.append(at(f"task {task} before {busy[robot]} was done", step, [robot], None))
        if last.get(robot) == step:
            found.append(at("two errands in one step", step, [robot], None))
        if holders is not None and not holders(robot, task, step):
            found.append(at(f"task {task} was not its own", step, [robot], None))
        last[robot] = step
        busy[robot] = task
        done[task] = count
        if count == len(goals[task]):
            finished += 1
            del busy[robot]
    if finished != result.get("numTaskFinished", finished):
        detail = f"{result['numTaskFinished']} said, {finished} found"
        found.append(Violation("tasks finished", "numTaskFinished", detail))


def _holders(result: dict[str, Any], steps: int, found: list[Violation]) -> Any:
    """Return a function that says whether a robot had a task when errands of a step counted;
    note tasks held by two at once."""
    spans: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    by_task: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    end = 1 + steps
    for robot, line in enumerate(result["actualSchedule"]):
        changes = [tuple(map(int, word.split(":"))) for word in line.split(",") if word]
        for position, (step, task) in enumerate(changes):
            until = changes[position + 1][0] if position + 1 < len(changes) else end
            if task >= 0 and until > step:
                spans[robot, task].append((step, until))
                by_task[task].append((step, until, robot))
    for task, held in by_task.items():
        held.sort()
        for (_, until, robot), (step, _, other) in pairwise(held):
            if step < until and robot != other:
                found.append(at(f"task {task} held by two", step, [robot, other], None))
    return lambda robot, task, step: any(
        begin <= step < until for begin, until in spans[robot, task]
    )
