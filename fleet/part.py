"""A part of `fleet run`: a `fleet` command that ends when the process that started it does.

Its standard input is a pipe that nobody writes to, and that the system closes with the other
process, after kill -9 too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from fleet.__main__ import main

END_SECONDS = 10.0  # to end in order


def start(module: str, *words: str, **how: Any) -> subprocess.Popen:
    """Start a module as a process that ends when this one does.

    It has a session of its own: Ctrl-C reaches this process alone, which ends all in order.  A part
    or spare that is killed leaves the semaphores of its planner's queues to Python's resource
    tracker, which frees them; that it says so would only frighten.
    """
    return subprocess.Popen(
        [sys.executable, "-W", "ignore:resource_tracker", "-m", module, *words],
        stdin=subprocess.PIPE,
        start_new_session=True,
        **how,
    )


def follow_input() -> None:
    """End this process when its standard input does: in order, and soon."""

    def watch() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(END_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    follow_input()
    sys.exit(main())
