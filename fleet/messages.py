"""VDA 5050 2.1.0 messages between the controller and robots: rows in, JSON out, and back.

Lean: no nodePosition, released nodes only, optional fields only where the factsheet asks.  The
columns are `events.ORDER` and `events.REPORT`; nothing else in fleet knows JSON field names.
"""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np

from fleet.events import BASE_CELLS, INSTANT, ORDER, Action
from fleet.message_shapes import OrderShape

VERSION = "2.1.0"
MANUFACTURER = "peakday"
MESSAGE_BYTES = 64 * 1024  # a longer message, one frame of a batch, is refused

# agvPosition.theta by heading (0 E, 1 S, 2 W, 3 N): right-handed, y up, rows count downwards.
THETA = (0.0, -math.pi / 2, math.pi, math.pi / 2)
ACTION_TYPES = {
    Action.PICK: "pick",
    Action.DROP: "drop",
    Action.START_CHARGING: "startCharging",
    Action.STOP_CHARGING: "stopCharging",
}
ACTION_CODES = {name: int(action) for action, name in ACTION_TYPES.items()}
INSTANT_TYPES = {
    Action.START_PAUSE: "startPause",
    Action.STOP_PAUSE: "stopPause",
    Action.CANCEL_ORDER: "cancelOrder",
    Action.STATE_REQUEST: "stateRequest",
    Action.FACTSHEET_REQUEST: "factsheetRequest",
}
INSTANT_CODES = {name: int(code) for code, name in INSTANT_TYPES.items()}


class MessageError(ValueError):
    """A message that cannot be taken; the text says what and where."""


encode = msgspec.json.Encoder().encode
_decode_order = msgspec.json.Decoder(OrderShape).decode
# What a message of a wrong shape, too deep, or with numbers beyond a column's range raises.
UNREADABLE = (
    msgspec.DecodeError, ValueError, IndexError, KeyError, OverflowError, RecursionError,
    struct.error,
)  # fmt: skip


def serial(robot: int) -> str:
    """Return a robot's serialNumber."""
    return f"R{robot}"


def order_id(robot: int, epoch: int, order: int) -> str:
    """Return an orderId: never used twice, not even by a controller that restarts."""
    return f"{robot}-{epoch}-{order}" if order >= 0 else ""


def parse_order_id(text: str) -> tuple[int, int]:
    """Return an orderId's epoch and the robot's counter; -1, -1 where it is empty."""
    if not text:
        return -1, -1
    _, epoch, order = text.split("-")
    return int(epoch), int(order)


def timestamp(opening: datetime, seconds: float) -> str:
    """Return a message time: the opening plus simulated seconds, ISO 8601, UTC, milliseconds."""
    moment = opening + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def opening_time(text: str) -> datetime:
    """Return the moment that a scenario's `opening` names; without a zone in UTC.

    Parties of one day may stand in different zones.
    """
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def encode_orders(orders: np.ndarray, headers: np.ndarray, time: str) -> list[bytes]:
    """Return one order or instant actions message a row.

    Parameters
    ----------
    orders
        Rows of dtype `events.ORDER`.
    headers
        Last headerId of each robot, raised in place; int64[robots].
    time
        The messages' timestamp.
    """
    robots = orders["robot"]
    # A robot stands in here once, but for orders that are sent again.
    np.add.at(headers, robots, 1)
    head = f',"timestamp":"{time}","version":"{VERSION}","manufacturer":"{MANUFACTURER}",'
    return [
        _order(head, number, *row)
        for number, row in zip(headers[robots].tolist(), orders.tolist(), strict=True)
    ]


