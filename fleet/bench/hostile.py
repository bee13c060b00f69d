"""Hostile frames at every socket of a controller that runs a real day with keys.

Strangers without a key or with an unknown one, keys at sockets that are none of their business,
raw random bytes, and the worst: an insider, whose key is good, who speaks for others' robots,
repeats itself, and sends too much, too long, too old or nothing that can be read.  The day must go
on, nothing of it may count, and the controller's memory may not grow.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import socket as tcp
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import zmq

from fleet import client, keys, message_states, wire
from fleet.events import REPORT
from fleet.requests import speed_request
from fleet.scenario import MAX_SEED, read
from fleet.wire import Curve, Header, Kind
from routing.arguments import whole

WARM_SHARE = 0.2  # of the frames, after which memory must not grow any more
FLAT_MB = 16.0
RAW_SHARE = 50  # one frame of so many is a connection of raw bytes, which is slow
TIME = "2017-11-11T00:00:00.000Z"
START_SECONDS = 60


class _Attacker:
    """All hostile sockets, and one method a kind of attack."""

    def __init__(self, addresses: dict[str, str], folder: Path, robots: int, seed: int) -> None:
        self.addresses, self.folder, self.robots = addresses, folder, robots
        self.chance = random.Random(seed)
        self.context = zmq.Context()
        self.sockets: dict[str, zmq.Socket] = {}
        self.sent: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.epoch = self.sequence = 0
        server = keys.server_curve(folder).public
        self.unknown = Curve(*zmq.curve_keypair(), server)
        insider = keys.curve_of(folder, "host", (robots - 1, robots))
        viewer, buyer = keys.curve_of(folder, "viewer"), keys.curve_of(folder, "client")
        for name, place, curve in (
            ("insider", "hosts", insider), ("twin", "hosts", insider),
            ("viewer", "clients", viewer), ("client", "clients", buyer),
            ("no key at hosts", "hosts", None), ("no key at clients", "clients", None),
            ("unknown at hosts", "hosts", self.unknown),
            ("unknown at clients", "clients", self.unknown),
            ("viewer at hosts", "hosts", viewer), ("host at clients", "clients", insider),
        ):  # fmt: skip
            self.sockets[name] = wire.connect_dealer(self.context, addresses[place], curve)

    def enter(self) -> None:
        """Say hello as the host of the last robot, which the insider's key allows."""
        hello = {"role": "host", "first": self.robots - 1, "last": self.robots}
        line = self.sockets["insider"]
        if not line.poll(1000 * START_SECONDS, zmq.POLLOUT):
            raise TimeoutError("the controller does not answer a host whose key it knows")
        self.insider(Kind.HELLO, [msgspec.msgpack.encode(hello)])
        while line.poll(1000 * START_SECONDS):
            header = wire.unpack(line.recv_multipart()[0])
            if header.kind == Kind.WELCOME:
                self.epoch = header.epoch
                return
        raise TimeoutError("the controller does not welcome a host whose key it knows")

    def insider(self, kind: int, frames: list[bytes], *, epoch: int | None = None) -> None:
        """Send one batch with the next sequence number."""
        self.sequence += 1
        head = Header(kind, self.epoch if epoch is None else epoch, self.sequence, 1).pack()
        self.send("insider", [head, *frames])

    def send(self, name: str, frames: list[bytes]) -> None:
        """Send if the other side takes it, and throw away whatever it says."""
        line = self.sockets[name]
        with contextlib.suppress(zmq.Again):
            while True:
                body = line.recv_multipart(zmq.DONTWAIT)[-1]
                if name != "insider":  # which gets its own robot's orders
                    self.answers["refusal" if b"error" in body[:10] else "other"] += 1
        if line.poll(20 if name in ("insider", "twin", "viewer", "client") else 0, zmq.POLLOUT):
            wire.send(line, frames)

    def state(self, robot: int) -> list[bytes]:
        """Return a sound state message of a robot."""
        row = np.zeros(1, REPORT)
        row["robot"], row["load"] = robot, -1
        base, none = np.full((1, 1), -1, np.int32), np.zeros(1, np.uint8)
        return message_states.encode_states(
            row, base, none, np.zeros(1, np.int64), TIME, "x", 10, 0.6
        )

    def noise(self, most: int) -> bytes:
        """Return random bytes."""
        return self.chance.randbytes(self.chance.randint(1, most))

    def ask(self, name: str, request: dict[str, object]) -> None:
        """Send a request to the clients' door."""
        self.send(name, [msgspec.msgpack.encode(request)])

    def raw(self) -> None:
        """Send random bytes over a bare connection."""
        place = self.chance.choice(sorted(self.addresses))
        host, _, port = self.addresses[place].removeprefix("tcp://").rpartition(":")
        with contextlib.suppress(OSError), tcp.create_connection((host, int(port)), 1.0) as line:
            line.sendall(self.noise(4096))

    def attacks(self) -> dict[str, Callable[[], None]]:
        """Return every kind of attack by name."""
        head = Header(Kind.STATES, self.epoch, 1, 1).pack()
        other = [msgspec.msgpack.encode({"role": "host", "first": 0, "last": self.robots - 1})]
        hello = [Header(Kind.HELLO, 0, 1, 0).pack(), *other]
        too_long = b"x" * (wire.MESSAGE_BYTES + 1)
        order = {"ask": "submit", "parcels": {}, "last": True}
        stranger = self.state(0)
        return {
            "no key": lambda: self.send("no key at hosts", hello),
            "no key, door": lambda: self.ask("no key at clients", order),
            "unknown key": lambda: self.send("unknown at hosts", hello),
            "unknown key, door": lambda: self.ask("unknown at clients", order),
            "viewer as host": lambda: self.send("viewer at hosts", hello),
            "host as client": lambda: self.ask("host at clients", order),
            "another's hello": lambda: self.send("twin", hello),
            "no hello": lambda: self.send("twin", [head, *stranger]),
            "another's robot": lambda: self.insider(Kind.STATES, self.state(0)),
            "replayed": lambda: self.send("insider", [head, *self.state(self.robots - 1)]),
            "too long": lambda: self.insider(Kind.STATES, [too_long]),
            "too many": lambda: self.insider(Kind.STATES, [b"{}"] * 9),
            "noise as state": lambda: self.insider(Kind.STATES, [self.noise(500)]),
            "noise as kind": lambda: self.insider(self.chance.randrange(256), [self.noise(99)]),
            "noise as header": lambda: self.send("insider", [self.noise(60)]),
            "old epoch": lambda: self.insider(Kind.STATES, [], epoch=self.epoch - 1),
            "viewer's speed": lambda: self.ask(
                "viewer", {"ask": "operate", **speed_request("speed", 0).plain()}
            ),
            "viewer's parcels": lambda: self.ask("viewer", order),
            "viewer too long": lambda: self.ask(
                "viewer", {"ask": "snapshot", "pad": too_long}
            ),
            "client's noise": lambda: self.send("client", [self.noise(500)]),
            "client's frames": lambda: self.send("client", [b"", b"", self.noise(50)]),
        }  # fmt: skip

    def attack(self, frames: int) -> None:
        """Send so many hostile frames of all kinds in turn."""
        kinds = list(self.attacks().items())
        for k in range(frames):
            if k % RAW_SHARE == RAW_SHARE - 1:
                name, do = "raw bytes", self.raw
            else:
                name, do = kinds[k % len(kinds)]
            do()
            self.sent[name] += 1

    def close(self) -> None:
        """Hang up."""
        self.context.destroy(linger=0)


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    if args.frames < 1:
        raise ValueError(f"--frames {args.frames}: choose at least one")
    scenario = read(args.scenario)
    robots = scenario.floor.robots
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder, run = Path(name) / "keys", Path(name) / "run"
        keys.make(folder, [(0, robots - 1), (robots - 1, robots)])
        secured = ["--keys", str(folder)]
        controller = _start(stack, "controller", args.scenario, "--out", str(run), "--speed", "2",
                            "--workers", "1", *secured, stdout=subprocess.PIPE)  # fmt: skip
        assert controller.stdout is not None
        addresses = msgspec.json.decode(controller.stdout.readline())
        addresses.pop("run")
        at = ["--connect", addresses["hosts"], *secured]
        honest = [
            _start(stack, "host", args.scenario, "--robots", f"0:{robots - 1}", *at),
            _start(stack, "couriers", args.scenario, *at),
        ]
        attacker = _Attacker(addresses, folder, robots, args.seed)
        stack.callback(attacker.close)
        attacker.enter()
        before = _working(addresses["clients"], folder, -1)
        warm = max(1, int(args.frames * WARM_SHARE))
        attacker.attack(warm)
        middle = _working(addresses["clients"], folder, before["tick"])
        start_mb = rss_mb(controller.pid)
        began = time.monotonic()
        attacker.attack(args.frames - warm)
        seconds = time.monotonic() - began
        after = _working(addresses["clients"], folder, middle["tick"])
        end_mb = rss_mb(controller.pid)
        down = sum(part.poll() is not None for part in [controller, *honest])
    accepted = after["counts"]["accepted"] - before["counts"]["accepted"]
    accepted += after["speed"] != before["speed"]
    flat = end_mb - start_mb <= FLAT_MB
    return {
        "ok": accepted == 0 and down == 0 and flat and not attacker.answers["other"],
        "frames": sum(attacker.sent.values()),
        "frames_per_second": round((args.frames - warm) / max(seconds, 1e-9)),
        "accepted": accepted,
        "down": down,
        "refused": after["refused"],
        "sent": dict(attacker.sent),
        "rss_mb_start": round(start_mb, 1),
        "rss_mb_end": round(end_mb, 1),
    }


def _start(stack: contextlib.ExitStack, *command: str, **how: Any) -> subprocess.Popen:
    part = subprocess.Popen([sys.executable, "-m", "fleet", *command], **how)

    def end() -> None:
        part.kill()
        part.wait()

    stack.callback(end)
    return part


def _working(address: str, folder: Path, tick: int) -> dict[str, Any]:
    """Return an operator's snapshot of a later tick: the day goes on."""
    deadline = time.monotonic() + START_SECONDS
    curve = keys.curve_of(folder, "operator")
    while time.monotonic() < deadline:
        snapshot = client.ask(address, {"ask": "snapshot"}, START_SECONDS, curve)
        if snapshot.get("tick", -1) > tick:
            return snapshot
    raise TimeoutError(f"the day stands still at tick {tick}")


def rss_mb(process: int) -> float:
    """Return the memory a process has in use, in MB; nan where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * 4096 / 1e6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet bench hostile`."""
    parser.add_argument("--frames", type=int, default=10_000, help="random ones")
    parser.add_argument("--scenario", default="maps/small.toml", help="scenario file")
    parser.add_argument("--seed", type=whole(0, MAX_SEED), default=1, help="of the frames")
