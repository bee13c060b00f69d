"""How far a day is: a bar on a terminal, a line now and then elsewhere; always on stderr."""

from __future__ import annotations

import time
from typing import TextIO

from fleet import flow
from fleet.events import ParcelState
from fleet.world import World
from routing.status_line import StatusLine

BAR_SECONDS = 0.2
LINE_SECONDS = 2.0


class Progress:
    """Shows sorted and delivered parcels, the rate, and the time left at that rate."""

    def __init__(self, stream: TextIO | None) -> None:
        self.line = None if stream is None else StatusLine(stream)
        self.started = self.shown = time.monotonic()
        self.first: tuple[float, float] | None = None

    def show(self, world: World, tick: int) -> None:
        """Show how things stand, not more often than eyes want."""
        now = time.monotonic()
        if self.line is None:
            return
        if now - self.shown < (BAR_SECONDS if self.line.terminal else LINE_SECONDS):
            return
        self.shown = now
        states = world.parcels["state"]
        total = len(states)
        ended = int(sum((states == s).sum() for s in flow.FINAL))
        delivered = int((states == ParcelState.DELIVERED).sum())
        done = int((world.parcels["sorted_tick"] >= 0).sum())
        share = (done + ended) / max(2 * total, 1)
        if self.first is None:
            self.first = (now, share)
        left = ""
        if share > self.first[1]:
            rate = (share - self.first[1]) / (now - self.first[0] or 1)
            left = f", about {(1 - share) / rate:.0f} s left"
        clock = time.strftime("%H:%M:%S", time.gmtime(world.seconds(tick)))
        words = f"{clock}  sorted {done:,} of {total:,}, delivered {delivered:,}{left}"
        self.line.show(share, words, plain=True)

    def end(self) -> None:
        """Leave the bar's line."""
        if self.line is not None:
            self.line.end()
