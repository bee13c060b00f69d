"""How long a step of planning may take."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Effort:
    """How long a step may take: until a time, or a number of local-search tries, whichever first.

    With `tries` alone the same calls give the same actions.
    """

    deadline: float | None = None  # on the `perf_counter` clock
    tries: int | None = None

    @classmethod
    def within(cls, seconds: float) -> Effort:
        """Return the effort of a step that may take so long from now on."""
        return cls(perf_counter() + seconds)

    def part(self, share: float) -> float | None:
        """Return the time at which this share of what is left until the deadline is over."""
        if self.deadline is None:
            return None
        now = perf_counter()
        return now + share * max(0.0, self.deadline - now)
