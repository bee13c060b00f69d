"""The clients' door: what may be asked, by whom, and how it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import numpy as np
import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from fleet import wire
from fleet.door import (
    COLUMNS,
    MAX_NAMES,
    Door,
    Refused,
    pack_parcels,
    unpack_parcels,
    with_refused,
)  # fmt: skip
from fleet.events import Operation
from fleet.keys import Party
from fleet.parcels import MAX_NAME_BYTES, REASONS, Parcels
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
    again, _ = unpack_parcels(plain)
    assert again.names == ["a", "b"]
    assert again.size.tolist() == [1, 1]
    plain["names"] = ["a"]
    with pytest.raises(ValueError, match="column x: not the bytes of 1 float64"):
        unpack_parcels(plain)


@pytest.mark.parametrize(
    ("name", "shown", "why"),
    [
        (b"\xff", "b'\\xff'", "is no text"),
        ([1], "[1]", "is no text"),
        (5, "5", "is no text"),
        ("a\n", "'a\\n'", "has control characters"),
        ("", "''", "has not 1 to 100 bytes"),
        ("\u00e9" * 51, ascii("\u00e9" * 51)[:200] + "...", "has not 1 to 100 bytes"),
    ],
)
def test_what_is_no_id_is_refused_alone(name: object, shown: str, why: str) -> None:
    """It would end in the store, in files and on terminals; the others of its batch are done."""
    with hall() as one:
        plain = pack_parcels(parcels("a", "", "b")) | {"names": ["a", name, "b"]}
        one.send(msgspec.msgpack.encode({"ask": "submit", "parcels": plain}))
        one.send(msgspec.msgpack.encode({"ask": "cancel", "names": ["a", name, "b"]}))
        inbox = one.door.take()
        [(_, taken, refused)] = inbox.parcels
        [(_, names, never)] = inbox.cancels
    assert taken.names == names == ["a", "b"]
    assert len(taken.x) == 2
    assert refused == never == Refused(1, [[shown, f"its id {why}"]])


def test_ids_that_are_none_are_named_beside_the_others() -> None:
    """The answer counts both, and names the first few."""
    answer: dict = {"accepted": 1, "known": 0, "refused": 0}
    assert with_refused(answer, Refused(0, [])) == answer
    none = [["''", "its id has not 1 to 100 bytes"]]
    assert with_refused(answer, Refused(1, none)) == answer | {"refused": 1, "reasons": none}
    heavy = [[f"P{k}", "its size is negative"] for k in range(REASONS)]
    both = with_refused(
        {"accepted": 0, "known": 0, "refused": 30, "reasons": heavy}, Refused(1, none)
    )
    assert both == {"accepted": 0, "known": 0, "refused": 31, "reasons": none + heavy[:-1]}


def test_ids_that_are_no_list_are_refused_together() -> None:
    """There is nothing that could be done."""
    with hall() as one:
        plain = pack_parcels(parcels("a"))
        for request in ({"ask": "submit", "parcels": {**plain, "names": {"a": 1}}},
                        {"ask": "cancel", "names": {"a": 1}}):  # fmt: skip
            assert "names: no list" in one.ask(**request)["error"]
        assert one.door.refusals.plain() == {"malformed": 2}
        assert not one.door.inbox


@pytest.mark.parametrize(
    ("column", "raw"),
    [("x", b""), ("x", [0.0]), ("x", "12345678"), ("size", b"12345678"), ("paid", b"\2")],
)
def test_columns_are_bytes_of_their_types(column: str, raw: object) -> None:
    """A column of another length, of no bytes, or of flags that are none is refused by name."""
    with hall() as one:
        plain = {**pack_parcels(parcels("a")), column: raw}
        assert f"column {column}: " in one.ask(ask="submit", parcels=plain)["error"]
        assert one.door.refusals.plain() == {"malformed": 1}


WORDS = ("ask", "names", "parcels", "value", "last", "id", "what", "robot", "cell", "parcel")
ASKS = ("submit", "cancel", "speed", "operate", "snapshot")
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=9)
    | st.binary(max_size=9) | st.sampled_from(ASKS) | st.sampled_from(["pause", "clear"])
)  # fmt: skip
OBJECTS = st.recursive(
    LEAVES,
    lambda some: (
        st.lists(some, max_size=3)
        | st.dictionaries(st.sampled_from((*WORDS, *COLUMNS)), some, max_size=12)
        | st.dictionaries(st.integers(0, 9) | st.text(max_size=3), some, max_size=3)
    ),
    max_leaves=20,
)


@given(st.data())
def test_whatever_is_thrown_at_the_door_is_answered_or_taken_in(data: st.DataObject) -> None:
    """Never an exception: an answer, a counted refusal, or parcels and requests that are sound."""
    request = data.draw(st.dictionaries(st.sampled_from(WORDS), OBJECTS) | OBJECTS)
    if isinstance(request, dict) and data.draw(st.booleans()):
        request["ask"] = data.draw(st.sampled_from(ASKS))
    answered: list[bytes] = []
    door = Door(None, lambda: b"\x80", lockstep=False)  # type: ignore[arg-type]
    door._send = lambda route, body: answered.append(body)  # type: ignore[method-assign]
    door.take_frames(b"r", "", [msgspec.msgpack.encode(request)])
    assert len(answered) + len(door.inbox.parcels) + len(door.inbox.cancels) + len(
        door.inbox.requests
    ) == 1  # fmt: skip


def test_what_is_nested_too_deep_is_refused() -> None:
    """A reader's own limit is no way to end the controller."""
    with hall() as one:
        one.send(b"\x81\xa3ask" + b"\x91" * 60_000)
        assert "cannot be read" in one.hear()["error"]
        assert one.door.refusals.plain() == {"malformed": 1}


