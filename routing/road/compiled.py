"""How the hot loops are compiled, and when what was compiled is out of date."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit


def _family() -> str:
    """A hash of the sources of all compiled code.

    The cache on disk looks at a function's own file alone, but the functions that it calls are
    compiled into it: a change in one file must renew them all.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        source = path.read_bytes()
        if b"routing.road.compiled" in source:
            digest.update(source)
    return digest.hexdigest()


_FAMILY = _family()


def _compile(function: Callable[..., Any], **options: Any) -> Any:
    compiled = njit(cache=True, nogil=True, **options)(function)
    file: Any = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if hasattr(file, "_source_stamp"):
        file._source_stamp = (file._source_stamp, _FAMILY)
    return compiled


def loop(function: Callable[..., Any]) -> Any:
    """Compile a function that may make arrays."""
    return _compile(function)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that makes no arrays.

    Then no array's references need to be counted: with the counting, each access to a field of
    `Model` or `Tours` costs two atomic operations.
    """
    return _compile(function, _nrt=False)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a kernel into each of its callers.

    A call passes every field of `Model` and `Tours` on the stack, which costs more than a small
    function does.
    """
    return _compile(function, _nrt=False, forceinline=True)
