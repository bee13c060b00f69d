"""MovingAI scenarios (`.scen`): pairs of start and goal on a map, played once (one-shot MAPF)."""

from __future__ import annotations

from pathlib import Path

from routing.floor.formats import Problem
from routing.floor.grid import Floor, FloorError, read_text

COLUMNS = ("bucket", "map", "width", "height", "start x", "start y", "goal x", "goal y", "length")


def read_scenario(path: str | Path, robots: int | None = None) -> Problem:
    """Read the first pairs of a scenario, or all; its map lies beside it.

    Raises
    ------
    FloorError
        Where a line cannot be meant, or a cell is not free or taken.
    """
    path = Path(path)
    rows = _rows(path)
    wanted = len(rows) if robots is None else robots
    if len(rows) < wanted:
        raise FloorError(f"{path}: {len(rows)} pairs, but {wanted} robots asked for; ask for fewer")
    rows = rows[:wanted]
    first, named = rows[0][0], rows[0][1][1]
    floor = _floor(path, first, named)
    taken: dict[tuple[str, int], int] = {}
    starts: list[int] = []
    goals: list[int] = []
    for number, words in rows:
        if words[1] != named:
            raise FloorError(
                f"{path}:{number}: map {words[1]!r}, but line {first} has {named!r}; give one map"
            )
        width, height, *places = (
            _number(path, number, name, word)
            for name, word in zip(COLUMNS[2:8], words[2:8], strict=True)
        )
        if (width, height) != (floor.width, floor.height):
            raise FloorError(
                f"{path}:{number}: {width} x {height} cells, but {Path(named).name} has "
                f"{floor.width} x {floor.height}; check that they belong together"
            )
        for what, cells, (x, y) in (("start", starts, places[:2]), ("goal", goals, places[2:])):
            cell = y * width + x
            if x >= width or y >= height or not floor.free[cell]:
                raise FloorError(
                    f"{path}:{number}: {what} ({x}, {y}) is not free on {floor.name}; check that "
                    "they belong together"
                )
            before = taken.setdefault((what, cell), number)
            if before != number:
                raise FloorError(
                    f"{path}:{number}: {what} ({x}, {y}) is taken by line {before}; ask for fewer "
                    "robots or give each its own"
                )
            cells.append(cell)
    tasks = [[goal] for goal in goals]
    return Problem.of_lists(path.stem, floor, starts, tasks, reveal=1, edition=2023, once=True)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the lines after the version, with their numbers, in columns."""
    lines = read_text(path, "is no text; give a MovingAI scenario").splitlines()
    version = lines[0].strip() if lines else ""
    if version not in ("version 1", "version 1.0"):
        raise FloorError(f"{path}:1: {version[:40]!r}; the first line is `version 1`")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        words = line.split("\t") if "\t" in line else line.split()
        if len(words) != len(COLUMNS):
            raise FloorError(f"{path}:{number}: {len(words)} columns; give {', '.join(COLUMNS)}")
        rows.append((number, [word.strip() for word in words]))
    if not rows:
        raise FloorError(f"{path}: no pair of start and goal; give a line each")
    return rows


def _floor(path: Path, number: int, named: str) -> Floor:
    """Read the map that a scenario names, by its path or its name alone."""
    for beside in (path.parent / named, path.parent / Path(named).name):
        if "\0" not in named and beside.is_file():
            return Floor.read(beside)
    raise FloorError(f"{path}:{number}: map {named!r} is not beside it; put it there")


def _number(path: Path, number: int, name: str, word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 9):
        raise FloorError(f"{path}:{number}: {name} {word[:40]!r}; give a whole number")
    return int(word)
