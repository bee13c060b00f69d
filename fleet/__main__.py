"""The `fleet` command."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import version

from routing.arguments import Parser
from routing.closed_pipe import end_quietly
from routing.told_to_end import term_as_interrupt

# command -> module, its functions for options and for running, what it does
COMMANDS: dict[str, tuple[str, str, str, str]] = {
    name: (f"fleet.{module}", add, run, text)
    for name, module, add, run, text in (
        ("run", "run", "add_arguments", "run", "run a whole day, each part its own process"),
        ("controller", "controller_command", "add_arguments", "run", "run the controller alone"),
        ("host", "host", "add_arguments", "run", "run simulated robots alone"),
        ("couriers", "courier_host", "add_arguments", "run", "run simulated couriers alone"),
        ("submit", "client", "add_submit_arguments", "run_submit", "bring parcels into a day"),
        ("cancel", "client", "add_cancel_arguments", "run_cancel", "take parcels out of a day"),
        ("operate", "operate_command", "add_arguments", "run", "pause, take out, close, clear"),
        ("keys", "keys", "add_arguments", "run", "make keys: who may speak to a controller"),
        ("backup", "backup", "add_arguments", "run", "copy a run's store while it runs"),
        ("bench", "bench.command", "add_arguments", "run", "measure the controller's own figures"),
        ("check", "check.command", "add_arguments", "run", "judge a run, or explain a scenario"),
        ("sweep", "sweep", "add_arguments", "run", "how many robots does a day need?"),
        (
            "simulate",
            "sim.simulate",
            "add_arguments",
            "run",
            "try the core by seed, under faults",
        ),
        ("report", "report", "add_arguments", "run", "key figures of a run, or two side by side"),
    )
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; bad input is one line on stderr and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = Parser(
        prog="fleet", description="Runs a warehouse floor and its couriers.",
        epilog="Each command has its own --help.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"peakday {version('peakday')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, add, _, text) in COMMANDS.items():
        sentence = text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")
        sub = commands.add_parser(name, help=text, description=sentence)
        # Only the command that is asked for is loaded, so that help and errors come at once.
        if name in arguments[:1]:
            getattr(importlib.import_module(module), add)(sub)
    args = parser.parse_args(arguments)
    module, _, run, _ = COMMANDS[args.command]
    try:
        with term_as_interrupt():
            code: int = getattr(importlib.import_module(module), run)(args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return end_quietly()
    except (ValueError, OSError) as error:
        print(f"fleet {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
