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
    walls: np.ndarray
    late: np.ndarray  # by step, whether it was lost to a late plan

    @property
    def steps(self) -> int:
        return len(self.cells) - 1

    def place(self, cell: int) -> Place:
        """Return row and column of a cell."""
        return cell // self.width - 1, cell % self.width - 1

    def at(self, step: int, robot: int) -> Place:
        """Return where a robot was."""
        return self.place(int(self.cells[step, robot]))

    def is_wall(self, place: Place) -> bool:
        """Whether no robot can be there, as beyond the map."""
        row, column = place
        inside = 0 <= row < len(self.walls) // self.width - 2 and 0 <= column < self.width - 2
        return not inside or bool(self.walls[self.cell(place)])

    def first_at(self, robot: int, place: Place, begin: int, end: int) -> int | None:
        """Return the first step from `begin` to before `end` in which a robot was at a place.

        Steps lost to late plans do not count.
        """
        there = (self.cells[begin:end, robot] == self.cell(place)) & ~self.late[begin:end]
        return begin + int(there.argmax()) if there.any() else None

    def cell(self, place: Place) -> int:
        """Return the cell of row and column."""
        return (place[0] + 1) * self.width + place[1] + 1


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
    late = np.append(False, (actions == ord("T")).all(axis=1))
    track = Track(np.zeros((len(actions) + 1, len(robots)), np.int32), width, walls, late)
    for robot, (row, column, _) in enumerate(result["start"]):
        if track.is_wall((row, column)):
            found.append(at("starts in a wall", 0, [robot], (row, column)))
        else:
            track.cells[0, robot] = track.cell((row, column))
    if found:
        return track
    heads = np.array([CLOCKWISE.index(head) for _, _, head in result["start"]], np.int8)
    ahead = np.array([1, width, -1, -width])
    turn = np.zeros(256, np.int8)
    turn[[ord("R"), ord("C")]] = 1, 3
    # T of a single robot is a wait: its planner gave no action for it, which the simulator takes.
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
    named = "".join(f", robot {robot}" for robot in robots)
    return Violation(what, f"step {step}{named}", f"cell {place}" if place else "")
