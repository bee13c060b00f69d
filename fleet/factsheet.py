"""What a robot says of itself once: its VDA 5050 factsheet."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.messages import INSTANT_TYPES, MESSAGE_BYTES, header_fields


def encode_factsheet(
    robot: int,
    header: int,
    time: str,
    *,
    cell_metres: float,
    metres_per_second: float,
    charges: bool = False,
    parcels: int = 1,
) -> bytes:
    """Return a robot's factsheet.

    ``charges``: whether it is told when to charge; ``parcels``: that it carries at once.
    """
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
            ]
            + [{"actionType": kind, "actionScopes": ["INSTANT"]} for kind in INSTANT_TYPES.values()]
            + [
                {"actionType": kind, "actionScopes": ["NODE"]}
                for kind in (("startCharging", "stopCharging") if charges else ())
            ],
        },
        "agvGeometry": {},
        "loadSpecification": (
            {"loadPositions": [str(k) for k in range(parcels)]} if parcels > 1 else {}
        ),
    }
    return msgspec.json.encode(header_fields(robot, header, time) | sheet)
