"""State messages of hosts, decoded and checked many batches at once.

Where each robot has a connection of its own a batch is one message, and most of the work would be
the arrays made for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fleet import message_states
from fleet.admission import forged_reports
from fleet.intake import Intake
from fleet.messages import MessageError
from fleet.peer import Peer
from fleet.refusals import Refusals
from fleet.world import World


class StateBatch(NamedTuple):
    """What one host has sent at once."""

    peer: Peer
    user: str  # whose key it has; empty without keys
    tick: int
    frames: list[bytes]


def take_states(
    batches: list[StateBatch],
    world: World,
    intake: Intake,
    refusals: Refusals,
    record: Callable[[int, str, str, list[bytes]], None],
) -> None:
    """Take in state messages; a batch with one that cannot be read is refused, the others count."""
    frames = [frame for batch in batches for frame in batch.frames]
    charged = world.scenario.floor.battery
    try:
        rows = message_states.decode_states(frames)
        batteries = message_states.decode_batteries(frames) if charged else None
    except MessageError as error:
        if len(batches) == 1:
            first = batches[0]
            refusals.add("malformed", first.user or first.peer.name, error)
        else:
            for batch in batches:
                take_states([batch], world, intake, refusals, record)
        return
    sizes = [len(batch.frames) for batch in batches]
    spans = np.repeat([batch.peer.span for batch in batches], sizes, axis=0).reshape(-1, 2)
    forged = forged_reports(world, rows, spans[:, 0], spans[:, 1])
    begin, any_forged, now = 0, bool(forged.any()), world.tick
    for batch, size in zip(batches, sizes, strict=True):
        record(batch.tick, "state", "in", batch.frames)
        mine = slice(begin, begin + size)
        if any_forged and forged[mine].any():
            robots = rows["robot"][mine][forged[mine]]
            refusals.add("forged", batch.peer.name, f"robot {robots[0]}", len(robots))
        tick = min(batch.tick, now)
        if tick > batch.peer.answered:
            batch.peer.answered = tick
        begin += size
    intake.add_reports(rows[~forged], None if batteries is None else batteries[~forged])
