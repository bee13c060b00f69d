"""Helpers' processes end when the one that started them does, however that came about."""

from __future__ import annotations

import os
import threading
from multiprocessing import parent_process


def end_with_parent() -> None:
    """Let this process, which `multiprocessing` started, end as soon as its parent is gone.

    Its sentinel is a pipe that the system closes with the parent, after kill -9 too.
    """
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
