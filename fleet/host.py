"""A host: a process that runs many simulated robots and speaks for them.

In lockstep it lives a tick when the controller says so and reports at once; on a real clock it
lives its own ticks and reports what changed.  It keeps nothing on disk: after a restart the
controller tells it the orders its robots were given, and they stand where they stood.
"""

from __future__ import annotations

import argparse
import time
import zlib

import msgspec
import numpy as np

from fleet import robot
from fleet.battery import opening_charge
from fleet.events import MAX_PARCELS, REPORT
from fleet.factsheet import encode_factsheet
from fleet.keys import curve_of
from fleet.line import BEAT_SECONDS, HELLO_SECONDS, Line, add_line_arguments, farewell
from fleet.message_states import encode_states
from fleet.messages import decode_orders, encode_connection, opening_time, timestamp
from fleet.scenario import Scenario, read
from fleet.wire import Kind

KEEP_TICKS = 128  # lived in lockstep until the controller is to keep robots as they stand
UNREPORTED = -1  # stands for a robot whose last report may not have arrived


class Host:
    """Robots first to last - 1 of a scenario; sends and receives batches, knows no clock."""

    def __init__(self, scenario: Scenario, width: int, map_name: str, first: int, last: int):
        self.first, self.last = first, last
        self.scenario = scenario
        self.map_name = map_name
        self.vehicle = robot.vehicle_of(scenario, width)
        n = last - first
        self.robots = robot.start(np.zeros(n, np.int32), np.zeros(n, np.uint8))
        self._keep_reported()
        self.headers = np.zeros((4, n), np.int64)  # of connection, factsheet, state; unused
        self.opening = opening_time(scenario.opening)
        self.tick = 0

    def place(self, cells: np.ndarray, headings: np.ndarray) -> None:
        """Put the robots where the day opens."""
        charge = opening_charge(self.scenario, self.first, self.last)
        self.robots = robot.start(cells, headings, charge)
        self._keep_reported()
        self.tick = 0

    def restore(self, tick: int, messages: list[bytes]) -> None:
        """Take robots as they stood after a tick, from what was sent to be kept then."""
        rows = robot.robot_rows(messages, (self.first, self.last))
        self.robots = np.frombuffer(rows, robot.ROBOT).copy()
        self.tick = tick
        self._keep_reported()

    def _keep_reported(self) -> None:
        """Take it that all that there is to say of the robots is known."""
        robot.factsheets(self.robots, self.first, self.vehicle)
        self._keep_states()

    def _keep_states(self) -> None:
        self.reported = robot.report(self.robots, self.first)
        self.batteries = robot.batteries(self.robots, self.first, self.vehicle)

    def forget(self, loads: np.ndarray, charges: np.ndarray) -> None:
        """Let all robots be rebooted.

        Parameters
        ----------
        loads
            The parcels on board of each, -1 where none; int32[robots, MAX_PARCELS].
        charges
            Of their batteries, percent; empty where they need none.
        """
        robot.reboot(self.robots, np.arange(len(self.robots)))
        self.robots["load"], self.robots["more"] = loads[:, 0], loads[:, 1:] + 1
        if len(charges):
            self.robots["battery"] = self.vehicle.capacity * charges.astype(np.int64) // 100
        self._keep_reported()

    def catch_up(self, orders: list[tuple[int, bytes]]) -> None:
        """Live earlier ticks again, silently: the number of each, and all orders of it."""
        for tick, rows in orders:
            self.tick = tick
            self._live(robot.order_rows(rows, self.first, self.last))
        self._keep_reported()

    def take_orders(self, messages: list[bytes]) -> None:
        """Hand order messages to the robots."""
        if messages:
            robot.take_orders(self.robots, self.first, decode_orders(messages))

    def live(self, tick: int, messages: list[bytes]) -> None:
        """Live one tick with these order messages."""
        self.tick = tick
        self.take_orders(messages)
        robot.step(self.robots, self.first, self.vehicle)

    def _live(self, orders: np.ndarray) -> None:
        robot.take_orders(self.robots, self.first, orders)
        robot.step(self.robots, self.first, self.vehicle)

    def answer(self, messages: list[bytes]) -> None:
        """Take orders, and report these robots next time, whether or not they have changed."""
        orders = decode_orders(messages)
        robot.take_orders(self.robots, self.first, orders)
        self.reported["robot"][orders["robot"] - self.first] = UNREPORTED

    def has_news(self) -> bool:
        """Tell whether a robot has changed since it last reported."""
        return bool(self._changed().any())

    def _changed(self) -> np.ndarray:
        """Return which robots have something new to say; bool[robots]."""
        changed = robot.report(self.robots, self.first) != self.reported
        if self.vehicle.capacity:
            changed |= robot.batteries(self.robots, self.first, self.vehicle) != self.batteries
        return np.asarray(changed)

    def report(self, line: Line, *, everyone: bool = False) -> None:
        """Send what has changed; if the controller cannot take it, all robots report next time.

        Factsheets that were asked for come first, so that they are there when the states say so.
        """
        sheets = self.factsheets()
        if sheets:
            line.send(Kind.FACTSHEET, self.tick, sheets)
        if not line.send(Kind.STATES, self.tick, self.states(everyone=everyone)):
            self.reported["robot"] = UNREPORTED

    def states(self, *, everyone: bool = False) -> list[bytes]:
        """Return a state message of each robot that has changed since it last reported."""
        changed = np.arange(len(self.robots)) if everyone else np.flatnonzero(self._changed())
        self._keep_states()
        if not len(changed):
            return []
        rows: np.ndarray = self.reported[changed]
        assert rows.dtype == REPORT
        headers = self.headers[2, changed] + 1
        self.headers[2, changed] = headers
        return encode_states(
            rows,
            self.robots["queue"][changed],
            self.robots["action"][changed],
            headers - 1,
            self.time(),
            self.map_name,
            self.vehicle.width,
            self.scenario.floor.cell_metres,
            self.batteries[changed] if self.vehicle.capacity else None,
        )

    def connections(self, state: str) -> list[bytes]:
        """Return a connection message of each robot."""
        self.headers[0] += 1
        return [
            encode_connection(self.first + k, header, self.time(), state)
            for k, header in enumerate(self.headers[0].tolist())
        ]

    def factsheets(self) -> list[bytes]:
        """Return the factsheets that were asked for since the last call."""
        rows = robot.factsheets(self.robots, self.first, self.vehicle)
        ids = rows["robot"] - self.first
        self.headers[1, ids] += 1
        headers = self.headers[1, ids].tolist()
        return [
            encode_factsheet(row, header, self.time())
            for row, header in zip(rows, headers, strict=True)
        ]

    def time(self) -> str:
        """Return the messages' timestamp: simulated time."""
        return timestamp(self.opening, self.tick * self.scenario.floor.tick_seconds)


