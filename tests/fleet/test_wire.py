"""Batches, addresses and encrypted sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from fleet import keys, wire
from fleet.wire import AddressError, Curve, Header
from fleet.zap import Gate

ANYWHERE = "tcp://127.0.0.1:*"
INT64 = st.integers(-(2**63), 2**63 - 1)


@given(st.integers(0, 255), INT64, INT64, INT64)
def test_headers_survive(kind: int, epoch: int, sequence: int, tick: int) -> None:
    """A header comes back equal."""
    header = Header(kind, epoch, sequence, tick)
    assert wire.unpack(header.pack()) == header


@given(st.binary(max_size=40).filter(lambda frame: len(frame) != wire.HEADER.size))
def test_other_frames_are_no_headers(frame: bytes) -> None:
    """Any other length is refused with a `ValueError`."""
    with pytest.raises(ValueError, match="not a batch header"):
        wire.unpack(frame)


@pytest.mark.parametrize("host", ["0.0.0.0", "*", "10.1.2.3", "example.org", "[::]"])
def test_without_keys_everything_stays_on_the_loopback(host: str) -> None:
    """Neither binding nor connecting elsewhere is possible; with keys it is."""
    with pytest.raises(AddressError, match="--keys"):
        wire.check_bind(f"tcp://{host}:5570")
    with pytest.raises(AddressError, match="--keys"):
        wire.check_connect(f"tcp://{host}:5570")
    assert wire.check_bind(f"tcp://{host}:5570", keys=True)
    assert wire.check_connect(f"tcp://{host}:5570", keys=True)


@pytest.mark.parametrize("port", ["-1", "0", "65536", "abc", "", "5570x", "²"])
def test_a_port_that_there_is_not_is_refused(port: str) -> None:
    """libzmq would take another one, or say something else."""
    with pytest.raises(AddressError, match=r"no such port; choose \* \(any free one\) or 1 to"):
        wire.check_bind(f"tcp://127.0.0.1:{port}")
    assert wire.check_bind("tcp://127.0.0.1:*")
    assert wire.check_bind("tcp://[::1]:65535")


@pytest.mark.parametrize("address", ["127.0.0.1:5", "tcp://127.0.0.1", "tcp://:7", "tcp://h:99999"])
def test_what_is_no_address_is_refused(address: str) -> None:
    """The message says how one looks."""
    with pytest.raises(AddressError, match="tcp://HOST:PORT"):
        wire.check_connect(address, keys=True)


def test_a_batch_comes_with_its_route_and_goes_back() -> None:
    """Frames arrive as sent; without keys the sender has no name."""
    context = zmq.Context()
    try:
        router, address = wire.bind_router(context, ANYWHERE, "hosts")
        dealer = wire.connect_dealer(context, address)
        assert wire.receive(router) is None
        assert dealer.poll(5000, zmq.POLLOUT)
        wire.send(dealer, [b"head", b"", b"body"])
        assert router.poll(5000)
        batch = wire.receive(router)
        assert batch is not None
        assert batch[1:] == ("", [b"head", b"", b"body"])
        wire.send(router, [batch[0], b"answer"])
        assert dealer.poll(5000)
        assert dealer.recv_multipart() == [b"answer"]
    finally:
        context.destroy(linger=0)


def _speaks(context: zmq.Context, address: str, curve: Curve | None, router: zmq.Socket) -> str:
    """Return under which name a dealer is heard, "-" where it is not let in."""
    dealer = wire.connect_dealer(context, address, curve)
    try:
        if not dealer.poll(300, zmq.POLLOUT):
            return "-"
        wire.send(dealer, [b"x"])
        if not router.poll(300):
            return "-"
        batch = wire.receive(router)
        return "" if batch is None else batch[1]
    finally:
        dealer.close()


@pytest.mark.slow
def test_only_known_keys_of_the_right_role_get_in(tmp_path: Path) -> None:
    """A host gets in by its name; a viewer, an unknown key and no key do not; no gate, nobody."""
    keys.make(tmp_path, [(0, 5)])
    context, others = zmq.Context(), zmq.Context()
    server = keys.server_curve(tmp_path)
    gate = Gate(context, tmp_path)
    gate.start()
    try:
        router, address = wire.bind_router(context, ANYWHERE, "hosts", server)
        host = keys.curve_of(tmp_path, "host", (0, 5))
        unknown = Curve(*zmq.curve_keypair(), server.public)
        assert _speaks(others, address, host, router) == "host-0-5"
        viewer = keys.curve_of(tmp_path, "viewer")
        assert _speaks(others, address, viewer, router) == "-"
        assert _speaks(others, address, unknown, router) == "-"
        assert _speaks(others, address, None, router) == "-"
        assert set(gate.turned_away) == {"wrong role", "unknown key"}
        gate.stop()
        assert _speaks(others, address, host, router) == "-"
    finally:
        gate.stop()
        others.destroy(linger=0)
        context.destroy(linger=0)


@pytest.fixture
def feed() -> Iterator[tuple[zmq.Context, zmq.Socket, str]]:
    """A controller's feed without keys, and its address."""
    context = zmq.Context()
    yield context, *wire.bind_feed(context, ANYWHERE)
    context.destroy(linger=0)


def test_nothing_that_viewers_say_waits_at_the_feed(
    feed: tuple[zmq.Context, zmq.Socket, str],
) -> None:
    """Nobody would ever read it, and who subscribes again and again would fill the memory."""
    context, socket, address = feed
    viewer = context.socket(zmq.XSUB)
    viewer.connect(address)
    viewer.send(b"\2whatever")
    viewer.send(b"\1tick")
    while not viewer.poll(10):
        socket.send(b"tick")
    assert not socket.getsockopt(zmq.EVENTS) & zmq.POLLIN


def test_a_long_subscription_cuts_its_connection(
    feed: tuple[zmq.Context, zmq.Socket, str],
) -> None:
    """Each of its bytes would cost the controller dozens."""
    context, socket, address = feed
    watch = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    viewer = context.socket(zmq.XSUB)
    viewer.connect(address)
    viewer.send(b"\1" + b"x" * wire.FEED_BYTES)
    assert watch.poll(5000)
    socket.disable_monitor()


def test_a_viewer_with_its_key_hears_the_feed(tmp_path: Path) -> None:
    """Its handshake is short enough for the feed."""
    keys.make(tmp_path, [])
    context, others = zmq.Context(), zmq.Context()
    gate = Gate(context, tmp_path)
    gate.start()
    try:
        socket, address = wire.bind_feed(context, ANYWHERE, keys.server_curve(tmp_path))
        viewer = others.socket(zmq.SUB)
        wire.use_keys(viewer, keys.curve_of(tmp_path, "viewer"))
        viewer.subscribe(b"tick")
        viewer.connect(address)
        for _ in range(500):
            socket.send(b"tick")
            if viewer.poll(10):
                break
        assert viewer.recv(zmq.DONTWAIT) == b"tick"
    finally:
        gate.stop()
        others.destroy(linger=0)
        context.destroy(linger=0)
