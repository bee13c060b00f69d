"""The first run compiles the planners; whoever waits is told why."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import routing

SOURCE = Path(__file__).parent / "road" / "anneal.py"
COMPILED = "anneal.anneal-*.nbi"  # the index of one kernel's compiled code


def announce() -> None:
    """Say on stderr that compiling comes first, where no compiled code of this version is on disk
    yet."""
    written = SOURCE.stat().st_mtime
    if not any(index.stat().st_mtime >= written for index in _cache().rglob(COMPILED)):
        print("first run here: compiling the planners, about two minutes", file=sys.stderr)


def _cache() -> Path:
    """Return the folder under which numba keeps compiled code, as it chooses it itself."""
    folder = os.environ.get("NUMBA_CACHE_DIR") or routing.__path__[0]
    if os.access(folder, os.W_OK) or any(Path(folder).rglob(COMPILED)):
        return Path(folder)
    from numba.misc.appdirs import AppDirs  # only now, for it loads all of numba

    return Path(AppDirs("numba", appauthor=False).user_cache_dir)
