"""Numbers that users give: as arrays of one type, or refused in one line."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

LARGEST = 1e12  # of a number: a million of them still add up in 64 bits, and squares in a float


class ProblemError(ValueError):
    """A problem that cannot be stated: one line with what, where, the value and the remedy."""


def numbers(what: str, values: Any) -> np.ndarray:
    """The values as an array of int64 where they are whole by type, else of float64.

    Raises
    ------
    ProblemError
        Where rows differ in length, or a value is no number; `what` names them.
    """
    try:
        table = np.atleast_1d(np.asarray(values))
        if table.dtype.kind == "O":  # whole numbers beyond 64 bits, or what is none
            table = table.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ProblemError(f"{what}{_no_numbers(values)}") from None
    if table.dtype.kind in "bi" or (table.dtype.kind == "u" and (table < 2**63).all()):
        return table.astype(np.int64, copy=False)
    if table.dtype.kind in "uf":
        return table.astype(np.float64, copy=False)
    raise ProblemError(f"{what}{_no_numbers(values)}")


def _no_numbers(values: Any) -> str:
    """What of the values cannot stand in an array of numbers, and where, in words."""
    if not _many(values):
        return f" is {values!r}; give numbers"
    lengths: list[int] = []
    for at, row in enumerate(values):
        for column, cell in enumerate(row if _many(row) else [row]):
            if not (isinstance(cell, Real) or _many(cell)):
                where = f"row {at}, column {column}" if _many(row) else f"row {at}"
                return f" of {where} is {cell!r}; give numbers"
        lengths.append(len(row) if _many(row) else 1)
        if lengths[-1] != lengths[0]:
            return f" of row {at} has length {lengths[-1]}, not {lengths[0]}; make them equal"
    return " has cells of different lengths; give numbers"


def _many(value: Any) -> bool:
    return bool(np.iterable(value)) and not isinstance(value, str)


def take_floats(entry: Any, what: str, names: tuple[str, ...]) -> None:
    """Make floats of the numbers of a frozen dataclass, whatever their type was."""
    for name in names:
        value = getattr(entry, name)
        if not isinstance(value, Real):
            raise ProblemError(f"{what}: {name} is {value!r}; give a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.copysign(math.inf, value)
        object.__setattr__(entry, name, number)


def whole_numbers(values: Any, what: Callable[[int], str]) -> np.ndarray:
    """The values as int64, which none of them changes.

    Raises
    ------
    ProblemError
        For the first that is not whole or too large; `what` names it by its place.
    """
    table = np.ascontiguousarray(values)
    bad = ~((np.abs(table) <= LARGEST) & (table == np.floor(table)))
    if bad.any():
        at = int(bad.argmax())
        raise ProblemError(
            f"{what(at)} is {table.ravel()[at]:g}; give a whole number up to {LARGEST:g}"
        )
    return table.astype(np.int64, copy=False)
