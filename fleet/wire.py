"""ZeroMQ between our processes: the header of a batch, the sockets, and their addresses.

A batch is one multipart message: the header, then one frame a message.  The header carries the
controller's epoch, which fences off an old controller, and a sequence number that only detects
gaps.  Binds are loopback; other addresses wait for keys.
"""

from __future__ import annotations

import ipaddress
import struct
from enum import IntEnum
from typing import NamedTuple

import zmq

HEADER = struct.Struct("<Bqqq")
HIGH_WATER = 4096  # batches in a pipe before the sender sees backpressure
RECONNECT_MILLISECONDS = 100
RECONNECT_MAX_MILLISECONDS = 500
BATCH_BYTES = 64 * 1024 * 1024


class Kind(IntEnum):
    """What a batch is."""

    # host or couriers -> controller
    HELLO = 1  # one frame: msgpack {"role", "first", "last"}
    CONNECTION = 2  # VDA 5050 messages, one a robot
    FACTSHEET = 3
    STATES = 4
    NEWS = 5  # couriers: msgpack {"news": rows of events.COURIER, "next": tick}
    # controller -> host or couriers
    WELCOME = 10  # msgpack: what a host or couriers need to start, or to go on where they were
    TICK = 11  # lockstep: live this tick with these orders or departures, then report
    ORDERS = 12  # real clock: orders or departures, whenever they come
    CLOCK = 13  # real clock: msgpack {"tick_seconds": wall seconds of a tick, 0: stand still}
    STOP = 14  # the day is over, or the controller ends: msgpack {"reason"}
    CATCH_UP = 15  # orders of earlier ticks: one frame a tick, 8 bytes of tick, then zlib of rows
    SNAPSHOT = 16  # clients' door: an answer; msgpack


class Header(NamedTuple):
    """The first frame of every batch."""

    kind: int
    epoch: int
    sequence: int
    tick: int

    def pack(self) -> bytes:
        """Return the frame."""
        return HEADER.pack(*self)


class AddressError(ValueError):
    """An address that cannot be used; the message says why and what to do."""


def unpack(frame: bytes) -> Header:
    """Return a batch's header.

    Raises
    ------
    ValueError
        If the frame is none.
    """
    try:
        return Header(*HEADER.unpack(frame))
    except struct.error as error:
        raise ValueError(f"not a batch header: {len(frame)} bytes") from error


def check_bind(address: str) -> str:
    """Return a loopback address to bind to.

    Raises
    ------
    AddressError
        For any other: traffic there would be readable and writable by everybody.
    """
    host = address.removeprefix("tcp://").rpartition(":")[0].strip("[]")
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise AddressError(
            f"{address}: not a loopback address; bind to tcp://127.0.0.1:PORT "
            "(other machines need keys, which this version does not make yet)"
        )
    return address


def check_connect(address: str) -> str:
    """Return an address of the form tcp://host:port.

    Raises
    ------
    AddressError
        If it is none.
    """
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    if not address.startswith("tcp://") or not host or not port.isdigit() or int(port) > 65535:
        raise AddressError(
            f"{address}: not an address; write tcp://HOST:PORT, as the controller says"
        )
    return address


def bind_router(context: zmq.Context, address: str) -> tuple[zmq.Socket, str]:
    """Return a ROUTER that tells unknown peers and full pipes, and the address it got."""
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
    _limits(socket)
    return socket, _bind(socket, address)


def bind_feed(context: zmq.Context, address: str) -> tuple[zmq.Socket, str]:
    """Return an XPUB for viewers (a slow one loses updates, and sees the gap), and its address."""
    socket = context.socket(zmq.XPUB)
    _limits(socket)
    return socket, _bind(socket, address)


def connect_dealer(context: zmq.Context, address: str) -> zmq.Socket:
    """Return a DEALER that sends nothing into the void while the other side is away."""
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.IMMEDIATE, 1)
    socket.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MILLISECONDS)
    _limits(socket)
    socket.connect(check_connect(address))
    return socket


def connect_feed(context: zmq.Context, address: str) -> zmq.Socket:
    """Return a SUB to all of a controller's updates."""
    socket = context.socket(zmq.SUB)
    _limits(socket)
    socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.connect(check_connect(address))
    return socket


def _limits(socket: zmq.Socket) -> None:
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.SNDHWM, HIGH_WATER)
    socket.setsockopt(zmq.RCVHWM, HIGH_WATER)
    socket.setsockopt(zmq.MAXMSGSIZE, BATCH_BYTES)
    socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
    socket.setsockopt(zmq.HEARTBEAT_IVL, 1000)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 10_000)


def _bind(socket: zmq.Socket, address: str) -> str:
    try:
        socket.bind(check_bind(address))
    except zmq.ZMQError as error:
        raise AddressError(
            f"{address}: cannot be bound ({error}); stop what listens there or choose another port"
        ) from error
    return socket.getsockopt_string(zmq.LAST_ENDPOINT)
