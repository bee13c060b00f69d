"""Where the robots of a League result go by its letters, and what is illegal in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from routing.floor.check import Violation

Place = tuple[int, int]
CLOCKWISE = "ESWN"
WALLS = "@TOW"


@dataclass
class Track:
    """Where robots were: by step and robot, in a map with a border of walls round it."""

    cells: np.ndarray
    width: int

    @property
    def steps(self) -> int:
        return len(self.cells) - 1

    def place(self, cell: int) -> Place:
        """Return row and column of a cell."""
        return cell // self.width - 1, cell % self.width - 1

    def at(self, step: int, robot: int) -> Place:
        """Return where a robot was."""
        return self.place(int(self.cells[step, robot]))


def replay(
    rows: list[str],
    result: dict[str, Any],
    following: bool,
    found: list[Violation],
    at_most: int,
) -> Track:
    """Return where robots were, noting illegal moves.

    All robots of a step at once, in small numbers: ten thousand over thousands of steps fit.
    """
    width = 2 + max(map(len, rows), default=0)
    walls = np.ones((len(rows) + 2) * width, bool)
    for number, row in enumerate(rows, start=1):
        begin = number * width + 1
        walls[begin : begin + len(row)] = [letter in WALLS for letter in row]
    robots = np.arange(len(result["start"]))
    actions = _actions(result["actualPaths"], len(robots), found)
    track = Track(np.zeros((len(actions) + 1, len(robots)), np.int32), width)
    for robot, (row, column, _) in enumerate(result["start"]):
        inside = 0 <= row < len(rows) and 0 <= column < width - 2
        cell = (row + 1) * width + column + 1 if inside else 0
        if walls[cell]:
            found.append(at("starts in a wall", 0, [robot], (row, column)))
        track.cells[0, robot] = cell
    if found:
        return track
    heads = np.array([CLOCKWISE.index(head) for _, _, head in result["start"]], np.int8)
    ahead = np.array([1, width, -1, -width])
    turn = np.zeros(256, np.int8)
    turn[[ord("R"), ord("C")]] = 1, 3
    known = np.isin(np.arange(256), [ord(letter) for letter in "FRCWT"])
    stood = np.full(len(walls), -1)
    taken = np.full(len(walls), -1)

    def report(
        what: str, step: int, which: np.ndarray, cells: np.ndarray, others: Any = None
    ) -> None:
        for robot in np.flatnonzero(which).tolist():
            named = [robot] if others is None else sorted([robot, int(others[robot])])
            found.append(at(what, step, named, track.place(int(cells[robot]))))

    cells = track.cells[0]
    taken[cells] = robots
    report("two in one cell", 0, taken[cells] != robots, cells, taken[cells])
    for step, action in enumerate(actions):
        new = np.where(action == ord("F"), cells + ahead[heads], cells)
        report("into a wall", step, walls[new], new)
        new = np.where(walls[new], cells, new)
        heads = (heads + turn[action]) % 4
        for robot in np.flatnonzero(~known[action]).tolist():
            word = result["actualPaths"][robot].split(",")[step]
            found.append(at(f"unknown action {word!r}", step, [robot], track.at(step, robot)))
        taken[new] = robots
        report("two in one cell", step, taken[new] != robots, new, taken[new])
        stood[cells] = robots
        other = stood[new]
        stood[cells] = -1
        met = (other >= 0) & (other != robots)
        swapped = met & (new[other] == cells)
        report("swapped", step, swapped & (robots < other), new, other)
        if not following:
            report("followed", step, met & ~swapped, new, other)
        if len(found) >= at_most:
            break
        cells = track.cells[step + 1] = new
    return track


def _actions(paths: list[str], robots: int, found: list[Violation]) -> np.ndarray:
    """Return letters by step and robot (uint8; 0 for what is no letter)."""
    read = []
    for path in paths:
        raw = np.frombuffer(path.encode("ascii", "replace"), np.uint8)
        if len(raw) % 2 and (raw[1::2] == ord(",")).all() and (raw[::2] != ord(",")).all():
            read.append(raw[::2].copy())
        else:
            words = path.split(",") if path else []
            read.append(np.array([ord(w) if len(w) == 1 and w < "\x7f" else 0 for w in words]))
    if len({len(letters) for letters in read}) > 1 or len(read) != robots:
        found.append(Violation("ragged paths", "actualPaths", "one action a robot and step"))
        return np.zeros((0, robots), np.uint8)
    return np.ascontiguousarray(np.array(read, np.uint8).reshape(robots, -1).T)


def at(what: str, step: int, robots: list[int], place: Place | None) -> Violation:
    named = ", ".join(f"robot {robot}" for robot in robots)
    return Violation(what, f"step {step}, {named}", f"cell {place}" if place else "")
