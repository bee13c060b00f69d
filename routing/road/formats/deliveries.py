"""What a file says is the delivery of a pair must be one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from routing.road.problem import ProblemError


def check_deliveries(demand: np.ndarray, pickup: np.ndarray, where: Callable[[int], str]) -> None:
    """Refuse deliveries that would be planned as pickups.

    Parameters
    ----------
    demand
        int64[rows, dimensions].
    pickup
        int[rows], the row of a delivery's pickup; -1 where a row is no delivery.
    where
        Names the place of a row in the file.

    Raises
    ------
    ProblemError
        Where a delivery loads, or moves nothing and stands before its pickup: then the first of
        the two rows counts as the pickup.
    """
    rows = np.flatnonzero(pickup >= 0)
    loads = (demand[rows] > 0).any(axis=1)
    if loads.any():
        row = int(rows[loads.argmax()])
        raise ProblemError(
            f"{where(row)} is a delivery with demand {demand[row].tolist()}; "
            "give what it takes off the vehicle, below 0"
        )
    early = ~demand[rows].any(axis=1) & (rows < pickup[rows])
    if early.any():
        row = int(rows[early.argmax()])
        raise ProblemError(
            f"{where(row)} is a delivery of nothing before its pickup; put the pickup first"
        )
