"""Batches of states that are decoded together are refused one by one."""

from __future__ import annotations

from pathlib import Path

from fleet.peer import Peer
from fleet.state_batches import StateBatch, take_states
from tests.fleet.wire_pair import desk, state


def test_one_bad_batch_among_others_is_refused_alone(tmp_path: Path) -> None:
    """What cannot be read, and what is of another's robot, is counted; the rest is drained."""
    with desk(tmp_path) as one:
        peers = [Peer(bytes([k]), (k, k + 1), 0.0) for k in range(3)]
        said = [[state(0, heading=1)], [b"{"], [state(1), state(2)]]
        recorded: list[bytes] = []
        batches = [
            StateBatch(peer, "", 0, frames) for peer, frames in zip(peers, said, strict=True)
        ]
        take_states(
            batches, one.day.world, one.peers.intake, one.peers.refusals,
            lambda tick, topic, direction, frames: recorded.extend(frames),
        )  # fmt: skip
        assert one.refused == {"malformed": 1, "forged": 1}
        assert one.peers.drain()[0]["robot"].tolist() == [0, 2]
        assert [peer.answered for peer in peers] == [0, -1, 0]
        assert recorded == [*said[0], *said[2]]


def test_batches_without_messages(tmp_path: Path) -> None:
    """A host that has nothing to report answers its tick all the same."""
    with desk(tmp_path) as one:
        peer = Peer(b"a", (0, 2), 0.0)
        take_states(
            [StateBatch(peer, "", 0, [])], one.day.world, one.peers.intake,
            one.peers.refusals, lambda *_: None,
        )  # fmt: skip
        assert peer.answered == 0
        assert one.refused == {}
