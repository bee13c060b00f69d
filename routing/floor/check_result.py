"""The judge of League results: replays them by the rules, from the files alone.

It shares no code with what plays: it reads the map's letters, the actions and the events itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from routing.floor.check import Violation

Place = tuple[int, int]
CLOCKWISE = "ESWN"
WALLS = "@TOW"


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
    track = _replay(map_text.splitlines()[4:], result, following, found, at_most)
    if found:
        return found[:at_most]
    if judges_errands(result):
        if edition(result) == 2024:
            _judge_errands(result, track, found)
        else:
            _judge_single_errands(result, track, found)
    return found[:at_most]


def edition(result: dict[str, Any]) -> int:
    """Return the edition of the League that a result is of: 2023 says none."""
    return 2024 if str(result.get("version", "")).startswith("2024") else 2023


def judges_errands(result: dict[str, Any]) -> bool:
    """Whether a result says enough to judge errands too."""
    return "events" in result and "tasks" in result


@dataclass
class _Track:
    """Where robots were: by step and robot, in a map with a border of walls round it."""

    cells: np.ndarray
    width: int

    @property
    def steps(self) -> int:
        return len(self.cells) - 1

    def place(self, cell: int) -> Place:
        """Return row and column of a cell."""
        return cell // self.width - 1, cell % self.width - 1

    def at(self, step: int, robot: int) -> Place:
        """Return where a robot was."""
        return self.place(int(self.cells[step, robot]))


def _replay(
    rows: list[str],
    result: dict[str, Any],
    following: bool,
    found: list[Violation],
    at_most: int,
) -> _Track:
    """Return where robots were, noting illegal moves.

    All robots of a step at once, in small numbers: ten thousand over thousands of steps fit.
    """
    width = 2 + max(map(len, rows), default=0)
    walls = np.ones((len(rows) + 2) * width, bool)
    for number, row in enumerate(rows, start=1):
        begin = number * width + 1
        walls[begin : begin + len(row)] = [letter in WALLS for letter in row]
    robots = np.arange(len(result["start"]))
    actions = _actions(result["actualPaths"], len(robots), found)
    track = _Track(np.zeros((len(actions) + 1, len(robots)), np.int32), width)
    for robot, (row, column, _) in enumerate(result["start"]):
        inside = 0 <= row < len(rows) and 0 <= column < width - 2
        cell = (row + 1) * width + column + 1 if inside else 0
        if walls[cell]:
            found.append(_at("starts in a wall", 0, [robot], (row, column)))
        track.cells[0, robot] = cell
    if found:
        return track
    heads = np.array([CLOCKWISE.index(head) for _, _, head in result["start"]], np.int8)
    ahead = np.array([1, width, -1, -width])
    turn = np.zeros(256, np.int8)
    turn[[ord("R"), ord("C")]] = 1, 3
    known = np.isin(np.arange(256), [ord(letter) for letter in "FRCWT"])
    stood = np.full(len(walls), -1)
    taken = np.full(len(walls), -1)

    def report(
        what: str, step: int, which: np.ndarray, cells: np.ndarray, others: Any = None
    ) -> None:
        for robot in np.flatnonzero(which).tolist():
            named = [robot] if others is None else sorted([robot, int(others[robot])])
            found.append(_at(what, step, named, track.place(int(cells[robot]))))

    cells = track.cells[0]
    taken[cells] = robots
    report("two in one cell", 0, taken[cells] != robots, cells, taken[cells])
    for step, action in enumerate(actions):
        new = np.where(action == ord("F"), cells + ahead[heads], cells)
        report("into a wall", step, walls[new], new)
        new = np.where(walls[new], cells, new)
        heads = (heads + turn[action]) % 4
        for robot in np.flatnonzero(~known[action]).tolist():
            word = result["actualPaths"][robot].split(",")[step]
            found.append(_at(f"unknown action {word!r}", step, [robot], track.at(step, robot)))
        taken[new] = robots
        report("two in one cell", step, taken[new] != robots, new, taken[new])
        stood[cells] = robots
        other = stood[new]
        stood[cells] = -1
        met = (other >= 0) & (other != robots)
        swapped = met & (new[other] == cells)
        report("swapped", step, swapped & (robots < other), new, other)
        if not following:
            report("followed", step, met & ~swapped, new, other)
        if len(found) >= at_most:
            break
        cells = track.cells[step + 1] = new
    return track


def _actions(paths: list[str], robots: int, found: list[Violation]) -> np.ndarray:
    """Return letters by step and robot (uint8; 0 for what is no letter)."""
    read = []
    for path in paths:
        raw = np.frombuffer(path.encode("ascii", "replace"), np.uint8)
        if len(raw) % 2 and (raw[1::2] == ord(",")).all() and (raw[::2] != ord(",")).all():
            read.append(raw[::2].copy())
        else:
            words = path.split(",") if path else []
            read.append(np.array([ord(w) if len(w) == 1 and w < "\x7f" else 0 for w in words]))
    if len({len(letters) for letters in read}) > 1 or len(read) != robots:
        found.append(Violation("ragged paths", "actualPaths", "one action a robot and step"))
        return np.zeros((0, robots), np.uint8)
    return np.ascontiguousarray(np.array(read, np.uint8).reshape(robots, -1).T)


def _judge_errands(result: dict[str, Any], track: _Track, found: list[Violation]) -> None:
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
            found.append(_at(f"errand of task {task} out of time", step, [robot], None))
            continue
        if count != done[task] + 1 or count > len(goals[task]):
            found.append(_at(f"errand {count} of task {task} out of order", step, [robot], None))
            continue
        place = track.at(step, robot)
        if place != goals[task][count - 1]:
            found.append(_at(f"errand of task {task} elsewhere", step, [robot], place))
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


def _holders(result: dict[str, Any], steps: int, found: list[Violation]) -> Any:
    """Return a function that says whether a robot held a task when a step was played; note tasks
    held by two at once."""
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
                found.append(_at(f"task {task} held by two", step, [robot, other], None))
    return lambda robot, task, step: any(
        begin < step <= until for begin, until in spans[robot, task]
    )


def _judge_single_errands(result: dict[str, Any], track: _Track, found: list[Violation]) -> None:
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
            if step > track.steps or track.at(step, robot) != goals.get(task):
                found.append(_at(f"task {task} finished elsewhere", step, [robot], None))
    if finished != result.get("numTaskFinished", finished):
        detail = f"{result['numTaskFinished']} said, {finished} found"
        found.append(Violation("tasks finished", "numTaskFinished", detail))


def _at(what: str, step: int, robots: list[int], place: Place | None) -> Violation:
    named = ", ".join(f"robot {robot}" for robot in robots)
    return Violation(what, f"step {step}, {named}", f"cell {place}" if place else "")
