"""Ctrl-C while foreign code searches: it is told to end, and its plan is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from routing.told_to_end import as_interrupt


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
    heard = _heard() if first else None
    if heard is None:
        yield lambda: False
        return
    before = signal.signal(heard, note)
    try:
        yield lambda: came
    finally:
        signal.signal(heard, before)


def _heard() -> signal.Signals | None:
    """The signal that ends a search by an interrupt; None where somebody else handles it."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        return signal.SIGINT
    ended = handler is signal.SIG_IGN and signal.getsignal(signal.SIGTERM) is as_interrupt
    return signal.SIGTERM if ended else None
