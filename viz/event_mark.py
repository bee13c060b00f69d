"""The event that one went to last, from which the next and the previous one are told."""

from __future__ import annotations

import math

import numpy as np


class EventMark:
    """Remembers an event, not its row: rows of events found meanwhile may come before it."""

    def __init__(self) -> None:
        self._time = math.nan  # the moment at which it is shown
        self._alarm = np.void(b"")
        self._rank = 0  # of several that are alike

    def put(self, alarm: np.void, time: float, rank: int = 0) -> None:
        """Note what one went to, and the moment shown then."""
        self._alarm, self._time, self._rank = alarm.copy(), time, rank

    def beside(
        self, alarms: np.ndarray, listed: np.ndarray, time: float, sign: int
    ) -> tuple[int, int] | None:
        """Return the next (`sign` 1) or previous (-1) row listed, and which of several alike it is.

        At another moment than that of the event noted, what happens just then comes first, either
        way.  None: there is no further one.
        """
        row, ticks = self._row(alarms) if time == self._time else -1, alarms["tick"][listed]
        if row >= 0 and sign > 0:
            at = int(np.searchsorted(listed, row, side="right"))
        elif row >= 0:
            at = int(np.searchsorted(listed, row)) - 1
        elif sign > 0:
            at = int(np.searchsorted(ticks, time))
        else:
            at = int(np.searchsorted(ticks, time, side="right")) - 1
        if not 0 <= at < len(listed):
            return None
        row = int(listed[at])
        return row, int(np.searchsorted(_alike(alarms, alarms[row]), row))

    def _row(self, alarms: np.ndarray) -> int:
        """Return the row of the event noted, -1 where it is no longer known."""
        rows = _alike(alarms, self._alarm)
        return int(rows[min(self._rank, len(rows) - 1)]) if len(rows) else -1


def _alike(alarms: np.ndarray, alarm: np.void) -> np.ndarray:
    """Return the rows that are the same as one."""
    first = int(np.searchsorted(alarms["tick"], alarm["tick"]))
    end = int(np.searchsorted(alarms["tick"], alarm["tick"], side="right"))
    return first + np.flatnonzero(alarms[first:end] == alarm)
