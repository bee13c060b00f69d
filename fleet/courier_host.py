"""The couriers' process: sends tours out and reports their deliveries to the controller."""

from __future__ import annotations

import argparse
import time

import msgspec

from fleet import courier
from fleet.courier import Couriers, Trip
from fleet.keys import curve_of
from fleet.line import BEAT_SECONDS, HELLO_SECONDS, Line, add_line_arguments, farewell
from fleet.scenario import Scenario, read
from fleet.wire import Kind

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


def _news(couriers: Couriers, tick: int) -> list[bytes]:
    """Return what is to be reported by a tick, in messages that the controller takes."""
    rows = couriers.news(tick)
    parts = [rows[k : k + NEWS_ROWS] for k in range(0, max(len(rows), 1), NEWS_ROWS)]
    return [
        msgspec.msgpack.encode({"news": part.tobytes(), "next": couriers.next_tick()})
        for part in parts
    ]


def serve(scenario: Scenario, line: Line) -> int:
    """Run the couriers until the controller says stop; return the exit code."""
    couriers: Couriers | None = None
    lockstep, period = True, 0.0
    tick = 0
    deadline = last_sent = time.monotonic()
    unsent: list[bytes] = []
    heard = time.monotonic()
    while not line.stopped:
        now = time.monotonic()
        quiet = couriers is None or now - heard >= HELLO_SECONDS
        if quiet:
            line.say_hello(now)
        waits = couriers is not None and not lockstep and period > 0
        wait = max(deadline - now, 0.0) if waits else HELLO_SECONDS
        message = line.receive(min(wait, BEAT_SECONDS))
        now = time.monotonic()
        if message is not None:
            header, frames = message
            heard = now
            if header.kind == Kind.STOP:
                return farewell(frames)
            if header.kind == Kind.WELCOME:
                welcome = msgspec.msgpack.decode(frames[0])
                line.epoch = header.epoch
                lockstep, period = welcome["lockstep"], welcome["tick_seconds"]
                tick = welcome["tick"]
                couriers = Couriers(trip(scenario, tuple(welcome["depot"])))
                unsent = []
                for plain in welcome["out"]:
                    couriers.depart(*courier.unpack(plain))
                deadline = now + period
                if not lockstep:
                    line.send(Kind.NEWS, tick, _news(couriers, tick))
            elif couriers is None:
                continue
            elif header.kind in (Kind.TICK, Kind.ORDERS):
                for frame in frames:
                    couriers.depart(*courier.unpack(msgspec.msgpack.decode(frame)))
                if header.kind == Kind.TICK:
                    line.send(Kind.NEWS, header.tick, _news(couriers, header.tick))
                else:
                    tick = max(tick, header.tick)  # the controller's clock may have jumped
            elif header.kind == Kind.CLOCK:
                period = msgspec.msgpack.decode(frames[0])["tick_seconds"]
                deadline = now + period
        if couriers is not None and not lockstep:
            if period and now >= deadline:
                tick += 1
                deadline = max(deadline + period, now)
            due = 0 <= couriers.next_tick() <= tick
            if due or unsent or now - last_sent >= BEAT_SECONDS:
                # News that the controller could not take in stays until it can.
                unsent += _news(couriers, tick)
                unsent = [] if line.send(Kind.NEWS, tick, unsent) else unsent
                last_sent = now
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet couriers`."""
    add_line_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run `fleet couriers`."""
    curve = curve_of(args.keys, "couriers") if args.keys else None
    line = Line(args.connect, {"role": "couriers"}, curve)
    try:
        return serve(read(args.scenario), line)
    finally:
        line.close()
