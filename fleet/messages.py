"""VDA 5050 2.1.0 messages between the controller and robots: rows in, JSON out, and back.

Lean: no nodePosition, released nodes only, optional fields only where the factsheet asks.  The
columns are `events.ORDER` and `events.REPORT`; nothing else in fleet knows JSON field names.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from fleet.events import ORDER, REPORT, Action, ActionState

VERSION = "2.1.0"
MANUFACTURER = "peakday"
# A robot reports at least this often, changed or not.
STATE_SECONDS = 30
MESSAGE_BYTES = 64 * 1024  # a longer message is refused

# agvPosition.theta by heading (0 E, 1 S, 2 W, 3 N): right-handed, y up, rows count downwards.
THETA = (0.0, -math.pi / 2, math.pi, math.pi / 2)
ACTION_TYPES = {Action.PICK: "pick", Action.DROP: "drop"}
ACTION_CODES = {"pick": int(Action.PICK), "drop": int(Action.DROP)}
STATES = ("", "WAITING", "RUNNING", "FINISHED", "FAILED")
STATE_CODES = {name: code for code, name in enumerate(STATES)}


class MessageError(ValueError):
    """A message that cannot be taken; the text says what and where."""


class _Parameter(msgspec.Struct):
    key: str
    value: str


class _Action(msgspec.Struct):
    actionId: str  # noqa: N815 - the standard's names, here and below
    actionType: str  # noqa: N815
    blockingType: str = "HARD"  # noqa: N815
    actionParameters: list[_Parameter] = []  # noqa: N815


class _Node(msgspec.Struct):
    nodeId: str  # noqa: N815
    sequenceId: int  # noqa: N815
    released: bool
    actions: list[_Action] = []


class _Edge(msgspec.Struct):
    edgeId: str  # noqa: N815
    sequenceId: int  # noqa: N815
    released: bool
    startNodeId: str  # noqa: N815
    endNodeId: str  # noqa: N815
    actions: list[_Action] = []


class _Order(msgspec.Struct):
    headerId: int  # noqa: N815
    timestamp: str
    serialNumber: str  # noqa: N815
    orderId: str  # noqa: N815
    orderUpdateId: int  # noqa: N815
    nodes: list[_Node]
    edges: list[_Edge]
    version: str = VERSION
    manufacturer: str = MANUFACTURER


class _NodeState(msgspec.Struct):
    nodeId: str  # noqa: N815
    sequenceId: int  # noqa: N815
    released: bool


class _EdgeState(msgspec.Struct):
    edgeId: str  # noqa: N815
    sequenceId: int  # noqa: N815
    released: bool


class _Position(msgspec.Struct):
    x: float
    y: float
    theta: float
    mapId: str  # noqa: N815
    positionInitialized: bool = True  # noqa: N815


class _ActionState(msgspec.Struct):
    actionId: str  # noqa: N815
    actionType: str  # noqa: N815
    actionStatus: str  # noqa: N815


class _Load(msgspec.Struct):
    loadId: str  # noqa: N815


class _Battery(msgspec.Struct, frozen=True):
    batteryCharge: float = 100.0  # noqa: N815
    charging: bool = False


class _Error(msgspec.Struct):
    errorType: str  # noqa: N815
    errorLevel: str = "WARNING"  # noqa: N815


class _Safety(msgspec.Struct, frozen=True):
    eStop: str = "NONE"  # noqa: N815
    fieldViolation: bool = False  # noqa: N815


class _State(msgspec.Struct):
    headerId: int  # noqa: N815
    timestamp: str
    serialNumber: str  # noqa: N815
    orderId: str  # noqa: N815
    orderUpdateId: int  # noqa: N815
    lastNodeId: str  # noqa: N815
    lastNodeSequenceId: int  # noqa: N815
    nodeStates: list[_NodeState]  # noqa: N815
    edgeStates: list[_EdgeState]  # noqa: N815
    driving: bool
    actionStates: list[_ActionState]  # noqa: N815
    agvPosition: _Position  # noqa: N815
    loads: list[_Load]
    errors: list[_Error]
    batteryState: _Battery = _Battery()  # noqa: N815
    operatingMode: str = "AUTOMATIC"  # noqa: N815
    safetyState: _Safety = _Safety()  # noqa: N815
    version: str = VERSION
    manufacturer: str = MANUFACTURER


_encode = msgspec.json.Encoder().encode
_decode_order = msgspec.json.Decoder(_Order).decode
_decode_state = msgspec.json.Decoder(_State).decode


def serial(robot: int) -> str:
    """Return a robot's serialNumber."""
    return f"R{robot}"


