"""VDA 5050 2.1.0 messages between the controller and robots: rows in, JSON out, and back.

Lean: no nodePosition, released nodes only, optional fields only where the factsheet asks.  The
columns are `events.ORDER` and `events.REPORT`; nothing else in fleet knows JSON field names.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np

from fleet.events import BASE_CELLS, BATTERY, INSTANT, MAX_PARCELS, ORDER, REPORT, Action
from fleet.message_shapes import ActionState, BatteryShape, OrderShape, StateShape

VERSION = "2.1.0"
MANUFACTURER = "peakday"
# A robot reports at least this often, changed or not.
STATE_SECONDS = 30
MESSAGE_BYTES = 64 * 1024  # a longer message is refused

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
NO_INSTANT = (0, 0, 0)
# A report of a robot with one parcel on board at most.
ONE_LOAD = np.dtype([(name, REPORT[name]) for name in (REPORT.names or ())[:-1]])
PAUSED = '"paused":true,'
STATES = ("", "WAITING", "RUNNING", "FINISHED", "FAILED")
_WELL = '"operatingMode":"AUTOMATIC","safetyState":{"eStop":"NONE","fieldViolation":false}'
STATE_CODES = {name: code for code, name in enumerate(STATES)}


class MessageError(ValueError):
    """A message that cannot be taken; the text says what and where."""


_encode = msgspec.json.Encoder().encode
_decode_order = msgspec.json.Decoder(OrderShape).decode
_decode_state = msgspec.json.Decoder(StateShape).decode
_decode_battery = msgspec.json.Decoder(BatteryShape).decode
# What a message of a wrong shape or with numbers beyond a column's range raises.
_UNREADABLE = (msgspec.DecodeError, ValueError, IndexError, KeyError, OverflowError)


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
    """Return an order message, written out: a template is three times as fast as structs."""
    if action >= INSTANT:
        return _instant(head, number, robot, order, action)
    name = order_id(robot, epoch, order)
    nodes = f'{{"nodeId":"{start}","sequenceId":{sequence},"released":true,"actions":['
    edges = ""
    for cell in cells:
        if cell < 0:
            break
        edges += (
            f'{"," if edges else ""}{{"edgeId":"{start}-{cell}","sequenceId":{sequence + 1},'
            f'"released":true,"startNodeId":"{start}","endNodeId":"{cell}","actions":[]}}'
        )
        sequence += 2
        nodes += f']}},{{"nodeId":"{cell}","sequenceId":{sequence},"released":true,"actions":['
        start = cell
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
        f'"actionId":"{_instant_id(robot, instant)}",'
        f'"actionType":"{INSTANT_TYPES[Action(action)]}","blockingType":"NONE"}}]}}'
    ).encode()


def _instant_id(robot: int, instant: int) -> str:
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
            epoch, counter = _parse_order_id(order.orderId)
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
        except _UNREADABLE as error:
            raise MessageError(f"order message {k} of {len(messages)}: {error}") from error
    try:
        return np.array(rows, ORDER)
    except OverflowError as error:
        raise MessageError(f"order messages: {error}") from error


def encode_states(
    reports: np.ndarray,
    base: np.ndarray,
    actions: np.ndarray,
    headers: np.ndarray,
    time: str,
    map_id: str,
    width: int,
    cell_metres: float,
    batteries: np.ndarray | None = None,
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
    batteries
        What each row's robot says of its battery (dtype `events.BATTERY`); None: all are full.
    """
    headers += 1
    full = [(100, 0)] * len(reports)
    charges = full if batteries is None else batteries[["charge", "charging"]].tolist()
    row, column = np.divmod(reports["cell"], width)
    x = np.round((column + 0.5) * cell_metres, 3).tolist()
    y = np.round(-(row + 0.5) * cell_metres, 3).tolist()
    head = f',"timestamp":"{time}","version":"{VERSION}","manufacturer":"{MANUFACTURER}",'
    place = f',"mapId":{_encode(map_id).decode()},"positionInitialized":true}}'
    columns = zip(
        reports.tolist(), base.tolist(), actions.tolist(), headers.tolist(), x, y, charges,
        strict=True,
    )  # fmt: skip
    return [
        _state(head, number, report, cells[: report[6]], kind, f'"x":{px},"y":{py}', place, charge)
        for report, cells, kind, number, px, py, charge in columns
    ]


