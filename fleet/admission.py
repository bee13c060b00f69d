"""What a peer may say: pure checks of who speaks, for whom, and of what it was ever sent."""

from __future__ import annotations

import numpy as np

from fleet.events import CourierNews
from fleet.keys import Party
from fleet.rows import indices
from fleet.world import World


def may_speak(party: Party | None, role: str, span: tuple[int, int]) -> bool:
    """Tell whether a key's owner is what it says it is: the couriers, or a host of these robots."""
    if party is None or party.role != role:
        return False
    return role == "couriers" or party.first <= span[0] < span[1] <= party.last


def forged_reports(
    world: World, rows: np.ndarray, first: np.ndarray, last: np.ndarray
) -> np.ndarray:
    """Return which reports are of others' robots, of no cell, or of cells and updates not granted.

    Who reports speaks for the robots `first` to `last - 1`; both by row.
    """
    forged = (rows["robot"] < first) | (rows["robot"] >= last)
    robots = np.where(forged, 0, indices(rows))
    known = world.robots
    steps = rows["sequence"] - known["passed"][robots]
    # A robot without an order says update 0, as the schema wants, of none that was sent.
    later = (rows["update"] > known["update"][robots]) & (rows["order"] >= 0)
    beyond = (rows["sequence"] > known["sequence"][robots]) | later
    forged |= rows["instant"] > known["instants"][robots]
    # -1 is off the floor, as a host says of a robot that was cleared off it.
    forged |= (rows["cell"] < -1) | (rows["cell"] >= len(world.held))
    current = rows["order"] == known["order"][robots]
    return forged | (current & (beyond | (steps % 2 != 0)))


def check_news(world: World, rows: np.ndarray) -> None:
    """Refuse couriers' news (dtype `events.COURIER`) of what there is not.

    Raises
    ------
    ValueError
        If a tour, courier, parcel or kind of news is out of range.
    """
    for name, low, most in (
        ("tour", 0, len(world.tours)),
        ("courier", 0, len(world.couriers)),
        ("parcel", -1, len(world.parcels)),
        ("news", min(CourierNews), max(CourierNews) + 1),
    ):
        if len(rows) and (rows[name].min() < low or rows[name].max() >= most):
            raise ValueError(f"news of {name} {rows[name].min()} to {rows[name].max()}, of {most}")
