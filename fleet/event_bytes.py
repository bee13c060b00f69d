"""A tick's events as bytes: as the journal keeps them, and as the events hash runs over them."""

from __future__ import annotations

import zlib

import msgspec
import numpy as np

from fleet.events import KINDS, REPORT, Events
from fleet.rows import copied

# Bytes of a report up to `more`.
ONE_LOAD_BYTES = REPORT.itemsize - REPORT["more"].itemsize

# Columns that differ between a run and its resumed twin without meaning anything else.
UNHASHED = ("epoch", "header")


def pack(events: Events) -> bytes:
    """Return one tick's events as compressed bytes for the journal."""
    plain = {kind: rows.tobytes() for kind, rows in events.items() if len(rows)}
    return zlib.compress(msgspec.msgpack.encode(plain), 1)


def unpack(blob: bytes) -> Events:
    """Return what `pack` packed."""
    plain = msgspec.msgpack.decode(zlib.decompress(blob), type=dict[str, bytes])
    return {kind: np.frombuffer(rows, KINDS[kind]) for kind, rows in plain.items()}


def hashed_bytes(events: Events) -> bytes:
    """Return the bytes that the events hash runs over, kinds in the order of `KINDS`."""
    parts = []
    for kind in KINDS:
        rows = events.get(kind)
        if rows is not None and len(rows):
            rows = without_unhashed(rows)
            if kind == "report" and not rows["more"].any():
                rows = rows.view(f"V{REPORT.itemsize}").view(np.uint8)
                rows = rows.reshape(-1, REPORT.itemsize)[:, :ONE_LOAD_BYTES]
            parts.append(kind.encode() + rows.tobytes())
    return b"".join(parts)


def without_unhashed(rows: np.ndarray) -> np.ndarray:
    """Return rows with 0 in the columns of `UNHASHED`; the same rows where they have none."""
    names = [name for name in UNHASHED if name in (rows.dtype.names or ())]
    if names:
        rows = copied(rows)
        for name in names:
            rows[name] = 0
    return rows
