"""The clients' door: parcels, cancellations, operators' requests, snapshots.

A submission is idempotent by the client's parcel id.  What changes the day waits until the tick
that takes it in is committed; only then is the client answered.  With keys, each may ask what its
role may ask and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import zmq

from fleet import wire
from fleet.events import Operation
from fleet.keys import Party
from fleet.parcels import REASONS, Parcels, name_fault
from fleet.refusals import Refusals
from fleet.requests import Request, read_request

log = logging.getLogger("fleet")


@dataclass(frozen=True)
class Refused:
    """What of a request's ids are none."""

    count: int
    reasons: list[list[str]]  # of the first few, what was said and why it is none


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
MAX_SHOWN = 200  # characters of what a client said that are said again
MAX_REQUESTS = 64  # taken in at once, so that a flood does not keep the floor waiting
MAX_NAMES = 20_000  # in one request; with the longest ids still less than `wire.SUBMIT_BYTES`
MAX_WAITING = 1_000_000  # ids and requests that wait for the next tick
MAX_OPERATIONS = 1000  # operators' requests that wait for the next tick
TOO_MUCH = "too much waits for the next tick; ask again later"
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


def unpack_parcels(plain: dict) -> tuple[Parcels, Refused]:
    """Return what `pack_parcels` packed, and what ids among them are none and why.

    Raises
    ------
    ValueError, KeyError, TypeError
        If columns are missing, are no bytes or differ in length, or if there are too many rows.
    """
    names = plain["names"]
    sound, refused = _sound(names)
    columns: dict[str, np.ndarray] = {}
    for name, dtype in COLUMNS.items():
        raw = plain[name]
        if type(raw) is not bytes or len(raw) != len(names) * np.dtype(dtype).itemsize:
            raise ValueError(f"column {name}: not the bytes of {len(names)} {dtype.__name__}")
        if name == "paid" and raw.strip(b"\0\1"):
            raise ValueError("column paid: has bytes other than 0 and 1")
        columns[name] = np.frombuffer(raw, dtype)
    parcels = Parcels(names=names, **columns)
    if refused.count:
        parcels = parcels.take(np.array(sound, int))
    return parcels, refused


def _sound(names: object) -> tuple[list[int], Refused]:
    """Return the rows of ids that are some, and what the others are."""
    if not isinstance(names, list):
        raise ValueError("names: no list")
    if len(names) > MAX_NAMES:
        raise ValueError(f"names: {len(names):,}; at most {MAX_NAMES:,} in one request")
    sound: list[int] = []
    reasons: list[list[str]] = []
    for k, name in enumerate(names):
        if not (why := name_fault(name)):
            sound.append(k)
        elif len(reasons) < REASONS:
            reasons.append([_shown(name), f"its id {why}"])
    return sound, Refused(len(names) - len(sound), reasons)


def with_refused(answer: dict[str, Any], refused: Refused) -> dict[str, Any]:
    """Return what is answered to a request of which some ids were none."""
    if not refused.count:
        return answer
    reasons = [*refused.reasons, *answer.get("reasons", [])]
    return answer | {"refused": answer["refused"] + refused.count, "reasons": reasons[:REASONS]}


def _shown(value: object) -> str:
    """Return what a client said, cut short where it is long."""
    text = ascii(value)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."


@dataclass
class Inbox:
    """What clients want of the next tick, and who is to be answered after it."""

    # With what was refused of each already: ids that are none.
    parcels: list[tuple[bytes, Parcels, Refused]] = field(default_factory=list)
    cancels: list[tuple[bytes, list[str], Refused]] = field(default_factory=list)
    requests: list[tuple[bytes, Request]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.parcels or self.cancels or self.requests)

    def waiting(self) -> int:
        """Return how many ids came, sound or not, and requests, as empty ones take room too."""
        asked = [(len(some), refused) for _, some, refused in self.parcels]
        asked += [(len(names), refused) for _, names, refused in self.cancels]
        return sum(1 + sound + refused.count for sound, refused in asked)


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
            batch = wire.receive(self.socket, keys=self.parties is not None)
            if batch is None:
                return
            self.take_frames(*batch)

    def take_frames(self, route: bytes, user: str, frames: list[bytes]) -> None:
        """Take in one request as it came; what cannot be read is counted and answered."""
        try:
            if len(frames) != 1:
                raise ValueError(f"{len(frames)} frames; a request is one")
            request = msgspec.msgpack.decode(frames[0], type=dict)
            self._take(route, user, request, len(frames[0]))
        except wire.UNREADABLE as error:
            reason = str(error)[: 2 * MAX_SHOWN]
            self.refusals.add("malformed", user or "a client", reason)
            self.answer(route, {"error": f"a request that cannot be read: {reason}"})

    def _take(self, route: bytes, user: str, request: dict, size: int) -> None:
        ask = request["ask"]
        if self.parties is not None:
            role = self.parties[user].role
            if ask not in MAY_ASK[role]:
                self.refusals.add("unauthorised", user, f"asks for {_shown(ask)}")
                self.answer(route, {"error": f"the key of a {role} is not for {_shown(ask)}"})
                return
        if ask not in ("submit", "cancel") and size > wire.MESSAGE_BYTES:
            self.refusals.add("oversized", user or "a client", f"{size} bytes")
            self.answer(route, {"error": f"{size} bytes; at most {wire.MESSAGE_BYTES}"})
            return
        if ask == "snapshot":
            self._send(route, self.snapshot())
        elif ask in ("submit", "cancel") and self.inbox.waiting() > MAX_WAITING:
            self.answer(route, {"error": TOO_MUCH})
        elif ask == "submit":
            self._submit(route, request)
        elif ask == "cancel":
            rows, refused = _sound(request["names"])
            names = [request["names"][k] for k in rows]
            self.inbox.cancels.append((route, names, refused))
        elif ask == "operate":
            self._operate(route, user, request)
        else:
            self.answer(route, {"error": f"unknown request {_shown(ask)}"})

    def _submit(self, route: bytes, request: dict) -> None:
        parcels, refused = unpack_parcels(request["parcels"])
        if not self.closed:
            self.inbox.parcels.append((route, parcels, refused))
            self.closed = bool(request.get("last", False))
            return
        # Whose last answer was lost asks again, and is not to be told that it failed.
        waiting = {name for _, some, _ in self.inbox.parcels for name in some.names}
        new = [name for name in parcels.names if not self.is_known(name)]
        if not new:
            known = {"accepted": 0, "known": len(parcels), "refused": 0}
            self.answer(route, with_refused(known, refused))
        elif waiting.issuperset(new):  # and is answered with it
            self.inbox.parcels.append((route, parcels, refused))
        else:
            self.answer(route, {"error": "this day takes no more parcels"})

    def _operate(self, route: bytes, user: str, request: dict) -> None:
        if len(self.inbox.requests) >= MAX_OPERATIONS:
            self.answer(route, {"error": TOO_MUCH})
            return
        wanted = read_request(request, user)
        if wanted.what == Operation.SPEED and self.lockstep:
            error = "this day runs as fast as it goes; start it with --speed FACTOR to steer it"
            self.answer(route, {"error": error})
        else:
            self.inbox.requests.append((route, wanted))

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
