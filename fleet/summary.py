"""The key figures of a run, from its store alone.

``parcels.sorted`` counts parcels that reached their tour's chute; ``late`` those delivered after
their window; ``lost`` those that never came to an end of their way (of a day that has ended);
``doubled`` those that came to one twice.  ``floor.parcels_per_hour`` counts every drop, into the
reject chute too, from the first task given to the last drop.

The next two look only at the ticks in which parcels wait on the floor: some parcel is at its
station, its tour has a chute, and no robot has been given it.  ``share`` is how robots
spend these ticks (``waiting``: has a task and could not move or turn; loading and dropping count
as loaded; ``charging``: on a charger); ``jobs_per_robot_day`` is the drops in these ticks per robot
and 24 hours of them.

``city.distance`` is in the units of the parcel file, each leg rounded to the nearest whole;
``gap_percent`` compares it with the scenario's best known cost, and is null unless every accepted
parcel is in exactly one tour.  Lead time runs from a parcel's arrival at its station to its door;
``sort_time_seconds`` only to its drop, the last one where it came back.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from fleet.check.parcels import ENDS
from fleet.check.recording import Recording
from fleet.check.robots import collisions
from fleet.events import ParcelState, RobotStatus
from fleet.store import Store

LOADED = (RobotStatus.LOADED, RobotStatus.LOADING, RobotStatus.DROPPING)
SIGNIFICANT = 6  # digits of a figure


def summarize(store: Store, run: Recording) -> dict[str, Any]:
    """Return the key figures of a store's run; the keys are those of `fleet report --json`."""
    hours = run.tick_seconds / 3600
    drops = run.log[_dropped(run)]
    robots = run.cells.shape[1]
    task_ticks = np.array(
        store.db.execute("SELECT tick, parcel FROM task_log ORDER BY seq").fetchall(), np.int64
    ).reshape(-1, 2)
    first_task = int(task_ticks[0, 0]) if len(task_ticks) else 0
    floor_hours = (int(drops["tick"].max()) - first_task) * hours if len(drops) else 0.0
    waits = waiting_ticks(run, task_ticks)
    busy = waits[run.ticks]
    jobs = int(waits[drops["tick"]].sum())
    robot_hours = int(busy.sum()) * robots * hours
    delivered = run.log[run.log["state"] == ParcelState.DELIVERED]
    used = [tour for tour in run.tours if tour.depart_tick is not None]
    distance = sum(tour.distance for tour in used)
    return {
        "ended": run.ended,
        "refused": json.loads(store.meta("refused", "{}")),
        "parcels": parcel_figures(run),
        "collisions": len(collisions(run.cells)[0]),
        "first_delivery_seconds": _short(int(delivered["tick"].min()) * run.tick_seconds)
        if len(delivered)
        else None,
        "floor": {
            "robots": robots,
            "ticks": len(run.ticks),
            "following": run.meta.get("following", "0") in ("1", "True", "true"),
            "parcels_per_hour": _ratio(len(drops), floor_hours),
            "parcels_per_robot_hour": _ratio(len(drops), floor_hours * robots),
            "jobs_per_robot_day": _ratio(jobs * 24, robot_hours),
            "share": robot_shares(run.codes[busy]),
            "planner_ms": planner_times(store),
        },
        "city": {
            "couriers": int(run.meta["couriers"]),
            "tours": len(used),
            "distance": distance,
            "gap_percent": gap_percent(run, distance),
        },
        "lead_time_seconds": lead_times(run, delivered),
        "sort_time_seconds": lead_times(run, drops),
        "events_hash": run.meta.get("events_hash"),
        "state_hash": run.meta.get("state_hash"),
        "wall_seconds": round(float(run.meta.get("wall_seconds", 0)), 2),
    }


def _short(value: float) -> float:
    """Return a figure with no more digits than it is worth."""
    return float(f"{value:.{SIGNIFICANT}g}")


def _ratio(amount: float, per: float) -> float | None:
    return _short(amount / per) if per > 0 else None


def _dropped(run: Recording) -> np.ndarray:
    """Return which rows of the parcel log are a robot's drop; bool."""
    by_parcel = np.argsort(run.log["parcel"], kind="stable")
    states, parcels = run.log["state"][by_parcel], run.log["parcel"][by_parcel]
    drop = np.zeros(len(run.log), bool)
    drop[by_parcel[1:]] = (
        (parcels[1:] == parcels[:-1])
        & (states[:-1] == ParcelState.ON_ROBOT)
        & np.isin(states[1:], (ParcelState.IN_CHUTE, ParcelState.REJECTED))
    )
    return drop


def parcel_figures(run: Recording) -> dict[str, int]:
    """Return how many parcels came how far."""
    accepted = len(run.parcels["id"])
    log = run.log
    ended = np.bincount(log["parcel"][np.isin(log["state"], ENDS)], minlength=accepted)
    delivered = log[log["state"] == ParcelState.DELIVERED]
    due = run.parcels["due_close"][delivered["parcel"]]

    def reached(state: ParcelState) -> int:
        return len(np.unique(log["parcel"][log["state"] == state]))

    return {
        "accepted": accepted,
        "sorted": reached(ParcelState.IN_CHUTE),
        "delivered": reached(ParcelState.DELIVERED),
        "rejected": reached(ParcelState.REJECTED),
        "cancelled": reached(ParcelState.CANCELLED),
        "returned": reached(ParcelState.RETURNED),
        "late": int((delivered["tick"] * run.tick_seconds > due).sum()),
        "lost": int((ended == 0).sum()) if run.ended else 0,
        "doubled": int((ended > 1).sum()),
    }


