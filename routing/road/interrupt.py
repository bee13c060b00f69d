"""Ctrl-C while foreign code searches: it is told to end, and its plan is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Within it an interrupt is only noted; what is given says whether one came.

    Code that never returns to the interpreter would hear of an interrupt only at its end, and one
    raised in the midst of it would take its plan along.  Where somebody else handles interrupts, or
    in another thread than the first, nothing changes.
    """
    came = False

    def note(*_: object) -> None:
        nonlocal came
        came = True

    first = threading.current_thread() is threading.main_thread()
    if not first or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: came
    finally:
        signal.signal(signal.SIGINT, before)