def _state(
    head: str, number: int, report: tuple, base: list[int], kind: int, position: str, place: str,
    charge: tuple[int, int],
) -> bytes:  # fmt: skip
    """Return a state message, written out."""
    (robot, epoch, order, update, sequence, cell, _, heading, driving, action, load, error,
     paused, instant, instant_kind, instant_state, _, more) = report  # fmt: skip
    name = order_id(robot, epoch, order)
    nodes = edges = actions = ""
    last, between = cell, ""
    for j, ahead in enumerate(base):
        number_ahead = sequence + 2 * j + 1
        edges += (
            f'{between}{{"edgeId":"{last}-{ahead}","sequenceId":{number_ahead},"released":true}}'
        )
        nodes += f'{between}{{"nodeId":"{ahead}","sequenceId":{number_ahead + 1},"released":true}}'
        last, between = ahead, ","
    if kind and action:
        actions = (
            f'{{"actionId":"{name}-{kind}","actionType":"{ACTION_TYPES[Action(kind)]}",'
            f'"actionStatus":"{STATES[action]}"}}'
        )
    if instant:
        actions = (
            f'{{"actionId":"{_instant_id(robot, instant)}","actionType":'
            f'"{INSTANT_TYPES[Action(instant_kind)]}","actionStatus":"{STATES[instant_state]}"}}'
            f"{',' if actions else ''}{actions}"
        )
    halt = PAUSED if paused else ""
    loads = f'{{"loadId":"{load}"}}' if load >= 0 else ""
    if more[0]:
        loads += "".join(f',{{"loadId":"{one - 1}"}}' for one in more if one)
    errors = '{"errorType":"orderUpdateError","errorLevel":"WARNING"}' if error else ""
    return (
        f'{{"headerId":{number}{head}"serialNumber":"{serial(robot)}","orderId":"{name}",'
        f'"orderUpdateId":{max(update, 0)},"lastNodeId":"{cell}","lastNodeSequenceId":{sequence},'
        f'"nodeStates":[{nodes}],"edgeStates":[{edges}],'
        f'"driving":{"true" if driving else "false"},{halt}"actionStates":[{actions}],'
        f'"agvPosition":{{{position},"theta":{THETA[heading]}{place},'
        f'"loads":[{loads}],"errors":[{errors}],"batteryState":{{"batteryCharge":{charge[0]}.0,'
        f'"charging":{"true" if charge[1] else "false"}}},{_WELL}}}'
    ).encode()


def decode_states(messages: list[bytes]) -> np.ndarray:
    """Return the rows (dtype `events.REPORT`) of state messages.

    Raises
    ------
    MessageError
        For a message that is no valid state.
    """
    rows = []
    further: list[tuple[int, list[int]]] = []
    k = 0
    try:
        for k, message in enumerate(messages):
            state = _decode_state(message)
            epoch, counter = _parse_order_id(state.orderId)
            actions, loads = state.actionStates, state.loads
            if len(loads) > 1:
                further.append((k, [int(one.loadId) + 1 for one in loads[1:]]))
            rows.append(
                (
                    int(state.serialNumber[1:]),
                    epoch,
                    counter,
                    # The standard has no number for "none"; a robot without an order says 0.
                    state.orderUpdateId if counter >= 0 else -1,
                    state.lastNodeSequenceId,
                    int(state.lastNodeId),
                    len(state.nodeStates),
                    _heading(state.agvPosition.theta),
                    state.driving,
                    _order_action(actions) if actions else 0,
                    int(loads[0].loadId) if loads else -1,
                    1 if state.errors else 0,
                    state.paused,
                    *(_newest_instant(actions) if actions else NO_INSTANT),
                    state.headerId,
                )
            )
        reports = np.zeros(len(rows), REPORT)
        reports[list(ONE_LOAD.names or ())] = np.array(rows, ONE_LOAD)
        for k, more in further:
            if len(more) >= MAX_PARCELS:
                raise ValueError(f"{len(more) + 1} loads, more than {MAX_PARCELS}")
            reports["more"][k, : len(more)] = more
        return reports
    except _UNREADABLE as error:
        raise MessageError(f"state message {k} of {len(messages)}: {error}") from error


def decode_batteries(messages: list[bytes]) -> np.ndarray:
    """Return what state messages say of batteries (dtype `events.BATTERY`), a row each.

    Raises
    ------
    MessageError
        For a message that says nothing of it, or no percentage.
    """
    rows = []
    k = 0
    try:
        for k, message in enumerate(messages):  # noqa: B007 - the error names it
            state = _decode_battery(message)
            charge = state.batteryState.batteryCharge
            if not 0 <= charge <= 100:
                raise ValueError(f"a battery of {charge:g} %")
            rows.append((int(state.serialNumber[1:]), int(charge), state.batteryState.charging))
        return np.array(rows, BATTERY)
    except _UNREADABLE as error:
        raise MessageError(f"state message {k} of {len(messages)}: {error}") from error


def _order_action(actions: list[ActionState]) -> int:
    last = actions[-1]
    return STATE_CODES[last.actionStatus] if last.actionType in ACTION_CODES else 0


def _newest_instant(actions: list[ActionState]) -> tuple[int, int, int]:
    """Return number, kind and state of the instant action that a state reflects; 0: none."""
    newest = actions[0]
    kind = INSTANT_CODES.get(newest.actionType, 0)
    if not kind:
        return NO_INSTANT
    return int(newest.actionId.split("-i")[1]), kind, STATE_CODES[newest.actionStatus]


def _heading(theta: float) -> int:
    return round(-theta / (math.pi / 2)) % 4


def encode_connection(robot: int, header: int, time: str, state: str) -> bytes:
    """Return a connection message: ONLINE, OFFLINE or CONNECTIONBROKEN."""
    return _encode(header_fields(robot, header, time) | {"connectionState": state})


def header_fields(robot: int, header: int, time: str) -> dict[str, Any]:
    return {
        "headerId": header,
        "timestamp": time,
        "version": VERSION,
        "manufacturer": MANUFACTURER,
        "serialNumber": serial(robot),
    }
