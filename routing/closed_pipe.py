"""What to do when nobody reads on, as in `fleet check RUN | head`."""

from __future__ import annotations

import os
import sys

EXIT_CODE = 141  # as a shell tells of a program that SIGPIPE has ended


def end_quietly() -> int:
    """Let what is still to be written go nowhere; return the exit code."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return EXIT_CODE
