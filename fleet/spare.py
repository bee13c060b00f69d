"""A spare: a process that has loaded what a part needs, and waits to be told which part it is.

Most of a part's start is loading.  `fleet run` keeps one spare for the controller and one for hosts
and couriers, so that the successor of a part that died can begin at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

from fleet.__main__ import main
from fleet.part import follow_input, start

CONTROLLER, OTHER = "controller", "other"
# Into the day; a short one needs no spares.  Before its first tick the parts may still compile what
# they need, and a spare would compile the same beside them.
FIRST_SECONDS = 3.0
ASK_SECONDS = 0.5  # until it is asked again whether the day has begun
AGAIN_SECONDS = 1.0  # after one was taken, which has the processors first
FLOOR = "type octile\nheight 1\nwidth 3\nmap\nE.S\n"


class Spares:
    """The spares of one `fleet run`; times are real seconds of any clock that only rises.

    Parameters
    ----------
    begun
        Tells whether the day has lived a tick since this command began; asked now and then.
    """

    def __init__(self, begun: Callable[[], bool]) -> None:
        self._waiting: dict[str, subprocess.Popen] = {}
        self._begun = begun
        self._day = False  # it has begun
        self._due = 0.0

    def refill(self, now: float) -> None:
        """Start those that are missing, one at a time and not at once."""
        if now < self._due:
            return
        if not self._day:
            self._day = self._begun()
            self._due = now + (FIRST_SECONDS if self._day else ASK_SECONDS)
            return
        missing = [kind for kind in (CONTROLLER, OTHER) if kind not in self._waiting]
        if missing:
            self._due = now + AGAIN_SECONDS
            with suppress(OSError):  # no memory or process left: the day needs none, later may do
                self._waiting[missing[0]] = _start(missing[0])

    def take(self, name: str, command: list[str], now: float) -> subprocess.Popen | None:
        """Let a spare be this part of the day; None where none is there."""
        process = self._waiting.pop(CONTROLLER if name == "controller" else OTHER, None)
        self._due = max(self._due, now + AGAIN_SECONDS)
        if process is None:
            return None
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(command).encode() + b"\n")
            process.stdin.flush()
        except OSError:  # it is gone
            return None
        return process

    def end(self) -> None:
        """End them all."""
        for process in self._waiting.values():
            process.kill()
            process.wait()
        self._waiting = {}


def _start(kind: str) -> subprocess.Popen:
    # As for a part; the first line of its input says which one it is.
    stdout = subprocess.PIPE if kind == CONTROLLER else None
    return start("fleet.spare", kind, stdout=stdout, bufsize=0)


def _load(kind: str) -> None:
    """Load the code, compiled code too, that a part of this kind needs."""
    if kind == OTHER:
        return
    from fleet import waves
    from fleet.decide import Brain
    from fleet.scenario import FloorPart, Scenario
    from fleet.world import opening
    from routing.floor.grid import Floor

    scenario = Scenario(name="spare", floor=FloorPart(map="", robots=1))
    world = opening(scenario, Floor.parse(FLOOR, "spare"), base_cells=1)
    Brain(world).warm(world)
    waves.warm(waves.solver())


def _told() -> list[str]:
    """Return the command that comes as the first line of the standard input; empty: none came."""
    line = b""
    while not line.endswith(b"\n"):
        more = os.read(0, 65536)
        if not more:
            return []
        line += more
    command: list[str] = json.loads(line)
    return command


def run(kind: str) -> int:
    """Load, wait to be told what to be, and be that."""
    _load(kind)
    command = _told()
    if not command:
        return 0
    follow_input()
    return main(command)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