def test_a_submission_waits_for_its_tick() -> None:
    """Parcels lie in the inbox, unanswered, until the tick that takes them in is committed."""
    with hall() as one:
        one.send(msgspec.msgpack.encode({"ask": "submit", "parcels": pack_parcels(parcels("a"))}))
        assert one.client.poll(0) == 0
        [(route, taken, _)] = one.door.take().parcels
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


def test_who_asks_again_before_the_tick_is_answered_with_it() -> None:
    """The last parcels close the door; the same once more wait beside them, others are late."""
    with hall() as one:
        last = {"ask": "submit", "parcels": pack_parcels(parcels("a")), "last": True}
        one.send(msgspec.msgpack.encode(last))
        one.send(msgspec.msgpack.encode(last))
        assert one.client.poll(0) == 0
        assert len(one.door.inbox.parcels) == 2
        late = one.ask(ask="submit", parcels=pack_parcels(parcels("a", "b")))
        assert "no more parcels" in late["error"]


def test_a_batch_with_the_longest_ids_fits() -> None:
    """The door takes a whole batch of the client, whatever its ids are."""
    many = parcels(*("x" * MAX_NAME_BYTES for _ in range(MAX_NAMES)))
    request = {"ask": "submit", "parcels": pack_parcels(many), "last": True}
    assert len(msgspec.msgpack.encode(request)) < wire.SUBMIT_BYTES


def test_more_ids_than_a_batch_has_are_refused_unread() -> None:
    """Looking at each of the millions that a message can hold would stop the floor."""
    with hall() as one:
        many = [None] * (MAX_NAMES + 1)
        for request in ({"ask": "cancel", "names": many},
                        {"ask": "submit", "parcels": {"names": many}}):  # fmt: skip
            assert "20,001; at most 20,000 in one request" in one.ask(**request)["error"]
        assert not one.door.inbox


def test_ids_that_are_none_take_their_share_of_the_room() -> None:
    """Each counts for what waits, and only the first few are kept."""
    with hall() as one:
        one.send(msgspec.msgpack.encode({"ask": "cancel", "names": [None] * 50}))
        one.send(msgspec.msgpack.encode({"ask": "cancel", "names": []}))
        assert one.door.inbox.waiting() == 52
        (_, _, refused), _ = one.door.take().cancels
    assert refused == Refused(50, [["None", "its id is no text"]] * REASONS)


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
