"""The judge of parcels: each exactly once from order to door, as the robots' own reports say."""

from __future__ import annotations

import numpy as np

from fleet.check.lookup import ENDED, actions_of
from fleet.check.recording import Recording
from fleet.check.violations import Violations
from fleet.events import Action, ActionState, Operation, ParcelState

# From each state, where a parcel may be next.  What is not named here is an end.
NEXT: dict[ParcelState, tuple[ParcelState, ...]] = {
    ParcelState.ACCEPTED: (ParcelState.AT_STATION, ParcelState.CANCELLED),
    ParcelState.AT_STATION: (ParcelState.ON_ROBOT, ParcelState.CANCELLED),
    ParcelState.ON_ROBOT: (ParcelState.IN_CHUTE, ParcelState.REJECTED, ParcelState.MISSING),
    ParcelState.IN_CHUTE: (ParcelState.OUT, ParcelState.REJECTED),
    ParcelState.OUT: (ParcelState.DELIVERED, ParcelState.RETURNING),
    ParcelState.MISSING: (ParcelState.AT_STATION, ParcelState.CANCELLED),
    ParcelState.RETURNING: (ParcelState.AT_STATION, ParcelState.RETURNED),
}
LEGAL = np.zeros((len(ParcelState), len(ParcelState)), bool)
for _now, _then in NEXT.items():
    LEGAL[_now, list(_then)] = True
ENDS = [state for state in ParcelState if state not in NEXT]


def check_parcels(recording: Recording, violations: Violations) -> None:
    """Judge the parcel table, the parcel log, and both against the robots' reports."""
    _check_accepted(recording, violations)
    log = by_parcel(recording)
    check_ways(recording, log, violations)
    _check_robots_news(recording, log, violations)


def by_parcel(recording: Recording) -> np.ndarray:
    """Return the parcel log by parcel, then in order (dtype `recording.LOG`)."""
    return recording.log[np.argsort(recording.log["parcel"], kind="stable")]


def _name(log: np.ndarray, k: int) -> str:
    return f"tick {log['tick'][k]}, parcel {log['parcel'][k]}"


def _state(code: int) -> str:
    return ParcelState(code).name if 0 <= code < len(ParcelState) else f"state {code}"


def _check_accepted(recording: Recording, violations: Violations) -> None:
    """The journal's batches are exactly the rows of the parcel table."""
    ids, submits = recording.parcels["id"], recording.submits
    if not np.array_equal(ids, np.arange(len(ids))):
        violations.add("accepted", "parcel table", "its rows are not numbered 0, 1, 2, ...")
    expected = np.concatenate([[0], submits[:, 1]])
    if not np.array_equal(submits[:, 0], expected[:-1]) or expected[-1] != len(ids):
        violations.add(
            "accepted",
            "journal",
            f"its batches {submits.tolist()[:5]} are not the {len(ids)} parcels of the table",
        )


def check_ways(recording: Recording, log: np.ndarray, violations: Violations) -> None:
    """Each parcel is accepted once, takes legal steps, and has one end."""
    accepted = len(recording.parcels["id"])
    known = (log["parcel"] >= 0) & (log["parcel"] < accepted)
    known &= (log["state"] >= 0) & (log["state"] < len(ParcelState))
    violations.add_where(
        "parcel", ~known, lambda k: (_name(log, k), "no such parcel, or no such state")
    )
    log = log[known]
    states, parcels = log["state"], log["parcel"]
    same = np.zeros(len(log), bool)
    same[1:] = parcels[1:] == parcels[:-1]
    before = np.concatenate([states[:1], states[:-1]])
    violations.add_where(
        "parcel",
        same & ~LEGAL[before, states],
        lambda k: (_name(log, k), f"went from {_state(before[k])} to {_state(states[k])}"),
    )
    violations.add_where(
        "parcel",
        ~same & (states != ParcelState.ACCEPTED),
        lambda k: (_name(log, k), f"begins as {_state(states[k])}"),
    )
    violations.add_where(
        "parcel",
        same & (np.diff(log["tick"], prepend=0) < 0),
        lambda k: (_name(log, k), "its log goes back in time"),
    )
    ends = np.bincount(parcels[np.isin(states, ENDS)], minlength=accepted)
    violations.add_where(
        "doubled", ends > 1, lambda k: (f"parcel {k}", f"came to an end {ends[k]} times")
    )
    there = np.bincount(parcels, minlength=accepted)
    violations.add_where(
        "lost", there == 0, lambda k: (f"parcel {k}", "was accepted and never seen again")
    )
    if recording.ended:
        violations.add_where(
            "lost",
            (ends == 0) & (there > 0),
            lambda k: (f"parcel {k}", "the day ended before it came to its end"),
        )
    station = recording.parcels["station"][parcels]
    violations.add_where(
        "place",
        (states == ParcelState.AT_STATION) & (log["place"] != station),
        lambda k: (_name(log, k), f"at station {log['place'][k]} instead of {station[k]}"),
    )


