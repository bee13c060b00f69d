"""Robots of a run, tick by tick, decoded from the store where they are wanted."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from typing import Protocol

import numpy as np

from fleet.events import ROBOT_FRAME
from fleet.store import Store

KEPT_BYTES = 48 << 20  # decoded frames kept in memory


class StoredFrames:
    """Reads frames by keyframe segment; a seek decodes at most one segment (64 ticks)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.ticks = np.zeros(0, np.int32)
        self._first = np.zeros(0, np.int64)  # index of each segment's keyframe
        self._segments: OrderedDict[int, Segment] = OrderedDict()
        self._bytes = 0
        self.read_on()

    def __len__(self) -> int:
        return len(self.ticks)

    def are_more(self) -> bool:
        """Tell whether frames have come since the last time."""
        newest = self._store.db.execute("SELECT max(tick) FROM frame").fetchone()[0]
        return newest is not None and (not len(self.ticks) or newest > self.ticks[-1])

    def read_on(self) -> None:
        """Take in frames that have come since the last time; they are decoded when asked for."""
        before = len(self.ticks)
        last = int(self.ticks[-1]) if before else -1
        rows = self._store.db.execute(
            "SELECT tick, keyframe FROM frame WHERE tick > ? ORDER BY tick", (last,)
        ).fetchall()
        fresh = np.array(rows, np.int32).reshape(-1, 2)
        self.ticks = np.append(self.ticks, fresh[:, 0])
        self._first = np.append(self._first, before + np.flatnonzero(fresh[:, 1]))

    def index(self, time: float) -> int:
        """Return the index of the newest frame not later than a time; 0 before the first."""
        return max(int(np.searchsorted(self.ticks, time, side="right")) - 1, 0)

    def robots(self, index: int) -> np.ndarray:
        """Return one frame's robots, dtype `store.ROBOT_FRAME`."""
        number = int(np.searchsorted(self._first, index, side="right")) - 1
        segment = self._segments.get(number)
        first = int(self._first[number])
        if segment is None:
            segment = self._segments[number] = Segment()
        else:
            self._segments.move_to_end(number)
        if index - first >= len(segment):
            segment.extend(self._fetch(number, first + len(segment)))
        before = segment.decoded_bytes
        result = segment.robots(index - first)
        self._bytes += segment.decoded_bytes - before
        while self._bytes > KEPT_BYTES and len(self._segments) > 2:
            _, old = self._segments.popitem(last=False)
            self._bytes -= old.decoded_bytes
        return result

    def _fetch(self, number: int, first: int) -> list[bytes]:
        """Return the stored frames of a segment from an index on."""
        last = int(self._first[number + 1]) if number + 1 < len(self._first) else len(self.ticks)
        rows = self._store.db.execute(
            "SELECT robots FROM frame WHERE tick BETWEEN ? AND ? ORDER BY tick",
            (int(self.ticks[first]), int(self.ticks[last - 1])),
        )
        return [row[0] for row in rows]


class Segment:
    """A keyframe and the differences after it; decoded as far as somebody has asked.

    Playing forward costs one frame at a time, never a whole segment at once.
    """

    def __init__(self) -> None:
        self._blobs: list[bytes] = []
        self._decoded: list[np.ndarray] = []

    def __len__(self) -> int:
        return len(self._blobs)

    def extend(self, blobs: list[bytes]) -> None:
        """Append frames as they are stored."""
        self._blobs += blobs

    @property
    def decoded_bytes(self) -> int:
        """Memory that the decoded frames take."""
        return len(self._decoded) * self._decoded[0].nbytes if self._decoded else 0

    def robots(self, offset: int) -> np.ndarray:
        """Return the frame so far behind the keyframe."""
        while len(self._decoded) <= offset:
            raw = np.frombuffer(zlib.decompress(self._blobs[len(self._decoded)]), np.uint8)
            self._decoded.append(raw ^ self._decoded[-1] if self._decoded else raw)
        return self._decoded[offset].view(ROBOT_FRAME)


class Frames(Protocol):
    """Frames that `between` looks at, wherever they come from."""

    ticks: np.ndarray

    def __len__(self) -> int: ...

    def index(self, time: float) -> int:
        """Return the index of the newest frame not later than a time; 0 before the first."""

    def robots(self, index: int) -> np.ndarray:
        """Return one frame's robots, dtype `store.ROBOT_FRAME`."""


def between(frames: Frames, time: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the frames before and after a moment, and the share of the way between them.

    Where the clock jumped, robots stand until the last tick before the later frame.
    """
    index = frames.index(time)
    now = frames.robots(index)
    if index + 1 >= len(frames):
        return now, now, 0.0
    part = time - (int(frames.ticks[index + 1]) - 1)
    if part <= 0:
        return now, now, 0.0
    return now, frames.robots(index + 1), min(part, 1.0)
