"""SIGTERM, as `timeout`, containers and service managers send it, does what Ctrl-C does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


def as_interrupt(number: int, frame: FrameType | None) -> None:
    """Do what an interrupt would do now; where interrupts are ignored, raise one nevertheless.

    Shells let what they start in the background ignore interrupts, and SIGTERM is then the only
    way to end it.
    """
    hears = signal.getsignal(signal.SIGINT)
    if callable(hears):
        hears(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt


@contextmanager
def term_as_interrupt() -> Iterator[None]:
    """Within it SIGTERM is heard as an interrupt by whoever handles interrupts at that time.

    In another thread than the first, or where somebody handles SIGTERM already, nothing changes.
    """
    first = threading.current_thread() is threading.main_thread()
    if not first or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, as_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
