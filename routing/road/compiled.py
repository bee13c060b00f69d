"""How the hot loops are compiled."""

from __future__ import annotations

from numba import njit

# Kernels allocate nothing, so that no array's references need to be counted: with the counting,
# each access to a field of `Model` or `Tours` costs two atomic operations.
kernel = njit(cache=True, nogil=True, _nrt=False)
