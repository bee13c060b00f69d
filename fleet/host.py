"""A host: a process that runs many simulated robots and speaks for them.

In lockstep it lives a tick when the controller says so and reports at once; on a real clock it
lives its own ticks and reports what changed.  It keeps nothing on disk: after a restart the
controller tells it the orders its robots were given, and they stand where they stood.
"""

from __future__ import annotations

import argparse
import zlib
from typing import Any

import numpy as np

from fleet import robot
from fleet.battery import opening_charge
from fleet.events import MAX_PARCELS, REPORT
from fleet.factsheet import encode_factsheet
from fleet.keys import curve_of
from fleet.line import Line, add_line_arguments, serve
from fleet.message_states import encode_states
from fleet.messages import decode_orders, encode_connection, opening_time, timestamp
from fleet.scenario import Scenario, read
from fleet.wire import Header, Kind

KEEP_TICKS = 128  # lived in lockstep until the controller is to keep robots as they stand
UNREPORTED = -1  # stands for a robot whose last report may not have arrived


class Host:
    """Robots first to last - 1 of a scenario, as they stand at a line (`line.Speaker`)."""

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
        self.lockstep = True
        self.lived = False  # since this process began
        self.batches_left = 0  # of orders of earlier ticks, that are to come
        self.unkept = 0  # ticks lived since its robots were kept

    # -- what the controller says

    def welcome(self, line: Line, tick: int, welcome: dict[str, Any], frames: list[bytes]) -> None:
        """Put the robots where they are to be; on a real clock they are where they are."""
        self.lockstep = welcome["lockstep"]
        self.batches_left, self.unkept = welcome["catch_up"], 0
        if self.lockstep or not self.lived:
            self.place(
                np.frombuffer(welcome["cells"], np.int32),
                np.frombuffer(welcome["headings"], np.uint8),
            )
            if welcome["lost"]:
                self.forget(
                    np.frombuffer(welcome["loads"], np.int32).reshape(-1, MAX_PARCELS),
                    np.frombuffer(welcome["charges"], np.uint8),
                )
            if frames:
                self.restore(tick, frames)
        self.lived = True
        self._say_online(line)

    def take(self, line: Line, header: Header, frames: list[bytes]) -> None:
        """Live a tick, an earlier one or this one, or take orders of a real clock."""
        if header.kind == Kind.CATCH_UP:
            self.catch_up(
                [(int.from_bytes(f[:8], "little"), zlib.decompress(f[8:])) for f in frames]
            )
            self.unkept += len(frames)
            self.batches_left -= 1
            if self.batches_left:
                line.send(Kind.CAUGHT_UP, self.tick, [])
            self._say_online(line)
        elif header.kind == Kind.TICK:
            self.live(header.tick, frames)
            self.report(line)
            self.unkept += 1
            if self.unkept >= KEEP_TICKS:
                self.unkept = 0
                line.send(Kind.ROBOTS, header.tick, robot.robot_frames(self.robots.tobytes()))
        elif header.kind == Kind.ORDERS:
            # What these robots have to say, though it be known, tells that the order came.
            self.answer(frames)
            self.report(line)

    def pass_tick(self) -> None:
        """Live the next tick of a real clock."""
        self.live(self.tick + 1, [])

    def leave(self, line: Line) -> None:
        """Say that the robots go offline."""
        line.send(Kind.CONNECTION, self.tick, self.connections("OFFLINE"))

    def _say_online(self, line: Line) -> None:
        """Say that the robots are there, once nothing more is to come."""
        if self.batches_left:
            return
        line.send(Kind.CONNECTION, self.tick, self.connections("ONLINE"))
        if not self.lockstep:
            self.report(line, everyone=True)

    # -- the robots

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
        return serve(line, host)
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
    if not first.isdecimal() or not last.isdecimal() or not int(first) < int(last) <= robots:
        raise ValueError(
            f"--robots {text}: not a range of this scenario's robots; write A:B with "
            f"0 <= A < B <= {robots}"
        )
    return int(first), int(last)
