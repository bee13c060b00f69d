"""`fleet controller`: opens a day, runs its controller, and says why it ended."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path
from typing import IO

import msgspec

from fleet import wire
from fleet.day import Day
from fleet.day_options import add_day_arguments, open_day, parse_speed
from fleet.keys import KeyFileError, server_curve
from fleet.line import TOLD_EXIT
from fleet.progress import Progress
from fleet.serve import Controller
from fleet.store import ADDRESSES, STORE
from fleet.store_errors import DISK_EXIT, DiskError, FencedError, StoreError, of_disk

log = logging.getLogger("fleet")

FAILED_EXIT = 1  # as the interpreter's own of an error that nobody caught
FENCED_EXIT = 3  # a newer controller has the run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet controller`."""
    parser.add_argument("scenario", nargs="?", help="scenario file (not with --resume)")
    where = "tcp://127.0.0.1:*"
    for name, who in (("", "hosts and couriers"), ("-clients", "clients"), ("-feed", "viewers")):
        text = f"where {who} connect; loopback only without --keys (default: any free port)"
        parser.add_argument(f"--bind{name}", default=where, metavar="ADDRESS", help=text)
    add_day_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run `fleet controller`: prints its addresses as one JSON line, then runs the day."""
    speed = parse_speed(args.speed)
    # Before there is a run folder, so that the corrected command may make it.
    wire.try_binding(
        (args.bind, args.bind_clients, args.bind_feed),
        None if args.keys is None else server_curve(args.keys),
    )
    day = open_day(args, lockstep=speed == 0)
    record = None
    if args.record_wire:  # only now: a start that is refused leaves no file
        record = open(args.record_wire, "a", encoding="utf-8")  # noqa: SIM115 - the controller closes it
    set_up_log(day.folder)
    try:
        return _run(day, speed, record, args)
    except FencedError as error:
        log.error("%s", error)
        return FENCED_EXIT
    except DiskError as error:
        log.error("%s", error)
        return DISK_EXIT
    except (wire.AddressError, KeyFileError, StoreError):
        raise  # input; `fleet` says it in one line
    except Exception as error:
        if of_disk(error):
            log.error("%s", DiskError(day.folder / STORE, error))
            return DISK_EXIT
        log.critical("the controller failed; it goes on where the store stands", exc_info=True)
        return FAILED_EXIT


def _run(day: Day, speed: float, record: IO[str] | None, args: argparse.Namespace) -> int:
    progress = Progress(sys.stderr)
    controller = Controller(
        day,
        speed=speed,
        bind=(args.bind, args.bind_clients, args.bind_feed),
        workers=args.workers,
        wire_record=record,
        progress=progress,
        keys=args.keys,
    )

    signal.signal(signal.SIGTERM, controller.stop)
    signal.signal(signal.SIGINT, controller.stop)
    addresses = {
        "run": str(day.folder),
        "hosts": controller.entrance.hosts_address,
        "clients": controller.entrance.clients_address,
        "feed": controller.entrance.feed_address,
    }
    line = msgspec.json.encode(addresses).decode()
    fresh = day.folder / f"{ADDRESSES}.new"
    fresh.write_text(line + "\n")
    fresh.replace(day.folder / ADDRESSES)  # who reads it meanwhile never reads a part of it
    print(line, flush=True)
    over = None
    try:
        over = controller.run()
    finally:
        # Hosts wait for a controller that crashed; they end with one that ends.
        controller.close(say=over is not None)
        progress.end()
    (day.folder / ADDRESSES).unlink(missing_ok=True)
    return 0 if over else TOLD_EXIT


class _OneLine(logging.Formatter):
    """What a person reads; tracebacks stand in the file alone."""

    def format(self, record: logging.LogRecord) -> str:
        return record.getMessage()


def set_up_log(folder: Path) -> None:
    """Log to the run folder, warnings to stderr as well."""
    logger = logging.getLogger("fleet")
    logger.setLevel(logging.INFO)
    logger.handlers.clear()
    logging.raiseExceptions = False  # a log on a full disk is no reason for a traceback
    file = logging.FileHandler(folder / "run.log")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    shown = logging.StreamHandler(sys.stderr)
    shown.setLevel(logging.WARNING)
    shown.setFormatter(_OneLine())
    logger.addHandler(file)
    logger.addHandler(shown)
