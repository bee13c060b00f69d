"""The errands of a League result: where they are, when they were shown, taken and done."""

from __future__ import annotations

import numpy as np

from routing.floor.grid import Floor

NEVER = 2**31 - 1
OPEN, TAKEN, DONE = range(3)
STAGES = ("open", "taken", "done")

ERRAND = np.dtype(
    [("cell", "i4"), ("shown", "i4"), ("taken", "i4"), ("done", "i4"), ("task", "i4")]
)


def errand_table(plain: dict, floor: Floor) -> np.ndarray:
    """Return all errands that a result tells of (dtype ERRAND), ticks `NEVER` where it was not."""
    events, tasks = plain.get("events"), plain.get("tasks")
    if not events or not tasks:
        return np.zeros(0, ERRAND)
    if isinstance(events[0], list) and events[0] and isinstance(events[0][0], list):
        when = {(int(t), what): int(tick) for own in events for t, tick, what in own}
        rows = []
        for task, row, column in tasks:
            taken = when.get((int(task), "assigned"), NEVER)
            done = when.get((int(task), "finished"), NEVER)
            rows.append((int(row) * floor.width + int(column), taken, taken, done, int(task)))
        return np.array(rows, ERRAND)
    taken_at: dict[int, int] = {}
    for text in plain.get("actualSchedule") or []:
        for word in filter(None, text.split(",")):
            tick, task = (int(part) for part in word.split(":"))
            taken_at[task] = min(tick, taken_at.get(task, NEVER))
    done_at: dict[int, list[int]] = {}
    for tick, _, task, _ in sorted(events):
        done_at.setdefault(int(task), []).append(int(tick))
    rows = []
    for task, shown, places in tasks:
        ends = done_at.get(int(task), [])
        for k, (row, column) in enumerate(zip(places[::2], places[1::2], strict=True)):
            ticks = int(shown), taken_at.get(int(task), NEVER), (ends[k : k + 1] or [NEVER])[0]
            rows.append((int(row) * floor.width + int(column), *ticks, int(task)))
    return np.array(rows, ERRAND)


def errands_at(table: np.ndarray, tick: float) -> np.ndarray:
    """Return cell, stage (OPEN, TAKEN, DONE) and task of errands shown by then; int32[n, 3]."""
    rows = table[table["shown"] <= tick]
    stage = np.where(rows["taken"] <= tick, TAKEN, OPEN)
    stage = np.where(rows["done"] <= tick, DONE, stage)
    return np.column_stack([rows["cell"], stage, rows["task"]]).astype(np.int32)
