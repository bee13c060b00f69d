"""The events of a day as columns: what the controller takes in, and what it decides.

One tick's events are a dict from kind to a structured array.  Kinds come in the order of
`KINDS`; rows within a kind are sorted, never in order of arrival, but for operators' requests.
The journal keeps exactly their bytes (`event_bytes`), so that a run replays to the same state hash.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

import numpy as np

Events: TypeAlias = dict[str, np.ndarray]


class Code(IntEnum):
    """A named number as columns hold it."""

    # NumPy looks for this at each comparison, and not finding it takes twice the comparison's time.
    __array_ufunc__ = np.ndarray.__array_ufunc__


class ParcelState(Code):
    """Where a parcel is.  It is in exactly one of these places at any time."""

    ACCEPTED = 0  # known to the controller, not yet at its station
    AT_STATION = 1
    ON_ROBOT = 2
    IN_CHUTE = 3  # sorted
    OUT = 4  # with its courier
    DELIVERED = 5
    REJECTED = 6  # lies in the reject chute: no tour takes it, or it was cancelled on its way
    CANCELLED = 7  # taken out before a robot carried it
    MISSING = 8  # its robot came without it; somebody looks for it
    RETURNING = 9  # the delivery failed, the courier brings it back
    RETURNED = 10  # back at the depot for good: attempts used up, or cancelled on its way


class TourState(Code):
    """How far a tour has come."""

    PLANNED = 0  # waits for a chute
    SORTING = 1  # has a chute
    READY = 2  # all its parcels are in the chute, waits for a courier
    OUT = 3
    DONE = 4  # the courier is back


class RobotPhase(Code):
    """What a robot is doing, as the controller sees it."""

    IDLE = 0
    TO_STATION = 1
    LOADING = 2
    TO_CHUTE = 3
    DROPPING = 4
    TO_CHARGER = 5  # or plugging in there
    CHARGING = 6
    UNPLUGGING = 7


class RobotStatus(Code):
    """What a viewer colours a robot by: low four bits; what stands below `FAULT` are flags."""

    IDLE = 0
    EMPTY = 1  # on its way without a parcel
    LOADED = 2  # on its way with a parcel
    LOADING = 3
    DROPPING = 4
    FAULT = 5
    CHARGING = 6
    WAITING = 16  # flag: has a goal and did not move or turn this tick
    SILENT = 32  # flag: its host does not answer
    PAUSED = 64  # flag: by an operator, this robot alone
    OUT = 128  # flag: an operator has taken it out, or it is on its way aside


class Operation(Code):
    """What an operator may ask for."""

    PAUSE = 1  # of a robot, or of the floor: nobody gets a further cell
    RESUME = 2
    OUT = 3  # it gets no more parcels, goes aside and stands there
    IN = 4
    CLOSE = 5  # nobody enters the cell once it is left
    OPEN = 6
    CLEAR = 7  # where a robot is, and that it holds nothing else
    SPEED = 8  # of the clock, which is no part of the state


class Out(Code):
    """How far a robot is out of use."""

    NO = 0
    LEAVING = 1  # it goes to where it disturbs least
    STANDS = 2  # it has got there; somebody may step up to it


class Barred(Code):
    """Whether a cell is closed."""

    NO = 0
    WHEN_LEFT = 1  # somebody still holds it
    CLOSED = 2


class Action(Code):
    """What a robot does on the last node of an order, or at once."""

    NONE = 0
    PICK = 1
    DROP = 2
    START_CHARGING = 3
    STOP_CHARGING = 4
    START_PAUSE = 16  # from here on instant actions, which are messages of their own
    STOP_PAUSE = 17
    CANCEL_ORDER = 18
    STATE_REQUEST = 19
    FACTSHEET_REQUEST = 20


class ActionState(Code):
    """A robot's report on that action (VDA 5050 names)."""

    NONE = 0
    WAITING = 1
    RUNNING = 2
    FINISHED = 3
    FAILED = 4


class Link(Code):
    """What is known of the line to a host."""

    SILENT = 0
    ONLINE = 1
    GAP = 2  # some of what it sent never came


class Sheet(Code):
    """Whether a robot's factsheet is known."""

    UNKNOWN = 0
    KNOWN = 1
    REFUSED = 2  # it has none to give


class Alarm(Code):
    """What a person should know of a robot."""

    UNREFLECTED = 1  # it does not do an instant action; detail: which
    REFLECTED = 2  # it has done it after all, or need no more
    FACTSHEET = 3  # its factsheet does not fit the scenario
    REBOOTED = 4  # it had lost its order and goes on; detail: from which cell
    CYCLE = 5  # its base needs a cell of a robot that waits for it; detail: that robot


class CourierNews(Code):
    """What a courier reports."""

    DELIVERED = 1
    FAILED = 2  # nobody opened; the parcel comes back
    HOME = 3


# Cells that one order message releases at most.
BASE_CELLS = 3
# Cells released at most ahead of a robot.
HORIZON_CELLS = 4
# Parcels that a robot carries at most, whatever the scenario.
MAX_PARCELS = 8

# One order message, new or update.  Released nodes after the first (or stitching) one: `cells`.
ORDER = np.dtype(
    [
        ("robot", "i4"),
        ("epoch", "i4"),  # of the controller that made the orderId; not part of any hash
        ("order", "i4"),  # counter per robot
        ("update", "i4"),  # orderUpdateId
        ("sequence", "i4"),  # sequenceId of the first node of this message
        ("start", "i4"),  # its cell
        ("cells", "i4", (BASE_CELLS,)),  # newly released cells behind it, -1 where none
        ("action", "u1"),  # `Action` on the last node
        ("parcel", "i4"),  # that action's parcel, else -1
    ]
)

