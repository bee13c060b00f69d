"""What a robot says of itself once: its VDA 5050 factsheet, and whether it fits the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from fleet.events import SHEET, Action, Alarm, Sheet
from fleet.messages import ACTION_TYPES, INSTANT_TYPES, MESSAGE_BYTES, MessageError, header_fields
from fleet.rows import unlike
from fleet.scenario import Scenario

if TYPE_CHECKING:
    from fleet.world import World

# What one order message holds at most here, and how long the longest message is.
NODES, EDGES, NODE_ACTIONS, LONGEST = 2, 1, 1, 1024
CHARGING = (Action.START_CHARGING, Action.STOP_CHARGING)
NAMES = {**ACTION_TYPES, **INSTANT_TYPES}


def sheet_of(scenario: Scenario) -> np.ndarray:
    """Return what a simulated robot's factsheet says (dtype `events.SHEET`, one row)."""
    floor = scenario.floor
    row = np.zeros(1, SHEET)
    row["speed"] = round(1000 * floor.cell_metres / floor.tick_seconds)
    row["size"] = round(800 * floor.cell_metres)
    row["nodes"], row["edges"], row["node_actions"] = 4, 3, 1
    row["bytes"] = MESSAGE_BYTES
    row["loads"] = scenario.robots.parcels
    row["actions"] = sum(1 << action for action in needed(scenario))
    return row


def needed(scenario: Scenario) -> list[Action]:
    """Return the actions that robots of a scenario are told to do."""
    battery = scenario.floor.battery
    return [action for action in NAMES if battery or action not in CHARGING]


def take(world: World, rows: np.ndarray) -> None:
    """Keep factsheets (dtype `events.SHEET`), and raise an alarm for those that do not fit."""
    if not len(rows):
        return
    robots = rows["robot"]
    news = (world.robots["sheet"][robots] != Sheet.KNOWN) | unlike(world.sheets[robots], rows)
    if news.any():
        kinds = rows[news]
        kinds["robot"] = 0
        # Robots of one make say the same.
        alike, of = np.unique(kinds.view(f"V{SHEET.itemsize}"), return_inverse=True)
        unfit = np.array([bool(misfits(world.scenario, row)) for row in alike.view(SHEET)])
        world.alarms += [
            (Alarm.FACTSHEET, robot, -1, 0) for robot in robots[news][unfit[of]].tolist()
        ]
    world.sheets[robots] = rows
    world.robots["sheet"][robots] = Sheet.KNOWN


def misfits(scenario: Scenario, row: np.void) -> list[str]:
    """Return what a scenario asks of a robot that its factsheet (dtype `events.SHEET`) denies."""
    floor = scenario.floor
    speed = round(1000 * floor.cell_metres / floor.tick_seconds)
    said = []
    if row["speed"] and row["speed"] < speed:
        said.append(
            f"drives {row['speed'] / 1000:g} m/s, floor.cell_metres / floor.tick_seconds is "
            f"{speed / 1000:g}"
        )
    if row["size"] > 1000 * floor.cell_metres:
        said.append(
            f"is {row['size'] / 1000:g} m long or wide, floor.cell_metres is {floor.cell_metres:g}"
        )
    for name, least, what in (
        ("nodes", NODES, "order.nodes"),
        ("edges", EDGES, "order.edges"),
        ("node_actions", NODE_ACTIONS, "node.actions"),
        ("bytes", LONGEST, "msgLen"),
    ):
        if 0 < row[name] < least:
            said.append(f"takes {what} up to {row[name]}, orders have {least}")
    if row["order_gap"] > 1000 * floor.tick_seconds:
        said.append(
            f"takes an order each {row['order_gap'] / 1000:g} s, floor.tick_seconds is "
            f"{floor.tick_seconds:g}"
        )
    if max(row["loads"], 1) < scenario.robots.parcels:
        said.append(
            f"has {max(row['loads'], 1)} loadPositions, robots.parcels is {scenario.robots.parcels}"
        )
    missing = [NAMES[a] for a in needed(scenario) if not int(row["actions"]) >> a & 1]
    if missing:
        said.append(f"does not know {', '.join(missing)}")
    return said


