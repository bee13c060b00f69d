"""What an operator may ask for from the window: one key, one more to confirm.

`O` offers what fits the selection, a letter chooses, `Y` or Return sends it; `[` and `]` ask for
another speed of the run, and go on up or down while that is asked.  A clearance is not among them:
who confirms that a cell is clear has been there, and says so with `fleet operate`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import numpy as np

from fleet.events import Operation
from fleet.requests import Request, describe, speed_request
from routing.floor.grid import Floor
from viz.view import Selection, next_speed

FLOOR_KEYS = {"p": Operation.PAUSE, "r": Operation.RESUME}
ROBOT_KEYS = FLOOR_KEYS | {"o": Operation.OUT, "i": Operation.IN}
CELL_KEYS = {"c": Operation.CLOSE, "n": Operation.OPEN}
STEPS = {"[": -1, "]": 1}  # of a speed
WORDS = {
    Operation.PAUSE: "pause",
    Operation.RESUME: "resume",
    Operation.OUT: "take out",
    Operation.IN: "bring in",
    Operation.CLOSE: "close",
    Operation.OPEN: "open",
}


@dataclass
class Asking:
    """A question that waits for a key."""

    robot: int = -1
    cell: int = -1
    chosen: Operation | None = None
    speed: float = 1.0  # of the run, where that is chosen

    @property
    def keys(self) -> dict[str, Operation]:
        """Return the letters that choose."""
        if self.cell >= 0:
            return CELL_KEYS
        return ROBOT_KEYS if self.robot >= 0 else FLOOR_KEYS

    def text(self) -> str:
        """Return the question."""
        if self.chosen == Operation.SPEED:
            wanted = speed_request("", self.speed)
            what = describe(wanted.what, wanted.robot, wanted.cell)
            return f"{what}? Y: yes, [ ]: slower, faster, Esc: no"
        if self.chosen is not None:
            return f"{describe(self.chosen, self.robot, self.cell)}? Y: yes, Esc: no"
        if self.cell >= 0:
            whom = f"cell {self.cell}"
        else:
            whom = f"robot {self.robot}" if self.robot >= 0 else "floor"
        offered = ", ".join(f"{key.upper()}: {WORDS[what]}" for key, what in self.keys.items())
        return f"{whom}: {offered}; Esc: nothing"

    def take(self, key: str) -> tuple[bool, Request | None]:
        """Take in a key; return whether the question still stands, and what is to be sent."""
        if self.chosen is None:
            self.chosen = self.keys.get(key)
            return self.chosen is not None, None
        if self.chosen == Operation.SPEED and key in STEPS:
            self.speed = next_speed(self.speed, STEPS[key])
            return True, None
        if key not in ("y", "\r"):
            return False, None
        if self.chosen == Operation.SPEED:
            return False, speed_request(uuid.uuid4().hex, self.speed)
        return False, Request(uuid.uuid4().hex, self.chosen, self.robot, self.cell)


def asking(floor: Floor, selection: Selection) -> Asking:
    """Return the question that fits what is selected; nothing on the floor: the floor."""
    number = selection.number
    if selection.kind == "robot":
        return Asking(robot=number)
    if selection.kind == "cell":
        return Asking(cell=number)
    if selection.kind == "station":
        return Asking(cell=int(floor.stations[number]))
    if selection.kind == "chute":
        return Asking(cell=int(np.concatenate([floor.chutes, floor.rejects])[number]))
    return Asking()