# An instant action is such a row, too: it has that `action`, and its number as `order`.
INSTANT = 16

# One robot's state message.
REPORT = np.dtype(
    [
        ("robot", "i4"),
        ("epoch", "i4"),  # of its orderId, -1 where it holds none; not part of any hash
        ("order", "i4"),  # counter in its orderId, -1 where it holds none
        ("update", "i4"),
        ("sequence", "i4"),  # lastNodeSequenceId
        ("cell", "i4"),  # lastNodeId
        ("left", "i4"),  # nodes in nodeStates
        ("heading", "u1"),  # 0 E, 1 S, 2 W, 3 N
        ("driving", "u1"),
        ("action", "u1"),  # `ActionState`
        ("load", "i4"),  # parcel on board, else -1
        ("error", "u1"),  # 1: it rejected an order
        ("paused", "u1"),
        ("instant", "i4"),  # number of the newest instant action that it has taken, 0: none
        ("instant_kind", "u1"),  # which
        ("instant_state", "u1"),  # `ActionState` of it
        ("header", "u4"),  # headerId, 0: unknown; restarts with the robot; not part of any hash
        # Further parcels on board, each number plus 1, 0 where none; hashed where there are any.
        ("more", "i4", (MAX_PARCELS - 1,)),
    ]
)

# What a robot's factsheet says, as far as it matters here; 0: no limit named.
SHEET = np.dtype(
    [
        ("robot", "i4"),
        ("speed", "i4"),  # at most, millimetres a second
        ("size", "i4"),  # the longer of width and length, millimetres
        ("nodes", "i4"),  # of one order message, at most
        ("edges", "i4"),
        ("node_actions", "i4"),
        ("bytes", "i4"),  # of one message, at most
        ("order_gap", "i4"),  # between two order messages, at least; milliseconds
        ("loads", "i4"),  # positions for parcels; 0: none named, so there is one
        ("actions", "u4"),  # bit `Action` set: it knows that action
    ]
)

# What a robot says of its battery: percent, and whether it is being charged.
BATTERY = np.dtype([("robot", "i4"), ("charge", "u1"), ("charging", "u1")])

# What a frame of the store keeps of each robot: enough for the judge, for replay and to seek.
ROBOT_FRAME = np.dtype([("cell", "i4"), ("heading", "u1"), ("status", "u1")])

COURIER = np.dtype(
    [("courier", "i4"), ("tour", "i4"), ("position", "i4"), ("parcel", "i4"), ("news", "u1")]
)

# Parcels first..last-1 (rows of the parcel table) were accepted.
SUBMIT = np.dtype([("first", "i4"), ("last", "i4")])
CANCEL = np.dtype([("parcel", "i4")])
# A wave was closed: its parcels are those accepted, at hand and without a tour.
WAVE = np.dtype([("wave", "i4")])
# A wave's tours: one row a stop, in order of tour, then position; tour -1: no tour takes it.
PLAN = np.dtype([("wave", "i4"), ("tour", "i4"), ("position", "i4"), ("parcel", "i4")])
# A chute blocked (until = tick) or opened again by itself or an operator (until = 0).
CHUTE = np.dtype([("chute", "i4"), ("until", "i4")])
# A missing parcel was found and lies at its station again.
FOUND = np.dtype([("parcel", "i4")])
# What an operator asks for (`Operation`), in order of arrival.  `robot`: -1 for the whole floor.
# A clearance confirms that a robot is at `cell`, or was taken off the floor (-1), and holds nothing
# else; it is switched off meanwhile.  `parcel`: what was found on it, -3: nothing, -1: not said.
# Of a speed `cell` is the thousandths of real time that the clock is to run at.
OPERATE = np.dtype([("what", "u1"), ("robot", "i4"), ("cell", "i4"), ("parcel", "i4")])
# Host lost or back, or something of it is missing (`Link`).
LINK = np.dtype([("first", "i4"), ("last", "i4"), ("online", "u1")])
# Decisions: a robot gets a parcel (rank 0: now, 1: next); a robot gets cells.
ASSIGN = np.dtype([("robot", "i4"), ("parcel", "i4"), ("rank", "u1")])
MOVE = np.dtype([("robot", "i4"), ("cell", "i4")])
# What a robot that has its first parcel on board takes along, that one included, in the order in
# which they are dropped; -1 behind their end.  Only where robots carry several.
LOAD = np.dtype([("robot", "i4"), ("parcels", "i4", (MAX_PARCELS,))])
# A robot is sent to a charger (an index), or from the one where it charges (-1).
CHARGE = np.dtype([("robot", "i4"), ("charger", "i4")])
# What a person should know (`Alarm`); `ticks`: how long it has been so.
ALARM = np.dtype([("what", "u1"), ("robot", "i4"), ("detail", "i4"), ("ticks", "i4")])

KINDS: dict[str, np.dtype] = {
    "operate": OPERATE,
    "link": LINK,
    "submit": SUBMIT,
    "cancel": CANCEL,
    "report": REPORT,
    "courier": COURIER,
    "chute": CHUTE,
    "found": FOUND,
    "wave": WAVE,
    "plan": PLAN,
    "assign": ASSIGN,
    "move": MOVE,
    "battery": BATTERY,
    "charge": CHARGE,
    "load": LOAD,
    "factsheet": SHEET,
    "alarm": ALARM,
}


def loads(rows: np.ndarray) -> np.ndarray:
    """Return the parcels on board of reports or robots, -1 where none; int32[rows, MAX_PARCELS]."""
    return np.column_stack([rows["load"], rows["more"] - 1])
