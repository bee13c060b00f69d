"""VDA 5050 messages: rows survive the way through JSON, and the official schemas accept them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fleet.events import BATTERY, ORDER, REPORT, Action, ActionState
from fleet.factsheet import decode_factsheets, encode_factsheet, misfits, sheet_of
from fleet.message_states import decode_batteries, decode_states, encode_states
from fleet.messages import (
    MessageError,
    by_topic,
    decode_orders,
    encode_connection,
    encode_orders,
    opening_time,
    timestamp,
)
from fleet.scenario import Scenario
from fleet.sim import scenario as sim_scenario

SCHEMAS = Path(__file__).parent.parent / "data" / "vda5050-2.1.0"
ON_NODES = [action for action in Action if action < Action.START_PAUSE]
AT_ONCE = [action for action in Action if action >= Action.START_PAUSE]
TIME = "2017-11-11T00:00:07.250Z"


def validator(topic: str) -> Draft202012Validator:
    """Return the official validator of a topic's messages."""
    return Draft202012Validator(json.loads((SCHEMAS / f"{topic}.schema").read_text()))


@st.composite
def orders(draw) -> np.ndarray:
    """One order: a start, up to three further cells, perhaps an action on the last one."""
    row = np.zeros(1, ORDER)
    row["robot"] = draw(st.integers(0, 19))
    row["epoch"] = draw(st.integers(1, 9))
    row["order"] = draw(st.integers(0, 10**6))
    row["update"] = draw(st.integers(0, 10**6))
    row["sequence"] = 2 * draw(st.integers(0, 10**6))
    row["start"] = draw(st.integers(0, 10**5))
    cells = draw(st.lists(st.integers(0, 10**5), max_size=3))
    row["cells"] = cells + [-1] * (3 - len(cells))
    row["action"] = draw(st.sampled_from(ON_NODES))
    carries = row["action"][0] in (Action.PICK, Action.DROP)
    row["parcel"] = draw(st.integers(0, 10**6)) if carries else -1
    return row