def finished_actions(recording: Recording) -> np.ndarray:
    """Return tick, robot, parcel, action, cell and state of each action's end; int64[ends, 6].

    A drop that failed with the parcel still on board was given up with its order, and is no end.
    """
    reports, ticks = recording.reports, recording.report_ticks
    ended = np.isin(reports["action"], ENDED)
    reports, ticks = reports[ended], ticks[ended]
    _, first = np.unique(reports[["robot", "order"]], return_index=True)
    reports, ticks = reports[first], ticks[first]
    orders, known = actions_of(recording, reports)
    reports, ticks = reports[known], ticks[known]
    given_up = (orders["action"] == Action.DROP) & (reports["action"] == ActionState.FAILED)
    given_up &= (aboard(reports) == orders["parcel"][:, None]).any(axis=1)
    reports, ticks, orders = reports[~given_up], ticks[~given_up], orders[~given_up]
    columns = [ticks, reports["robot"], orders["parcel"], orders["action"], reports["cell"]]
    return np.column_stack([*columns, reports["action"]]).astype(np.int64)


def aboard(reports: np.ndarray) -> np.ndarray:
    """Return the parcels that reports say are on board, -1 where none; int32[reports, k]."""
    return np.column_stack([reports["load"], reports["more"] - 1])


def _check_robots_news(recording: Recording, log: np.ndarray, violations: Violations) -> None:
    """What the log says of robots is what robots reported, no more and no less."""
    before = np.concatenate([[-1], log["state"][:-1]])
    before[1:][log["parcel"][1:] != log["parcel"][:-1]] = -1
    chutes = recording.map.chutes
    states = log["state"]
    in_chute = np.isin(states, (ParcelState.IN_CHUTE, ParcelState.REJECTED))
    dropped = in_chute & (before == ParcelState.ON_ROBOT)
    place = log["place"]
    inside = (place >= 0) & (place < len(chutes))
    said = {
        "pick": _rows(log, states == ParcelState.ON_ROBOT, place),
        "drop": _rows(log, dropped, np.where(inside, chutes[np.where(inside, place, 0)], -1)),
        "missing": _rows(log, states == ParcelState.MISSING, place),
    }
    tick, robot, parcel, action, cell, state = finished_actions(recording).T
    fine = state == ActionState.FINISHED
    picks, drops = action == Action.PICK, action == Action.DROP
    did = {
        "pick": _triples(tick, parcel, robot, picks & fine),
        "drop": _triples(tick, parcel, cell, drops & fine),
        "missing": _triples(tick, parcel, robot, drops & ~fine),
    }
    # Who clears a robot says what becomes of its parcel.
    cleared = recording.requests[recording.requests["what"] == Operation.CLEAR]
    by_hand = set(cleared[["tick", "robot"]].tolist())
    for what in ("pick", "missing"):
        said[what] = {row for row in said[what] if (row[0], row[2]) not in by_hand} | (
            said[what] & did[what]
        )
    for what, expected in did.items():
        for at, who, where in sorted(said[what] - expected):
            violations.add(
                what, f"tick {at}, parcel {who}", f"logged at {where}, but no robot reported it"
            )
        for at, who, where in sorted(expected - said[what]):
            violations.add(
                what, f"tick {at}, parcel {who}", f"a robot reported it at {where}, but no log"
            )


def _rows(log: np.ndarray, chosen: np.ndarray, where: np.ndarray) -> set[tuple[int, int, int]]:
    return _triples(log["tick"], log["parcel"], where, chosen)


def _triples(
    ticks: np.ndarray, parcels: np.ndarray, where: np.ndarray, chosen: np.ndarray
) -> set[tuple[int, int, int]]:
    columns = (column[chosen].tolist() for column in (ticks, parcels, where))
    return set(zip(*columns, strict=True))