def order_id(robot: int, epoch: int, order: int) -> str:
    """Return an orderId: never used twice, not even by a controller that restarts."""
    return f"{robot}-{epoch}-{order}" if order >= 0 else ""


def _parse_order_id(text: str) -> tuple[int, int]:
    if not text:
        return -1, -1
    _, epoch, order = text.split("-")
    return int(epoch), int(order)


def timestamp(opening: datetime, seconds: float) -> str:
    """Return a message time: the opening plus simulated seconds, ISO 8601, UTC, milliseconds."""
    moment = opening + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def opening_time(text: str) -> datetime:
    """Return the moment that a scenario's `opening` names."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def encode_orders(orders: np.ndarray, headers: np.ndarray, time: str) -> list[bytes]:
    """Return one order message a row.

    Parameters
    ----------
    orders
        Rows of dtype `events.ORDER`.
    headers
        Last headerId of each robot, raised in place; int64[robots].
    time
        The messages' timestamp.
    """
    messages = []
    for robot, epoch, order, update, sequence, start, cells, action, parcel in orders.tolist():
        name = order_id(robot, epoch, order)
        way = [start, *(cell for cell in cells if cell >= 0)]
        nodes = [_Node(str(cell), sequence + 2 * k, True) for k, cell in enumerate(way)]
        edges = [
            _Edge(f"{a}-{b}", sequence + 2 * k + 1, True, str(a), str(b))
            for k, (a, b) in enumerate(pairwise(way))
        ]
        if action:
            nodes[-1].actions = [
                _Action(
                    f"{name}-{action}",
                    ACTION_TYPES[Action(action)],
                    actionParameters=[_Parameter("loadId", str(parcel))],
                )
            ]
        headers[robot] += 1
        header = int(headers[robot])
        messages.append(_encode(_Order(header, time, serial(robot), name, update, nodes, edges)))
    return messages


def decode_orders(messages: list[bytes]) -> np.ndarray:
    """Return the rows (dtype `events.ORDER`) of order messages.

    Raises
    ------
    MessageError
        For a message that is no valid order, or longer than this robot takes.
    """
    rows = np.zeros(len(messages), ORDER)
    for k, message in enumerate(messages):
        try:
            order = _decode_order(message)
            epoch, counter = _parse_order_id(order.orderId)
            nodes = order.nodes
            cells = [int(node.nodeId) for node in nodes[1:]]
            action, parcel = 0, -1
            if nodes[-1].actions:
                action = ACTION_CODES[nodes[-1].actions[0].actionType]
                parcel = int(nodes[-1].actions[0].actionParameters[0].value)
            padding = rows["cells"].shape[1] - len(cells)
            rows[k] = (
                int(order.serialNumber[1:]),
                epoch,
                counter,
                order.orderUpdateId,
                nodes[0].sequenceId,
                int(nodes[0].nodeId),
                cells + [-1] * padding,
                action,
                parcel,
            )
        except (msgspec.DecodeError, ValueError, IndexError, KeyError) as error:
            raise MessageError(f"order message {k} of {len(messages)}: {error}") from error
    return rows


def encode_states(
    reports: np.ndarray,
    base: np.ndarray,
    actions: np.ndarray,
    headers: np.ndarray,
    time: str,
    map_id: str,
    width: int,
    cell_metres: float,
) -> list[bytes]:
    """Return one state message a row.

    Parameters
    ----------
    reports
        Rows of dtype `events.REPORT`.
    base
        Each row's remaining released cells, -1 behind their end; int32[rows, k].
    actions
        Each row's action on the last node of its order (`events.Action`); uint8[rows].
    headers
        Last headerId of each row's robot, raised in place; int64[rows].
    time, map_id, width, cell_metres
        Timestamp, the floor's name, its width in cells and the size of a cell.
    """
    messages = []
    kinds = actions.tolist()
    headers += 1
    numbers = headers.tolist()
    for k, (report, cells) in enumerate(zip(reports.tolist(), base.tolist(), strict=True)):
        robot, epoch, order, update, sequence, cell, left, heading, driving, action, load, error = (
            report
        )
        name = order_id(robot, epoch, order)
        cells = cells[:left]
        way = [cell, *cells]
        row, column = divmod(cell, width)
        kind = kinds[k]
        message = _State(
            numbers[k],
            time,
            serial(robot),
            name,
            max(update, 0),
            str(cell),
            sequence,
            [_NodeState(str(c), sequence + 2 * j + 2, True) for j, c in enumerate(cells)],
            [
                _EdgeState(f"{a}-{b}", sequence + 2 * j + 1, True)
                for j, (a, b) in enumerate(zip(way, cells, strict=False))
            ],
            bool(driving),
            [_ActionState(f"{name}-{kind}", ACTION_TYPES[Action(kind)], STATES[action])]
            if kind and action
            else [],
            _Position(
                round((column + 0.5) * cell_metres, 3),
                round(-(row + 0.5) * cell_metres, 3),
                THETA[heading],
                map_id,
            ),
            [_Load(str(load))] if load >= 0 else [],
            [_Error("orderUpdateError")] if error else [],
        )
        messages.append(_encode(message))
    return messages


def decode_states(messages: list[bytes]) -> np.ndarray:
    """Return the rows (dtype `events.REPORT`) of state messages.

    Raises
    ------
    MessageError
        For a message that is no valid state.
    """
    rows = np.zeros(len(messages), REPORT)
    for k, message in enumerate(messages):
        try:
            state = _decode_state(message)
            epoch, counter = _parse_order_id(state.orderId)
            actions = state.actionStates
            rows[k] = (
                int(state.serialNumber[1:]),
                epoch,
                counter,
                state.orderUpdateId,
                state.lastNodeSequenceId,
                int(state.lastNodeId),
                len(state.nodeStates),
                _heading(state.agvPosition.theta),
                state.driving,
                STATE_CODES[actions[-1].actionStatus] if actions else int(ActionState.NONE),
                int(state.loads[0].loadId) if state.loads else -1,
                bool(state.errors),
            )
        except (msgspec.DecodeError, ValueError, IndexError, KeyError) as error:
            raise MessageError(f"state message {k} of {len(messages)}: {error}") from error
    return rows


def _heading(theta: float) -> int:
    return round(-theta / (math.pi / 2)) % 4


def encode_connection(robot: int, header: int, time: str, state: str) -> bytes:
    """Return a connection message: ONLINE, OFFLINE or CONNECTIONBROKEN."""
    return _encode(_header(robot, header, time) | {"connectionState": state})


def encode_factsheet(
    robot: int, header: int, time: str, *, cell_metres: float, metres_per_second: float
) -> bytes:
    """Return a robot's factsheet."""
    size = round(cell_metres * 0.8, 3)
    sheet: dict[str, Any] = {
        "typeSpecification": {
            "seriesName": "Peakday simulated sorter",
            "agvKinematic": "DIFF",
            "agvClass": "CARRIER",
            "maxLoadMass": 5.0,
            "localizationTypes": ["GRID"],
            "navigationTypes": ["VIRTUAL_LINE_GUIDED"],
        },
        "physicalParameters": {
            "speedMin": 0.0,
            "speedMax": metres_per_second,
            "accelerationMax": 2.0,
            "decelerationMax": 2.0,
            "heightMax": 0.3,
            "width": size,
            "length": size,
        },
        "protocolLimits": {
            "maxStringLens": {"msgLen": MESSAGE_BYTES},
            "maxArrayLens": {"order.nodes": 4, "order.edges": 3, "node.actions": 1},
            "timing": {"minOrderInterval": 0.0, "minStateInterval": 0.0},
        },
        "protocolFeatures": {
            "optionalParameters": [],
            "agvActions": [
                {
                    "actionType": kind,
                    "actionScopes": ["NODE"],
                    "actionParameters": [{"key": "loadId", "valueDataType": "STRING"}],
                }
                for kind in ("pick", "drop")
            ],
        },
        "agvGeometry": {},
        "loadSpecification": {},
    }
    return _encode(_header(robot, header, time) | sheet)


def _header(robot: int, header: int, time: str) -> dict[str, Any]:
    return {
        "headerId": header,
        "timestamp": time,
        "version": VERSION,
        "manufacturer": MANUFACTURER,
        "serialNumber": serial(robot),
    }
