"""The line to the controller, as hosts and couriers have it: hello, batches out, batches in."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from typing import Any, Protocol

import msgspec
import zmq

from fleet import wire
from fleet.keys import add_keys_argument
from fleet.wire import Header, Kind

HELLO_SECONDS = 0.5  # without a word from the controller, until one says again that one is there
TOLD_EXIT = 130  # of who was ended by a signal; the controller's word ends with 0
BEAT_SECONDS = 1.0  # until one says something though there is nothing new
UNANSWERED_SECONDS = 5.0  # without any welcome, until people are told


class Line:
    """A host's or the couriers' line to the controller."""

    def __init__(
        self, address: str, hello: dict[str, object], curve: wire.Curve | None = None
    ) -> None:
        self.address = address
        self.context = zmq.Context()
        self.socket = wire.connect_dealer(self.context, address, curve)
        self.hello = msgspec.msgpack.encode(hello)
        self.last_hello = -1e9
        self.unsaid = False  # the last hello found no controller
        self.epoch = 0
        self.sequence = 0  # of the newest batch that was sent
        self.received = 0  # and of the newest that came
        self.stopped = False
        # Ctrl-C in a terminal reaches every process; the controller's word is what ends a host.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, *_: object) -> None:
        self.stopped = True

    def send(self, kind: Kind, tick: int, frames: list[bytes]) -> bool:
        """Send a batch; False where the controller is away."""
        header = Header(kind, self.epoch, self.sequence + 1, tick).pack()
        try:
            wire.send(self.socket, [header, *frames])
        except zmq.Again:
            return False
        self.sequence += 1
        return True

    def say_hello(self, now: float) -> None:
        """Say who is there, if the last time is a while ago or nobody was there to hear it."""
        if self.unsaid or now - self.last_hello >= HELLO_SECONDS:
            self.unsaid = not self.send(Kind.HELLO, 0, [self.hello])
            self.last_hello = now

    def receive(self, seconds: float) -> tuple[Header, list[bytes]] | None:
        """Return the next batch, None if none comes in time; old controllers are not heard.

        None, too, once there is a controller that a hello can reach.
        """
        flags = zmq.POLLIN | (zmq.POLLOUT if self.unsaid else 0)
        if not self.socket.poll(max(0, int(seconds * 1000)), flags) & zmq.POLLIN:
            return None
        frames = self.socket.recv_multipart()
        self.unsaid = False  # who speaks to us is to be said hello to no sooner than after a while
        try:
            header = wire.unpack(frames[0])
        except ValueError:
            return None
        if header.epoch < self.epoch:
            return None
        # A welcome begins a new count; within one, nothing is taken twice.  A new controller that
        # refuses us has a count of its own.
        if header.kind not in (Kind.WELCOME, Kind.STOP) and header.sequence <= self.received:
            return None
        self.received = header.sequence
        return header, frames[1:]

    def close(self) -> None:
        """Hang up once what was sent has left."""
        self.socket.close(linger=500)
        self.context.term()


class Speaker(Protocol):
    """Who stands at this end of a line: a host with its robots, or the couriers."""

    def welcome(self, line: Line, tick: int, welcome: dict[str, Any], frames: list[bytes]) -> None:
        """Begin where a controller says, and answer it."""

    def take(self, line: Line, header: Header, frames: list[bytes]) -> None:
        """Do what a batch says."""

    def pass_tick(self) -> None:
        """Live a tick of one's own, on a real clock."""

    def has_news(self) -> bool:
        """Tell whether there is something to say without being asked."""
        ...

    def report(self, line: Line) -> None:
        """Say what is new; that there is nothing, too."""

    def leave(self, line: Line) -> None:
        """Say that one ends."""


def serve(line: Line, speaker: Speaker) -> int:
    """Do what the controller says until it says stop; return the exit code.

    In lockstep all is said when the controller asks; on a real clock ticks pass by themselves.
    """
    welcomed = told = False
    lockstep, period = True, 0.0  # wall seconds of a tick; 0 in lockstep or while the floor stands
    began = deadline = heard = last_sent = time.monotonic()
    while not line.stopped:
        now = time.monotonic()
        # A controller that is new there does not know us: say hello into every silence.
        if not welcomed or now - heard >= HELLO_SECONDS:
            line.say_hello(now)
        if not (welcomed or told) and now - began >= UNANSWERED_SECONDS:
            told = True
            print(
                f"{line.address}: no controller answers; still asking. Does it run, is this its "
                "address for hosts, and are the keys the same?",
                file=sys.stderr,
            )
        wait = max(deadline - now, 0.0) if period else HELLO_SECONDS
        message = line.receive(min(wait, BEAT_SECONDS))
        now = time.monotonic()
        if message is not None:
            header, frames = message
            heard = now
            if header.kind == Kind.STOP:
                speaker.leave(line)
                return farewell(frames)
            if header.kind == Kind.WELCOME:
                welcome = msgspec.msgpack.decode(frames[0])
                line.epoch = header.epoch
                lockstep, period = welcome["lockstep"], welcome["tick_seconds"]
                deadline = now + period
                speaker.welcome(line, header.tick, welcome, frames[1:])
                welcomed = True
            elif not welcomed:
                continue
            elif header.kind == Kind.CLOCK:
                period = msgspec.msgpack.decode(frames[0])["tick_seconds"]
                deadline = now + period
            else:
                speaker.take(line, header, frames)
        if not lockstep:
            if period and now >= deadline:
                # Who was stopped does not hurry after the ticks that were missed.
                deadline = max(deadline + period, now)
                speaker.pass_tick()
            if speaker.has_news() or now - last_sent >= BEAT_SECONDS:
                speaker.report(line)
                last_sent = now
    if welcomed:
        speaker.leave(line)
    return TOLD_EXIT


def farewell(frames: list[bytes]) -> int:
    """Return the exit code of who is told to stop (`Kind.STOP`), and print the reason if any."""
    reason = msgspec.msgpack.decode(frames[0])["reason"] if frames else ""
    if reason:
        print(reason, file=sys.stderr)
        return 2
    return 0


def add_line_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options that `fleet host` and `fleet couriers` share."""
    parser.add_argument("scenario", help="the scenario file that the controller runs")
    parser.add_argument("--connect", required=True, metavar="tcp://HOST:PORT",
                        help="the controller's address for hosts")  # fmt: skip
    add_keys_argument(parser)
