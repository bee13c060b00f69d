"""The newest rows of a table that grows while one looks at it."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike


class Newest:
    """Keeps at least the newest `kept` rows, at most twice as many; reading copies nothing."""

    def __init__(self, kept: int, columns: int, dtype: DTypeLike = np.float64) -> None:
        self._kept = kept
        # Filled, not just reserved: a viewer takes its memory when it starts, not through the day.
        self._rows = np.full((2 * kept, columns), 0, dtype)
        self._count = 0

    def append(self, *row: float) -> None:
        """Add a row; when there is no room the older half goes."""
        if self._count == len(self._rows):
            # A new table: views that were handed out keep theirs.
            rows = np.empty_like(self._rows)
            rows[: self._kept] = self._rows[self._kept :]
            self._rows, self._count = rows, self._kept
        self._rows[self._count] = row
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def column(self, number: int) -> np.ndarray:
        """Return one column of the rows so far, in the table's dtype."""
        return self._rows[: self._count, number]
