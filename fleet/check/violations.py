"""What a judge found wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

SHOWN = 20  # of one kind; the rest is counted


@dataclass(frozen=True)
class Violation:
    """One broken rule: which, where and how."""

    what: str
    where: str
    detail: str


@dataclass
class Violations:
    """All broken rules of one run, the first few of each kind in full."""

    found: list[Violation] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, where: str, detail: str) -> None:
        """Note one."""
        self.counts[what] = self.counts.get(what, 0) + 1
        if self.counts[what] <= SHOWN:
            self.found.append(Violation(what, where, detail))

    def add_where(
        self, what: str, wrong: np.ndarray, say: Callable[[int], tuple[str, str]]
    ) -> None:
        """Note all rows where ``wrong`` is true; ``say(row)`` gives where and detail."""
        rows = np.flatnonzero(wrong)
        for row in rows[:SHOWN].tolist():
            self.add(what, *say(row))
        if len(rows) > SHOWN:
            self.counts[what] += len(rows) - SHOWN

    def plain(self) -> list[dict[str, str]]:
        """Return them as plain values, with a line for those of a kind that are not shown."""
        shown = [{"what": one.what, "where": one.where, "detail": one.detail} for one in self.found]
        for what, count in self.counts.items():
            if count > SHOWN:
                shown.append({"what": what, "where": "...", "detail": f"{count - SHOWN} more"})
        return shown
