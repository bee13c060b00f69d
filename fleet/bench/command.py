"""`fleet bench`: the controller's own figures, measured on real sockets and real processes."""

from __future__ import annotations

import argparse
import importlib
import json

KINDS = {
    "wire": "controller work per tick, beside a bare codec and socket loop of the same bytes",
    "live": "a report's way to the next order on a real clock, beside an echo with a commit",
    "late": "what late robots and lost messages cost, beside the same day without them",
    "kill": "kill -9 at random instants during real days: nothing lost, nothing doubled",
    "hostile": "no key, wrong keys, forged, replayed, oversized, random frames: nothing accepted",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options of `fleet bench`."""
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    for kind, text in KINDS.items():
        sub = kinds.add_parser(kind, help=text, description=text[0].upper() + text[1:] + ".")
        importlib.import_module(f"fleet.bench.{kind}").add_arguments(sub)
        sub.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Run `fleet bench`; exit 1 where a figure misses its goal."""
    figures = importlib.import_module(f"fleet.bench.{args.kind}").measure(args)
    if args.json:
        print(json.dumps(figures))
    else:
        for key, value in figures.items():
            print(f"{key:20} {_plain(value)}")
    return 0 if figures["ok"] else 1


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(part)}" for key, part in value.items()) or "-"
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
