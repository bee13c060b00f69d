"""The judge of loads: what is on board of each robot, as its own reports say."""

from __future__ import annotations

import numpy as np

from fleet.check.lookup import ENDED, NEVER, actions_of, keys
from fleet.check.parcels import aboard, by_parcel, finished_actions
from fleet.check.recording import Recording
from fleet.check.violations import Violations
from fleet.events import Action, ActionState, ParcelState


def check_loads(recording: Recording, violations: Violations) -> None:
    """Never more on a robot than there is room for; each parcel on one, and dropped by that one."""
    reports, ticks = recording.reports, recording.report_ticks
    boards = aboard(reports)
    _check_room(recording, boards, violations)
    _check_actions(recording, boards, violations)
    order = np.lexsort((ticks, reports["robot"]))
    _check_one_robot_each(reports["robot"][order], ticks[order], boards[order], violations)
    _check_carriers(recording, violations)


def _check_room(recording: Recording, boards: np.ndarray, violations: Violations) -> None:
    """No report names more parcels than a robot carries, nor one of them twice."""
    robots, ticks = recording.reports["robot"], recording.report_ticks
    most = recording.robot_parcels
    number = (boards >= 0).sum(axis=1)
    violations.add_where(
        "room",
        number > most,
        lambda k: (
            f"tick {ticks[k]}, robot {robots[k]}",
            f"{number[k]} parcels on board, where there is room for {most}",
        ),
    )
    ordered = np.sort(boards, axis=1)
    twice = ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(axis=1)
    violations.add_where(
        "doubled",
        twice,
        lambda k: (f"tick {ticks[k]}, robot {robots[k]}", f"one parcel twice: {boards[k]}"),
    )


def _check_actions(recording: Recording, boards: np.ndarray, violations: Violations) -> None:
    """What was picked is on board when its robot says that it has; what was dropped is not."""
    reports, ticks = recording.reports, recording.report_ticks
    rows = np.flatnonzero(np.isin(reports["action"], ENDED))
    acts, known = actions_of(recording, reports[rows])
    rows = rows[known]
    there = (boards[rows] == acts["parcel"][:, None]).any(axis=1)
    finished = reports["action"][rows] == ActionState.FINISHED
    picked = (acts["action"] == Action.PICK) & finished
    given_up = (acts["action"] == Action.DROP) & ~finished & there  # with its order
    violations.add_where(
        "load",
        (there != picked) & ~given_up,
        lambda j: (
            f"tick {ticks[rows[j]]}, robot {reports['robot'][rows[j]]}",
            f"after the {Action(acts['action'][j]).name} of parcel {acts['parcel'][j]} it has "
            f"{boards[rows[j]][boards[rows[j]] >= 0]} on board",
        ),
    )


def _check_one_robot_each(
    robots: np.ndarray, ticks: np.ndarray, boards: np.ndarray, violations: Violations
) -> None:
    """No parcel is on two robots at once: the times on board of each do not overlap.

    Parameters
    ----------
    robots, ticks, boards
        Of the reports, by robot, then in order of time.
    """
    change = np.ones(len(robots), bool)
    change[1:] = (robots[1:] != robots[:-1]) | (boards[1:] != boards[:-1]).any(axis=1)
    robots, ticks, boards = robots[change], ticks[change], boards[change]
    until = np.full(len(ticks), NEVER)
    follows = robots[1:] == robots[:-1]
    until[:-1][follows] = ticks[1:][follows]
    row, column = np.nonzero(boards >= 0)
    robots, ticks, until, parcels = robots[row], ticks[row], until[row], boards[row, column]
    order = np.lexsort((ticks, parcels))
    a, b = order[:-1], order[1:]
    violations.add_where(
        "doubled",
        (parcels[a] == parcels[b]) & (robots[a] != robots[b]) & (ticks[b] < until[a]),
        lambda k: (
            f"tick {ticks[b[k]]}, parcel {parcels[b[k]]}",
            f"on robot {robots[b[k]]} while on robot {robots[a[k]]}",
        ),
    )


def _check_carriers(recording: Recording, violations: Violations) -> None:
    """The robot that drops a parcel is the one that the log says carries it."""
    log = by_parcel(recording)
    log = log[log["state"] == ParcelState.ON_ROBOT]
    tick, robot, parcel, action, _, _ = finished_actions(recording).T
    drops = action == Action.DROP
    tick, robot, parcel = tick[drops], robot[drops], parcel[drops]
    k = np.searchsorted(keys(log["parcel"], log["tick"]), keys(parcel, tick)) - 1
    known = (k >= 0) & (len(log) > 0)
    carrier = np.full(len(k), -1, np.int64)
    if len(log):
        known &= log["parcel"][k] == parcel
        carrier[known] = log["place"][k[known]]
    violations.add_where(
        "load",
        carrier != robot,
        lambda j: (
            f"tick {tick[j]}, parcel {parcel[j]}",
            f"dropped by robot {robot[j]}, but carried by "
            + (f"robot {carrier[j]}" if carrier[j] >= 0 else "none"),
        ),
    )
