"""ZeroMQ between our processes: the header of a batch, the sockets, and their addresses.

A batch is one multipart message: the header, then one frame a message.  The header carries the
controller's epoch, which fences off an old controller, and a sequence number that only detects
gaps and repetitions.  Without keys everything stays on the loopback; with keys everything, the
loopback too, is encrypted with CURVE, and both sides know whom they speak to.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable
from contextlib import suppress
from enum import IntEnum
from typing import NamedTuple

import msgspec
import zmq

from fleet.messages import MESSAGE_BYTES as MESSAGE_BYTES

HEADER = struct.Struct("<Bqqq")
MAX_PORT = 65535
# Batches in a pipe before its sender sees backpressure, by the controller's socket.
HOSTS_HIGH_WATER = 256
CLIENTS_HIGH_WATER = 16
FEED_HIGH_WATER = 64
RECONNECT_MILLISECONDS = 100
RECONNECT_MAX_MILLISECONDS = 500
HANDSHAKE_MILLISECONDS = 5000  # for a stranger to say who it is
CUT_BYTES = 4 * MESSAGE_BYTES  # one still longer cuts its connection before it costs memory
# A viewer says what it subscribes to, of which each byte costs dozens here; a handshake fits.
FEED_BYTES = 1024
SUBMIT_BYTES = 4 * 1024 * 1024  # a client's columns of parcels
ANSWER_BYTES = -1  # a controller's own answers know no limit
# What comes of reading bytes that a stranger made up: other types, numbers and depths than ours.
UNREADABLE = (
    ValueError, LookupError, TypeError, ArithmeticError, RecursionError, msgspec.MsgspecError,
)  # fmt: skip
MAX_SOCKETS = 16_384  # of one process: a robot may have a connection of its own

# As plain numbers: an enum's arithmetic for each of ten thousand frames costs more than sending.
_NOW = int(zmq.DONTWAIT)
_MORE = int(zmq.DONTWAIT) | int(zmq.SNDMORE)


class Kind(IntEnum):
    """What a batch is."""

    # host or couriers -> controller
    HELLO = 1  # one frame: msgpack {"role", "first", "last"}
    CONNECTION = 2  # VDA 5050 messages, one a robot
    FACTSHEET = 3
    STATES = 4
    NEWS = 5  # couriers: msgpack {"news": rows of events.COURIER, "next": tick}
    ROBOTS = 6  # lockstep, now and then: simulated robots as they stand, bytes of robot.ROBOT
    CAUGHT_UP = 7  # lockstep: a CATCH_UP is lived up to this tick, the next may come
    # controller -> host or couriers
    # msgpack: what a host or couriers need to start, or to go on where they were; for a host then
    # what its robots' last ROBOTS said, where there was one
    WELCOME = 10
    TICK = 11  # lockstep: live this tick with these orders or departures, then report
    ORDERS = 12  # real clock: orders or departures, whenever they come
    CLOCK = 13  # real clock: msgpack {"tick_seconds": wall seconds of a tick, 0: stand still}
    STOP = 14  # the day is over, or the controller ends: msgpack {"reason"}
    CATCH_UP = 15  # orders of earlier ticks: one frame a tick, 8 bytes of tick, then zlib of rows


class Header(NamedTuple):
    """The first frame of every batch."""

    kind: int
    epoch: int
    sequence: int
    tick: int

    def pack(self) -> bytes:
        """Return the frame."""
        return HEADER.pack(*self)


class Curve(NamedTuple):
    """One side's keys (Z85), and the controller's public one where this is not the controller."""

    public: bytes
    secret: bytes
    server: bytes | None


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
        return Header._make(HEADER.unpack(frame))
    except struct.error as error:
        raise ValueError(f"not a batch header: {len(frame)} bytes") from error


def new_context() -> zmq.Context:
    """Return a context for as many connections as the machine allows."""
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, MAX_SOCKETS)
    try:
        import resource
    except ImportError:  # no such limit on Windows
        return context
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MAX_SOCKETS if hard == resource.RLIM_INFINITY else min(2 * MAX_SOCKETS, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return context


def _is_loopback(address: str) -> bool:
    host = address.removeprefix("tcp://").rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_bind(address: str, *, keys: bool = False) -> str:
    """Return an address to bind to.

    Raises
    ------
    AddressError
        Without keys, for any but the loopback: everybody could read and write there.  For a port
        that there is not.
    """
    if not keys and not _is_loopback(address):
        raise AddressError(
            f"{address}: not a loopback address; make keys with `fleet keys FOLDER` and give "
            "--keys FOLDER, or bind to tcp://127.0.0.1:PORT"
        )
    port = address.rpartition(":")[2]
    number = int(port) if port.isascii() and port.isdecimal() else 0
    if port != "*" and not 1 <= number <= MAX_PORT:  # libzmq would take another one
        raise AddressError(f"{address}: no such port; choose * (any free one) or 1 to {MAX_PORT}")
    return address


def check_connect(address: str, *, keys: bool = False) -> str:
    """Return an address of the form tcp://host:port.

    Raises
    ------
    AddressError
        If it is none, or, without keys, not on the loopback.
    """
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    if not address.startswith("tcp://") or not host or not port.isdecimal() or int(port) > MAX_PORT:
        raise AddressError(
            f"{address}: not an address; write tcp://HOST:PORT, as the controller says"
        )
    if not keys and not _is_loopback(address):
        raise AddressError(f"{address}: not a loopback address; give --keys FOLDER")
    return address


def bind_router(
    context: zmq.Context, address: str, domain: str, curve: Curve | None = None
) -> tuple[zmq.Socket, str]:
    """Return a ROUTER that tells unknown peers and full pipes, and the address it got.

    Routing ids are made by ZeroMQ, never by a peer, so that none can take another's.
    """
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
    if domain == "clients":
        _limits(socket, CLIENTS_HIGH_WATER, SUBMIT_BYTES)
    else:
        _limits(socket, HOSTS_HIGH_WATER, CUT_BYTES)
    return socket, _bind(socket, address, domain, curve)


def try_binding(addresses: Iterable[str], curve: Curve | None) -> None:
    """See whether these addresses can be bound side by side, and leave them free again.

    Raises
    ------
    AddressError
        For the first that cannot.
    """
    context = zmq.Context()
    try:
        for address in addresses:
            _bind(context.socket(zmq.ROUTER), address, "try", curve)
    finally:
        context.destroy(linger=0)


def bind_feed(
    context: zmq.Context, address: str, curve: Curve | None = None
) -> tuple[zmq.Socket, str]:
    """Return a PUB for viewers (a slow one loses updates, and sees the gap), and its address.

    An XPUB would keep all that viewers say until somebody reads it.
    """
    socket = context.socket(zmq.PUB)
    _limits(socket, FEED_HIGH_WATER, FEED_BYTES)
    return socket, _bind(socket, address, "feed", curve)


def connect_dealer(context: zmq.Context, address: str, curve: Curve | None = None) -> zmq.Socket:
    """Return a DEALER that sends nothing into the void while the other side is away."""
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.IMMEDIATE, 1)
    _connect(socket, address, curve)
    return socket


def send(socket: zmq.Socket, frames: list[bytes]) -> None:
    """Send frames as one batch, or raise `zmq.ZMQError` at once; half as dear as `send_multipart`.

    libzmq takes a batch wholly or not at all: only its first frame can be refused.
    """
    one = super(zmq.Socket, socket).send  # half as dear as the one that knows more options
    for frame in frames[:-1]:
        one(frame, _MORE)
    one(frames[-1], _NOW)


def receive(socket: zmq.Socket, *, keys: bool = True) -> tuple[bytes, str, list[bytes]] | None:
    """Return what a ROUTER has: route, its key's name (empty without keys), frames; None: none.

    Without `keys` nobody is asked for one, which costs as much as half a message.
    """
    one, user = socket.recv, ""
    try:
        if keys:
            first = one(_NOW, False)
            route = first.bytes
            with suppress(zmq.ZMQError):
                user = str(first.get("User-Id"))
        else:
            route = one(_NOW)
    except zmq.Again:
        return None
    frames = []
    more = True  # a ROUTER puts the route before whatever a peer sends
    while more:
        frame = one(0, False)
        frames.append(frame.bytes)
        more = frame.more
    return route, user, frames


def use_keys(socket: zmq.Socket, curve: Curve) -> None:
    """Let a socket that is about to connect encrypt, and speak under its key."""
    assert curve.server is not None
    socket.curve_publickey, socket.curve_secretkey = curve.public, curve.secret
    socket.curve_serverkey = curve.server


def _connect(socket: zmq.Socket, address: str, curve: Curve | None) -> None:
    check_connect(address, keys=curve is not None)
    socket.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MILLISECONDS)
    _limits(socket, HOSTS_HIGH_WATER, ANSWER_BYTES)
    if curve is not None:
        use_keys(socket, curve)
    socket.connect(address)


def _limits(socket: zmq.Socket, high_water: int, message_bytes: int) -> None:
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.SNDHWM, high_water)
    socket.setsockopt(zmq.RCVHWM, high_water)
    socket.setsockopt(zmq.MAXMSGSIZE, message_bytes)
    socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
    socket.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MILLISECONDS)
    socket.setsockopt(zmq.HEARTBEAT_IVL, 1000)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 10_000)


def _bind(socket: zmq.Socket, address: str, domain: str, curve: Curve | None) -> str:
    if curve is not None:
        socket.curve_server = True
        socket.curve_publickey, socket.curve_secretkey = curve.public, curve.secret
        # Without a handler that answers for this domain nobody gets in.
        socket.zap_domain = domain.encode()
        socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
    try:
        socket.bind(check_bind(address, keys=curve is not None))
    except zmq.ZMQError as error:
        raise AddressError(
            f"{address}: cannot be bound ({error}); stop what listens there or choose another port"
        ) from error
    return socket.getsockopt_string(zmq.LAST_ENDPOINT)
