"""The lines to hosts and couriers: which of them are silent, and what a person is told of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

import numpy as np

from fleet import messages
from fleet.events import LINK, Link
from fleet.peer import COURIERS, Peer

log = logging.getLogger("fleet")

# Real seconds without a word: a suspect host's robots get no more cells, a lost one's are marked
# CONNECTIONBROKEN.  What they hold they keep either way.
SUSPECT_SECONDS = 3.0
LOST_SECONDS = 10.0
LOOK_SECONDS = 0.25  # from one look to the next


class Links:
    """The lines of one controller.

    Parameters
    ----------
    peers
        Hosts and couriers by their robots; theirs who takes them in.
    time_of
        A tick's timestamp.
    record
        Takes tick, topic, direction and messages.
    """

    def __init__(
        self,
        peers: Mapping[tuple[int, int], Peer],
        n_robots: int,
        time_of: Callable[[int], str],
        record: Callable[[int, str, str, list[bytes]], None],
    ) -> None:
        self.peers = peers
        self.time_of = time_of
        self.record = record
        self.headers = np.zeros(n_robots, np.int64)  # of connection messages
        self.gaps: set[tuple[int, int]] = set()  # hosts of whom something never came
        self._looked = 0.0

    def look(self) -> np.ndarray:
        """Return `changes`, now and then; no rows in between."""
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return np.empty(0, LINK)
        self._looked = now
        return self.changes()

    def changes(self) -> np.ndarray:
        """Return which hosts fell silent or came back since the last call (`events.LINK`).

        Of one that left a gap it is said, too.
        """
        rows = [(*span, int(Link.GAP)) for span in sorted(self.gaps)]
        self.gaps.clear()
        now = time.monotonic()
        for span, peer in sorted(self.peers.items()):
            silent = now - peer.heard
            state = "online" if silent < SUSPECT_SECONDS else "suspect"
            state = "lost" if silent >= LOST_SECONDS else state
            if state == peer.state:
                continue
            was, peer.state = peer.state, state
            log.warning("%s: %s, silent for %.1f s", peer.name, state, silent)
            if span == COURIERS:
                continue
            if "online" in (was, state):
                rows.append((*span, int(Link.ONLINE if state == "online" else Link.SILENT)))
            if state == "lost":
                self._connection_broken(span)
        return np.array(rows, LINK)

    def not_online(self) -> list[list[int | str]]:
        """Return first robot, last robot and state of each peer that is suspect or lost."""
        return [[*s, p.state] for s, p in sorted(self.peers.items()) if p.state != "online"]

    def _connection_broken(self, span: tuple[int, int]) -> None:
        """Say in the robots' place what their broker would: CONNECTIONBROKEN."""
        self.headers[slice(*span)] += 1
        time_text = self.time_of(0)
        broken = [
            messages.encode_connection(robot, header, time_text, "CONNECTIONBROKEN")
            for robot, header in enumerate(self.headers[slice(*span)].tolist(), span[0])
        ]
        self.record(0, "connection", "out", broken)
        log.warning("robots %d:%d: marked CONNECTIONBROKEN", *span)


def absent(spans: list[tuple[int, int]]) -> np.ndarray:
    """Return robots that no host speaks for, as fallen silent (dtype `events.LINK`)."""
    if spans:
        log.warning(
            "robots %s: no host has come; they are taken for silent",
            ", ".join(f"{first}:{last}" for first, last in spans),
        )
    return np.array([(*span, int(Link.SILENT)) for span in spans], LINK)
