"""What there is to tell of a League result's tasks and errands."""

from __future__ import annotations

import numpy as np

from viz.facts import Line
from viz.frame import Frame, Scene
from viz.league.errands import CELL, DONE, ROBOT, STAGE, STAGES, TASK
from viz.places import at_cell
from viz.view import Selection
from viz.words import cell_text, time_text

TASKS_TOLD, ERRANDS_TOLD = 8, 3  # of a cell, of a robot


def tasks_of(frame: Frame, robot: int) -> list[Line]:
    """Return the tasks of a League result that a robot has, and how far they are."""
    lines = []
    mine = frame.errands[(frame.errands[:, ROBOT] == robot) & (frame.errands[:, TASK] >= 0)]
    for task in np.unique(mine[mine[:, STAGE] != DONE][:, TASK]).tolist():
        stages = mine[mine[:, TASK] == task][:, STAGE]
        value = f"{int((stages == DONE).sum())} of {len(stages)} errands done"
        lines.append(Line(f"task {task}", value, Selection("task", task)))
    return lines


def done_by(scene: Scene, frame: Frame, robot: int) -> list[Line]:
    """Return the errands that a robot did last, the newest first."""
    if scene.league is None:
        return []
    rows = scene.league.done_by(robot, frame.time, ERRANDS_TOLD)
    return [
        Line(time_text(scene, tick), f"errand of task {task} done", at=tick)
        for tick, task in zip(rows["done"].tolist(), rows["task"].tolist(), strict=True)
    ]


def task_story(scene: Scene, frame: Frame, number: int) -> list[Line]:
    """Return who had a task when, and of each errand where it is and when it was done by whom."""
    task = None if scene.league is None else scene.league.task(number)
    if task is None or task.shown > frame.time:
        return [Line("", "Not shown yet.")]
    lines = [Line("shown", time_text(scene, task.shown), at=task.shown)]
    for tick, robot in task.holders:
        if tick <= frame.time and robot >= 0:
            value = f"{time_text(scene, tick)}, robot {robot}"
            lines.append(Line("taken", value, at=tick))
        elif tick <= frame.time:
            lines.append(Line("given back", time_text(scene, tick), at=tick))
    left = True
    for k, errand in enumerate(task.errands, 1):
        at = at_cell(scene, int(errand["cell"]))
        lines.append(Line(f"errand {k}", cell_text(scene, int(errand["cell"])), at))
        if errand["done"] <= frame.time:
            value = f"{time_text(scene, int(errand['done']))}, robot {int(errand['by'])}"
            lines.append(Line("   done", value, at=float(errand["done"])))
        elif left:
            lines.append(Line("   next", ""))
            left = False
    return lines


def errands_at(frame: Frame, cell: int) -> list[Line]:
    """Return the tasks of a League result with an errand at a cell, what is to be done first."""
    rows = frame.errands[frame.errands[:, CELL] == cell]
    rows = rows[np.argsort(rows[:, STAGE] == DONE, kind="stable")]
    lines = []
    for _, stage, task, robot in rows[:TASKS_TOLD].tolist():
        value = STAGES[stage] + (f" by robot {robot}" if robot >= 0 else "")
        lines.append(Line(f"task {task}", value, Selection("task", task)))
    if len(rows) > TASKS_TOLD:
        lines.append(Line("further tasks", f"{len(rows) - TASKS_TOLD:,}"))
    return lines
