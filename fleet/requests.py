"""An operator's request: the words for it, on the wire and in the store."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fleet.events import Operation

MAX_ID_BYTES = 100
EMPTY = "-"  # in the place of a parcel's name: nothing was found on the robot
MAX_SPEED = 10_000.0  # times real time
SPEED_PARTS = 1000  # a speed is told in such parts of real time
OF_CELLS = (Operation.CLOSE, Operation.OPEN)  # the others are of robots


@dataclass(frozen=True)
class Request:
    """What an operator wants.

    Attributes
    ----------
    id
        The operator's own name for it: the same request is done once, however often it comes.
    robot
        -1: the whole floor.
    cell
        Of the floor; in a clearance -1 where the robot was taken off it.  Of a speed, that in
        thousandths of real time.
    parcel
        Name of the parcel that was found on a robot, `EMPTY` where none was, "" where nothing is
        said of it.
    who
        The name of the key that asked; "" where nobody has keys.
    until
        The last tick in which it is done if it was not done before; -1: whenever it comes.  No part
        of what is wanted, so that it may be asked again under the same id.
    """

    id: str
    what: Operation
    robot: int = -1
    cell: int = -1
    parcel: str = ""
    who: str = ""
    until: int = field(default=-1, compare=False)

    def plain(self) -> dict[str, object]:
        """Return it as plain values for the wire."""
        return {
            "id": self.id,
            "what": self.what.name.lower(),
            "robot": self.robot,
            "cell": self.cell,
            "parcel": self.parcel,
            "until": self.until,
        }


def read_request(plain: dict, who: str) -> Request:
    """Return what `Request.plain` made.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it is none.
    """
    name = plain["id"]
    if not isinstance(name, str) or not 0 < len(name.encode()) <= MAX_ID_BYTES:
        raise ValueError(f"a request's id has 1 to {MAX_ID_BYTES} bytes")
    numbers = {}
    for key in ("robot", "cell", "until"):
        number = plain.get(key, -1)
        if type(number) is not int or not -1 <= number < 2**31:
            raise ValueError(f"{key} {number!r}: no number from -1 up")
        numbers[key] = number
    parcel = plain.get("parcel", "")
    if not isinstance(parcel, str):
        raise ValueError(f"parcel {parcel!r}: no name of one")
    try:
        what = Operation[str(plain["what"]).upper()]
    except KeyError as error:
        known = ", ".join(operation.name.lower() for operation in Operation)
        raise ValueError(f"what {plain['what']!r}: none of {known}") from error
    return Request(name, what, parcel=parcel, who=who, **numbers)


def speed_request(name: str, speed: float) -> Request:
    """Return a request that the clock run at so many times real time; 0: that it stand."""
    return Request(name, Operation.SPEED, cell=round(speed * SPEED_PARTS))


def asked_speed(rows: np.ndarray, answers: list[str]) -> float | None:
    """Return the speed that was asked for last and not refused; None: none was.

    Parameters
    ----------
    rows, answers
        A tick's requests (dtype `events.OPERATE`), and why each was refused, "" where it was not.
    """
    speeds = [
        cell / SPEED_PARTS
        for (what, cell), refused in zip(rows[["what", "cell"]].tolist(), answers, strict=True)
        if what == Operation.SPEED and not refused
    ]
    return speeds[-1] if speeds else None


def describe(what: int, robot: int, cell: int) -> str:
    """Return a request in a few words."""
    verb = Operation(what)
    if verb in OF_CELLS:
        return f"{verb.name.lower()} cell {cell}"
    if verb == Operation.SPEED:
        return f"run at ×{cell / SPEED_PARTS:g}" if cell else "stop the clock"
    if verb == Operation.CLEAR:
        return f"robot {robot} cleared: " + ("off the floor" if cell < 0 else f"at cell {cell}")
    whom = "floor" if robot < 0 else f"robot {robot}"
    if verb in (Operation.OUT, Operation.IN):
        return f"take {whom} {verb.name.lower()}"
    return f"{verb.name.lower()} {whom}"
