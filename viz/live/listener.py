"""The thread that follows a controller: asks for snapshots, hears updates, heals gaps."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import msgspec
import zmq

from fleet.feed import TOPIC, unpack
from fleet.requests import Request
from fleet.wire import Curve, use_keys
from viz.live.address import ask_controller, check_address, reachable

ASK_SECONDS = 1.0  # between two asked snapshots
CONNECT_MS = 10  # between two looks whether a connection stands
UPDATES_AT_ONCE = 200  # taken in before the door is looked at again


class Listener:
    """Two sockets and a thread that alone touches them.

    A gap in the sequence numbers or another feed is healed by another snapshot.

    Parameters
    ----------
    address
        The clients' door of a controller.
    curve
        Its key and ours, where it asks for keys.
    silence
        Seconds without a word after which the controller is lost.
    on_snapshot
        Takes a snapshot's body, and whether it is of another controller than the one before.
    on_tick
        Takes an update's body; returns whether it speaks of what only a snapshot tells.
    """

    def __init__(
        self,
        address: str,
        curve: Curve | None,
        *,
        silence: float,
        on_snapshot: Callable[[dict, bool], None],
        on_tick: Callable[[dict], bool],
    ) -> None:
        check_address(address, keys=curve is not None)
        self._address, self._silence = address, silence
        self._on_snapshot, self._on_tick = on_snapshot, on_tick
        self.requests: deque[Request] = deque()
        self.ready = threading.Event()  # there is a snapshot, or there will be none
        self.failure = ""
        self.said = (-float("inf"), "")  # what a person should hear, and when it came
        self.healed = 0  # times that a snapshot had to heal a gap or a restart
        self._feed_id, self._sequence = -1, -1
        self._last_id, self._shown = -1, ""
        self._heard = 0.0
        self._stopped = threading.Event()
        self._context = zmq.Context()
        self._thread = threading.Thread(target=self._run, args=[curve], daemon=True, name="feed")
        self._thread.start()

    def silent(self) -> bool:
        """Tell whether nothing has been heard for long."""
        return time.monotonic() - self._heard > self._silence

    def said_since(self) -> bool:
        """Tell whether what is to be said came up after the controller's last word."""
        return self.said[0] > self._heard

    def close(self) -> None:
        """End the thread and close the sockets."""
        self._stopped.set()
        self._thread.join()
        self._context.destroy(linger=0)

    # -- the thread

    def _run(self, curve: Curve | None) -> None:
        door = self._context.socket(zmq.DEALER)
        feed = self._context.socket(zmq.SUB)
        for one in (door, feed):
            one.setsockopt(zmq.LINGER, 0)
            if curve is not None:
                use_keys(one, curve)
        # Nothing is kept for a controller that is away: a request done when it comes back, long
        # after it was asked for, would surprise whoever is on the floor then.
        door.setsockopt(zmq.IMMEDIATE, 1)
        feed.setsockopt(zmq.RCVHWM, 2000)
        feed.setsockopt(zmq.SUBSCRIBE, TOPIC)
        try:
            door.connect(self._address)
            self._listen(door, feed)
        except (zmq.ZMQError, ValueError, KeyError, msgspec.DecodeError) as error:
            self.failure = f"cannot be followed ({type(error).__name__}: {error})"
            self.ready.set()
        finally:
            door.close()
            feed.close()

    def _listen(self, door: zmq.Socket, feed: zmq.Socket) -> None:
        poller = zmq.Poller()
        poller.register(door, zmq.POLLIN)
        poller.register(feed, zmq.POLLIN)
        followed, asked, waiting = "", 0.0, True
        while not self._stopped.is_set():
            now = time.monotonic()
            due = waiting and now - asked >= ASK_SECONDS
            if due and ask_controller(door, ask="snapshot"):
                asked, due = now, False
            while self.requests:
                request = self.requests.popleft().plain()
                # A link that is dead without a word would take it, and keep it.
                if self.silent() or not ask_controller(door, ask="operate", **request):
                    self.said = (now, "not sent: the controller is away; ask again when it is back")
            ready = dict(poller.poll(CONNECT_MS if due and self._feed_id < 0 else 100))
            if door in ready:
                answer = msgspec.msgpack.decode(door.recv_multipart()[-1], type=dict)
                if "feed" not in answer or "robots" in answer:  # else the run has nothing to show
                    self._heard = time.monotonic()
                if "error" in answer:
                    self.said = (now, f"refused: {answer['error']}")
                elif "ok" in answer and "tick" in answer:
                    self.said = (now, f"done, tick {answer['tick']}")
                if "feed" in answer:
                    waiting = False
                    if "robots" in answer:
                        self._take_snapshot(answer)
                    if answer["feed"] != followed:
                        if followed:
                            feed.disconnect(followed)
                        followed = answer["feed"]
                        feed.connect(reachable(followed, self._address))
                        # What came before the subscription was missed: ask once more.
                        asked, waiting = 0.0, True
            if feed in ready:
                for _ in range(UPDATES_AT_ONCE):
                    waiting |= self._take_update(feed.recv_multipart())
                    if not feed.poll(0):
                        break
            # A quiet controller is asked whether it is still there.
            if now - self._heard > self._silence / 2 and now - asked >= ASK_SECONDS:
                waiting = True

    def _take_update(self, frames: list[bytes]) -> bool:
        """Take in an update; return whether a snapshot is needed."""
        feed_id, sequence, body = unpack(frames)
        self._heard = time.monotonic()
        if self._feed_id < 0 or (feed_id == self._feed_id and sequence <= self._sequence):
            return self._feed_id < 0
        if feed_id != self._feed_id or sequence != self._sequence + 1:
            missed = sequence - self._sequence - 1
            if feed_id == self._feed_id:
                self.said = (self._heard, f"missed {missed:,} of the ticks; whole again")
            self.healed += 1
            self._feed_id = -1
            return True
        self._sequence = sequence
        return self._on_tick(body)

    def _take_snapshot(self, body: dict) -> None:
        now = time.monotonic()
        if body["feed_id"] != self._feed_id or body["sequence"] >= self._sequence:
            other = self._last_id not in (-1, body["feed_id"])
            if other:
                same = body["run"] == self._shown
                self.said = (now, "the controller has come back" if same else "another run begins")
            self._feed_id = self._last_id = body["feed_id"]
            self._sequence, self._shown = body["sequence"], body["run"]
            self._on_snapshot(body, other)
        self.ready.set()