@st.composite
def states(draw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One report, the cells that are left of its base, and its action."""
    row = np.zeros(1, REPORT)
    has_order = draw(st.booleans())
    row["robot"] = draw(st.integers(0, 19))
    for name in ("epoch", "order"):
        row[name] = draw(st.integers(1, 10**6)) if has_order else -1
    row["update"] = draw(st.integers(0, 10**6)) if has_order else -1
    row["sequence"] = 2 * draw(st.integers(0, 10**6))
    row["cell"] = draw(st.integers(0, 10**5))
    base = draw(st.lists(st.integers(0, 10**5), max_size=3))
    row["left"] = len(base)
    row["heading"] = draw(st.integers(0, 3))
    row["driving"] = draw(st.integers(0, 1))
    action = draw(st.sampled_from(ON_NODES[1:]))
    row["action"] = draw(st.sampled_from(list(ActionState)))
    row["load"] = draw(st.integers(-1, 10**6))
    row["error"] = draw(st.integers(0, 1))
    row["paused"] = draw(st.integers(0, 1))
    if draw(st.booleans()):
        row["instant"] = draw(st.integers(1, 10**6))
        row["instant_kind"] = draw(st.sampled_from(AT_ONCE))
        row["instant_state"] = draw(st.sampled_from(list(ActionState)[1:]))
    row["header"] = 1  # the first message
    return row, np.array([base + [-1] * (3 - len(base))]), np.array([action], np.uint8)


@given(orders())
def test_orders_survive_json_and_fit_the_schema(row: np.ndarray) -> None:
    """An order row comes back equal, and the official schema accepts its message."""
    messages = encode_orders(row, np.zeros(20, np.int64), TIME)
    validator("order").validate(json.loads(messages[0]))
    assert decode_orders(messages) == row


@given(states(), st.integers(0, 100), st.booleans())
def test_batteries_survive_json_and_fit_the_schema(
    state: tuple, charge: int, charging: bool
) -> None:
    """What a robot says of its battery comes back equal beside the rest of its state."""
    row, base, action = state
    rows = np.array([(row["robot"][0], charge, charging)], BATTERY)
    messages = encode_states(row, base, action, np.zeros(1, np.int64), TIME, "tiny", 60, 0.6, rows)
    validator("state").validate(json.loads(messages[0]))
    assert decode_states(messages) == row
    assert decode_batteries(messages) == rows


def test_a_battery_of_120_percent_is_refused() -> None:
    """So that no column overflows."""
    message = b'{"serialNumber":"R1","batteryState":{"batteryCharge":120,"charging":false}}'
    with pytest.raises(MessageError, match="a battery of 120 %"):
        decode_batteries([message])


@given(states())
def test_states_survive_json_and_fit_the_schema(state: tuple) -> None:
    """A report row comes back equal, and the official schema accepts its message."""
    row, base, action = state
    messages = encode_states(row, base, action, np.zeros(1, np.int64), TIME, "tiny", 60, 0.6)
    validator("state").validate(json.loads(messages[0]))
    assert decode_states(messages) == row


def test_an_order_names_nodes_edges_and_action() -> None:
    """Two released cells and a pick: nodes 0, 2, 4, edges between, the action on the last node."""
    row = np.array([(3, 1, 7, 0, 0, 10, [11, 12, -1], Action.PICK, 42)], ORDER)
    message = json.loads(encode_orders(row, np.zeros(4, np.int64), TIME)[0])
    assert message["orderId"] == "3-1-7"
    assert [n["nodeId"] for n in message["nodes"]] == ["10", "11", "12"]
    assert [n["sequenceId"] for n in message["nodes"]] == [0, 2, 4]
    assert [e["sequenceId"] for e in message["edges"]] == [1, 3]
    assert [len(n["actions"]) for n in message["nodes"]] == [0, 0, 1]
    assert message["nodes"][2]["actions"][0]["actionType"] == "pick"


def test_header_ids_count_per_robot() -> None:
    """Each message raises its own robot's headerId by one."""
    headers = np.zeros(2, np.int64)
    row = np.zeros(1, ORDER)
    row["cells"] = -1
    row["robot"] = 1
    ids = [json.loads(encode_orders(row, headers, TIME)[0])["headerId"] for _ in range(3)]
    assert ids == [1, 2, 3]
    assert headers.tolist() == [0, 3]


def test_connection_and_factsheet_fit_their_schemas() -> None:
    """The official schemas accept what a robot says of itself, and it comes back equal."""
    validator("connection").validate(json.loads(encode_connection(1, 2, TIME, "CONNECTIONBROKEN")))
    for battery, parcels in ((False, 1), (True, 4)):
        rows = sheet_of(scenario_with(battery=battery, parcels=parcels))
        rows["robot"] = 1
        sheet = encode_factsheet(rows[0], 1, TIME)
        validator("factsheet").validate(json.loads(sheet))
        assert decode_factsheets([sheet]) == rows


def test_a_factsheet_that_cannot_be_read_is_refused() -> None:
    """One clear line, as for every other message."""
    with pytest.raises(MessageError, match="factsheet message 0 of 1"):
        decode_factsheets([b'{"serialNumber":"R1"}'])


@pytest.mark.parametrize("kind", AT_ONCE)
def test_instant_actions_survive_json_and_fit_the_schema(kind: Action) -> None:
    """An instant action comes back with its robot, number and kind."""
    row = np.array([(3, 0, 7, 0, 0, -1, [-1, -1, -1], kind, -1)], ORDER)
    messages = encode_orders(row, np.zeros(4, np.int64), TIME)
    validator("instantActions").validate(json.loads(messages[0]))
    assert decode_orders(messages) == row


def scenario_with(*, battery: bool = False, parcels: int = 1) -> Scenario:
    """Return a scenario of two robots, with batteries or without, that carry so many parcels."""
    plain = sim_scenario.scenario(1, 2, ".", parcels)
    floor = msgspec.structs.replace(plain.floor, battery=battery)
    return msgspec.structs.replace(plain, floor=floor)


def test_a_factsheet_is_held_against_the_scenario() -> None:
    """What a robot's own sheet denies is said with both values; its own scenario it fits."""
    scenario = scenario_with(parcels=4)
    row = sheet_of(scenario)[0]
    assert misfits(scenario, row) == []
    row["speed"], row["nodes"], row["size"], row["loads"] = 300, 1, 700, 3
    row["actions"] = int(row["actions"]) & ~(1 << Action.DROP)
    assert misfits(scenario, row) == [
        "drives 0.3 m/s, floor.cell_metres / floor.tick_seconds is 0.6",
        "is 0.7 m long or wide, floor.cell_metres is 0.6",
        "takes order.nodes up to 1, orders have 2",
        "has 3 loadPositions, robots.parcels is 4",
        "does not know drop",
    ]


@pytest.mark.parametrize("message", [b"", b"{}", b"[1]", b'{"orderId": 3}', b"\xff"])
def test_what_is_no_message_is_refused(message: bytes) -> None:
    """Broken messages raise one clear error and nothing else."""
    for decode in (decode_orders, decode_states, decode_batteries):
        with pytest.raises(MessageError, match="message 0 of 1"):
            decode([message])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lastNodeSequenceId", 2**40),
        ("headerId", -1),
        ("serialNumber", "R9999999999"),
        ("lastNodeId", "-9999999999"),
        ("orderId", "1-1-" + 61 * "0"),
        ("orderId", "1-1"),
        ("loads", [{"loadId": "9999999999"}]),
    ],
)
def test_a_state_beyond_any_column_is_refused(field: str, value: object) -> None:
    """A state that is valid JSON of the right shape, but for one number or id."""
    row = np.zeros(1, REPORT)
    base, action = np.empty((1, 0), np.int32), np.zeros(1, np.uint8)
    fields = json.loads(
        encode_states(row, base, action, np.zeros(1, np.int64), TIME, "tiny", 60, 0.6)[0]
    )
    decode_states([json.dumps(fields).encode()])
    with pytest.raises(MessageError, match="message 0 of 1"):
        decode_states([json.dumps(fields | {field: value}).encode()])


