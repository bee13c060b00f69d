"""One line on stderr that says how far something is."""

from __future__ import annotations

import sys
from typing import TextIO

WIDTH = 24  # of the bar


class StatusLine:
    """A bar with a few words: rewritten on a terminal, elsewhere a plain line now and then.

    Parameters
    ----------
    stream
        Where it is shown; stderr where none is given.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.terminal = self.stream.isatty()

    def show(self, share: float, words: str, *, plain: bool = False) -> None:
        """Show that a share (0 to 1) is done; where there is no terminal, only what is `plain`."""
        if self.terminal:
            full = round(min(1.0, max(0.0, share)) * WIDTH)
            self.stream.write(f"\r[{'█' * full}{'·' * (WIDTH - full)}] {words}\x1b[K")
        elif plain:
            self.stream.write(words + "\n")
        self.stream.flush()

    def say(self, words: str) -> None:
        """Print a line that stays."""
        self.end()
        self.stream.write(words + "\n")
        self.stream.flush()

    def end(self) -> None:
        """Wipe the bar."""
        if self.terminal:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
