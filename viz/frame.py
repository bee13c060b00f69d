"""What is drawn: a scene that hardly changes, and one frame of it at a time.

Live, replay and files all answer with these; nothing that draws knows where they come from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fleet.scenario import Scenario
from routing.floor.grid import Floor
from viz.league.errands import Errands

NEVER = -1


@dataclass
class Parcels:
    """Parcels as columns of one length; a city's stops."""

    names: list[str]
    x: np.ndarray  # float64, the scenario's units
    y: np.ndarray
    station: np.ndarray  # int32, index into the floor's stations
    due_close: np.ndarray  # float64 seconds, nan where there is none

    def __len__(self) -> int:
        return len(self.names)


@dataclass
class Tours:
    """Tours as columns of one length; ticks are -1 where that has not happened."""

    stops: list[np.ndarray]  # parcel rows in order of delivery
    wave: np.ndarray
    load: np.ndarray
    distance: np.ndarray  # the scenario's units
    plan_tick: np.ndarray
    chute: np.ndarray
    chute_tick: np.ndarray
    ready_tick: np.ndarray
    courier: np.ndarray
    depart_tick: np.ndarray
    home_tick: np.ndarray
    _flat: tuple[np.ndarray, np.ndarray, np.ndarray] | None = field(
        default=None, init=False, repr=False
    )

    def __len__(self) -> int:
        return len(self.stops)

    def flat(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all stops, tour after tour, and where each tour begins; worked out once."""
        return self._worked_out()[:2]

    def flat_tours(self) -> np.ndarray:
        """Return the tour of each of `flat`'s stops; worked out once."""
        return self._worked_out()[2]

    def _worked_out(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self._flat is None:
            sizes = np.array([len(stops) for stops in self.stops], np.int64)
            stops = np.concatenate([*self.stops, np.zeros(0, np.int32)])
            tours = np.repeat(np.arange(len(sizes)), sizes)
            self._flat = stops.astype(np.int32), np.cumsum(sizes) - sizes, tours
        return self._flat

    def tour_of(self, parcels: int, tick: float) -> np.ndarray:
        """Return each parcel's tour at a tick, -1 where it has none.

        Of those planned by then the newest wins: a parcel that comes back is planned again.
        """
        result = np.full(parcels, -1, np.int32)
        (stops, _), tours = self.flat(), self.flat_tours()
        planned = self.plan_tick[tours] <= tick
        result[stops[planned]] = tours[planned]
        return result


def no_tours(stops: list[np.ndarray] | None = None) -> Tours:
    """Return tours of which nothing but their stops is known."""
    stops = stops or []
    n = len(stops)
    never = {
        name: np.full(n, NEVER, np.int32)
        for name in (
            "wave", "plan_tick", "chute", "chute_tick", "ready_tick", "courier", "depart_tick",
            "home_tick",
        )
    }  # fmt: skip
    return Tours(stops=stops, load=np.zeros(n, np.int64), distance=np.full(n, np.nan), **never)


@dataclass
class Scene:
    """What stays: names, the floor, the city, the units."""

    name: str
    floor: Floor | None = None
    scenario: Scenario | None = None
    parcels: Parcels | None = None
    depot: tuple[float, float] | None = None
    tours: Tours = field(default_factory=no_tours)
    tick_seconds: float = 1.0
    version: int = 0  # grows when parcels or tours were added
    first_tour: int = 0  # what tours are counted from: a .sol's from 1
    # Of a result of the League: its tasks.  Robots have no parcels, and time is counted in steps.
    league: Errands | None = None

    @property
    def has_city(self) -> bool:
        """Tell whether there is a city to draw."""
        return self.parcels is not None and len(self.parcels) > 0

    @property
    def courier_speed(self) -> float:
        """Units of x and y that a courier drives in a tick."""
        if self.scenario is None:
            return 0.0
        city = self.scenario.city
        return city.courier_metres_per_second * self.tick_seconds / city.metres_per_unit


@dataclass(frozen=True)
class Frame:
    """One moment.  Robot columns have one length, parcel columns another, tour columns a third."""

    time: float  # ticks
    cells: np.ndarray  # int32, at the whole tick before
    next_cells: np.ndarray  # and at the one after
    headings: np.ndarray  # uint8, 0 E, 1 S, 2 W, 3 N
    status: np.ndarray  # uint8, `events.RobotStatus` with flags
    goals: np.ndarray  # int32 cell, -1 none
    tasks: np.ndarray  # int32 parcel, -1 none
    queues: np.ndarray  # int32, parcels that wait at each station
    chute_tours: np.ndarray  # int32 tour of each chute, then of each reject chute; -1 none
    chute_counts: np.ndarray  # int32 parcels in each
    chute_shut: np.ndarray  # uint8
    parcel_state: np.ndarray  # uint8 `events.ParcelState`
    parcel_tick: np.ndarray  # int32, since when
    tour_state: np.ndarray  # uint8 `events.TourState`, 255: not planned yet
    counts: dict[str, int]  # accepted, at_station, on_robot, sorted, out, delivered
    # Share of the way from cells to next_cells; float64[robots] where moves take several ticks.
    part: float | np.ndarray = 0.0
    planner_ms: float = float("nan")
    # Percent in each robot's battery; uint8, empty where robots need none.
    charges: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))
    # Parcels on board of each robot in the order of their drops, -1 behind; int32[robots, k], empty
    # where robots carry one at most.
    boards: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    # Cells released ahead of each robot, next first, -1 behind; int32[robots, k].  Empty where not
    # known, or where nobody has asked: only what is told of a selected robot needs them.
    bases: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    # Of a League result: cell of each errand shown so far, how far it is (`league_errands`: 0 open,
    # 1 taken, 2 done), the number of its task, and the robot that has it; int32[errands, 4].
    errands: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), np.int32))
    closed: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))  # cells
    floor_paused: bool = False

    @property
    def tick(self) -> int:
        """The whole tick at or before this moment."""
        return int(self.time)

    def base(self, robot: int) -> np.ndarray:
        """Return the cells released ahead of a robot, next first."""
        if robot >= len(self.bases):
            return np.zeros(0, np.int32)
        return self.bases[robot][self.bases[robot] >= 0]


