"""How the hot loops are compiled."""

from __future__ import annotations

from typing import Any

from numba import njit

# Kernels allocate nothing, so that no array's references need to be counted: with the counting,
# each access to a field of `Model` or `Tours` costs two atomic operations.
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
kernel = njit(**_OPTIONS)
