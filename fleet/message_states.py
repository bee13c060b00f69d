"""State messages of robots as rows (`events.REPORT`, `events.BATTERY`), and back."""

from __future__ import annotations

import math
import struct
from functools import lru_cache

import msgspec
import numpy as np

from fleet.events import BATTERY, MAX_PARCELS, REPORT, Action
from fleet.message_shapes import ActionState, BatteryShape, StateShape
from fleet.messages import (
    ACTION_CODES,
    ACTION_TYPES,
    INSTANT_CODES,
    INSTANT_TYPES,
    MANUFACTURER,
    THETA,
    UNREADABLE,
    VERSION,
    MessageError,
    encode,
    instant_id,
    order_id,
    parse_order_id,
    serial,
)  # fmt: skip

NO_INSTANT = (0, 0, 0)
# A report of a robot with one parcel on board at most, as a column's row and as its bytes.
ONE_LOAD = np.dtype([(name, REPORT[name]) for name in (REPORT.names or ())[:-1]])
_ROW = struct.Struct("<" + "".join(ONE_LOAD[name].char for name in ONE_LOAD.names or ()))
KNOWN_IDS = 1 << 15  # that need not be taken apart again
PAUSED = '"paused":true,'
STATES = ("", "WAITING", "RUNNING", "FINISHED", "FAILED")
_WELL = '"operatingMode":"AUTOMATIC","safetyState":{"eStop":"NONE","fieldViolation":false}'
STATE_CODES = {name: code for code, name in enumerate(STATES)}

_THETA_TEXT = tuple(map(str, THETA))
_HEADINGS = {theta: heading for heading, theta in enumerate(THETA)}
_parse_order_id = lru_cache(KNOWN_IDS)(parse_order_id)
_decode_state = msgspec.json.Decoder(StateShape).decode
_decode_battery = msgspec.json.Decoder(BatteryShape).decode


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
    place = f',"mapId":{encode(map_id).decode()},"positionInitialized":true}}'
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
    here = last = str(cell)
    between, ahead = "", sequence
    for node in map(str, base):
        edges = (
            f'{edges}{between}{{"edgeId":"{last}-{node}","sequenceId":{ahead + 1},"released":true}}'
        )
        ahead += 2
        nodes = f'{nodes}{between}{{"nodeId":"{node}","sequenceId":{ahead},"released":true}}'
        last, between = node, ","
    if kind and action:
        actions = (
            f'{{"actionId":"{name}-{kind}","actionType":"{ACTION_TYPES[Action(kind)]}",'
            f'"actionStatus":"{STATES[action]}"}}'
        )
    if instant:
        actions = (
            f'{{"actionId":"{instant_id(robot, instant)}","actionType":'
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
        f'"orderUpdateId":{max(update, 0)},"lastNodeId":"{here}","lastNodeSequenceId":{sequence},'
        f'"nodeStates":[{nodes}],"edgeStates":[{edges}],'
        f'"driving":{"true" if driving else "false"},{halt}"actionStates":[{actions}],'
        f'"agvPosition":{{{position},"theta":{_THETA_TEXT[heading]}{place},'
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
    # Ten thousand a tick: bytes are half as dear as tuples that numpy has to look into.
    pack, headings = _ROW.pack, _HEADINGS
    try:
        for k, message in enumerate(messages):
            state = _decode_state(message)
            epoch, counter = _parse_order_id(state.orderId)
            actions, loads, theta = state.actionStates, state.loads, state.agvPosition.theta
            action = instant = kind = status = 0
            if actions:
                action = _order_action(actions)
                instant, kind, status = _newest_instant(actions)
            if len(loads) > 1:
                further.append((k, [int(one.loadId) + 1 for one in loads[1:]]))
            rows.append(
                pack(
                    int(state.serialNumber[1:]),
                    epoch,
                    counter,
                    # The standard has no number for "none"; a robot without an order says 0.
                    state.orderUpdateId if counter >= 0 else -1,
                    state.lastNodeSequenceId,
                    int(state.lastNodeId),
                    len(state.nodeStates),
                    headings[theta] if theta in headings else _heading(theta),
                    state.driving,
                    action,
                    int(loads[0].loadId) if loads else -1,
                    1 if state.errors else 0,
                    state.paused,
                    instant,
                    kind,
                    status,
                    state.headerId,
                )
            )
        reports = np.zeros(len(rows), REPORT)
        reports[list(ONE_LOAD.names or ())] = np.frombuffer(b"".join(rows), ONE_LOAD)
        for k, more in further:
            if len(more) >= MAX_PARCELS:
                raise ValueError(f"{len(more) + 1} loads, more than {MAX_PARCELS}")
            reports["more"][k, : len(more)] = more
        return reports
    except UNREADABLE as error:
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
    except UNREADABLE as error:
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
    return _instant_number(newest.actionId), kind, STATE_CODES[newest.actionStatus]


@lru_cache(KNOWN_IDS)
def _instant_number(action_id: str) -> int:
    return int(action_id.split("-i")[1])


def _heading(theta: float) -> int:
    return round(-theta / (math.pi / 2)) % 4
