"""Deliberate defects: each breaks one rule of the core, to prove that the simulation catches it.

A defect replaces one function for the length of a `with` block.  `DEFECTS` names them all; the
first line of each says which rule it breaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fleet.sim import defects_floor, defects_messages, defects_store

DEFECTS = defects_floor.DEFECTS | defects_messages.DEFECTS | defects_store.DEFECTS


@contextmanager
def defect(name: str | None) -> Iterator[None]:
    """Let a defect be in force; None: none is.

    Raises
    ------
    ValueError
        If no defect has this name.
    """
    if name is not None and name not in DEFECTS:
        raise ValueError(f"--defect {name}: no such defect; choose from {', '.join(DEFECTS)}")
    with ExitStack() as stack:
        if name is not None:
            DEFECTS[name](stack)
        yield
