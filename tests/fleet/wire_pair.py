"""A controller's hosts socket and a day of four robots, without a controller around them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import zmq

from fleet import wire
from fleet.controller import departure
from fleet.day import Day
from fleet.events import REPORT
from fleet.keys import Party
from fleet.message_states import encode_states
from fleet.parcels import empty_parcels
from fleet.peers import Peers
from fleet.refusals import Refusals
from fleet.run_folder import create
from fleet.wire import Header, Kind
from tests.fleet.pure_day import write_files

ANYWHERE = "tcp://127.0.0.1:*"
TIME = "2017-11-11T00:00:00.000Z"


def state(robot: int, **columns: int) -> bytes:
    """Return a state message of a robot that holds no order."""
    row = np.zeros(1, REPORT)
    for name in ("epoch", "order", "update", "load"):
        row[name] = -1
    row["robot"] = robot
    for name, value in columns.items():
        row[name] = value
    base, none = np.full((1, 1), -1, np.int32), np.zeros(1, np.uint8)
    return encode_states(row, base, none, np.zeros(1, np.int64), TIME, "tiny", 10, 0.6)[0]


class Desk:
    """Peers of a fresh day, with dealers that speak to it."""

    def __init__(self, folder: Path, parties: dict[str, Party] | None = None) -> None:
        self.context = zmq.Context()
        self.socket, self.address = wire.bind_router(self.context, ANYWHERE, "hosts")
        self.day: Day = create(folder / "run", write_files(folder), lockstep=True)
        self.day.pending = None
        world = self.day.world
        self.peers = Peers(
            self.socket,
            len(world.robots),
            lockstep=True,
            epoch=self.day.store.claim(),
            depot=(0.0, 0.0),
            time_of=lambda tick: TIME,
            departure_of=lambda tour: departure(world, self.day.book, tour),
            record=lambda *_: None,
            refusals=Refusals(),
            parties=parties,
        )

    def dealer(self) -> zmq.Socket:
        """Return a connected dealer."""
        socket = wire.connect_dealer(self.context, self.address)
        assert socket.poll(5000, zmq.POLLOUT)
        return socket

    def host(self, first: int, last: int) -> zmq.Socket:
        """Return a dealer that has been welcomed as a host."""
        socket = self.dealer()
        self.say(socket, Kind.HELLO, 1, hello(first, last))
        assert wire.unpack(self.hear(socket)[0]).kind == Kind.WELCOME
        return socket

    def say(
        self, socket: zmq.Socket, kind: int, sequence: int, *frames: bytes, epoch: int = 1,
        tick: int = 0,
    ) -> None:  # fmt: skip
        """Send a batch and let the controller's side take it in."""
        wire.send(socket, [Header(kind, epoch, sequence, tick).pack(), *frames])
        self.take()

    def take(self) -> None:
        """Take in what has been sent."""
        assert self.peers.receive(self.day.world, self.day.store, 5.0)

    def hear(self, socket: zmq.Socket) -> list[bytes]:
        """Return the next batch."""
        assert socket.poll(5000)
        return socket.recv_multipart()

    def tick(self) -> None:
        """Live a tick without anything in it."""
        self.day.world.tick += 1
        self.day.tick({}, None, empty_parcels(), [])

    @property
    def refused(self) -> dict[str, int]:
        """What was refused so far."""
        return self.peers.refusals.plain()


def hello(first: int, last: int) -> bytes:
    """Return the frame of a host's hello."""
    return msgspec.msgpack.encode({"role": "host", "first": first, "last": last})


@contextmanager
def desk(folder: Path, parties: dict[str, Party] | None = None) -> Iterator[Desk]:
    """Open a desk, and leave no socket behind."""
    one = Desk(folder, parties)
    try:
        yield one
    finally:
        one.day.store.close()
        one.context.destroy(linger=0)
