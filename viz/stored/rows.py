"""Rows of a store's table that may still be written: read once, and then on from there."""

from __future__ import annotations

import sqlite3

import numpy as np

LEAST_ROOM = 256  # rows that a table has room for, at least


class Growing:
    """A table's columns, the first of which numbers the rows and rises.

    There is room for more rows than there are, so that some more cost what they are and not what
    there is.

    Parameters
    ----------
    columns
        Their names, the rising one first.
    where
        A further condition on rows, empty for none.
    dtype
        Of the columns without the first.
    """

    def __init__(
        self, table: str, columns: tuple[str, ...], *, where: str = "", dtype: type = np.int32
    ) -> None:
        key = columns[0]
        condition = f"{key} > ?" + (f" AND {where}" if where else "")
        self._query = f"SELECT {', '.join(columns)} FROM {table} WHERE {condition} ORDER BY {key}"
        self._last, self._count = -1, 0
        self._keys = np.zeros(0, np.int64)
        self._columns: np.ndarray = np.zeros((len(columns) - 1, 0), dtype)

    @property
    def keys(self) -> np.ndarray:
        """Return the first column."""
        return self._keys[: self._count]

    @property
    def columns(self) -> np.ndarray:
        """Return the others; [columns, rows], each of one piece."""
        return self._columns[:, : self._count]

    @property
    def rows(self) -> np.ndarray:
        """Return the same row by row."""
        return self.columns.T

    def read_on(self, db: sqlite3.Connection) -> int:
        """Take in rows that have come since the last time; return how many."""
        fresh = db.execute(self._query, (self._last,)).fetchall()
        if fresh:
            self._last = int(fresh[-1][0])
            first, self._count = self._count, self._count + len(fresh)
            if self._count > len(self._keys):
                room = max(2 * self._count, LEAST_ROOM) - len(self._keys)
                self._keys = np.pad(self._keys, (0, room))
                self._columns = np.pad(self._columns, ((0, 0), (0, room)))
            self._keys[first : self._count] = [row[0] for row in fresh]
            self._columns[:, first : self._count] = np.array(
                [row[1:] for row in fresh], self._columns.dtype
            ).T
        return len(fresh)


def longer(column: np.ndarray, length: int, fill: float) -> np.ndarray:
    """Return a column with so many rows, the new ones filled."""
    more = length - len(column)
    return np.pad(column, (0, more), constant_values=fill) if more > 0 else column