def encode_factsheet(row: np.void, header: int, time: str) -> bytes:
    """Return the factsheet message of a robot that says this (dtype `events.SHEET`)."""
    size = int(row["size"]) / 1000
    actions = int(row["actions"])
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
            "speedMax": int(row["speed"]) / 1000,
            "accelerationMax": 2.0,
            "decelerationMax": 2.0,
            "heightMax": 0.3,
            "width": size,
            "length": size,
        },
        "protocolLimits": {
            "maxStringLens": {"msgLen": int(row["bytes"])},
            "maxArrayLens": {
                "order.nodes": int(row["nodes"]),
                "order.edges": int(row["edges"]),
                "node.actions": int(row["node_actions"]),
            },
            "timing": {"minOrderInterval": int(row["order_gap"]) / 1000, "minStateInterval": 0.0},
        },
        "protocolFeatures": {
            "optionalParameters": [],
            "agvActions": [_known_action(action) for action in NAMES if actions >> int(action) & 1],
        },
        "agvGeometry": {},
        "loadSpecification": {"loadPositions": [str(k) for k in range(int(row["loads"]))]},
    }
    return msgspec.json.encode(header_fields(int(row["robot"]), header, time) | sheet)


def _known_action(action: Action) -> dict[str, Any]:
    scope = "INSTANT" if action in INSTANT_TYPES else "NODE"
    known: dict[str, Any] = {"actionType": NAMES[action], "actionScopes": [scope]}
    if action in (Action.PICK, Action.DROP):
        known["actionParameters"] = [{"key": "loadId", "valueDataType": "STRING"}]
    return known


class _Physical(msgspec.Struct, rename="camel"):
    speed_max: float
    width: float
    length: float


class _Lengths(msgspec.Struct):
    nodes: int = msgspec.field(name="order.nodes", default=0)
    edges: int = msgspec.field(name="order.edges", default=0)
    node_actions: int = msgspec.field(name="node.actions", default=0)


class _Strings(msgspec.Struct, rename="camel"):
    msg_len: int = 0


class _Timing(msgspec.Struct, rename="camel"):
    min_order_interval: float = 0.0


class _Limits(msgspec.Struct, rename="camel"):
    max_string_lens: _Strings
    max_array_lens: _Lengths
    timing: _Timing


class _Known(msgspec.Struct, rename="camel"):
    action_type: str


class _Features(msgspec.Struct, rename="camel"):
    agv_actions: list[_Known]


class _Loads(msgspec.Struct, rename="camel"):
    load_positions: list[str] = []


class _Sheet(msgspec.Struct, rename="camel"):
    serial_number: str
    physical_parameters: _Physical
    protocol_limits: _Limits
    protocol_features: _Features
    load_specification: _Loads = msgspec.field(default_factory=_Loads)


_decode = msgspec.json.Decoder(_Sheet).decode
_CODES = {name: action for action, name in NAMES.items()}


def decode_factsheets(messages: list[bytes]) -> np.ndarray:
    """Return the rows (dtype `events.SHEET`) of factsheet messages.

    Raises
    ------
    MessageError
        For a message that is no valid factsheet.
    """
    rows = np.zeros(len(messages), SHEET)
    k = 0
    try:
        for k, message in enumerate(messages):
            sheet = _decode(message)
            physical, limits = sheet.physical_parameters, sheet.protocol_limits
            lengths = limits.max_array_lens
            kinds = {_CODES[a.action_type] for a in sheet.protocol_features.agv_actions
                     if a.action_type in _CODES}  # fmt: skip
            rows[k] = (
                int(sheet.serial_number[1:]),
                round(1000 * physical.speed_max),
                round(1000 * max(physical.width, physical.length)),
                lengths.nodes,
                lengths.edges,
                lengths.node_actions,
                limits.max_string_lens.msg_len,
                round(1000 * limits.timing.min_order_interval),
                len(sheet.load_specification.load_positions),
                sum(1 << kind for kind in kinds),
            )
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise MessageError(f"factsheet message {k} of {len(messages)}: {error}") from error
    return rows
