"""What hosts and couriers have said since it was drained last: of each robot the newest."""

from __future__ import annotations

import numpy as np

from fleet.events import BATTERY, COURIER, REPORT, SHEET
from fleet.rows import indices, select, stacked

MAX_PARTS = 64  # arrays of reports until they are merged


class Intake:
    """Reports, batteries, factsheets and courier news, each as decoded."""

    def __init__(self) -> None:
        self._reports: list[np.ndarray] = []
        self._batteries: list[np.ndarray] = []
        self._sheets: list[np.ndarray] = []
        self._news: list[np.ndarray] = []

    def add_reports(self, rows: np.ndarray, batteries: np.ndarray | None) -> None:
        """Take in reports, and what the same robots say of their batteries where they have any."""
        self._reports.append(rows)
        if batteries is not None:
            self._batteries.append(batteries)
        if len(self._reports) > MAX_PARTS:
            self._reports = [newest(self._reports)]
            self._batteries = [newest(self._batteries, BATTERY)]

    def add_sheets(self, rows: np.ndarray) -> None:
        """Take in factsheets."""
        self._sheets = [newest([*self._sheets, rows], SHEET)]

    def add_news(self, parts: list[np.ndarray]) -> None:
        """Take in what couriers report."""
        self._news += parts

    def has_news(self) -> bool:
        """Tell whether couriers have reported something."""
        return any(len(rows) for rows in self._news)

    def forget(self, first: int, last: int) -> None:
        """Drop the reports of robots first to last - 1, whose host begins anew."""
        self._reports = [r[(r["robot"] < first) | (r["robot"] >= last)] for r in self._reports]

    def reports(self) -> np.ndarray:
        """Drain the newest report of each robot (dtype `events.REPORT`), by robot."""
        rows, self._reports = newest(self._reports), []
        return rows

    def news(self) -> np.ndarray:
        """Drain the couriers' news (dtype `events.COURIER`), as they came."""
        rows, self._news = np.concatenate([np.empty(0, COURIER), *self._news]), []
        return rows

    def batteries(self) -> np.ndarray:
        """Drain what each robot said last of its battery (dtype `events.BATTERY`), by robot."""
        rows, self._batteries = newest(self._batteries, BATTERY), []
        return rows

    def factsheets(self) -> np.ndarray:
        """Drain each robot's newest factsheet (dtype `events.SHEET`), by robot."""
        rows, self._sheets = newest(self._sheets, SHEET), []
        return rows


def newest(parts: list[np.ndarray], dtype: np.dtype = REPORT) -> np.ndarray:
    """Return each robot's newest row (of this dtype), by robot."""
    reports = stacked(parts, dtype)
    if len(reports):
        robots = indices(reports)
        last = np.full(int(robots.max()) + 1, -1)
        last[robots] = np.arange(len(robots))  # of several the last stays
        reports = select(reports, last[last >= 0])
    return reports
