"""A controller for viewers' tests: its two sockets, with a day that the test drives."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import zmq

from fleet import feed
from tests.fleet.pure_day import PureDay, write_files

PATIENCE_SECONDS = 20.0


class Controller:
    """The two sockets of a controller, with a day that the test drives tick by tick."""

    def __init__(self, folder: Path) -> None:
        self.day = PureDay(folder, write_files(folder))
        self.context = zmq.Context()
        self.asked: list[dict] = []
        self.feed_id, self.sequence, self.silent = 1, 0, False
        self.open("tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
        self.tick()

    def open(self, door: str, feed_address: str) -> None:
        self.door = self.context.socket(zmq.ROUTER)
        self.feed = self.context.socket(zmq.XPUB)
        self.door.bind(door)
        self.feed.bind(feed_address)
        self.address = self.door.getsockopt_string(zmq.LAST_ENDPOINT)
        self.feed_address = self.feed.getsockopt_string(zmq.LAST_ENDPOINT)

    def reopen(self, gone: Controller) -> None:
        """Stand where another controller stood."""
        self.door.close(linger=0)
        self.feed.close(linger=0)
        self.open(gone.address, gone.feed_address)

    def tick(self) -> None:
        """Live a tick and keep its body."""
        day = self.day.day
        seen: list[dict[str, object]] = []
        plain_tick = day.tick

        def tick(*args: object, **how: object) -> object:
            effects = plain_tick(*args, **how)  # type: ignore[arg-type]
            seen.append(feed.tick_body(day.world, effects, speed=4.0, planner_ms=0.5))
            return effects

        day.tick = tick  # type: ignore[assignment]
        try:
            if day.store.last_tick() >= 0:
                day.world.tick += 1
            self.day.tick()
        finally:
            day.tick = plain_tick  # type: ignore[method-assign]
        self.body = seen[0]
        self.sequence += 1

    def publish(self) -> None:
        """Send the newest tick to whoever listens."""
        self.feed.send_multipart(feed.pack(self.feed_id, self.sequence, self.body))

    def serve(self) -> None:
        """Answer what was asked."""
        while self.door.poll(0):
            route, *frames = self.door.recv_multipart()
            request = msgspec.msgpack.decode(frames[-1])
            self.asked.append(request)
            if request["ask"] == "snapshot":
                day = self.day.day
                answer = {
                    "feed_id": self.feed_id, "sequence": self.sequence, "feed": self.feed_address,
                    "run": day.store.meta("run"), "lockstep": False, **self.body,
                    **feed.snapshot_body(day.world, day.book, day.depot,
                                         day.store.meta("scenario"), day.store.meta("map")),
                }  # fmt: skip
            else:
                answer = {"error": "no"} if request.get("id") == "no" else {"ok": True}
                if request["ask"] == "operate":
                    answer["tick"] = 7
            self.door.send_multipart([route, msgspec.msgpack.encode(answer)])

    def until(self, there: Callable[[], bool]) -> None:
        """Serve until something has come about."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not there():
            self.serve()
            self.door.poll(5)
            assert time.monotonic() < deadline

    def close(self) -> None:
        self.context.destroy(linger=0)
        self.day.day.store.close()
