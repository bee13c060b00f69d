"""The first run compiles the planners; whoever waits is told why."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import routing


def announce() -> None:
    """Say on stderr that compiling comes first, where no compiled code is on disk yet."""
    folder = os.environ.get("NUMBA_CACHE_DIR") or routing.__path__[0]
    if not any(Path(folder).rglob("anneal.anneal-*.nbi")):
        print("first run here: compiling the planners, about two minutes", file=sys.stderr)
