"""The judge of League results: replays them by the rules, from the files alone.

It shares no code with what plays: it reads the map's letters, the actions and the events itself.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

from routing.floor.check import Violation

Place = tuple[int, int]
AHEAD = {"E": (0, 1), "S": (1, 0), "W": (0, -1), "N": (-1, 0)}
CLOCKWISE = "ESWN"


def check_result(
    map_text: str,
    result: dict[str, Any],
    *,
    following: bool = True,
    at_most: int = 100,
) -> list[Violation]:
    """Return what breaks the League's rules in a result, at most `at_most` findings.

    Moves are judged from `actualPaths` alone; where the result lists `events` and `tasks`, errands
    are judged too: each at its place, in order, one robot a task, one task a robot at a time.
    """
    found: list[Violation] = []
    walls = [[letter in "@T" for letter in row] for row in map_text.splitlines()[4:]]
    where = _replay(walls, result, following, found, at_most)
    if found:
        return found[:at_most]
    if "events" in result and "tasks" in result:
        if result.get("version", "").startswith("2024"):
            _judge_errands(result, where, found)
        elif result["events"] and isinstance(result["events"][0], list):
            _judge_single_errands(result, where, found)
    return found[:at_most]


def _replay(
    walls: list[list[bool]],
    result: dict[str, Any],
    following: bool,
    found: list[Violation],
    at_most: int,
) -> list[list[Place]]:
    """Return the places by step and robot, noting illegal moves."""
    places: list[Place] = [(row, column) for row, column, _ in result["start"]]
    heads = [heading for _, _, heading in result["start"]]
    paths = [path.split(",") if path else [] for path in result["actualPaths"]]
    if len({len(path) for path in paths}) > 1 or len(paths) != len(places):
        found.append(Violation("ragged paths", "actualPaths", "one action a robot and step"))
        return []
    where = [places]
    for step in range(len(paths[0]) if paths else 0):
        new = list(places)
        for robot, path in enumerate(paths):
            action = path[step]
            if action == "F":
                down, right = AHEAD[heads[robot]]
                row, column = places[robot][0] + down, places[robot][1] + right
                inside = 0 <= row < len(walls) and 0 <= column < len(walls[row])
                if not inside or walls[row][column]:
                    found.append(_at("into a wall", step, [robot], (row, column)))
                else:
                    new[robot] = (row, column)
            elif action in "RC":
                turn = 1 if action == "R" else 3
                heads[robot] = CLOCKWISE[(CLOCKWISE.index(heads[robot]) + turn) % 4]
            elif action not in "WT":
                found.append(_at(f"unknown action {action!r}", step, [robot], places[robot]))
        stood = {place: robot for robot, place in enumerate(places)}
        taken: dict[Place, int] = {}
        for robot, place in enumerate(new):
            if place in taken:
                found.append(_at("two in one cell", step, [taken[place], robot], place))
            taken[place] = robot
            other = stood.get(place, robot)
            if other != robot:
                if new[other] == places[robot]:
                    if robot < other:
                        found.append(_at("swapped", step, [robot, other], place))
                elif not following:
                    found.append(_at("followed", step, [robot, other], place))
        if len(found) >= at_most:
            return where
        places = new
        where.append(places)
    return where


def _judge_errands(
    result: dict[str, Any], where: list[list[Place]], found: list[Violation]
) -> None:
    """Judge the errands of a 2024 result."""
    goals = {}
    shown = {}
    for number, step, flat in result["tasks"]:
        goals[number] = list(zip(flat[::2], flat[1::2], strict=True))
        shown[number] = step
    holders = _holders(result, found) if "actualSchedule" in result else None
    done: dict[int, int] = defaultdict(int)
    began: dict[int, int] = {}
    busy: dict[int, int] = {}
    finished = 0
    last: dict[int, int] = {}
    for step, robot, task, count in sorted(result["events"], key=lambda event: event[0]):
        if task not in goals or step >= len(where) or step < shown[task]:
            found.append(_at(f"errand of task {task} out of time", step, [robot], None))
            continue
        if count != done[task] + 1 or count > len(goals[task]):
            found.append(_at(f"errand {count} of task {task} out of order", step, [robot], None))
        if where[step][robot] != goals[task][count - 1]:
            found.append(_at(f"errand of task {task} elsewhere", step, [robot], where[step][robot]))
        if began.setdefault(task, robot) != robot:
            found.append(_at(f"task {task} changed hands", step, [robot, began[task]], None))
        if busy.get(robot, task) != task:
            found.append(_at(f"task {task} before {busy[robot]} was done", step, [robot], None))
        if last.get(robot) == step:
            found.append(_at("two errands in one step", step, [robot], None))
        if holders is not None and not holders(robot, task, step):
            found.append(_at(f"task {task} was not its own", step, [robot], None))
        last[robot] = step
        busy[robot] = task
        done[task] = count
        if count == len(goals[task]):
            finished += 1
            del busy[robot]
    if finished != result.get("numTaskFinished", finished):
        detail = f"{result['numTaskFinished']} said, {finished} found"
        found.append(Violation("tasks finished", "numTaskFinished", detail))


def _holders(result: dict[str, Any], found: list[Violation]) -> Any:
    """Return a function that says whether a robot held a task when a step was played; note tasks
    held by two at once."""
    spans: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    by_task: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    end = 1 + max((len(path.split(",")) for path in result["actualPaths"]), default=0)
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
                found.append(_at(f"task {task} held by two", step, [robot, other], None))
    return lambda robot, task, step: any(
        begin < step <= until for begin, until in spans[robot, task]
    )


def _judge_single_errands(
    result: dict[str, Any], where: list[list[Place]], found: list[Violation]
) -> None:
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
                found.append(_at(f"task {task} was not its own", step, [robot], None))
            if step >= len(where) or where[step][robot] != goals.get(task):
                found.append(_at(f"task {task} finished elsewhere", step, [robot], None))
    if finished != result.get("numTaskFinished", finished):
        detail = f"{result['numTaskFinished']} said, {finished} found"
        found.append(Violation("tasks finished", "numTaskFinished", detail))


def _at(what: str, step: int, robots: list[int], place: Place | None) -> Violation:
    named = ", ".join(f"robot {robot}" for robot in robots)
    return Violation(what, f"step {step}, {named}", f"cell {place}" if place else "")
