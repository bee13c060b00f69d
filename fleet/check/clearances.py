"""Clearances in a recording: where operators said that robots are, as judges see it.

Each becomes a row among the orders and one among the reports, so that a robot's way leads on from
where it was set down: the order releases that cell, the report says that it is there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fleet.check.lookup import NEVER
from fleet.check.recording import Recording
from fleet.events import ORDER, REPORT, ActionState, Operation

PLACED = 255  # stands for the action of such an order


def is_placed(orders: np.ndarray) -> np.ndarray:
    """Return which orders (dtype `events.ORDER`) are clearances; bool."""
    return np.asarray(orders["action"] == PLACED)


def given_cells(orders: np.ndarray) -> np.ndarray:
    """Return which of their cells orders release; bool[orders, cells]."""
    given = np.asarray(orders["cells"] >= 0)
    given[is_placed(orders), 0] = True  # off the floor is a place, too
    return given


def with_clearances(recording: Recording) -> Recording:
    """Return a recording in which clearances stand among orders and reports.

    What a robot says while it is off the floor, or of an order from before it was set down, does
    not count and is left out.
    """
    cleared = recording.requests[recording.requests["what"] == Operation.CLEAR]
    if not len(cleared):
        return recording
    orders, order_ticks = recording.orders, recording.order_ticks
    reports, report_ticks = recording.reports, recording.report_ticks
    for k, row in enumerate(cleared):
        tick, robot = int(row["tick"]), int(row["robot"])
        later = cleared[k + 1 :]
        later = later[later["robot"] == robot]
        until = int(later["tick"][0]) if len(later) else NEVER
        number = _number(orders, order_ticks, robot, tick, until)
        at = np.searchsorted(order_ticks, tick, "left")
        # Of several in one tick each follows the one before.
        while at < len(orders) and order_ticks[at] == tick and is_placed(orders[at : at + 1])[0]:
            at += 1
        orders = np.insert(orders, at, _order(robot, number, int(row["cell"])))
        order_ticks = np.insert(order_ticks, at, tick)
        unheard = (reports["robot"] == robot) & (report_ticks > tick) & (report_ticks <= until)
        if row["cell"] >= 0:
            unheard &= (reports["order"] >= 0) & (reports["order"] < number)
        reports, report_ticks = reports[~unheard], report_ticks[~unheard]
        at = np.searchsorted(report_ticks, tick, "right")
        reports = np.insert(reports, at, _report(robot, number, int(row["cell"])))
        report_ticks = np.insert(report_ticks, at, tick)
    return replace(
        recording,
        orders=orders,
        order_ticks=order_ticks,
        reports=reports,
        report_ticks=report_ticks,
    )


def _number(orders: np.ndarray, ticks: np.ndarray, robot: int, tick: int, until: int) -> int:
    """Return the order number that a clearance used up."""
    mine = orders["robot"] == robot
    placed = is_placed(orders)
    after = orders["order"][mine & (ticks >= tick) & (ticks < until) & ~placed]
    if len(after):
        return int(after.min()) - 1
    before = orders["order"][mine & ((ticks < tick) | placed)]
    return int(before.max(initial=-1)) + 1


def _order(robot: int, number: int, cell: int) -> np.ndarray:
    row = np.zeros(1, ORDER)
    row["robot"], row["order"], row["start"], row["action"] = robot, number, cell, PLACED
    row["epoch"] = row["cells"] = row["parcel"] = -1
    row["cells"][:, 0] = cell
    return row


def _report(robot: int, number: int, cell: int) -> np.ndarray:
    row = np.zeros(1, REPORT)
    row["robot"], row["order"], row["cell"] = robot, number, cell
    row["sequence"], row["action"], row["load"], row["epoch"] = 2, ActionState.FINISHED, -1, -1
    return row
