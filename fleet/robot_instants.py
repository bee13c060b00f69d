"""Instant actions as a robot takes them: it pauses, drops its order, says what it is."""

from __future__ import annotations

import numpy as np

from fleet.events import Action, ActionState


def take(robots: np.ndarray, ids: np.ndarray, actions: np.ndarray) -> None:
    """Do instant actions; one that is not newer than the last one done changes nothing."""
    for robot, action in zip(ids.tolist(), actions, strict=True):
        row, kind = robots[robot], action["action"]
        if action["order"] <= row["instant"]:
            continue
        row["instant"], row["instant_kind"] = action["order"], kind
        row["instant_state"] = ActionState.FINISHED
        if kind in (Action.START_PAUSE, Action.STOP_PAUSE):
            row["paused"] = kind == Action.START_PAUSE
        elif kind == Action.CANCEL_ORDER:
            row["instant_state"] = _drop_order(row)
        elif kind == Action.FACTSHEET_REQUEST:
            row["asked"] = 1


def _drop_order(row: np.void) -> ActionState:
    """Let a robot stop at its next node and do no action there; return how far that is.

    An action that has begun goes on to its end.
    """
    state = row["action_state"]
    acts = state == ActionState.RUNNING
    if row["lost"] or not (row["left"] or acts or state == ActionState.WAITING):
        return ActionState.FAILED  # it has no order to drop
    kept = min(int(row["left"]), int(row["driving"]))  # between two nodes it drives on to the next
    row["queue"][kept:] = -1
    row["left"] = kept
    if state == ActionState.WAITING:
        row["action_state"] = ActionState.FAILED
    row["cancelled"] = ActionState.RUNNING if kept or acts else ActionState.FINISHED
    return ActionState(row["cancelled"])


def end_cancels(robots: np.ndarray) -> None:
    """Robots that were to drop their order and stand now have dropped it."""
    done = (robots["cancelled"] == ActionState.RUNNING) & (robots["left"] == 0)
    done &= robots["action_state"] != ActionState.RUNNING
    robots["cancelled"][done] = ActionState.FINISHED
    told = done & (robots["instant_kind"] == Action.CANCEL_ORDER)
    robots["instant_state"][told] = ActionState.FINISHED
