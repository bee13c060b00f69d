"""How much of a limit is used, and how many iterations the rest allows."""

from __future__ import annotations

import time

from routing.road.plan import Limit

ROUNDS = 100  # about, within the limit
PER_ROUND = 20  # iterations a stop, at least
FIRST_RATE = 20_000.0  # iterations a second of one worker, until it is known


class Budget:
    """The limit of one search, and what has gone of it."""

    def __init__(self, limit: Limit, stops: int, workers: int, began: float) -> None:
        self.limit = limit
        self.stops = stops
        self.began = began
        self.done = 0
        self.rate = FIRST_RATE * workers
        self.joining = 0.0  # seconds that it takes to put a plan together

    def left(self) -> float:
        """Seconds left; endless where iterations count."""
        if self.limit.seconds is None:
            return float("inf")
        return self.limit.seconds - (time.perf_counter() - self.began)

    def share(self) -> float:
        """How much of the limit is used, 0 to 1."""
        if self.limit.iterations is not None:
            return self.done / max(1, self.limit.iterations)
        assert self.limit.seconds is not None
        return 1.0 - self.left() / max(1e-9, self.limit.seconds)

    def expected(self) -> float:
        """Iterations that the whole limit will allow."""
        if self.limit.iterations is not None:
            return float(self.limit.iterations)
        return self.done + max(0.0, self.left()) * self.rate + 1.0

    def count(self, iterations: int, seconds: float) -> None:
        """Take note of what a round did."""
        self.done += iterations
        self.rate = iterations / max(1e-3, seconds)

    def round_size(self) -> int:
        """Iterations of the next round, over all pieces."""
        if self.limit.iterations is not None:
            rounds = self._rounds(self.limit.iterations)
            return min(max(1, self.limit.iterations // rounds), self.limit.iterations - self.done)
        assert self.limit.seconds is not None
        rounds = self._rounds(self.limit.seconds * self.rate)
        seconds = min(self.left() - self.joining, max(0.05, self.limit.seconds / rounds))
        return int(seconds * self.rate * 0.97)

    def _rounds(self, iterations: float) -> int:
        """Rounds that the limit is cut into: each piece gets enough to make its setting up pay."""
        return int(min(ROUNDS, max(2.0, iterations / (PER_ROUND * self.stops))))
