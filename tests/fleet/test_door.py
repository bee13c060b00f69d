"""The clients' door: what may be asked, by whom, and how it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import numpy as np
import pytest
import zmq

from fleet import client, wire
from fleet.door import Door, pack_parcels, unpack_parcels
from fleet.events import Operation
from fleet.keys import Party
from fleet.parcels import Parcels
from fleet.requests import Request, describe, speed_request
from fleet.wire import MESSAGE_BYTES


def parcels(*names: str) -> Parcels:
    """Return parcels of these names."""
    n = len(names)
    return Parcels(
        names=list(names), x=np.zeros(n), y=np.zeros(n), size=np.ones(n, np.int32),
        station=np.full(n, -1, np.int32), ready_seconds=np.zeros(n), due_open=np.full(n, np.nan),
        due_close=np.full(n, np.nan), paid=np.zeros(n, bool),
    )  # fmt: skip


class Hall:
    """A door and a client before it."""

    def __init__(self) -> None:
        self.context = zmq.Context()
        socket, address = wire.bind_router(self.context, "tcp://127.0.0.1:*", "clients")
        self.door = Door(
            socket,
            lambda: msgspec.msgpack.encode({"tick": 7}),
            is_known=lambda name: name == "old",
        )
        self.client = wire.connect_dealer(self.context, address)
        assert self.client.poll(5000, zmq.POLLOUT)

    def send(self, *frames: bytes) -> None:
        """Send a request, and let the door take it in."""
        wire.send(self.client, list(frames))
        assert self.door.socket.poll(5000)
        self.door.receive()

    def ask(self, **request: object) -> dict:
        """Return the door's answer."""
        self.send(msgspec.msgpack.encode(request))
        return self.hear()

    def hear(self) -> dict:
        """Return the next answer."""
        assert self.client.poll(5000)
        return msgspec.msgpack.decode(self.client.recv(), type=dict)


@contextmanager
def hall() -> Iterator[Hall]:
    """Open a door, and leave no socket behind."""
    one = Hall()
    try:
        yield one
    finally:
        one.context.destroy(linger=0)


def test_parcels_survive_the_wire() -> None:
    """What is unpacked is what was packed; columns of other lengths are refused."""
    plain = msgspec.msgpack.decode(msgspec.msgpack.encode(pack_parcels(parcels("a", "b"))))
    again = unpack_parcels(plain)
    assert again.names == ["a", "b"]
    assert again.size.tolist() == [1, 1]
    plain["names"] = ["a"]
    with pytest.raises(ValueError, match="different lengths"):
        unpack_parcels(plain)


def test_a_submission_waits_for_its_tick() -> None:
    """Parcels lie in the inbox, unanswered, until the tick that takes them in is committed."""
    with hall() as one:
        one.send(msgspec.msgpack.encode({"ask": "submit", "parcels": pack_parcels(parcels("a"))}))
        assert one.client.poll(0) == 0
        [(route, taken)] = one.door.take().parcels
        assert taken.names == ["a"]
        assert not one.door.inbox
        one.door.answer(route, {"accepted": 1})
        assert one.hear() == {"accepted": 1}


def test_after_the_last_parcels_only_known_ones_are_acknowledged() -> None:
    """A client whose answer was lost is told that its parcels are known; a new parcel is late."""
    with hall() as one:
        one.door.closed = True
        known = one.ask(ask="submit", parcels=pack_parcels(parcels("old")))
        assert known == {"accepted": 0, "known": 1, "refused": 0}
        late = one.ask(ask="submit", parcels=pack_parcels(parcels("old", "new")))
        assert "no more parcels" in late["error"]
        assert not one.door.inbox


