"""The clients' door: parcels in, cancellations, snapshots for viewers, the clock's speed.

A submission is idempotent by the client's parcel id.  What changes the day waits until the tick
that takes it in is committed; only then is the client answered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import numpy as np
import zmq

from fleet.parcels import Parcels

log = logging.getLogger("fleet")

COLUMNS: dict[str, type] = {
    "x": np.float64,
    "y": np.float64,
    "size": np.int32,
    "station": np.int32,
    "ready_seconds": np.float64,
    "due_open": np.float64,
    "due_close": np.float64,
    "paid": np.bool_,
}
MAX_SPEED = 10_000.0


def pack_parcels(parcels: Parcels) -> dict[str, object]:
    """Return parcels as plain values for the wire."""
    plain: dict[str, object] = {"names": list(parcels.names)}
    for name in COLUMNS:
        plain[name] = np.asarray(getattr(parcels, name)).tobytes()
    return plain


def unpack_parcels(plain: dict) -> Parcels:
    """Return what `pack_parcels` packed.

    Raises
    ------
    ValueError
        If columns are missing or differ in length.
    """
    names = plain["names"]
    columns: dict[str, np.ndarray] = {
        name: np.frombuffer(plain[name], dtype) for name, dtype in COLUMNS.items()
    }
    if any(len(column) != len(names) for column in columns.values()):
        raise ValueError("columns of different lengths")
    return Parcels(names=names, **columns)


@dataclass
class Inbox:
    """What clients want of the next tick, and who is to be answered after it."""

    parcels: list[tuple[bytes, Parcels]] = field(default_factory=list)
    cancels: list[tuple[bytes, list[str]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.parcels or self.cancels)


@dataclass
class Door:
    """The socket at which clients ask."""

    socket: zmq.Socket
    snapshot: Callable[[], dict[str, object]]
    set_speed: Callable[[float], str | None]  # returns why not, or None
    inbox: Inbox = field(default_factory=Inbox)
    closed: bool = False  # no more parcels will come
    refused: int = 0

    def receive(self) -> None:
        """Take in all that has come; never waits."""
        while True:
            try:
                route, *frames = self.socket.recv_multipart(flags=zmq.DONTWAIT)
            except zmq.Again:
                return
            try:
                self._take(route, msgspec.msgpack.decode(frames[-1], type=dict))
            except (ValueError, KeyError, TypeError, msgspec.DecodeError) as error:
                self.refused += 1
                self.answer(route, {"error": f"a request that cannot be read: {error}"})

    def _take(self, route: bytes, request: dict) -> None:
        ask = request["ask"]
        if ask == "snapshot":
            self.answer(route, self.snapshot())
        elif ask == "speed":
            value = float(request["value"])
            error = None
            if not 0 <= value <= MAX_SPEED:
                error = f"speed {value:g} is out of range; choose 0 (pause) to {MAX_SPEED:g}"
            error = error or self.set_speed(value)
            self.answer(route, {"error": error} if error else {"ok": True})
        elif ask == "submit":
            if self.closed:
                self.answer(route, {"error": "this day takes no more parcels"})
                return
            self.inbox.parcels.append((route, unpack_parcels(request["parcels"])))
            self.closed = bool(request.get("last", False))
        elif ask == "cancel":
            self.inbox.cancels.append((route, [str(name) for name in request["names"]]))
        else:
            self.answer(route, {"error": f"unknown request {ask!r}"})

    def take(self) -> Inbox:
        """Return and forget what the next tick is to take in."""
        inbox, self.inbox = self.inbox, Inbox()
        return inbox

    def answer(self, route: bytes, body: dict[str, object]) -> None:
        """Answer a client; one that has gone is not waited for."""
        try:
            self.socket.send_multipart([route, msgspec.msgpack.encode(body)], flags=zmq.DONTWAIT)
        except zmq.ZMQError as error:
            log.debug("a client could not be answered: %s", error)
