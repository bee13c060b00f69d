"""A problem's columns and tables as arrays of one type and layout each.

Compiled code is made anew, for minutes, for each type and layout that it meets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from routing.road.given import LARGEST, numbers, take_floats

if TYPE_CHECKING:
    from routing.road.problem import Problem


def take_arrays(p: Problem) -> None:
    """Make arrays of what the user gave.

    What has to be whole and is not stays an array of float64, for the rules to refuse.
    """
    for name in ("xy", "ready", "due", "service", "price", "distances", "durations"):
        if (value := getattr(p, name)) is not None:
            _set(p, name, numbers(f"{p.name}: {name}", value), np.float64)
    for name in ("demand", "skills", "partner"):
        table = _whole(numbers(f"{p.name}: {name}", getattr(p, name)))
        if name == "demand" and table.ndim == 1:
            table = table[:, None]
        _set(p, name, table, table.dtype)
    locks = tuple(
        (kind, _whole(numbers(f"{p.name}: lock {number}", stops)))
        for number, (kind, stops) in enumerate(p.locks, 1)
    )
    object.__setattr__(p, "locks", locks)
    object.__setattr__(p, "ids", tuple(p.ids))
    vehicles = p.vehicles if np.iterable(p.vehicles) else (p.vehicles,)
    object.__setattr__(p, "vehicles", tuple(vehicles))
    take_floats(p, p.name, ("pace",))


def shorten(p: Problem) -> None:
    """Rows in 32 bits, once it is known that they are rows."""
    _set(p, "partner", p.partner, np.int32)
    locks = tuple((int(kind), stops.astype(np.int32, copy=False)) for kind, stops in p.locks)
    object.__setattr__(p, "locks", locks)


def _whole(table: np.ndarray) -> np.ndarray:
    """The same as int64, if that changes no value."""
    if table.dtype == np.int64 or not ((abs(table) <= LARGEST) & (table == np.floor(table))).all():
        return table
    return table.astype(np.int64)


def _set(p: Problem, name: str, value: np.ndarray, kind: Any) -> None:
    object.__setattr__(p, name, np.require(value, kind, ("C", "W", "E")))