def test_a_speed_is_asked_for_like_all_that_operators_ask_for() -> None:
    """It waits for its tick; there is no other way, and in lockstep none at all."""
    plain = {"ask": "operate", **speed_request("1", 2.5).plain()}
    with hall() as one:
        assert one.ask(ask="snapshot") == {"tick": 7}
        one.send(msgspec.msgpack.encode(plain))
        [(_, request)] = one.door.take().requests
        assert describe(request.what, request.robot, request.cell) == "run at ×2.5"
        assert "unknown request" in one.ask(ask="speed", value=1)["error"]
        one.door.lockstep = True
        assert "start it with --speed FACTOR" in one.ask(**plain)["error"]
        assert not one.door.inbox


@pytest.mark.parametrize(
    ("frames", "refused"),
    [
        ([b"\xc1"], "malformed"),
        ([b"\x80"], "malformed"),
        ([b"\x80", b"\x80"], "malformed"),
        ([msgspec.msgpack.encode({"ask": "submit", "parcels": {}})], "malformed"),
        ([msgspec.msgpack.encode({"ask": "cancel", "names": 3})], "malformed"),
        (
            [msgspec.msgpack.encode({"ask": "operate", "what": "speed", "id": "1", "cell": "x"})],
            "malformed",
        ),
        ([msgspec.msgpack.encode({"ask": "operate", "id": "1", "what": "fly"})], "malformed"),
        ([msgspec.msgpack.encode({"ask": "operate", "what": "pause"})], "malformed"),
        ([msgspec.msgpack.encode({"ask": "snapshot", "pad": b"x" * MESSAGE_BYTES})], "oversized"),
    ],
)
def test_what_cannot_be_read_is_counted_and_answered(frames: list[bytes], refused: str) -> None:
    """Each gets an error, and changes nothing."""
    with hall() as one:
        one.send(*frames)
        assert "error" in one.hear()
        assert one.door.refusals.plain() == {refused: 1}
        assert not one.door.inbox


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", {"snapshot"}),
        ("operator", {"snapshot", "operate"}),
        ("client", {"submit", "cancel"}),
    ],
)
def test_each_role_asks_what_it_may(role: str, allowed: set[str]) -> None:
    """With keys a role's own requests are taken, the others refused; no key at all is an error."""
    with hall() as one:
        one.door.parties = {"": Party(role, "k")}  # this plain socket's sender has no name
        requests = {
            "snapshot": {},
            "submit": {"parcels": pack_parcels(parcels("a"))},
            "cancel": {"names": ["a"]},
            "operate": Request("1", Operation.PAUSE).plain(),
        }
        for ask, more in requests.items():
            one.send(msgspec.msgpack.encode({"ask": ask, **more}))
            if ask not in allowed:
                assert "not for" in one.hear()["error"]
            elif ask == "snapshot":
                assert "error" not in one.hear()
        assert bool(one.door.inbox) == (role != "viewer")
        assert one.door.refusals.plain() == {"unauthorised": 4 - len(allowed)}
        one.door.parties = {}
        assert "error" in one.ask(ask="snapshot")


def test_too_much_for_one_tick_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full inbox is visible backpressure, never an endless queue."""
    monkeypatch.setattr("fleet.door.MAX_WAITING", 0)
    monkeypatch.setattr("fleet.door.MAX_OPERATIONS", 0)
    with hall() as one:
        one.send(msgspec.msgpack.encode({"ask": "cancel", "names": ["a"]}))
        assert "ask again later" in one.ask(ask="cancel", names=["b"])["error"]
        pause = Request("1", Operation.PAUSE).plain()
        assert "ask again later" in one.ask(ask="operate", **pause)["error"]


def test_a_client_is_told_where_nobody_answers() -> None:
    """One line names the address and what to start; a foreign address needs keys."""
    with pytest.raises(client.UnreachableError, match="fleet controller"):
        client.ask("tcp://127.0.0.1:1", {"ask": "snapshot"}, seconds=0.01)
    with pytest.raises(wire.AddressError, match="--keys"):
        client.ask("tcp://192.0.2.1:1", {"ask": "snapshot"}, seconds=0.01)
