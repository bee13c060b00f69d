"""How the hot loops are compiled, once each, and when what was compiled is out of date."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any

from numba import njit, types


@lru_cache
def family(folder: Path) -> str:
    """Hash the sources of all compiled code in a folder, as hex digits.

    The cache on disk looks at a function's own file alone, but the functions that it calls, which
    lie in the same folder, are compiled into it: a change in one file must renew them all.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        source = path.read_bytes()
        if b"routing.compiled" in source:
            digest.update(source)
    return digest.hexdigest()


def _compile(function: Callable[..., Any], **options: Any) -> Any:
    """Compile a function for Python, and apart from that for compiled callers.

    What Python calls has to take its arguments out of objects, some sixty arrays where they are
    `Model` and `Tours`.  That code takes longer to compile than many a function, and compiled
    callers need none of it.
    """
    compiled = _cached(function, no_cfunc_wrapper=True, **options)
    called = _cached(_twin(function), no_cfunc_wrapper=True, no_cpython_wrapper=True, **options)
    template = called.get_call_template
    compiled.get_call_template = lambda given, named: template(
        tuple(map(_wide, given)), {name: _wide(argument) for name, argument in named.items()}
    )
    compiled.get_overload = called.get_overload
    compiled.called = called
    return compiled


def _cached(function: Callable[..., Any], **options: Any) -> Any:
    compiled = njit(cache=True, nogil=True, **options)(function)
    file: Any = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if hasattr(file, "_source_stamp"):
        folder = Path(function.__code__.co_filename).parent
        file._source_stamp = (file._source_stamp, family(folder))
    return compiled


def _twin(function: Callable[..., Any]) -> Any:
    """The same function by another name, for the name is that of the file in the cache."""
    twin = FunctionType(
        function.__code__, function.__globals__, function.__name__,
        function.__defaults__, function.__closure__,
    )  # fmt: skip
    twin.__kwdefaults__ = function.__kwdefaults__
    twin.__qualname__ = f"{function.__qualname__}_called"
    return twin


def _wide(argument: Any) -> Any:
    """The type by which a compiled caller asks for a function.

    Whole numbers are all of one width, else each width that callers happen to have would be
    compiled anew, some functions six times; nor is `False` as it is written another type than a
    truth value.
    """
    if isinstance(argument, types.BooleanLiteral):
        return types.boolean
    whole = isinstance(argument, types.Integer) and argument != types.uint64
    return types.int64 if whole else argument


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