def serve(host: Host, line: Line) -> int:
    """Run a host until the controller says stop; return the exit code."""
    welcomed = lived = False
    batches_left = unkept = 0
    heard = time.monotonic()
    period = 0.0  # wall seconds of a tick; 0 in lockstep or while the floor stands
    lockstep = rebuild = True
    deadline = time.monotonic()
    last_sent = time.monotonic()
    while not line.stopped:
        now = time.monotonic()
        # A controller that is new there does not know us: say hello into every silence.
        quiet = not welcomed or now - heard >= HELLO_SECONDS
        if quiet:
            line.say_hello(now)
        wait = HELLO_SECONDS if not welcomed or lockstep or not period else deadline - now
        message = line.receive(min(max(wait, 0.0), BEAT_SECONDS))
        now = time.monotonic()
        if message is not None:
            header, frames = message
            heard = now
            if header.kind == Kind.STOP:
                line.send(Kind.CONNECTION, host.tick, host.connections("OFFLINE"))
                return farewell(frames)
            if header.kind == Kind.WELCOME:
                welcome = msgspec.msgpack.decode(frames[0])
                line.epoch = header.epoch
                lockstep, period = welcome["lockstep"], welcome["tick_seconds"]
                batches_left, unkept = welcome["catch_up"], 0
                # On a real clock robots are where they are, whatever became of the controller.
                rebuild = lockstep or not lived
                if rebuild:
                    host.place(
                        np.frombuffer(welcome["cells"], np.int32),
                        np.frombuffer(welcome["headings"], np.uint8),
                    )
                    if welcome["lost"]:
                        host.forget(
                            np.frombuffer(welcome["loads"], np.int32).reshape(-1, MAX_PARCELS),
                            np.frombuffer(welcome["charges"], np.uint8),
                        )
                    if len(frames) > 1:
                        host.restore(header.tick, frames[1:])
                welcomed = lived = True
            elif not welcomed:
                continue
            elif header.kind == Kind.CATCH_UP:
                if rebuild:
                    host.catch_up(
                        [(int.from_bytes(f[:8], "little"), zlib.decompress(f[8:])) for f in frames]
                    )
                    unkept += len(frames)
                batches_left -= 1
            elif header.kind == Kind.CLOCK:
                period = msgspec.msgpack.decode(frames[0])["tick_seconds"]
                deadline = now + period
            elif header.kind == Kind.TICK:
                host.live(header.tick, frames)
                host.report(line)
                unkept += 1
                if unkept >= KEEP_TICKS:
                    unkept = 0
                    line.send(Kind.ROBOTS, header.tick, robot.robot_frames(host.robots.tobytes()))
            elif header.kind == Kind.ORDERS:
                # What these robots have to say, though it be known, tells that the order came.
                host.answer(frames)
                host.report(line)
                last_sent = now
            if header.kind in (Kind.WELCOME, Kind.CATCH_UP) and batches_left == 0:
                line.send(Kind.CONNECTION, host.tick, host.connections("ONLINE"))
                if not lockstep:
                    host.report(line, everyone=True)
                deadline = now + period
        if not lockstep and welcomed and period and now >= deadline:
            host.live(host.tick + 1, [])
            # A host that was stopped does not hurry after the ticks it missed.
            deadline = max(deadline + period, now)
            if host.has_news() or now - last_sent >= BEAT_SECONDS:
                host.report(line)
                last_sent = now
        elif not lockstep and welcomed and now - last_sent >= BEAT_SECONDS:
            line.send(Kind.STATES, host.tick, [])
            last_sent = now
    if welcomed:
        line.send(Kind.CONNECTION, host.tick, host.connections("OFFLINE"))
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet host`."""
    add_line_arguments(parser)
    parser.add_argument("--robots", metavar="A:B", help="robots A to B - 1 (default: all)")


def run(args: argparse.Namespace) -> int:
    """Run `fleet host`."""
    from routing.floor.grid import Floor

    scenario = read(args.scenario)
    floor = Floor.read(scenario.path(scenario.floor.map))
    first, last = robot_range(args.robots, scenario.floor.robots)
    host = Host(scenario, floor.width, floor.name, first, last)
    curve = curve_of(args.keys, "host", (first, last)) if args.keys else None
    line = Line(args.connect, {"role": "host", "first": first, "last": last}, curve)
    try:
        return serve(host, line)
    finally:
        line.close()


def robot_range(text: str | None, robots: int) -> tuple[int, int]:
    """Return the bounds of `A:B`.

    Raises
    ------
    ValueError
        If it is none, or reaches beyond the scenario's robots.
    """
    if text is None:
        return 0, robots
    first, _, last = text.partition(":")
    if not first.isdigit() or not last.isdigit() or not int(first) < int(last) <= robots:
        raise ValueError(
            f"--robots {text}: not a range of this scenario's robots; write A:B with "
            f"0 <= A < B <= {robots}"
        )
    return int(first), int(last)
