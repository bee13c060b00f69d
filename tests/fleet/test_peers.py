"""What hosts may say, and what is refused: counted, told once, and never taken in."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from fleet import welcome
from fleet.events import COURIER, ORDER
from fleet.keys import Party
from fleet.robot import ROBOT, robot_frames, robot_rows
from fleet.wire import MESSAGE_BYTES, Kind, unpack
from tests.fleet.wire_pair import Desk, desk, hello, state


def test_two_hosts_and_couriers_are_complete(tmp_path: Path) -> None:
    """Robots 0:2, 2:4 and the couriers make a whole; before that the hole is named."""
    with desk(tmp_path) as one:
        one.host(0, 2)
        assert one.peers.missing() == [(2, 4)]
        one.host(2, 4)
        couriers = one.dealer()
        one.say(couriers, Kind.HELLO, 1, msgspec.msgpack.encode({"role": "couriers"}))
        assert one.peers.complete()
        assert one.refused == {}


def test_reports_are_taken_in_and_the_newest_counts(tmp_path: Path) -> None:
    """Of two reports of one robot the later one is drained."""
    with desk(tmp_path) as one:
        host = one.host(0, 4)
        one.say(host, Kind.STATES, 2, state(1, heading=1), state(3))
        one.say(host, Kind.STATES, 3, state(1, heading=2))
        reports, _ = one.peers.drain()
        assert reports["robot"].tolist() == [1, 3]
        assert reports["heading"].tolist() == [2, 0]


@pytest.mark.parametrize(
    ("kind", "sequence", "frames", "epoch", "refused"),
    [
        (Kind.STATES, 1, [state(0)], 1, "replayed"),
        (Kind.STATES, 2, [state(2)], 1, "forged"),
        (Kind.STATES, 2, [state(0, order=-1, sequence=2)], 1, "forged"),
        (Kind.STATES, 2, [state(0, cell=99_999_999)], 1, "forged"),
        (Kind.STATES, 2, [state(0, cell=-2)], 1, "forged"),
        (Kind.STATES, 2, [b"x" * (MESSAGE_BYTES + 1)], 1, "oversized"),
        (Kind.STATES, 2, [state(0)[:-1] + b',"deep":' + b"[" * 9_000], 1, "malformed"),
        (Kind.STATES, 2, [state(0)] * 3, 1, "oversized"),
        (Kind.STATES, 2, [b"\xff{}"], 1, "malformed"),
        (Kind.NEWS, 2, [b"\x80"], 1, "malformed"),
        (99, 2, [], 1, "malformed"),
        (Kind.STATES, 2**62, [state(0)], 1, "malformed"),
        (Kind.STATES, 2, [state(0)], 0, "outdated"),
        (Kind.HELLO, 2, [b"\x80"], 1, "malformed"),
    ],
)
def test_what_a_host_may_not_say_is_refused(
    tmp_path: Path, kind: int, sequence: int, frames: list[bytes], epoch: int, refused: str
) -> None:
    """Each is counted under its kind, and none of it is drained."""
    with desk(tmp_path) as one:
        host = one.host(0, 2)
        one.say(host, kind, sequence, *frames, epoch=epoch)
        assert one.refused == {refused: 1}
        assert len(one.peers.drain()[0]) == 0


def test_robots_that_a_host_wants_kept_come_back_with_its_welcome(tmp_path: Path) -> None:
    """Once the next tick is on disk; then only the orders of later ticks are told again."""
    with desk(tmp_path) as one:
        robots = np.zeros(2, ROBOT)
        robots["cell"] = (5, 7)
        host = one.host(0, 2)
        one.tick()
        one.say(host, Kind.ROBOTS, 2, *robot_frames(robots.tobytes()), tick=one.day.world.tick)
        one.say(host, Kind.ROBOTS, 3, b"not that many")
        assert one.refused == {"malformed": 1}
        orders = np.zeros(1, ORDER)
        for _ in range(3):
            one.tick()
            one.day.store.db.execute("DELETE FROM orders")
        one.day.store.add_orders(one.day.world.tick - 3, orders)
        one.day.store.add_orders(one.day.world.tick - 2, orders)
        host.close()
        other = one.dealer()
        sequence = 1
        while not other.poll(0):
            one.say(other, Kind.HELLO, sequence, hello(0, 2))
            sequence += 1
        _, body, *kept = one.hear(other)
        assert robot_rows(kept, (0, 2)) == robots.tobytes()
        assert msgspec.msgpack.decode(body)["catch_up"] == 1
        _, *ticks = one.hear(other)
        assert [int.from_bytes(t[:8], "little") for t in ticks] == [one.day.world.tick - 2]


def live(one: Desk, ticks: int, asked: range) -> None:
    """Live so many ticks, of which hosts were asked to live these."""
    for _ in range(ticks):
        one.tick()
    one.day.store.db.execute("DELETE FROM orders")
    for tick in asked:
        one.day.store.add_orders(tick, np.zeros(0, ORDER))


def test_a_long_past_is_told_a_part_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next when the one before is lived, and the last tick behind all of them."""
    monkeypatch.setattr(welcome, "CATCH_UP_TICKS", 2)
    with desk(tmp_path) as one:
        live(one, 6, asked=range(1, 7))
        host = one.dealer()
        one.say(host, Kind.HELLO, 1, hello(0, 4))
        assert msgspec.msgpack.decode(one.hear(host)[1])["catch_up"] == 3
        told = []
        for sequence in (2, 3):
            told.append([int.from_bytes(t[:8], "little") for t in one.hear(host)[1:]])
            assert not host.poll(0)
            one.say(host, Kind.CAUGHT_UP, sequence, tick=told[-1][-1])
        told.append([int.from_bytes(t[:8], "little") for t in one.hear(host)[1:]])
        assert told == [[1, 2], [3, 4], [5]]
        assert unpack(one.hear(host)[0])[::3] == (Kind.TICK, 6)
        one.say(host, Kind.CAUGHT_UP, 4, tick=4)  # it has been answered
        assert one.refused == {"malformed": 1}