NOT_PLANNED = 255


def empty_frame(scene: Scene, time: float = 0.0) -> Frame:
    """Return a frame without robots in which nothing has happened."""
    floor = scene.floor
    chutes = len(floor.chutes) + len(floor.rejects) if floor else 0
    parcels = len(scene.parcels) if scene.parcels else 0
    none = np.zeros(0, np.int32)
    bytes_ = np.zeros(0, np.uint8)
    return Frame(
        time=time,
        cells=none,
        next_cells=none,
        headings=bytes_,
        status=bytes_,
        goals=none,
        tasks=none,
        queues=np.zeros(len(floor.stations) if floor else 0, np.int32),
        chute_tours=np.full(chutes, -1, np.int32),
        chute_counts=np.zeros(chutes, np.int32),
        chute_shut=np.zeros(chutes, np.uint8),
        parcel_state=np.zeros(parcels, np.uint8),
        parcel_tick=np.zeros(parcels, np.int32),
        tour_state=np.full(len(scene.tours), NOT_PLANNED, np.uint8),
        counts={},
    )


def _none() -> np.ndarray:
    return np.zeros(0)


@dataclass(frozen=True)
class Curves:
    """Key figures over time: one row a tick, nan where unknown.  By default there are none."""

    ticks: np.ndarray = field(default_factory=_none)
    sorted: np.ndarray = field(default_factory=_none)  # parcels sorted so far
    delivered: np.ndarray = field(default_factory=_none)  # parcels delivered so far
    waiting: np.ndarray = field(default_factory=_none)  # share of robots, float32
    planner_ms: np.ndarray = field(default_factory=_none)  # float32
    # Of parcels that came to their chute, and to their door: when, in order, and how many ticks
    # after they had come to their station.
    to_chute: tuple[np.ndarray, np.ndarray] = field(default_factory=lambda: (_none(), _none()))
    to_door: tuple[np.ndarray, np.ndarray] = field(default_factory=lambda: (_none(), _none()))

    def took(self, name: str, time: float, window_ticks: float, share: float = 0.95) -> float:
        """Return within how many ticks that share of the window's parcels came (`to_door`)."""
        ticks, took = getattr(self, name)
        first, last = np.searchsorted(ticks, (time - window_ticks, time), side="right")
        return float(np.quantile(took[first:last], share)) if first < last else float("nan")

    def recent(self, name: str, time: float, window_ticks: float, points: int) -> np.ndarray:
        """Return a curve over the window before a time at so many points.

        Totals come as their growth from point to point, others as they are; nan where unknown.
        """
        edges = np.linspace(time - window_ticks, time, points + 1)
        values = np.asarray(getattr(self, name), np.float64)
        if not len(values):
            return np.full(points, np.nan)
        if name in ("sorted", "delivered"):
            return np.diff(np.interp(edges, self.ticks, values))
        at = np.searchsorted(self.ticks, edges[1:], side="right") - 1
        return np.where(at >= 0, values[np.maximum(at, 0)], np.nan)

    def median(self, name: str, time: float, window_ticks: float) -> float:
        """Return a curve's median over the window before a time; nan where nothing is known."""
        first, last = np.searchsorted(self.ticks, (time - window_ticks, time), side="right")
        values = np.asarray(getattr(self, name)[first:last], np.float64)
        values = values[~np.isnan(values)]
        return float(np.median(values)) if len(values) else float("nan")

    def rate(self, name: str, time: float, window_ticks: float) -> float:
        """Return how much a cumulative curve grew per tick over the window before a time."""
        if not len(self.ticks):
            return float("nan")
        # A live curve begins when the viewer comes, at what was sorted by then.
        first = max(time - window_ticks, float(self.ticks[0]))
        if time <= first:
            return 0.0
        rows = np.searchsorted(self.ticks, (first, time), side="right") - 1
        before, now = np.asarray(getattr(self, name), np.float64)[rows]
        return float(now - before) / (time - first)
