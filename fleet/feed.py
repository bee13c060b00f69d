"""What viewers get: a snapshot when they ask, then one update a tick with a sequence number.

The update's body is msgpack; columns are raw bytes of the dtypes named in `tick_body`.  A viewer
subscribes first, then asks for the snapshot, drops updates up to the snapshot's sequence, and
asks again when it sees a gap or another feed.  A feed is known by a number drawn at random, for
two runs may have the same epochs and sequence numbers.
"""

from __future__ import annotations

import struct

import msgspec
import numpy as np

from fleet import boards, flow, traffic
from fleet.controller import Effects
from fleet.events import OPERATE, ORDER, ParcelState
from fleet.parcels import Parcels
from fleet.record import counts
from fleet.world import World

TOPIC = b"tick"
NO_REQUESTS = np.empty(0, OPERATE)
NO_ORDERS = np.empty(0, ORDER)
# When it was planned, got its chute, was ready, left and came back, in ticks; chute and courier.
TOUR_COLUMNS = (
    "plan_tick", "chute_tick", "ready_tick", "depart_tick", "home_tick", "chute", "courier",
)  # fmt: skip
_HEADER = struct.Struct("<qq")


def pack(feed_id: int, sequence: int, body: dict[str, object]) -> list[bytes]:
    """Return an update's frames."""
    return [TOPIC, _HEADER.pack(feed_id, sequence), msgspec.msgpack.encode(body)]


def unpack(frames: list[bytes]) -> tuple[int, int, dict]:
    """Return the number of an update's feed, its sequence and body.

    Raises
    ------
    ValueError
        If these are no update's frames.
    """
    if len(frames) != 3 or frames[0] != TOPIC or len(frames[1]) != _HEADER.size:
        raise ValueError("not an update of a controller's feed")
    feed_id, sequence = _HEADER.unpack(frames[1])
    try:
        return feed_id, sequence, msgspec.msgpack.decode(frames[2], type=dict)
    except msgspec.DecodeError as error:
        raise ValueError(f"not an update of a controller's feed: {error}") from error


def standing_body(world: World, *, speed: float) -> dict[str, object]:
    """Return the small columns of a tick that an earlier controller lived; nothing has changed."""
    status = traffic.status(world)
    effects = Effects(
        events={}, orders=NO_ORDERS, departures=[], status=status,
        frame=traffic.frame(world, status), quiet=True, answers=[],
    )  # fmt: skip
    return tick_body(world, effects, speed=speed, planner_ms=0.0)


def tick_body(
    world: World, effects: Effects, *, speed: float, planner_ms: float
) -> dict[str, object]:
    """Return what one tick changed and the small columns that viewers draw.

    `robots`: `events.ROBOT_FRAME`; `goals`, `parcels`: int32 a robot, -1 none; `chutes`: int32
    (tour, count) a chute; `chute_shut`: uint8; `station_queue`: parcels that wait, int32 a
    station; `charges`: percent in each robot's battery, uint8, empty where robots need none;
    `boards`: parcels on board in the order of their drops, -1 behind, int32 (MAX_PARCELS) a
    robot, empty where robots carry one at most;
    `bases`: cells released ahead of each robot, next first, -1 behind, int32, as many a robot as
    the longest base has; a robot holds these and the cell where it is;
    `couriers`: int32 (courier, tour, stops reported) of those out; `log`: rows of
    (parcel, state, place) as in the store's parcel_log; `closed`: int32 cells that are closed, or
    are to be once they are left; `requests`: (what, robot, cell) of what operators had done;
    `alarms`: (what, robot, detail, ticks) as in `events.ALARM`; `tour_changes`: `tour_columns` of
    tours that changed.
    """
    rows = world.parcels
    waiting = rows["station"][rows["state"] == ParcelState.AT_STATION]
    out = np.flatnonzero(world.couriers >= 0)
    tours = world.couriers[out]
    names = ("accepted", "at_station", "on_robot", "sorted", "delivered")
    return {
        "tick": world.tick,
        "robots": effects.frame.tobytes(),
        "goals": world.robots["goal"].astype(np.int32).tobytes(),
        "parcels": world.robots["parcel"].astype(np.int32).tobytes(),
        "chutes": np.column_stack([world.chutes["tour"], world.chutes["count"]])
        .astype(np.int32)
        .tobytes(),
        "chute_shut": (world.chutes["until"] > world.tick).astype(np.uint8).tobytes(),
        "station_queue": np.bincount(waiting, minlength=len(world.floor.stations))
        .astype(np.int32)
        .tobytes(),
        "counts": dict(zip(names, counts(world), strict=True)),
        "couriers": np.column_stack([out, tours, world.tours["reported"][tours]])
        .astype(np.int32)
        .tobytes(),
        "speed": speed,
        "planner_ms": planner_ms,
        "bases": bases(world).tobytes(),
        "boards": boards.all_on_board(world).tobytes(),
        "charges": world.batteries["charge"].tobytes(),
        "log": [list(row) for row in world.log],
        "alarms": [list(row) for row in world.alarms],
        "tour_changes": tour_columns(world, sorted(world.touched_tours)).tobytes(),
        "paused": bool(world.paused),
        "closed": np.flatnonzero(world.barred).astype(np.int32).tobytes(),
        "requests": [
            row[:3]
            for row, refused in zip(
                effects.events.get("operate", NO_REQUESTS).tolist(), effects.answers, strict=True
            )
            if not refused
        ],
    }


def bases(world: World) -> np.ndarray:
    """Return the cells released ahead of each robot, in as many columns as the longest has."""
    robots = world.robots
    return robots["base"][:, : int(robots["ahead"].max(initial=0))]


def tour_columns(world: World, tours: list[int]) -> np.ndarray:
    """Return of each tour its number and `TOUR_COLUMNS`, -1 where that has not happened; int32."""
    rows = world.tours[tours]
    columns = [np.array(tours, np.int32), *(rows[name] for name in TOUR_COLUMNS)]
    return np.column_stack(columns).astype(np.int32)


def snapshot_body(
    world: World, book: Parcels, depot: tuple[float, float], scenario_text: str, map_text: str
) -> dict[str, object]:
    """Return what a viewer needs beside the newest update to draw everything.

    `tours`: (tour, wave, chute, state, stops); `tour_loads`: the sizes of each one's parcels;
    `tour_columns`: int32, how far each is; `parcel_table`: columns of all parcels.
    """
    rows = world.tours
    stops = [flow.tour_stops(world, tour) for tour in range(len(rows))]
    return {
        "scenario": scenario_text,
        "map": map_text,
        "depot": list(depot),
        "tours": [
            [
                tour,
                int(rows["wave"][tour]),
                int(rows["chute"][tour]),
                int(rows["state"][tour]),
                stops[tour].tolist(),
            ]
            for tour in range(len(rows))
        ],
        "tour_loads": [int(world.parcels["size"][own].sum()) for own in stops],
        "tour_columns": tour_columns(world, list(range(len(rows)))).tobytes(),
        "parcel_table": {
            "x": book.x.tobytes(),
            "y": book.y.tobytes(),
            "names": list(book.names),
            "state": world.parcels["state"].tobytes(),
            "tour": world.parcels["tour"].astype(np.int32).tobytes(),
            "station": book.station.astype(np.int32).tobytes(),
            "due_close": book.due_close.tobytes(),
            "station_tick": world.parcels["station_tick"].astype(np.int32).tobytes(),
        },
    }