def test_a_quiet_tick_waits_for_a_host_that_has_a_past_to_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not asked to live the last tick, but stands where it stood only behind the others."""
    monkeypatch.setattr(welcome, "CATCH_UP_TICKS", 1)
    with desk(tmp_path) as one:
        live(one, 3, asked=range(1, 3))
        host = one.host(0, 4)
        peer = one.peers.peers[0, 4]
        assert peer.answered < 3
        one.say(host, Kind.CAUGHT_UP, 2, tick=1)
        assert peer.answered == 3


def test_a_gap_is_seen_and_the_batch_taken(tmp_path: Path) -> None:
    """Two sequence numbers that never came are counted; what came is good."""
    with desk(tmp_path) as one:
        host = one.host(0, 2)
        one.say(host, Kind.STATES, 4, state(0))
        assert one.refused == {"gap": 2}
        assert len(one.peers.drain()[0]) == 1


def test_a_stranger_is_not_heard(tmp_path: Path) -> None:
    """Without a hello nothing counts."""
    with desk(tmp_path) as one:
        one.say(one.dealer(), Kind.STATES, 1, state(0))
        one.say(one.dealer(), 1, 1)
        assert one.refused == {"stranger": 1, "malformed": 1}


def test_a_living_host_cannot_be_replaced(tmp_path: Path) -> None:
    """A second host of the same robots waits; when the first has hung up it is welcomed."""
    with desk(tmp_path) as one:
        first = one.host(0, 2)
        second = one.dealer()
        one.say(second, Kind.HELLO, 1, hello(0, 2))
        assert one.refused == {"forged": 1}
        first.close()
        sequence = 1
        while not second.poll(0):  # as a host does, it says hello until it is answered
            sequence += 1
            one.say(second, Kind.HELLO, sequence, hello(0, 2))
        assert unpack(one.hear(second)[0]).kind == Kind.WELCOME


def test_overlapping_robots_are_told_why(tmp_path: Path) -> None:
    """A host of robots that another has gets the reason, and is told to stop."""
    with desk(tmp_path) as one:
        one.host(0, 2)
        other = one.dealer()
        one.say(other, Kind.HELLO, 1, hello(1, 3))
        head, body = one.hear(other)
        assert unpack(head).kind == Kind.STOP
        assert "another host has 0:2" in msgspec.msgpack.decode(body)["reason"]


def test_robots_that_were_silent_come_back_with_a_host_of_more(tmp_path: Path) -> None:
    """An earlier controller knew other ranges; the first robot does not speak for all."""
    with desk(tmp_path) as one:
        one.day.world.robots["online"][2:] = 0
        one.host(0, 4)
        assert one.peers.links.changes().tolist() == [(0, 4, 1)]


def test_keys_bind_hosts_to_their_robots(tmp_path: Path) -> None:
    """With keys, who shows none, as on this plain socket, speaks for nobody."""
    with desk(tmp_path, {"host-0-2": Party("host", "k", 0, 2)}) as one:
        one.say(one.dealer(), Kind.HELLO, 1, hello(0, 2))
        assert one.refused == {"forged": 1}
        assert one.peers.peers == {}


def test_news_of_tours_that_there_are_not_is_refused(tmp_path: Path) -> None:
    """A courier's news must name a tour, a courier and a parcel of this day."""
    with desk(tmp_path) as one:
        couriers = one.dealer()
        one.say(couriers, Kind.HELLO, 1, msgspec.msgpack.encode({"role": "couriers"}))
        news = b"\x07" * COURIER.itemsize
        body = msgspec.msgpack.encode({"news": news, "next": -1})
        one.say(couriers, Kind.NEWS, 2, body)
        assert one.refused == {"malformed": 1}


def test_silence_makes_suspect_then_lost(tmp_path: Path) -> None:
    """After 3 s a host's robots get no more cells, after 10 s it is lost; a word brings it back."""
    with desk(tmp_path) as one:
        one.host(0, 2)
        peer = one.peers.peers[(0, 2)]
        peer.heard -= 4.0
        assert one.peers.links.changes().tolist() == [(0, 2, 0)]
        assert one.peers.links.not_online() == [[0, 2, "suspect"]]
        peer.heard -= 7.0
        assert len(one.peers.links.changes()) == 0
        assert one.peers.links.not_online() == [[0, 2, "lost"]]
        assert one.peers.links.headers.tolist() == [1, 1, 0, 0]
        peer.heard += 11.0
        assert one.peers.links.changes().tolist() == [(0, 2, 1)]
