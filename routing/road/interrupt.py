"""Ctrl-C while foreign code searches: it is told to end, and its plan is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from routing.told_to_end import as_interrupt

LOOK_SECONDS = 0.1  # between two looks whether an interrupt came

T = TypeVar("T")


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


def until_interrupted(work: Callable[[], T], stop: Callable[[], None]) -> T:
    """Return what `work` returns; an interrupt meanwhile is raised after `stop` has ended it."""
    with interruptible() as interrupted, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(work)
        while not wait([answer], LOOK_SECONDS).done:
            if interrupted():
                stop()
        came = interrupted()
    if came:
        raise KeyboardInterrupt
    return answer.result()


def _heard() -> signal.Signals | None:
    """The signal that ends a search by an interrupt; None where somebody else handles it."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        return signal.SIGINT
    ended = handler is signal.SIG_IGN and signal.getsignal(signal.SIGTERM) is as_interrupt
    return signal.SIGTERM if ended else None
