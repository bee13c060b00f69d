"""Anchors in a recording: orders of one node that tell where a robot stands that lost its order.

A refused anchor changed nothing and is left out; one that was taken ends the way before it at its
own cell, for the robot gave up what it had not driven of its base.
"""

from __future__ import annotations

import numpy as np

from fleet.events import Action


def is_anchor(orders: np.ndarray) -> np.ndarray:
    """Return which orders (dtype `events.ORDER`) have one node and no action; bool."""
    return np.asarray(
        (orders["update"] == 0)
        & (orders["action"] == Action.NONE)
        & (orders["cells"] < 0).all(axis=1)
    )


def settle(
    ticks: np.ndarray, orders: np.ndarray, reports: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ticks, orders, and each order's number as if no anchor had been refused.

    Parameters
    ----------
    ticks, orders
        Without repeats, by robot, then in order of sending.
    reports
        All of the recording (dtype `events.REPORT`): an anchor that none reflects was refused.
    """
    numbers = orders["order"].astype(np.int64)
    anchors = np.flatnonzero(is_anchor(orders))
    if not len(anchors):
        return ticks, orders, numbers
    orders = orders.copy()
    kept = np.ones(len(orders), bool)
    for k in anchors.tolist():
        robot, number = orders["robot"][k], orders["order"][k]
        if ((reports["robot"] == robot) & (reports["order"] == number)).any():
            _give_up(orders, kept, k)
        else:
            kept[k] = False
            numbers[(orders["robot"] == robot) & (orders["order"] > number)] -= 1
    return ticks[kept], orders[kept], numbers[kept]


def _give_up(orders: np.ndarray, kept: np.ndarray, anchor: int) -> None:
    """Take what was released beyond an anchor's cell out of the orders before it."""
    cell, k = orders["start"][anchor], anchor - 1
    while k >= 0 and orders["robot"][k] == orders["robot"][anchor]:
        row = orders[k]
        for j in np.flatnonzero(row["cells"] >= 0)[::-1].tolist():
            if row["cells"][j] == cell:
                return
            row["cells"][j] = -1
            row["action"] = Action.NONE
        if row["update"] == 0 and row["start"] == cell:
            return
        kept[k] = kept[k] and row["update"] == 0
        k -= 1
