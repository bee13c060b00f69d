"""What a benchmark's figures were measured on."""

from __future__ import annotations

import os
import platform


def machine() -> str:
    """Return processor, cores and version of Python in a few words."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
