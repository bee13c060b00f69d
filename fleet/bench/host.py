"""The other side of `fleet bench wire`: a connection for each robot, or a host that only echoes."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np
import zmq

from fleet import scenario, wire
from fleet.host import Host, robot_range
from fleet.wire import Header, Kind
from routing.arguments import Parser
from routing.floor.grid import Floor


def each_alone(path: str, robots: str, address: str) -> None:
    """Run robots in lockstep, each with a connection of its own, until the controller stops."""
    day = scenario.read(path)
    floor = Floor.read(day.path(day.floor.map))
    first, last = robot_range(robots, day.floor.robots)
    host = Host(day, floor.width, floor.name, first, last)
    context = wire.new_context()
    sockets = [wire.connect_dealer(context, address) for _ in range(first, last)]
    sent = np.ones(last - first, np.int64)
    for robot, socket in enumerate(sockets, first):
        socket.poll(10_000, zmq.POLLOUT)
        hello = {"role": "host", "first": robot, "last": robot + 1}
        head = Header(Kind.HELLO, 0, 1, 0).pack()
        socket.send_multipart([head, msgspec.msgpack.encode(hello)])
    cells, headings = host.robots["cell"].copy(), host.robots["heading"].copy()
    welcomed = False
    while True:
        orders: list[bytes] = []
        # One after the other: to ask a thousand which of them has something takes far longer.
        for k, socket in enumerate(sockets):
            while True:
                frames = socket.recv_multipart()
                header = wire.unpack(frames[0])
                if header.kind == Kind.STOP:
                    context.destroy(linger=0)
                    return
                if header.kind == Kind.TICK:
                    break
                if header.kind == Kind.WELCOME:
                    welcome = msgspec.msgpack.decode(frames[1])
                    cells[k] = np.frombuffer(welcome["cells"], np.int32)[0]
                    headings[k] = np.frombuffer(welcome["headings"], np.uint8)[0]
            orders += frames[1:]
        if not welcomed:
            host.place(cells, headings)
            welcomed = True
        host.live(header.tick, orders)
        states = host.states(everyone=True)
        sent += 1
        for k, socket in enumerate(sockets):
            head = Header(Kind.STATES, header.epoch, int(sent[k]), header.tick).pack()
            socket.send_multipart([head, states[k]])


def echo(batches: list[list[bytes]], trips: int, address: str) -> None:
    """Send each batch and wait for its answer, several times over."""
    context = zmq.Context()
    socket = wire.connect_dealer(context, address)
    socket.poll(10_000, zmq.POLLOUT)
    for _ in range(trips):
        for batch in batches:
            socket.send_multipart(batch)
            socket.recv_multipart()
    context.destroy(linger=0)


def main() -> int:
    """Run one of the two."""
    parser = Parser(prog="fleet.bench.host")
    parser.add_argument("scenario", nargs="?")
    parser.add_argument("--robots")
    parser.add_argument("--echo", nargs=2, metavar=("FILE", "TRIPS"))
    parser.add_argument("--connect", required=True)
    args = parser.parse_args()
    if args.echo:
        batches = msgspec.msgpack.decode(Path(args.echo[0]).read_bytes())
        echo(batches, int(args.echo[1]), args.connect)
    else:
        each_alone(args.scenario, args.robots, args.connect)
    return 0


if __name__ == "__main__":
    sys.exit(main())
