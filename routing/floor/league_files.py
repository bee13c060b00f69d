"""The fields and lines of League files, each refused in one line where it cannot be meant."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing.floor.grid import Floor, FloorError, read_text

MOST_REVEALED = 1000  # tasks a robot: the League has 1 and 1.5
ROUND_ROBIN = "roundrobin"  # the only one of 2023's strategies that the arena plays
CELLS = re.compile(r"[0-9]{1,18}(,[0-9]{1,18})*")


@dataclass(frozen=True)
class Head:
    """What a problem file says."""

    map_file: Path
    agent_file: Path
    task_file: Path
    team_size: int
    reveal: float
    edition: int


def read_json(path: Path, remedy: str) -> Any:
    """Read a problem or result file, with the remedy where it is no JSON."""
    text = read_text(path, f"not JSON (it is no text); {remedy}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FloorError(f"{path}: not JSON ({error}); {remedy}") from None


def read_head(path: Path) -> Head:
    """Read a problem file (JSON); the files it names are relative to it."""
    fields = read_json(path, "give a League problem file")
    for key in ("mapFile", "agentFile", "taskFile", "teamSize"):
        if not isinstance(fields, dict) or key not in fields:
            raise FloorError(f"{path}: key {key!r} is missing; give a League problem file")

    def refuse(key: str, remedy: str) -> FloorError:
        return FloorError(f"{path}: {key} {fields[key]!r}; {remedy}")

    for key in ("mapFile", "agentFile", "taskFile"):
        if not isinstance(fields[key], str) or not fields[key] or "\0" in fields[key]:
            raise refuse(key, "give a file's name")
    size = fields["teamSize"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise refuse("teamSize", "give a whole number of at least 1")
    version = str(fields.get("version", ""))
    if "2026" in version:
        raise refuse("version", "problems of 2023 and 2024 are played")
    edition = 2024 if "2024" in version else 2023
    if edition == 2023 and fields.get("taskAssignmentStrategy", ROUND_ROBIN) != ROUND_ROBIN:
        raise refuse("taskAssignmentStrategy", f"{ROUND_ROBIN!r} is played")
    reveal = fields.get("numTasksReveal", 1)
    number = isinstance(reveal, int | float) and not isinstance(reveal, bool)
    if not number or not math.isfinite(reveal) or not 0 < reveal <= MOST_REVEALED:
        raise refuse("numTasksReveal", f"give a number above 0, to {MOST_REVEALED}")
    return Head(
        map_file=path.parent / fields["mapFile"],
        agent_file=path.parent / fields["agentFile"],
        task_file=path.parent / fields["taskFile"],
        team_size=size,
        reveal=float(reveal),
        edition=edition,
    )


def read_starts(path: Path, floor: Floor, wanted: int) -> list[int]:
    """Return the cells of an agent file's first robots."""
    lines = _lines(path)
    if len(lines) < wanted:
        raise FloorError(
            f"{path}: {len(lines)} robots, but {wanted} asked for; add some or ask for fewer"
        )
    starts: dict[int, int] = {}
    for number, line, cells in _cells(path, lines[:wanted], floor):
        if len(cells) > 1:
            raise FloorError(f"{path}:{number}: {line[:40]!r}; a robot starts in one cell")
        if cells[0] in starts:
            raise FloorError(
                f"{path}:{number}: cell {cells[0]}; two robots start there (line "
                f"{starts[cells[0]]}), give each its own"
            )
        starts[cells[0]] = number
    return list(starts)


def read_tasks(path: Path, floor: Floor, edition: int) -> list[list[int]]:
    """Return the cells of each task."""
    tasks = []
    for number, line, cells in _cells(path, _lines(path), floor):
        if edition == 2023 and len(cells) > 1:
            raise FloorError(
                f"{path}:{number}: {line[:40]!r}; a task of 2023 is one cell (for several the "
                'problem says "version": "2024 LoRR")'
            )
        tasks.append(cells)
    return tasks


def _lines(path: Path) -> list[tuple[int, str]]:
    """Return a file's lines after its comments and its count, with their numbers."""
    text = read_text(path, "is no text; give a League file")
    plain = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not plain:
        raise FloorError(f"{path}: is empty; give a count and a line for each")
    number, count = plain.pop(0)
    if not re.fullmatch("[0-9]{1,9}", count):
        raise FloorError(
            f"{path}:{number}: {count[:40]!r}; the first line that is no comment is the count"
        )
    if int(count) < 1:
        raise FloorError(f"{path}:{number}: {count!r}; give at least one")
    if len(plain) < int(count):
        raise FloorError(f"{path}: {len(plain)} lines, but the count says {count}; make them agree")
    return plain[: int(count)]


def _cells(
    path: Path, lines: list[tuple[int, str]], floor: Floor
) -> list[tuple[int, str, list[int]]]:
    """Return number, line and cells of each line."""
    free = floor.free.tolist()
    read = []
    for number, line in lines:
        if not CELLS.fullmatch(line):
            raise FloorError(
                f"{path}:{number}: {line[:40]!r}; cells are whole numbers with commas between"
            )
        cells = [int(word) for word in line.split(",")]
        for cell in cells:
            if cell >= len(free) or not free[cell]:
                raise FloorError(
                    f"{path}:{number}: cell {cell} is not free on {floor.name}; check that map "
                    "and file belong together"
                )
        read.append((number, line, cells))
    return read
