"""How a deliberate defect is named and put in place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

Defect = Callable[[ExitStack], None]


def named(defects: dict[str, Defect]) -> Callable[[Defect], Defect]:
    """Enter a defect under its function's name, with hyphens."""

    def enter(make: Defect) -> Defect:
        defects[make.__name__.strip("_").replace("_", "-")] = make
        return make

    return enter


def swap(stack: ExitStack, where: Any, name: str, new: Any) -> Any:
    """Put something else in a module's or class's place; return what was there."""
    old = getattr(where, name)
    stack.enter_context(patch.object(where, name, new))
    return old