def test_message_times_are_simulated() -> None:
    """A timestamp is the opening plus simulated seconds, in UTC with milliseconds."""
    opening = opening_time("2017-11-11T00:00:00Z")
    assert timestamp(opening, 7.25) == TIME
    assert timestamp(opening, 86_400.0) == "2017-11-12T00:00:00.000Z"


@given(st.lists(st.sampled_from([Action.NONE, Action.START_PAUSE, Action.STOP_PAUSE]), max_size=5))
def test_instant_actions_travel_among_orders(kinds: list[Action]) -> None:
    """Each fits its own schema and topic, and comes back with number and kind."""
    rows = np.zeros(len(kinds), ORDER)
    rows["robot"], rows["action"] = np.arange(len(kinds)), kinds
    rows["order"] = 1 + np.arange(len(kinds))
    rows["cells"] = rows["parcel"] = -1
    frames = encode_orders(rows, np.zeros(9, np.int64), TIME)
    for topic, messages in by_topic(rows, frames):
        for message in messages:
            validator(topic).validate(json.loads(message))
    back = decode_orders(frames)
    for name in ("robot", "order", "action"):
        assert (back[name] == rows[name]).all()


def test_an_opening_without_a_zone_is_the_same_on_every_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Controller and hosts may stand in different zones."""
    try:
        monkeypatch.setenv("TZ", "XYZ-5")
        time.tzset()
        opening = opening_time("2024-02-29T10:00:00")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert opening == opening_time("2024-02-29T10:00:00Z")
