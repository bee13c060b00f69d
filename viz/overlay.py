"""Files that are laid over a floor: what a planner knew or did, cell by cell.

The League's viewer PlanViz has them, too (`--heu`, `--hw`, `--searchTree`, `--hm`); the forms are
its own, and which one a file has is seen from what is in it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from routing.floor.grid import Floor
from viz.league.file import is_result, read_league
from viz.source import SourceError

NO_WAY = float(2**31 - 1)  # and beyond: what planners write where there is none
MOST_ROBOT = 2**31 - 1
EXACT = 2**53  # whole numbers below it are read as they stand
SHOWN = 40  # letters of a wrong word


@dataclass(frozen=True)
class Overlay:
    """Numbers of cells, of each robot or of all, or arrows from cell to cell."""

    name: str
    kind: str
    # float64[rows, cells], nan where there is nothing.
    values: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    robots: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # of each row
    edges: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))  # from, to

    def row(self, robot: int) -> int:
        """Return which row is shown: that of a robot, else the first; -1: there is none."""
        found = np.flatnonzero(self.robots == robot)
        return int(found[0]) if len(found) else min(len(self.values), 1) - 1


def read_overlay(path: Path, floor: Floor) -> Overlay:
    """Return a file as an overlay.

    Parameters
    ----------
    path
        A League result (how often cells were entered), or text: a line a robot of its number and a
        value for each cell (heuristic); as many lines as the floor has rows with a value for each
        column; a table with a column `loc` (how often a search expanded each cell); or a count and
        so many edges, a line each, of `(from + 1) * cells + to` (highways).

    Raises
    ------
    SourceError
        If it is none of these, or of another floor.
    """
    if path.suffix.lower() == ".json":
        return _visits(path, floor)
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise SourceError(f"{path}: cannot be read ({reason}); check the path") from error
    csv.field_size_limit(2**31 - 1)  # an open quotation mark takes all that follows
    try:
        rows = [row for row in csv.reader(lines) if row]
    except csv.Error as error:
        raise SourceError(f"{path}: cannot be read as a table ({error}); check the file") from error
    if not rows:
        raise SourceError(f"{path}: is empty; write a value for each cell, or a table with loc")
    names = [word.strip() for word in rows[0]]
    if "loc" in names:
        return _search_tree(path, floor, rows, names.index("loc"))
    numbers = [[_number(path, word) for word in row if word.strip()] for row in rows]
    lengths = {len(row) for row in numbers}
    if lengths == {1} and len(numbers) == numbers[0][0] + 1:
        edges = [row[0] for row in numbers[1:]]
        for edge in edges:
            if not (edge.is_integer() and abs(edge) < EXACT):
                raise SourceError(
                    f"{path}: {edge:g} is no edge of {floor.name}; write (from + 1) * "
                    f"{floor.cells} + to, a whole number"
                )
        return _highways(path, floor, np.array(edges, np.int64))
    if lengths == {floor.cells + 1}:
        for robot, *_ in numbers:
            if not (robot.is_integer() and 0 <= robot <= MOST_ROBOT):
                raise SourceError(
                    f"{path}: {robot:g} is no robot; begin each line with a robot's number, of 0 on"
                )
        table = np.array(numbers)
        return Overlay(path.name, "heuristic", _known(table[:, 1:]), table[:, 0].astype(np.int64))
    if lengths == {floor.width} and len(numbers) == floor.height:
        values = _known(np.array(numbers).reshape(1, -1))
        return Overlay(path.name, "values", values, np.array([-1]))
    raise SourceError(
        f"{path}: {len(numbers)} lines of {min(lengths)} to {max(lengths)} numbers fit nothing on "
        f"{floor.name}: write {floor.height} lines of {floor.width}, lines of a robot and "
        f"{floor.cells:,} values, or a count and so many edges"
    )


def _number(path: Path, word: str) -> float:
    try:
        return float(word)
    except ValueError:
        shown = repr(word if len(word) <= SHOWN else f"{word[:SHOWN]}...")
        raise SourceError(
            f"{path}: {shown} is no number; give numbers, or a table whose first line names a "
            "column loc"
        ) from None


def _known(values: np.ndarray) -> np.ndarray:
    return np.where(np.abs(values) >= NO_WAY, np.nan, values)


def _on_floor(path: Path, floor: Floor, bad: list[int]) -> None:
    """Refuse cells that a floor has not, where there are any."""
    if bad:
        raise SourceError(
            f"{path}: cell {bad[0]} is not on {floor.name}, which has cells 0 to "
            f"{floor.cells - 1}; is it of another floor?"
        )


def _search_tree(path: Path, floor: Floor, rows: list[list[str]], column: int) -> Overlay:
    try:
        read = [int(row[column]) for row in rows[1:]]
    except (ValueError, IndexError) as error:
        raise SourceError(
            f"{path}: column loc has no cell ({str(error)[: 2 * SHOWN]}); was it cut off?"
        ) from None
    _on_floor(path, floor, [cell for cell in read if not 0 <= cell < floor.cells])
    cells = np.array(read, np.int64)
    counts = np.bincount(cells, minlength=floor.cells).astype(np.float64)
    counts[counts == 0] = np.nan
    return Overlay(path.name, "search tree", counts[None, :], np.array([-1]))


def _highways(path: Path, floor: Floor, numbers: np.ndarray) -> Overlay:
    start, end = np.divmod(numbers, floor.cells)
    edges = np.column_stack([start - 1, end])
    _on_floor(path, floor, edges[(edges < 0) | (edges >= floor.cells)].tolist())
    rows, columns = np.divmod(edges, floor.width)
    far = np.abs(np.diff(rows)) + np.abs(np.diff(columns)) != 1
    if far.any():
        one, other = edges[np.flatnonzero(far)[0]]
        raise SourceError(
            f"{path}: an edge leads from cell {one} to {other}, which are no neighbours on "
            f"{floor.name}; is it of another floor?"
        )
    return Overlay(path.name, "highways", edges=edges)


def _visits(path: Path, floor: Floor) -> Overlay:
    """Return how often a League result's robots entered each cell, starts included."""
    from viz.league.moves import replay

    plain = read_league(path)
    if not is_result(plain):
        raise SourceError(f"{path}: no League result (start, actualPaths); name another file")
    counts = np.zeros(floor.cells)
    before = np.zeros((1, 0), np.int32)
    for block in replay(path, plain, floor).blocks():
        cells = block.cells
        if not before.size:
            counts += np.bincount(cells[0], minlength=floor.cells)
            before = cells[:1]
        standing = np.concatenate([before, cells[:-1]])
        counts += np.bincount(cells[cells != standing], minlength=floor.cells)
        before = cells[-1:]
    counts[counts == 0] = np.nan
    return Overlay(path.name, "visits", counts[None, :], np.array([-1]))
