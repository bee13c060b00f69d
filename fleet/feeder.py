"""What the controller's process shows: one update a tick to all viewers, a snapshot to who asks."""

from __future__ import annotations

import secrets

import msgspec
import zmq

from fleet import feed
from fleet.controller import Effects
from fleet.day import Day


class Feeder:
    """The feed's socket and what it said last.

    Viewers that are slow miss updates and see the gap; nobody waits for them.

    Parameters
    ----------
    socket, address
        Of the feed.
    day
        The run, at its last tick.  One that has lived none has nothing to show yet.
    speed
        Its clock's; 0 in lockstep.
    """

    def __init__(
        self, socket: zmq.Socket, address: str, day: Day, *, lockstep: bool, speed: float = 0.0
    ) -> None:
        self.socket, self.address = socket, address
        self.day = day
        self.lockstep = lockstep
        self.id = secrets.randbits(62)
        self.sequence = 0
        # Who was started again may stand for long, as while an operator has paused the floor.
        began = day.store.last_tick() >= 0
        self.last_body = feed.standing_body(day.world, speed=speed) if began else {}
        self.packed: tuple[int, bytes] = (-1, b"")  # the snapshot after an update

    def publish(
        self,
        effects: Effects,
        *,
        speed: float,
        planner_ms: float,
        refused: dict[str, int],
        silent: list[list[int | str]],
    ) -> None:
        """Tell all viewers what a tick changed, and who was refused or is silent by now."""
        self.sequence += 1
        self.last_body = feed.tick_body(self.day.world, effects, speed=speed, planner_ms=planner_ms)
        self.last_body["refused"] = refused
        self.last_body["silent"] = silent
        frames = feed.pack(self.id, self.sequence, self.last_body)
        self.socket.send_multipart(frames, flags=zmq.DONTWAIT)

    def snapshot(self) -> bytes:
        """Return the packed snapshot; it is made once a tick, whoever asks how often."""
        day = self.day
        if self.packed[0] != self.sequence or not self.sequence:
            body = {
                "feed_id": self.id,
                "run": day.store.meta("run", ""),
                "sequence": self.sequence,
                "feed": self.address,
                "lockstep": self.lockstep,
                **self.last_body,
                **feed.snapshot_body(
                    day.world,
                    day.book,
                    day.depot,
                    day.store.meta("scenario"),
                    day.store.meta("map"),
                ),
            }
            self.packed = (self.sequence, msgspec.msgpack.encode(body))
        return self.packed[1]
