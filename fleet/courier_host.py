"""The couriers' process: sends tours out and reports their deliveries to the controller."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec
import numpy as np

from fleet import courier
from fleet.courier import Couriers, Trip
from fleet.events import COURIER
from fleet.keys import curve_of
from fleet.line import Line, add_line_arguments, serve
from fleet.rows import stacked
from fleet.scenario import Scenario, read
from fleet.wire import Header, Kind

NEWS_ROWS = 3000  # of a message


def trip(scenario: Scenario, depot: tuple[float, float]) -> Trip:
    """Return what a scenario's couriers have in common."""
    city = scenario.city
    return Trip(
        depot=depot,
        metres_per_unit=city.metres_per_unit,
        metres_per_second=city.courier_metres_per_second,
        stop_seconds=city.stop_seconds,
        depart_seconds=city.depart_seconds,
        tick_seconds=scenario.floor.tick_seconds,
        seed=scenario.seed,
        failed_share=scenario.troubles.failed_share,
    )


class CourierHost:
    """The couriers of a scenario, as they stand at a line (`line.Speaker`)."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.couriers = Couriers(trip(scenario, (0.0, 0.0)))
        self.tick = 0
        self.unsent = np.empty(0, COURIER)

    def welcome(self, line: Line, _: int, welcome: dict[str, Any], __: list[bytes]) -> None:
        """Let those be out that the controller says are."""
        self.tick = welcome["tick"]
        self.couriers = Couriers(trip(self.scenario, tuple(welcome["depot"])))
        self.unsent = self.unsent[:0]
        for plain in welcome["out"]:
            self.couriers.depart(*courier.unpack(plain))
        if not welcome["lockstep"]:
            self.report(line)

    def take(self, line: Line, header: Header, frames: list[bytes]) -> None:
        """Send tours out; in lockstep, report the tick as well."""
        for frame in frames:
            self.couriers.depart(*courier.unpack(msgspec.msgpack.decode(frame)))
        if header.kind == Kind.TICK:
            self.tick = header.tick
            self.report(line)
        else:
            self.tick = max(self.tick, header.tick)  # the controller's clock may have jumped

    def pass_tick(self) -> None:
        """Live the next tick of a real clock."""
        self.tick += 1

    def has_news(self) -> bool:
        """Tell whether a delivery is due, or one could not be said."""
        return len(self.unsent) > 0 or 0 <= self.couriers.next_tick() <= self.tick

    def report(self, line: Line) -> None:
        """Send what is due; what the controller could not take in stays until it can."""
        rows = stacked([self.unsent, self.couriers.news(self.tick)], COURIER)
        parts = [rows[k : k + NEWS_ROWS] for k in range(0, max(len(rows), 1), NEWS_ROWS)]
        then = self.couriers.next_tick()
        frames = [msgspec.msgpack.encode({"news": p.tobytes(), "next": then}) for p in parts]
        self.unsent = rows[:0] if line.send(Kind.NEWS, self.tick, frames) else rows

    def leave(self, line: Line) -> None:
        """Say nothing: what is out comes home."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet couriers`."""
    add_line_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run `fleet couriers`."""
    curve = curve_of(args.keys, "couriers") if args.keys else None
    line = Line(args.connect, {"role": "couriers"}, curve)
    try:
        return serve(line, CourierHost(read(args.scenario)))
    finally:
        line.close()
