"""The state of a day in columns: robots, parcels, tours, chutes, couriers, held cells.

Nothing here knows a socket, a clock or a file.  `flow` and `traffic` change it by events;
`snapshot` and `restore` carry it over a restart; `state_hash` proves two runs equal.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field

import msgspec
import numpy as np

from fleet.battery import capacity, opening_charge
from fleet.event_bytes import without_unhashed
from fleet.events import HORIZON_CELLS, MAX_PARCELS, SHEET, ParcelState
from fleet.parcels import Parcels
from fleet.scenario import Scenario
from routing.floor.chute_order import chute_order
from routing.floor.grid import Floor
from routing.floor.guidance import quiet_cells

NO_TOUR = -1  # not yet in a closed wave's plan
REJECT = -2  # no tour takes it, or it was cancelled on its way: to the reject chute
NEXT_PARCELS = 2  # parcels planned ahead for a robot

ROBOT_STATE = np.dtype(
    [
        ("cell", "i4"),  # last reported; -1: an operator took it off the floor
        ("heading", "u1"),
        ("base", "i4", (HORIZON_CELLS,)),  # granted cells ahead, -1 behind their end
        ("ahead", "u1"),  # how many
        ("epoch", "i4"),  # of the controller that made the order; not hashed
        ("order", "i4"),  # its counter, -1: none yet
        ("update", "i4"),
        ("sequence", "i4"),  # of the last released node
        ("passed", "i4"),  # of the last node reported as passed
        ("acked", "i4"),  # newest reflected update of the order, -1: none
        ("issued", "i4"),  # newest order counter given out, anchors included
        ("anchor", "i4"),  # counter of an anchor that is not reflected yet, -1: none
        ("anchor_cell", "i4"),
        ("closed", "u1"),  # the last released node has an action
        ("fresh", "u1"),  # the next move opens a new order
        ("phase", "u1"),
        ("parcel", "i4"),  # its task, -1: none
        ("next", "i4", (NEXT_PARCELS,)),  # planned parcels after that
        ("load", "i4"),  # reported on board
        ("goal", "i4"),  # cell, -1: none
        ("since", "i4"),  # tick at which the goal was set
        ("online", "u1"),
        ("fault", "u1"),
        ("paused", "u1"),
        ("out", "u1"),  # `events.Out`
        ("instants", "i4"),  # numbers of instant actions given out
        ("asked", "u1"),  # the newest, 0: none yet
        ("asked_tick", "i4"),  # at which it was first sent
        ("alarmed", "u1"),  # whether somebody was told that it is not done
        ("reflected", "i4"),  # number of the newest that a report reflects
        ("instant_state", "u1"),  # `events.ActionState` of that
        ("halted", "u1"),  # whether it said then that it is paused
        ("cancel", "u1"),  # it is to drop its order
        ("unsure", "u1"),  # its state is to be asked for
        ("sheet", "u1"),  # `events.Sheet`
        ("heard", "i4"),  # tick of its last report
        ("round_trip", "i2"),  # of an order, eighths of a tick; 0: not known yet
        ("sent", "i4"),  # tick at which its newest order or update was first sent
        ("header", "u4"),  # newest headerId since it was last switched on; not hashed
        ("lost", "u1"),  # it seems to have rebooted; its anchor will show
        ("loaded_ticks", "i4"),
        ("empty_ticks", "i4"),
        ("waiting_ticks", "i4"),
        ("idle_ticks", "i4"),
        ("busy_waiting_ticks", "i4"),  # waiting or idle while parcels wait
        ("busy_ticks", "i4"),  # ticks while parcels wait
        ("jobs", "i4"),
    ]
)

PARCEL_STATE = np.dtype(
    [
        ("state", "u1"),
        ("station", "i4"),
        ("size", "i4"),
        ("ready", "i4"),  # tick of its arrival at the station
        ("wave", "i4"),
        ("tour", "i4"),
        ("position", "i4"),  # in its tour
        ("robot", "i4"),  # that has the task, -1: none
        ("until", "i4"),  # tick at which a missing parcel is found
        ("attempts", "u1"),
        ("cancelled", "u1"),
        ("station_tick", "i4"),
        ("loaded_tick", "i4"),
        ("sorted_tick", "i4"),
        ("delivered_tick", "i4"),
    ]
)

TOUR_STATE = np.dtype(
    [
        ("state", "u1"),
        ("wave", "i4"),
        ("first", "i4"),  # its stops: tour_parcels[first : first + stops]
        ("stops", "i4"),
        ("wanted", "i4"),  # parcels it still waits for or has
        ("sorted", "i4"),  # of these, in the chute
        ("chute", "i4"),
        ("courier", "i4"),
        ("plan_tick", "i4"),
        ("chute_tick", "i4"),
        ("ready_tick", "i4"),
        ("depart_tick", "i4"),
        ("home_tick", "i4"),
        ("reported", "i4"),  # courier events received
    ]
)

# What a robot said last of its battery; a world without batteries has no such rows.
BATTERY_STATE = np.dtype([("charge", "u1"), ("charging", "u1")])

# What a robot carries where robots carry several; a world in which they do not has no such rows.
BOARD_STATE = np.dtype(
    [
        # Its load in the order in which it is dropped, on board or still to be loaded, -1 behind.
        ("parcels", "i4", (MAX_PARCELS,)),
        ("complete", "u1"),  # whether it has been decided what else goes along
        ("said", "i4", (MAX_PARCELS,)),  # reported on board, -1 behind
    ]
)

CHUTE_STATE = np.dtype([("tour", "i4"), ("count", "i4"), ("until", "i4")])


@dataclass(frozen=True)
class Timing:
    """Durations in ticks."""

    load: int
    drop: int
    turn: int
    plug: int
    chute_empty: int
    found: int
    dispatch: int


@dataclass
class World:
    """The whole state, and beside it what never changes during a run."""

    scenario: Scenario
    floor: Floor
    timing: Timing
    base_cells: int  # released ahead of a robot at most
    chute_cells: np.ndarray  # chutes, then reject chutes; int32
    chute_order: np.ndarray  # chutes in the order in which tours take them
    robots: np.ndarray  # dtype ROBOT_STATE
    parcels: np.ndarray  # dtype PARCEL_STATE, in the order in which they were accepted
    tours: np.ndarray  # dtype TOUR_STATE
    tour_parcels: np.ndarray  # the stops of all tours, one tour behind the other; int32
    chutes: np.ndarray  # dtype CHUTE_STATE, in the order of `chute_cells`
    couriers: np.ndarray  # tour each courier is out with, -1: free; int32
    held: np.ndarray  # robot that holds each cell of the floor, `grants.FREE`: nobody; int32
    batteries: np.ndarray  # dtype BATTERY_STATE, one a robot, or empty
    boards: np.ndarray  # dtype BOARD_STATE, one a robot, or empty
    barred: np.ndarray  # `events.Barred` of each cell; uint8
    sheets: np.ndarray  # what each robot's factsheet says (dtype `events.SHEET`)
    quiet: np.ndarray  # which cells a robot may stand on for long; bool[cells]
    paused: int = 0  # 1: an operator has paused the floor
    tick: int = 0
    epoch: int = 1
    waves: int = 0  # closed so far
    planned: int = 0  # waves whose tours have come
    wave_tick: int = -1  # at which the last wave closed
    floor_ticks: int = 0  # ticks in which the floor was not empty
    first_task_tick: int = -1
    last_sorted_tick: int = -1
    # What this tick changed, for the store; emptied by it, never part of the state.
    log: list[tuple[int, int, int]] = field(default_factory=list)
    tasks: list[tuple[int, int]] = field(default_factory=list)
    touched_tours: set[int] = field(default_factory=set)
    # What `timers.cancel_ticks` has drawn already; follows from the parcels.
    cancel_ticks: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    alarms: list[tuple[int, int, int, int]] = field(default_factory=list)  # rows of events.ALARM

    @property
    def n_chutes(self) -> int:
        """Number of chutes; reject chutes are numbered behind them."""
        return len(self.floor.chutes)

    def seconds(self, tick: int) -> float:
        """Return the simulated time of a tick."""
        return tick * self.scenario.floor.tick_seconds


SCALARS = (
    "paused",
    "tick",
    "waves",
    "planned",
    "wave_tick",
    "floor_ticks",
    "first_task_tick",
    "last_sorted_tick",
)
COLUMNS = (
    "robots", "parcels", "tours", "tour_parcels", "chutes", "couriers", "held", "barred",
    "batteries", "boards", "sheets",
)  # fmt: skip


def blank_parcels(n: int) -> np.ndarray:
    """Return n parcel rows before anything happened to them."""
    rows = np.zeros(n, PARCEL_STATE)
    for name in ("wave", "robot", "until", "position"):
        rows[name] = -1
    for name in ("station_tick", "loaded_tick", "sorted_tick", "delivered_tick"):
        rows[name] = -1
    rows["tour"] = NO_TOUR
    rows["state"] = ParcelState.ACCEPTED
    return rows


def parcel_rows(scenario: Scenario, parcels: Parcels) -> np.ndarray:
    """Return the state rows of newly accepted parcels."""
    rows = blank_parcels(len(parcels.names))
    rows["station"] = parcels.station
    rows["size"] = parcels.size
    rows["ready"] = np.ceil(parcels.ready_seconds / scenario.floor.tick_seconds - 1e-9)
    return rows


def opening(scenario: Scenario, floor: Floor, *, base_cells: int) -> World:
    """Return the world at opening: robots on free cells drawn by seed, nothing else yet."""
    n = scenario.floor.robots
    rng = np.random.default_rng(scenario.seed)
    plain = np.flatnonzero(floor.letters == ord("."))
    if len(plain) < n:
        plain = np.flatnonzero(floor.free)
    robots = np.zeros(n, ROBOT_STATE)
    robots["cell"] = rng.permutation(plain)[:n]
    robots["heading"] = rng.integers(0, 4, n)
    for name in ("base", "order", "update", "acked", "issued", "anchor", "anchor_cell"):
        robots[name] = -1
    for name in ("parcel", "next", "load", "goal"):
        robots[name] = -1
    robots["fresh"] = 1
    robots["online"] = 1
    held = np.full(len(floor.letters), -1, np.int32)
    held[robots["cell"]] = np.arange(n)
    chute_cells = np.concatenate([floor.chutes, floor.rejects]).astype(np.int32)
    chutes = np.zeros(len(chute_cells), CHUTE_STATE)
    chutes["tour"] = -1
    ticks = scenario.ticks
    timing = Timing(
        load=ticks(scenario.floor.load_seconds),
        drop=ticks(scenario.floor.drop_seconds),
        turn=ticks(scenario.floor.turn_seconds),
        plug=ticks(scenario.battery.plug_seconds) if scenario.floor.battery else 1,
        chute_empty=ticks(scenario.floor.chute_empty_seconds),
        found=ticks(scenario.troubles.found_seconds),
        dispatch=scenario.floor.dispatch_ticks,
    )
    return World(
        scenario=scenario,
        floor=floor,
        timing=timing,
        base_cells=base_cells,
        chute_cells=chute_cells,
        chute_order=chute_order(floor, n),
        robots=robots,
        parcels=blank_parcels(0),
        tours=np.zeros(0, TOUR_STATE),
        tour_parcels=np.zeros(0, np.int32),
        chutes=chutes,
        couriers=np.full(scenario.city.couriers, -1, np.int32),
        held=held,
        batteries=_batteries(scenario),
        boards=_boards(scenario),
        barred=np.zeros(len(held), np.uint8),
        sheets=np.zeros(n, SHEET),
        quiet=np.isin(np.arange(len(held)), quiet_cells(floor)),
    )


def _batteries(scenario: Scenario) -> np.ndarray:
    rows = np.zeros(scenario.floor.robots if scenario.floor.battery else 0, BATTERY_STATE)
    if len(rows):
        rows["charge"] = 100 * opening_charge(scenario, 0, len(rows)) // capacity(scenario)
    return rows


def _boards(scenario: Scenario) -> np.ndarray:
    rows = np.zeros(scenario.floor.robots if scenario.robots.parcels > 1 else 0, BOARD_STATE)
    rows["parcels"] = rows["said"] = -1
    return rows


def snapshot(world: World) -> bytes:
    """Return the whole state as compressed bytes."""
    plain: dict[str, object] = {"layout": _layout(world)}
    plain.update({name: getattr(world, name) for name in SCALARS})
    plain.update({name: getattr(world, name).tobytes() for name in COLUMNS})
    return zlib.compress(msgspec.msgpack.encode(plain), 1)


def restore(world: World, blob: bytes) -> None:
    """Put the state that `snapshot` took into a world of the same scenario.

    Raises
    ------
    ValueError
        If another version took it, whose state has other parts.
    """
    plain = msgspec.msgpack.decode(zlib.decompress(blob))
    if plain.get("layout") != _layout(world):
        raise ValueError("its state has other parts")
    world.cancel_ticks = world.cancel_ticks[:0]
    for name in SCALARS:
        setattr(world, name, plain[name])
    for name in COLUMNS:
        dtype = getattr(world, name).dtype
        setattr(world, name, np.frombuffer(plain.get(name, b""), dtype).copy())


def _layout(world: World) -> str:
    """Return a hash over the names and types of all that a snapshot holds."""
    columns = [(name, getattr(world, name).dtype.descr) for name in COLUMNS]
    return hashlib.blake2b(repr([SCALARS, columns]).encode(), digest_size=8).hexdigest()


def state_hash(world: World) -> str:
    """Return a hash over everything that two equal runs have equal."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr([getattr(world, name) for name in SCALARS]).encode())
    for name in COLUMNS:
        digest.update(without_unhashed(getattr(world, name)).tobytes())
    return digest.hexdigest()


def tick_hash(world: World) -> bytes:
    """Return a hash over the state after a tick, of parcels and tours what the tick changed.

    Together with the ticks before it says as much as `state_hash`, and costs the same however
    many parcels a day has.
    """
    robots = without_unhashed(world.robots)
    digest = hashlib.blake2b(robots.view(np.uint8).data, digest_size=8)
    digest.update(world.chutes.tobytes() + world.couriers.tobytes() + world.batteries.tobytes())
    digest.update(world.boards.tobytes())
    barred = np.flatnonzero(world.barred)
    digest.update(barred.tobytes() + world.barred[barred].tobytes())
    digest.update(world.tours[sorted(world.touched_tours)].tobytes())
    scalars = [getattr(world, name) for name in SCALARS]
    digest.update(np.array(scalars, np.int64).tobytes() + np.array(world.log, np.int64).tobytes())
    return digest.digest()