def _order(
    head: str, number: int, robot: int, epoch: int, order: int, update: int, sequence: int,
    start: int, cells: list[int], action: int, parcel: int,
) -> bytes:  # fmt: skip
    """Return an order message, written out: a template is three times as fast as structs.

    A number that stands in it several times is made text once, which halves what it takes.
    """
    if action >= INSTANT:
        return _instant(head, number, robot, order, action)
    name = order_id(robot, epoch, order)
    last = str(start)
    nodes = f'{{"nodeId":"{last}","sequenceId":{sequence},"released":true,"actions":['
    edges = between = ""
    for cell in cells:
        if cell < 0:
            break
        ahead = str(cell)
        edges = (
            f'{edges}{between}{{"edgeId":"{last}-{ahead}","sequenceId":{sequence + 1},'
            f'"released":true,"startNodeId":"{last}","endNodeId":"{ahead}","actions":[]}}'
        )
        sequence += 2
        nodes = (
            f'{nodes}]}},{{"nodeId":"{ahead}","sequenceId":{sequence},"released":true,"actions":['
        )
        last, between = ahead, ","
    if action:
        what = f'{{"key":"loadId","value":"{parcel}"}}' if parcel >= 0 else ""
        nodes += (
            f'{{"actionId":"{name}-{action}","actionType":"{ACTION_TYPES[Action(action)]}",'
            f'"blockingType":"HARD","actionParameters":[{what}]}}'
        )
    return (
        f'{{"headerId":{number}{head}"serialNumber":"{serial(robot)}","orderId":"{name}",'
        f'"orderUpdateId":{update},"nodes":[{nodes}]}}],"edges":[{edges}]}}'
    ).encode()


def _instant(head: str, number: int, robot: int, instant: int, action: int) -> bytes:
    """Return an instant actions message of one action."""
    return (
        f'{{"headerId":{number}{head}"serialNumber":"{serial(robot)}","actions":[{{'
        f'"actionId":"{instant_id(robot, instant)}",'
        f'"actionType":"{INSTANT_TYPES[Action(action)]}","blockingType":"NONE"}}]}}'
    ).encode()


def instant_id(robot: int, instant: int) -> str:
    """Return an instant action's actionId."""
    return f"{robot}-i{instant}"


def by_topic(orders: np.ndarray, messages: list[bytes]) -> list[tuple[str, list[bytes]]]:
    """Return the messages that `encode_orders` made of these rows by their topics."""
    instant = (orders["action"] >= INSTANT).tolist()
    if True not in instant:
        return [("order", messages)]
    pairs = list(zip(messages, instant, strict=True))
    return [
        ("order", [message for message, other in pairs if not other]),
        ("instantActions", [message for message, other in pairs if other]),
    ]


def _instant_row(order: OrderShape) -> tuple:
    """Return the row (dtype `events.ORDER`) of an instant actions message."""
    [action] = order.actions
    number = int(action.actionId.split("-i")[1])
    kind = INSTANT_CODES[action.actionType]
    return int(order.serialNumber[1:]), 0, number, 0, 0, -1, [-1] * BASE_CELLS, kind, -1


def decode_orders(messages: list[bytes]) -> np.ndarray:
    """Return the rows (dtype `events.ORDER`) of order and instant actions messages.

    Raises
    ------
    MessageError
        For a message that is no valid order, or longer than this robot takes.
    """
    rows = []
    for k, message in enumerate(messages):
        try:
            order = _decode_order(message)
            if order.actions:
                rows.append(_instant_row(order))
                continue
            epoch, counter = parse_order_id(order.orderId)
            nodes = order.nodes
            cells = [int(node.nodeId) for node in nodes[1:]]
            cells += [-1] * (BASE_CELLS - len(cells))
            if len(cells) > BASE_CELLS:
                raise ValueError(f"{len(nodes)} nodes, more than {BASE_CELLS + 1}")
            action, parcel = 0, -1
            if nodes[-1].actions:
                action = ACTION_CODES[nodes[-1].actions[0].actionType]
                if action in (Action.PICK, Action.DROP):
                    parcel = int(nodes[-1].actions[0].actionParameters[0].value)
            robot, first = int(order.serialNumber[1:]), nodes[0]
            rows.append(
                (
                    robot,
                    epoch,
                    counter,
                    order.orderUpdateId,
                    first.sequenceId,
                    int(first.nodeId),
                    cells,
                    action,
                    parcel,
                )
            )
        except UNREADABLE as error:
            raise MessageError(f"order message {k} of {len(messages)}: {error}") from error
    try:
        return np.array(rows, ORDER)
    except OverflowError as error:
        raise MessageError(f"order messages: {error}") from error


def encode_connection(robot: int, header: int, time: str, state: str) -> bytes:
    """Return a connection message: ONLINE, OFFLINE or CONNECTIONBROKEN."""
    return encode(header_fields(robot, header, time) | {"connectionState": state})


def header_fields(robot: int, header: int, time: str) -> dict[str, Any]:
    """Return the fields that every message begins with."""
    return {
        "headerId": header,
        "timestamp": time,
        "version": VERSION,
        "manufacturer": MANUFACTURER,
        "serialNumber": serial(robot),
    }
