"""Problems of the League of Robot Runners: a map, and where robots start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from routing.floor.grid import Floor, FloorError, read_text
from viz.source import SourceError

LONGEST = 18  # digits of a cell that are read
SHOWN = 40  # letters of a wrong line


def read_problem(path: Path, plain: dict[str, Any]) -> tuple[Floor, np.ndarray]:
    """Return a problem's map and the cells at which its robots start; int32.

    Raises
    ------
    SourceError
        In one line, if a file that it names cannot be read, or a value cannot be meant.
    """
    for key in ("mapFile", "agentFile"):
        if not isinstance(plain[key], str) or not plain[key] or "\0" in plain[key]:
            raise SourceError(f"{path}: {key} {_short(plain[key])}; give a file's name")
    try:
        floor = Floor.read(path.parent / plain["mapFile"])
        agents = path.parent / plain["agentFile"]
        text = read_text(agents, "is no text; give a League agent file, one cell a line")
    except FloorError as error:
        raise SourceError(str(error)) from error
    lines = [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]
    if not lines:
        raise SourceError(f"{agents}: is empty; give a count and a cell a line")
    numbers = [_number(agents, line) for line in lines]
    there = len(numbers) - 1
    size = plain.get("teamSize", min(numbers[0], there))
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        key = f"{path}: teamSize" if "teamSize" in plain else f"{agents}: count"
        raise SourceError(f"{key} {_short(size)}; give a whole number of at least 1")
    if size > there:
        raise SourceError(
            f"{path}: {agents.name} has {there} robots, but teamSize {size}; make them agree"
        )
    for robot, cell in enumerate(numbers[1 : 1 + size]):
        wrong = ""
        if not 0 <= cell < floor.cells:
            wrong = f"off the map of {floor.cells} cells"
        elif not floor.free[cell]:
            wrong = f"which is blocked on {floor.name}"
        if wrong:
            raise SourceError(
                f"{path}: robot {robot} starts at cell {cell}, {wrong}; do agentFile and mapFile "
                "belong together?"
            )
    return floor, np.array(numbers[1 : 1 + size], np.int32)


def _number(path: Path, line: str) -> int:
    digits = line.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST):
        raise SourceError(f"{path}: {line[:SHOWN]!r} is no cell; give a count and a cell a line")
    return int(line)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
