"""What came over the wire and was not taken in: counted by kind, told once a kind and sender."""

from __future__ import annotations

import logging
from collections import Counter

log = logging.getLogger("fleet")

# kind -> what it says
KINDS = {
    "oversized": "a message above 64 KiB, or a batch with more messages than robots",
    "malformed": "what cannot be read",
    "replayed": "a sequence number that was there before",
    "gap": "sequence numbers that never came (not refused, but seen)",
    "forged": "a word for a robot that is not the sender's, or news of what was never sent",
    "stranger": "a batch of somebody who has not said who it is",
    "outdated": "a batch for an earlier controller",
    "unauthorised": "what its sender's role may not ask",
    "full": "a batch that its receiver's full queue did not take",
}
MAX_TOLD = 1000  # a sender may come under ever new names; the log must not grow with it


class Refusals:
    """The counts of one process."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()

    def add(self, kind: str, who: str, detail: object = "", count: int = 1) -> None:
        """Count one, or several of a kind."""
        assert kind in KINDS
        self.counts[kind] += count
        if (kind, who) not in self._told and len(self._told) < MAX_TOLD:
            self._told.add((kind, who))
            log.warning("%s: %s (%s); further ones are only counted", who, KINDS[kind], detail)

    def plain(self) -> dict[str, int]:
        """Return the counts, kinds in order."""
        return {kind: self.counts[kind] for kind in KINDS if self.counts[kind]}
