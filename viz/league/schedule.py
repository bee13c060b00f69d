"""What a League result tells of its tasks, as columns, whatever its edition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from routing.floor.grid import Floor

NEVER = 2**31 - 1

# Of one errand: its cell, when it was shown and done, its task, and who did it, -1 nobody.
ERRAND = np.dtype([("cell", "i4"), ("shown", "i4"), ("done", "i4"), ("task", "i4"), ("by", "i4")])
STEP = np.dtype([("tick", "i4"), ("robot", "i4"), ("task", "i4")])


@dataclass(frozen=True)
class Schedule:
    """Errands as they were shown, those of one task in their order, and what robots did."""

    errands: np.ndarray  # dtype ERRAND
    taken: np.ndarray  # dtype STEP, in order: the task that a robot has from then on, -1 none
    reached: np.ndarray  # dtype STEP, in order: a robot does a task's next errand


def read_schedule(plain: dict[str, Any], floor: Floor, robots: int) -> Schedule:
    """Return the tasks of a result; nothing where it does not tell what became of them."""
    events, tasks = plain.get("events"), plain.get("tasks")
    if not events or not tasks:
        return Schedule(np.zeros(0, ERRAND), np.zeros(0, STEP), np.zeros(0, STEP))
    first: Any = next((row for row in events if row), [])
    if first and isinstance(first[0], list):
        errands, taken, reached = _read_2023(events, tasks, floor.width)
    else:
        errands = np.fromiter(_errands(tasks, floor.width), ERRAND)
        taken = np.fromiter(_taken(plain.get("actualSchedule") or []), STEP)
        reached = np.fromiter(((t, robot, task) for t, robot, task, _ in events), STEP)
    who = np.append(taken["robot"], reached["robot"])
    unknown = who[(who < 0) | (who >= robots)]
    if len(unknown):
        raise ValueError(f"robot {unknown[0]} has a task, but there are {robots} robots")
    taken, reached = _in_order(taken), _in_order(reached)
    _tell_ends(errands, reached)
    return Schedule(errands[np.argsort(errands["shown"], kind="stable")], taken, reached)


def ranks(groups: np.ndarray) -> np.ndarray:
    """Return which of its group each is, in order."""
    order = np.argsort(groups, kind="stable")
    grouped = groups[order]
    result = np.empty(len(groups), np.int64)
    result[order] = np.arange(len(groups)) - np.searchsorted(grouped, grouped)
    return result


def _errands(tasks: Any, width: int) -> Iterator[tuple[int, int, int, int, int]]:
    for task, shown, places in tasks:
        for row, column in zip(places[::2], places[1::2], strict=True):
            yield int(row) * width + int(column), int(shown), NEVER, int(task), -1


def _taken(schedule: Any) -> Iterator[tuple[int, int, int]]:
    for robot, text in enumerate(schedule):
        for word in filter(None, text.split(",")):
            tick, task = word.split(":")
            # The simulator notes it after the first move with it, but before errands count.
            yield max(0, int(tick) - 1), robot, int(task)


def _read_2023(events: Any, tasks: Any, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return errands, taken and reached; a task is one errand, shown when a robot gets it."""
    taken, reached = [], []
    shown: dict[int, int] = {}
    for robot, own in enumerate(events):
        for task, tick, what in own:
            if what == "assigned":
                shown[int(task)] = int(tick)
                taken.append((int(tick), robot, int(task)))
            elif what == "finished":
                reached.append((int(tick), robot, int(task)))
    errands = (
        (int(row) * width + int(column), shown.get(int(task), NEVER), NEVER, int(task), -1)
        for task, row, column in tasks
    )
    return np.fromiter(errands, ERRAND), np.array(taken, STEP), np.array(reached, STEP)


def _in_order(steps: np.ndarray) -> np.ndarray:
    return steps[np.lexsort((steps["robot"], steps["tick"]))]


def _tell_ends(errands: np.ndarray, reached: np.ndarray) -> None:
    """Write into errands when each was done, and by whom: a task's are done in order."""
    ids, sizes = np.unique(errands["task"], return_counts=True)
    rows = np.argsort(errands["task"], kind="stable")
    starts = np.cumsum(sizes) - sizes
    known = reached[np.isin(reached["task"], ids)]
    task, rank = np.searchsorted(ids, known["task"]), ranks(known["task"])
    real = rank < sizes[task]
    at = rows[starts[task[real]] + rank[real]]
    errands["done"][at], errands["by"][at] = known["tick"][real], known["robot"][real]