def waiting_ticks(run: Recording, tasks: np.ndarray) -> np.ndarray:
    """Return for each tick up to the last whether some parcel waits for a robot; bool.

    Parameters
    ----------
    tasks
        Tick and parcel of each task given; int64[tasks, 2].
    """
    last = int(run.ticks[-1]) + 1
    by_parcel = np.argsort(run.log["parcel"], kind="stable")
    log = run.log[by_parcel]
    same = np.append(log["parcel"][1:] == log["parcel"][:-1], False)
    at = np.flatnonzero(log["state"] == ParcelState.AT_STATION)
    parcels, start = log["parcel"][at], log["tick"][at]
    end = np.where(same[at], log["tick"][np.minimum(at + 1, len(log) - 1)], last)

    chutes = [
        (parcel, tour.chute_tick)
        for tour in run.tours
        if tour.chute_tick is not None
        for parcel in tour.parcels.tolist()
    ]
    opened = np.array(chutes, np.int64).reshape(-1, 2)
    chute = _latest(opened[:, 0], opened[:, 1], parcels, end)
    given = _earliest(tasks[:, 1], tasks[:, 0], parcels, np.maximum(start, chute))
    toured = chute >= 0
    start = np.minimum(np.maximum(start, chute), last)[toured]
    end = np.minimum(np.where(given >= 0, np.minimum(given, end), end), last)[toured]
    change = np.zeros(last + 1, np.int64)
    real = end > start
    np.add.at(change, start[real], 1)
    np.add.at(change, end[real], -1)
    return np.cumsum(change)[:last] > 0


def _latest(
    parcels: np.ndarray, ticks: np.ndarray, wanted: np.ndarray, until: np.ndarray
) -> np.ndarray:
    """Return each wanted parcel's last tick that is not after ``until``, -1: none."""
    keys = np.sort((parcels << 32) + ticks)
    k = np.searchsorted(keys, (wanted << 32) + until, "right") - 1
    found = keys[np.maximum(k, 0)] if len(keys) else np.full(len(wanted), -1)
    return np.where((k >= 0) & (found >> 32 == wanted), found & 0xFFFFFFFF, -1)


def _earliest(
    parcels: np.ndarray, ticks: np.ndarray, wanted: np.ndarray, since: np.ndarray
) -> np.ndarray:
    """Return each wanted parcel's first tick that is not before ``since``, -1: none."""
    keys = np.sort((parcels << 32) + ticks)
    k = np.searchsorted(keys, (wanted << 32) + since, "left")
    found = keys[np.minimum(k, len(keys) - 1)] if len(keys) else np.full(len(wanted), -1)
    return np.where((k < len(keys)) & (found >> 32 == wanted), found & 0xFFFFFFFF, -1)


def robot_shares(codes: np.ndarray) -> dict[str, float | None]:
    """Return how robots spent their time, of 1.

    Parameters
    ----------
    codes
        `events.RobotStatus`; uint8[ticks, robots].  One in fault counts as waiting.
    """
    kind = codes & 15
    waiting = ((codes & RobotStatus.WAITING) != 0) | (kind == RobotStatus.FAULT)
    parts = {
        "loaded": ~waiting & np.isin(kind, LOADED),
        "empty": ~waiting & (kind == RobotStatus.EMPTY),
        "waiting": waiting,
        "idle": ~waiting & (kind == RobotStatus.IDLE),
        "charging": ~waiting & (kind == RobotStatus.CHARGING),
    }
    return {
        name: round(float(part.mean()), 4) if part.size else None for name, part in parts.items()
    }


def planner_times(store: Store) -> dict[str, float | None]:
    """Return what the floor planner and dispatch took per tick in which they worked."""
    rows = store.db.execute("SELECT planner_ms FROM wall WHERE planner_ms > 0").fetchall()
    times = np.array(rows, float).ravel()
    if not len(times):
        return {"p50": None, "p99": None, "max": None}
    p50, p99 = np.percentile(times, (50, 99))
    return {"p50": round(p50, 3), "p99": round(p99, 3), "max": round(float(times.max()), 3)}


def gap_percent(run: Recording, distance: float) -> float | None:
    """Return by how much the tours exceed the best known, None where that says nothing."""
    best = run.meta.get("best_known", "")
    stops = [tour.parcels for tour in run.tours if tour.depart_tick is not None]
    visited = np.concatenate([np.zeros(0, np.int32), *stops])
    if not best or not np.array_equal(np.sort(visited), run.parcels["id"]):
        return None
    return round((distance / float(best) - 1) * 100, 3)


def lead_times(run: Recording, ends: np.ndarray) -> dict[str, float | None]:
    """Return percentiles of the time from a parcel's first arrival at its station to an end of it.

    Parameters
    ----------
    ends
        Rows of the run's log; of several of one parcel the last counts.
    """
    arrived = run.log[run.log["state"] == ParcelState.AT_STATION]
    parcels, first = np.unique(arrived["parcel"], return_index=True)
    at_station = np.full(len(run.parcels["id"]), -1, np.int64)
    at_station[parcels] = arrived["tick"][first]
    last = np.full(len(run.parcels["id"]), -1, np.int64)
    np.maximum.at(last, ends["parcel"], ends["tick"])
    ended = last >= 0
    seconds = (last[ended] - at_station[ended]) * run.tick_seconds
    if not len(seconds):
        return {"p50": None, "p95": None, "p99": None}
    return {f"p{k}": _short(float(np.percentile(seconds, k))) for k in (50, 95, 99)}


def is_number(value: object) -> bool:
    """Tell whether a figure is a number that is there."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
