"""What is read of a VDA 5050 message; whatever else a vehicle sends is passed over.

`gc=False`: they hold no cycles, and ten thousand a tick need no collector.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

# Of an orderId or actionId, which a robot only repeats: longer than any of ours.
Id = Annotated[str, msgspec.Meta(max_length=64)]


class Parameter(msgspec.Struct, gc=False):
    """An action parameter."""

    value: str


class NodeAction(msgspec.Struct, gc=False):
    """An action on a node."""

    actionType: str  # noqa: N815 - the standard's names, here and below
    actionParameters: list[Parameter] = []  # noqa: N815


class Node(msgspec.Struct, gc=False):
    """A node of an order."""

    nodeId: str  # noqa: N815
    sequenceId: int  # noqa: N815
    released: bool
    actions: list[NodeAction]


class Instant(msgspec.Struct, gc=False):
    """An instant action."""

    actionId: str  # noqa: N815
    actionType: str  # noqa: N815


class OrderShape(msgspec.Struct, gc=False):
    """An order, or instant actions, which have neither nodes nor an orderId."""

    serialNumber: str  # noqa: N815
    orderId: str = ""  # noqa: N815
    orderUpdateId: int = 0  # noqa: N815
    nodes: list[Node] = []
    actions: list[Instant] = []


class NodeState(msgspec.Struct, gc=False):
    """A node that is still ahead."""

    nodeId: str  # noqa: N815


class Position(msgspec.Struct, gc=False):
    """Where a robot is."""

    theta: float


class ActionState(msgspec.Struct, gc=False):
    """How far an action is."""

    actionId: Id  # noqa: N815
    actionType: str  # noqa: N815
    actionStatus: str  # noqa: N815


class Load(msgspec.Struct, gc=False):
    """What is on board."""

    loadId: str  # noqa: N815


class Error(msgspec.Struct, gc=False):
    """What is wrong."""

    errorType: str  # noqa: N815


class StateShape(msgspec.Struct, gc=False):
    """A state message."""

    serialNumber: str  # noqa: N815
    orderId: Id  # noqa: N815
    orderUpdateId: int  # noqa: N815
    lastNodeId: str  # noqa: N815
    lastNodeSequenceId: int  # noqa: N815
    nodeStates: list[NodeState]  # noqa: N815
    driving: bool
    actionStates: list[ActionState]  # noqa: N815
    agvPosition: Position  # noqa: N815
    loads: list[Load]
    errors: list[Error]
    paused: bool = False
    headerId: int = 0  # noqa: N815


class Battery(msgspec.Struct, gc=False):
    """A battery."""

    batteryCharge: float  # noqa: N815
    charging: bool


class BatteryShape(msgspec.Struct, gc=False):
    """What a state says of a battery."""

    serialNumber: str  # noqa: N815
    batteryState: Battery  # noqa: N815
