"""Whom to ask, with which key, and whether anybody listens; ZeroMQ itself would wait for ever."""

from __future__ import annotations

import contextlib
import socket

import msgspec
import zmq

from fleet.wire import check_connect
from viz.source import SourceError

CONNECT_SECONDS = 3.0


def check_address(address: str, *, keys: bool = False) -> None:
    """See that something listens there at all.

    Raises
    ------
    SourceError
        If the address is none, or nothing listens at it.
    fleet.wire.AddressError
        If it is another machine and there are no keys.
    """
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    remedy = "give the clients' address that `fleet controller` printed, such as tcp://HOST:PORT"
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise SourceError(f"{address}: no address; {remedy}")
    try:
        socket.getaddrinfo(host.strip("[]"), int(port))
    except (OSError, UnicodeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise SourceError(f"{address}: no such host ({reason}); {remedy}") from None
    check_connect(address, keys=keys)
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"{address}: nobody there ({reason.lower()}); {remedy}") from None


def reachable(feed: str, door: str) -> str:
    """Return a feed's address, at the host of the door where it is bound to all of them."""
    host, _, port = feed.removeprefix("tcp://").rpartition(":")
    if host not in ("0.0.0.0", "[::]", "*"):
        return feed
    return f"tcp://{door.removeprefix('tcp://').rpartition(':')[0]}:{port}"


def ask_controller(door: zmq.Socket, **request: object) -> bool:
    """Send a request, or drop it where nobody takes it: never wait.  Tell whether it was sent."""
    with contextlib.suppress(zmq.Again):
        door.send(msgspec.msgpack.encode(request), zmq.DONTWAIT)
        return True
    return False
