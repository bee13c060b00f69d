"""Where judges find a recording's rows: orderIds as numbers, and a search in a sorted column."""

from __future__ import annotations

import numpy as np

from fleet.check.recording import Recording
from fleet.events import Action, ActionState

NEVER = 2**62  # a tick after all others
ENDED = (ActionState.FINISHED, ActionState.FAILED)


def keys(robots: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return one number for each robot and number of its own, in the order of both; int64."""
    return (robots.astype(np.int64) << 32) | numbers.astype(np.int64)


def find(ordered: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where wanted values stand in an ordered array, and whether they do."""
    if not len(ordered):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    k = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return k, ordered[k] == wanted


def actions_of(recording: Recording, reports: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pick or drop of each report's order (`events.ORDER`), and which have one; bool.

    Rows are those of the reports that have one.
    """
    orders = recording.orders[np.isin(recording.orders["action"], (Action.PICK, Action.DROP))]
    orders = orders[np.unique(orders[["robot", "order"]], return_index=True)[1]]
    k, known = find(
        keys(orders["robot"], orders["order"]), keys(reports["robot"], reports["order"])
    )
    return orders[k[known]], known
