"""Rows of a store's table that may still be written: read once, and then on from there."""

from __future__ import annotations

import sqlite3

import numpy as np


class Growing:
    """A table's columns, the first of which numbers the rows and rises.

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
        self._last = -1
        self.keys = np.zeros(0, np.int64)
        self.rows: np.ndarray = np.zeros((0, len(columns) - 1), dtype)

    def read_on(self, db: sqlite3.Connection) -> int:
        """Take in rows that have come since the last time; return how many."""
        fresh = db.execute(self._query, (self._last,)).fetchall()
        if fresh:
            self._last = int(fresh[-1][0])
            self.keys = np.append(self.keys, np.array([row[0] for row in fresh], np.int64))
            self.rows = np.concatenate(
                [self.rows, np.array([row[1:] for row in fresh], self.rows.dtype)]
            )
        return len(fresh)
