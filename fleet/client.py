"""What a client says to a running controller: parcels in, parcels out."""

from __future__ import annotations

import argparse
import json
import sys
import time

import msgspec
import numpy as np
import zmq

from fleet import wire
from fleet.door import MAX_NAMES, pack_parcels
from fleet.keys import add_keys_argument, curve_of
from fleet.parcel_files import read_parcels, unused_columns
from fleet.parcel_tables import ParcelError
from routing.arguments import MOST_SECONDS, number

ANSWER_SECONDS = 60.0
TRY_SECONDS = 5.0  # until a request that may be said twice is said again
SHOWN = 10  # refused parcels that are named


class UnreachableError(ConnectionError):
    """No controller answers at an address."""


def ask(
    address: str,
    request: dict[str, object],
    seconds: float = ANSWER_SECONDS,
    curve: wire.Curve | None = None,
    *,
    refused: bool = False,
    again: bool = False,
) -> dict:
    """Return a controller's answer to one request.

    Parameters
    ----------
    refused
        Whether a refusal is an answer, too, with the reason as "error".
    again
        Whether the request may be said again until it is answered: its ids make that safe, and a
        controller that dies meanwhile is no reason to give up.

    Raises
    ------
    UnreachableError
        If none comes in time.
    ValueError
        If the controller refuses the request.
    """
    context = zmq.Context()
    try:
        socket = wire.connect_dealer(context, address, curve)
        message = msgspec.msgpack.encode(request)
        deadline = time.monotonic() + seconds
        while True:
            until = min(deadline, time.monotonic() + TRY_SECONDS) if again else deadline
            if socket.poll(_milliseconds(until), zmq.POLLOUT):
                socket.send(message)
                if socket.poll(_milliseconds(until)):
                    answer = msgspec.msgpack.decode(socket.recv(), type=dict)
                    if "error" in answer and not refused:
                        raise ValueError(f"{address}: {answer['error']}")
                    return answer
            if until == deadline:
                break
        raise UnreachableError(
            f"{address}: no controller answers; start `fleet controller`, "
            "use the clients' address that it prints, and a key where it asks for keys"
        )
    finally:
        context.destroy(linger=0)


def _milliseconds(until: float) -> int:
    """Return what is left until a time of the monotonic clock."""
    return int(1000 * max(until - time.monotonic(), 0.0))


def add_submit_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet submit`."""
    parser.add_argument("parcels", help="a .csv, .parquet or .vrp file")
    _add_common(parser)
    parser.add_argument("--last", action="store_true", help="no more parcels will come after these")


def add_cancel_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet cancel`."""
    parser.add_argument("names", nargs="+", metavar="ID", help="parcels' ids")
    _add_common(parser)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--connect", required=True, metavar="tcp://HOST:PORT",
                        help="the controller's address for clients")  # fmt: skip
    parser.add_argument("--seconds", type=number(0, MOST_SECONDS), default=ANSWER_SECONDS,
                        help="how long to wait for an answer (default: %(default)g)")  # fmt: skip
    add_keys_argument(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run_submit(args: argparse.Namespace) -> int:
    """Run `fleet submit`; sending the same file again changes nothing.

    Raises
    ------
    ParcelError
        For a file that cannot be read, or is in degrees.
    """
    file = read_parcels(args.parcels)
    if file.origin is not None:  # the depot that degrees become metres around is the controller's
        raise ParcelError(
            f"{args.parcels}: has lat and lon, which only a scenario's file may have; give x and y "
            "in the day's units, from where its x = y = 0 is"
        )
    parcels = file.parcels
    for line in unused_columns(args.parcels, file):
        print(f"note: {line}", file=sys.stderr)
    curve = curve_of(args.keys, "client") if args.keys else None
    total: dict = {"accepted": 0, "known": 0, "refused": 0}
    n = len(parcels)
    for first in range(0, max(n, 1), MAX_NAMES):
        part = parcels.take(np.arange(first, min(first + MAX_NAMES, n)))
        last = bool(args.last) and first + MAX_NAMES >= n
        request = {"ask": "submit", "parcels": pack_parcels(part), "last": last}
        _add(total, ask(args.connect, request, args.seconds, curve, again=True))
    return _print(args, total)


def run_cancel(args: argparse.Namespace) -> int:
    """Run `fleet cancel`."""
    curve = curve_of(args.keys, "client") if args.keys else None
    total: dict = {"accepted": 0, "known": 0, "refused": 0}
    for first in range(0, len(args.names), MAX_NAMES):
        request = {"ask": "cancel", "names": args.names[first : first + MAX_NAMES]}
        _add(total, ask(args.connect, request, args.seconds, curve, again=True))
    return _print(args, total)


def _add(total: dict, answer: dict) -> None:
    for key in ("accepted", "known", "refused"):
        total[key] += answer[key]
    if "reasons" in answer:
        total.setdefault("reasons", []).extend(answer["reasons"])


def _print(args: argparse.Namespace, answer: dict) -> int:
    if args.json:
        print(json.dumps(answer))
    else:
        print(", ".join(f"{answer[key]:,} {key}" for key in ("accepted", "known", "refused")))
    if not answer["refused"]:
        return 0
    told = answer.get("reasons", [])[:SHOWN]
    for name, why in told:
        print(f"{name}: refused: {why}", file=sys.stderr)
    if answer["refused"] > len(told):
        print(f"and {answer['refused'] - len(told):,} more", file=sys.stderr)
    return 1
