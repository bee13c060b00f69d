"""Planners and solvers of a user's own, by module and name."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any


def load(module: str, name: str) -> Any:
    """Return what a module has under a name; the module may lie in the present folder.

    Whatever a user's module raises while it is loaded is passed on.
    """
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)  # last, so that a file there takes the place of no module of ours
    return getattr(importlib.import_module(module), name)
