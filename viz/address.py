"""Whether anybody listens at an address; ZeroMQ itself would wait for ever."""

from __future__ import annotations

import socket

from viz.source import SourceError

CONNECT_SECONDS = 3.0


def check_address(address: str) -> None:
    """See that something listens there at all.

    Raises
    ------
    SourceError
        If the address is none, or nothing listens at it.
    """
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    remedy = "give the clients' address that `fleet controller` printed, such as tcp://HOST:PORT"
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SourceError(f"{address}: no address; {remedy}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"{address}: nobody there ({reason.lower()}); {remedy}") from None
