"""What happens to the tasks of a League result, as rows for the list of events."""

from __future__ import annotations

import numpy as np

from viz.alarms import ALARM, ALARM_ASSIGNED, ALARM_ERRAND, ALARM_FINISHED, ALARM_GIVEN_BACK
from viz.league.errands import Errands
from viz.league.schedule import NEVER


def task_events(errands: Errands) -> np.ndarray:
    """Return rows of ALARM: errands reached, tasks finished, given back and assigned.

    A task's last errand is told as its end, and not once more as an errand.
    """
    table, holdings = errands.table, errands.holdings
    ids, at = np.unique(np.append(table["task"], holdings["task"]), return_inverse=True)
    of_row, of_holding = at[: len(table)], at[len(table) :]  # task numbers may be large
    end = np.full(len(ids), -1, np.int64)  # of each task; NEVER where it was not finished
    np.maximum.at(end, of_row, table["done"])
    end[end < 0] = NEVER
    last = _last_errands(table)
    reached = (table["done"] < NEVER) & ~last
    finished = last & (end[of_row] < NEVER)
    # Whoever has done its last errand gives it back, which is nothing to tell.
    back = (holdings["robot"] < 0) & (holdings["tick"] < end[of_holding])
    assigned = holdings["robot"] >= 0
    return np.concatenate(
        [  # of one tick, in this order
            _rows(ALARM_ERRAND, table[reached], "done", table["by"][reached]),
            _rows(ALARM_FINISHED, table[finished], "done", table["by"][finished]),
            _rows(ALARM_GIVEN_BACK, holdings[back], "tick", _before(holdings)[back]),
            _rows(ALARM_ASSIGNED, holdings[assigned], "tick", holdings["robot"][assigned]),
        ]
    )


def _last_errands(table: np.ndarray) -> np.ndarray:
    """Return which rows are a task's last errand; its rows stand in order."""
    _, behind = np.unique(table["task"][::-1], return_index=True)
    last = np.zeros(len(table), bool)
    last[len(table) - 1 - behind] = True
    return last


def _before(holdings: np.ndarray) -> np.ndarray:
    """Return of each row who had the task until then, -1 nobody."""
    order = np.argsort(holdings["task"], kind="stable")
    task, robot = holdings["task"][order], holdings["robot"][order]
    result = np.full(len(holdings), -1, np.int32)
    same = task[1:] == task[:-1]
    result[order[1:][same]] = robot[:-1][same]
    return result


def _rows(kind: int, rows: np.ndarray, tick: str, robots: np.ndarray) -> np.ndarray:
    result = np.full(len(rows), -1, ALARM)
    result["tick"], result["kind"] = rows[tick], kind
    result["robot"], result["detail"] = robots, rows["task"]
    return result
