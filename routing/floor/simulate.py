"""Robots, stations and chutes on one floor, without a controller: what planner and dispatch yield.

    python -m routing.floor.simulate maps/platform.map --robots 350 --ticks 4000 [--one-cell]

The rules are those of execution under grants: a robot gets one cell at a time, turns before it
moves sideways, holds both cells until it has arrived, and stands still while it loads or drops.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from routing.arguments import MOST_SEED, Parser, whole
from routing.floor.dispatch import Tasks, match, most_under_way
from routing.floor.distances import Distances
from routing.floor.granting import GrantPlanner
from routing.floor.grid import Floor, FloorError
from routing.floor.guidance import against_with
from routing.floor.planner import FloorPlanner, FloorState, Planner

IDLE, TO_STATION, LOADING, TO_CHUTE, DROPPING = range(5)


@dataclass(frozen=True)
class Pace:
    """How long things take on a floor."""

    tick_seconds: float = 0.25
    turn_ticks: int = 1  # a quarter turn
    load_ticks: int = 6
    drop_ticks: int = 4


@dataclass
class Figures:
    """What a simulated shift came to."""

    ticks: int = 0
    sorted: int = 0
    seconds: float = 0.0  # simulated
    share: dict[str, float] = field(default_factory=dict)
    planner_ms: list[float] = field(default_factory=list)
    curve: list[int] = field(default_factory=list)  # parcels sorted by tick
    cells: list[np.ndarray] = field(default_factory=list)  # by tick, where asked for

    @property
    def parcels_per_hour(self) -> float:
        """Throughput over the whole of the simulated time."""
        return self.sorted * 3600 / self.seconds if self.seconds else 0.0


def simulate(
    floor: Floor,
    robots: int,
    parcels: int,
    ticks: int,
    rng: np.random.Generator,
    *,
    pace: Pace | None = None,
    planner: FloorPlanner | None = None,
    distances: Distances | None = None,
    queue_limit: int = 3,
    waiting: int | None = None,
    record: bool = False,
) -> Figures:
    """Sort parcels that wait at stations drawn at random until all are sorted or time is up.

    Parameters
    ----------
    parcels
        How many there are in all.
    waiting
        How many lie at the stations at any time while there are more; all where not given.
    record
        Whether to keep every tick's cells in the figures.
    """
    pace = pace or Pace()
    planner = planner or GrantPlanner(
        floor, turn_ticks=pace.turn_ticks, against=against_with(floor, robots, pace.turn_ticks)
    )
    distances = distances or Distances(floor, pace.turn_ticks)
    station_of = rng.integers(len(floor.stations), size=parcels).astype(np.int32)
    goal_of = floor.chutes[rng.integers(len(floor.chutes), size=parcels)]
    cells = np.sort(rng.choice(_places(floor), robots, replace=False)).astype(np.int32)
    headings = np.zeros(robots, np.uint8)
    goals = np.full(robots, -1, np.int32)
    since = np.zeros(robots, np.int32)
    held = np.full(floor.cells, -1, np.int32)
    held[cells] = np.arange(robots)
    behind = np.full(robots, -1, np.int32)  # the cell being left
    until = np.zeros(robots, np.int32)  # busy (moving, loading, dropping) before this tick
    phase = np.zeros(robots, np.uint8)
    load = np.full(robots, -1, np.int32)
    under_way = np.zeros(len(floor.stations), np.int32)
    state_of = np.zeros(parcels, np.uint8)  # 0 not there yet, 1 waits, 2 taken
    state_of[: parcels if waiting is None else waiting] = 1
    most = most_under_way(floor)
    figures = Figures()
    spent = dict.fromkeys(("loaded", "empty", "waiting", "service", "idle"), 0)
    for tick in range(ticks):
        done = until <= tick
        arrived = done & (behind >= 0)
        held[behind[arrived]] = -1
        behind[arrived] = -1
        finished = done & (phase == LOADING)
        phase[finished] = TO_CHUTE
        goals[finished] = goal_of[load[finished]]
        since[finished] = tick
        under_way -= np.bincount(station_of[load[finished]], minlength=len(under_way)).astype(
            np.int32
        )
        finished = done & (phase == DROPPING)
        phase[finished] = IDLE
        goals[finished] = -1
        load[finished] = -1
        figures.sorted += int(finished.sum())
        figures.curve.append(figures.sorted)
        if waiting is not None:
            fresh = np.flatnonzero(state_of == 0)
            state_of[fresh[: waiting - int((state_of == 1).sum())]] = 1
        free = np.flatnonzero(done & (phase == IDLE))
        free = free[: max(0, most - np.count_nonzero(phase != IDLE))]
        open_tasks = np.flatnonzero(state_of == 1)
        if len(free) and len(open_tasks):
            tasks = Tasks(open_tasks.astype(np.int32), station_of[open_tasks], goal_of[open_tasks])
            picks = match(floor, distances, cells[free], tasks, under_way, queue_limit)
            free, picks = free[picks >= 0], picks[picks >= 0]
            chosen = tasks.parcels[picks]
            state_of[chosen] = 2
            load[free] = chosen
            phase[free] = TO_STATION
            goals[free] = floor.stations[station_of[chosen]]
            since[free] = tick
            under_way += np.bincount(station_of[chosen], minlength=len(under_way)).astype(np.int32)
        elif not len(open_tasks) and (phase == IDLE).all() and state_of.all():
            break
        there = done & (cells == goals)
        begins = there & (phase == TO_STATION)
        phase[begins] = LOADING
        until[begins] = tick + pace.load_ticks
        begins = there & (phase == TO_CHUTE)
        phase[begins] = DROPPING
        until[begins] = tick + pace.drop_ticks
        movable = until <= tick
        state = FloorState(
            cells, headings, goals, since, movable, held, tick,
            ready=np.maximum(until - tick, 0),
            going=(phase != LOADING) & (phase != DROPPING),
            stood=np.maximum(tick - until, 0),
        )  # fmt: skip
        began = perf_counter()
        moves = planner.step(state)
        figures.planner_ms.append(1000 * (perf_counter() - began))
        going = np.flatnonzero(moves != cells)
        step = moves[going] - cells[going]
        way = np.select([step == 1, step == -1, step > 0], [0, 2, 1], 3)
        quarter = (way - headings[going].astype(np.int32)) % 4
        turns = np.where(quarter == 3, 1, quarter)
        until[going] = tick + 1 + turns * pace.turn_ticks
        behind[going] = cells[going]
        cells[going] = moves[going]
        headings[going] = way
        held[moves[going]] = going
        service = (phase == LOADING) | (phase == DROPPING)
        stands = movable.copy()
        stands[going] = False
        idle = phase == IDLE
        waits = stands & ~service & ~idle
        spent["service"] += int(service.sum())
        spent["idle"] += int(idle.sum())
        spent["waiting"] += int(waits.sum())
        spent["loaded"] += int((~waits & (phase == TO_CHUTE)).sum())
        spent["empty"] += int((~waits & (phase == TO_STATION)).sum())
        if record:
            figures.cells.append(np.where(behind >= 0, behind, cells))
        figures.ticks = tick + 1
    figures.seconds = figures.ticks * pace.tick_seconds
    total = max(1, sum(spent.values()))
    figures.share = {name: round(count / total, 4) for name, count in spent.items()}
    return figures


def _places(floor: Floor) -> np.ndarray:
    """Cells where robots may stand at first."""
    return np.flatnonzero(floor.free & ~np.isin(np.arange(floor.cells), floor.stations))


def main(argv: list[str] | None = None) -> None:
    """Simulate as the command line asks and print one JSON object."""
    parser = Parser(description=__doc__.partition("\n")[0])
    parser.add_argument("map")
    parser.add_argument("--robots", type=whole(1), default=350, help="on the map")
    parser.add_argument("--ticks", type=whole(1), default=4000, help="to simulate")
    parser.add_argument("--waiting", type=whole(1), default=3000, help="parcels at the stations")
    parser.add_argument("--turn-ticks", type=whole(0), default=1, help="of a quarter turn")
    parser.add_argument(
        "--one-cell", action="store_true", help="look one cell ahead alone, as a baseline (PIBT)"
    )
    parser.add_argument(
        "--following", action="store_true", help="the League's mode, with --one-cell alone"
    )
    parser.add_argument("--seed", type=whole(0, MOST_SEED), default=0, help="of places and tasks")
    args = parser.parse_args(argv)
    try:
        floor = Floor.read(args.map)
    except FloorError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    if not len(floor.stations) or not len(floor.chutes):
        lacks = "chute (S)" if len(floor.stations) else "station (E)"
        parser.exit(2, f"{parser.prog}: {args.map}: has no {lacks}; name a sorting floor\n")
    places = len(_places(floor))
    if args.robots > places:
        parser.exit(
            2, f"{parser.prog}: --robots {args.robots}: {args.map} has {places} cells for them "
            "beside its stations; take fewer\n",
        )  # fmt: skip
    if args.following and not args.one_cell:
        parser.exit(
            2, f"{parser.prog}: --following: grants ahead never allow it; add --one-cell, or drop "
            "it\n",
        )  # fmt: skip
    pace = Pace(turn_ticks=args.turn_ticks)
    against = against_with(floor, args.robots, args.turn_ticks)
    planner: FloorPlanner = (
        Planner(floor, args.following, args.turn_ticks, args.seed, against=against)
        if args.one_cell
        else GrantPlanner(floor, args.turn_ticks, args.seed, against=against)
    )
    figures = simulate(
        floor,
        args.robots,
        args.waiting + args.ticks * args.robots // 50,
        args.ticks,
        np.random.default_rng(args.seed),
        pace=pace,
        planner=planner,
        waiting=args.waiting,
    )
    half = figures.ticks // 2
    later = (figures.sorted - figures.curve[half]) / ((figures.ticks - half) * pace.tick_seconds)
    answer = vars(args) | {
        "parcels_per_hour": round(figures.parcels_per_hour),
        "parcels_per_hour_second_half": round(3600 * later),
        "share": figures.share,
        "planner_ms_p50": round(float(np.median(figures.planner_ms)), 3),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
