"""The clients' door: parcels, cancellations, operators' requests, snapshots.

A submission is idempotent by the client's parcel id.  What changes the day waits until the tick
that takes it in is committed; only then is the client answered.  With keys, each may ask what its
role may ask and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
import zmq

from fleet import wire
from fleet.events import Operation
from fleet.keys import Party
from fleet.parcels import Parcels
from fleet.refusals import Refusals
from fleet.requests import Request, read_request

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
MAX_REQUESTS = 64  # taken in at once, so that a flood does not keep the floor waiting
MAX_WAITING = 1_000_000  # parcels that wait for the next tick
MAX_OPERATIONS = 1000  # operators' requests that wait for the next tick
# What each role may ask.
MAY_ASK = {
    "viewer": ("snapshot",),
    "operator": ("snapshot", "operate"),
    "client": ("submit", "cancel"),
}


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
    requests: list[tuple[bytes, Request]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.parcels or self.cancels or self.requests)

    def waiting(self) -> int:
        """Return how many parcels are to come in or to be taken out."""
        return sum(len(p) for _, p in self.parcels) + sum(len(n) for _, n in self.cancels)


@dataclass
class Door:
    """The socket at which clients ask."""

    socket: zmq.Socket
    snapshot: Callable[[], bytes]
    lockstep: bool = False  # the clock has no speed that one could ask for
    is_known: Callable[[str], bool] = lambda name: False  # whether a parcel's id is committed
    inbox: Inbox = field(default_factory=Inbox)
    closed: bool = False  # no more parcels will come
    refusals: Refusals = field(default_factory=Refusals)
    parties: Mapping[str, Party] | None = None  # whose keys are known; None: nobody has keys

    def receive(self) -> None:
        """Take in what has come; never waits."""
        for _ in range(MAX_REQUESTS):
            batch = wire.receive(self.socket)
            if batch is None:
                return
            route, user, frames = batch
            who = user or "a client"
            try:
                if len(frames) != 1:
                    raise ValueError(f"{len(frames)} frames; a request is one")
                request = msgspec.msgpack.decode(frames[0], type=dict)
                self._take(route, user, request, len(frames[0]))
            except (ValueError, KeyError, TypeError, msgspec.DecodeError) as error:
                self.refusals.add("malformed", who, error)
                self.answer(route, {"error": f"a request that cannot be read: {error}"})

    def _take(self, route: bytes, user: str, request: dict, size: int) -> None:
        ask = request["ask"]
        if self.parties is not None:
            role = self.parties[user].role
            if ask not in MAY_ASK[role]:
                self.refusals.add("unauthorised", user, f"asks for {ask!r}")
                self.answer(route, {"error": f"the key of a {role} is not for {str(ask)!r}"})
                return
        if ask not in ("submit", "cancel") and size > wire.MESSAGE_BYTES:
            self.refusals.add("oversized", user or "a client", f"{size} bytes")
            self.answer(route, {"error": f"{size} bytes; at most {wire.MESSAGE_BYTES}"})
            return
        if ask == "snapshot":
            self._send(route, self.snapshot())
        elif ask in ("submit", "cancel") and self.inbox.waiting() > MAX_WAITING:
            self.answer(route, {"error": "too much waits for the next tick; ask again later"})
        elif ask == "submit":
            parcels = unpack_parcels(request["parcels"])
            if self.closed:
                # Whose last answer was lost asks again, and is not to be told that it failed.
                known = all(self.is_known(name) for name in parcels.names)
                again: dict[str, object] = {"accepted": 0, "known": len(parcels), "refused": 0}
                refusal: dict[str, object] = {"error": "this day takes no more parcels"}
                self.answer(route, again if known else refusal)
                return
            self.inbox.parcels.append((route, parcels))
            self.closed = bool(request.get("last", False))
        elif ask == "cancel":
            self.inbox.cancels.append((route, [str(name) for name in request["names"]]))
        elif ask == "operate" and len(self.inbox.requests) >= MAX_OPERATIONS:
            self.answer(route, {"error": "too much waits for the next tick; ask again later"})
        elif ask == "operate":
            wanted = read_request(request, user)
            if wanted.what == Operation.SPEED and self.lockstep:
                error = "this day runs as fast as it goes; start it with --speed FACTOR to steer it"
                self.answer(route, {"error": error})
                return
            self.inbox.requests.append((route, wanted))
        else:
            self.answer(route, {"error": f"unknown request {ask!r}"})

    def take(self) -> Inbox:
        """Return and forget what the next tick is to take in."""
        inbox, self.inbox = self.inbox, Inbox()
        return inbox

    def answer(self, route: bytes, body: dict[str, object]) -> None:
        """Answer a client; one that has gone is not waited for."""
        self._send(route, msgspec.msgpack.encode(body))

    def _send(self, route: bytes, body: bytes) -> None:
        try:
            self.socket.send_multipart([route, body], flags=zmq.DONTWAIT)
        except zmq.Again:
            self.refusals.add("full", "a client", "asks more than it listens")
        except zmq.ZMQError as error:
            log.debug("a client could not be answered: %s", error)
