"""Files that do not move: a floor's map, or a road problem with its tours."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fleet.requests import Request
from routing.floor.grid import Floor, FloorError
from viz.alarms import ALARM
from viz.frame import Curves, Frame, Parcels, Scene, empty_frame, no_tours
from viz.source import SourceError
from viz.stored.bases import NO_BASES


class Still:
    """A source with one moment; what has robots or time overrides its answers."""

    live = False
    under_way = False

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def span(self) -> tuple[int, int]:
        """Return the only tick."""
        return 0, 0

    def frame(self, time: float) -> Frame:
        """Return the only moment."""
        return empty_frame(self.scene, time)

    def curves(self) -> Curves:
        """Return no curves."""
        return Curves()

    def alarms(self) -> np.ndarray:
        """Return nothing: nothing happens."""
        return np.zeros(0, ALARM)

    def heat(self, kind: str, first: int, last: int) -> np.ndarray | None:
        """Return nothing."""
        return None

    def trail(self, robot: int, time: float, ticks: int) -> np.ndarray:
        """Return no cells."""
        return np.zeros(0, np.int32)

    def bases(self, time: float) -> np.ndarray:
        """Return nothing: nobody releases cells here."""
        return NO_BASES

    def story(self, parcel: int) -> list[tuple[int, int, int]]:
        """Return nothing."""
        return []

    def state(self) -> str:
        """Return that this is a file."""
        return "file"

    def notice(self) -> str:
        """Return nothing: there is nobody to lose."""
        return ""

    def refresh(self, now: float) -> None:
        """Do nothing: nothing comes."""

    def operate(self, request: Request) -> None:
        """Do nothing: there is nobody to ask."""

    def close(self) -> None:
        """Nothing is open."""


class PlainMap(Still):
    """A floor without robots."""

    def __init__(self, path: Path) -> None:
        try:
            floor = Floor.read(path)
        except FloorError as error:
            raise SourceError(str(error)) from error
        super().__init__(Scene(name=path.stem, floor=floor))


class PlainTours(Still):
    """A road problem, with the tours of a `.sol` beside it where there are any."""

    def __init__(self, path: Path) -> None:
        from routing.road.formats.read import read_problem
        from routing.road.formats.solution import read_solution
        from routing.road.problem import ProblemError

        tours: list[np.ndarray] = []
        try:
            problem_path = path
            if path.suffix.lower() == ".sol":
                problem_path = _problem_of(path)
                tours = read_solution(path).tours
            problem = read_problem(problem_path)
        except ProblemError as error:
            raise SourceError(str(error)) from error
        if path.suffix.lower() == ".sol" and not tours:
            raise SourceError(f"{path}: has no line `Route #1: ...`; was the file cut off?")
        stops = len(problem.demand) - problem.depots
        for number, tour in enumerate(tours, 1):
            bad = tour[(tour < 1) | (tour > stops)]
            if len(bad):
                raise SourceError(
                    f"{path}: route {number} visits stop {int(bad[0])}, but {problem_path.name} "
                    f"has stops 1 to {stops}; is it another problem's solution?"
                )
        xy = problem.xy
        if len(xy) != len(problem.demand):
            raise SourceError(
                f"{problem_path}: has no coordinates; viz draws problems that have them"
            )
        names = [str(k + 1) for k in range(stops)]
        parcels = Parcels(
            names=names,
            x=xy[problem.depots :, 0],
            y=xy[problem.depots :, 1],
            station=np.zeros(stops, np.int32),
            due_close=np.full(stops, np.nan),
        )
        rows = no_tours([tour - 1 for tour in tours])
        demand = problem.demand[problem.depots :, 0]
        rows.load[:] = [int(demand[tour].sum()) for tour in rows.stops]
        rows.distance[:] = [_length(xy, tour + problem.depots) for tour in rows.stops]
        scene = Scene(
            name=path.stem,
            parcels=parcels,
            depot=(float(xy[0, 0]), float(xy[0, 1])),
            tours=rows,
            first_tour=1,
        )
        super().__init__(scene)

    def frame(self, time: float) -> Frame:
        """Return all tours as they will be driven."""
        from fleet.events import ParcelState, TourState

        frame = empty_frame(self.scene, time)
        frame.tour_state[:] = TourState.OUT
        toured = self.scene.tours.tour_of(len(frame.parcel_state), time) >= 0
        frame.parcel_state[toured] = ParcelState.OUT
        return frame


def _length(xy: np.ndarray, tour: np.ndarray) -> float:
    """Return a tour's length from and to the first depot, not rounded."""
    way = xy[np.concatenate([[0], tour, [0]])]
    return float(np.hypot(*np.diff(way, axis=0).T).sum())


def _problem_of(path: Path) -> Path:
    for ending in (".vrp", ".txt"):
        beside = path.with_suffix(ending)
        if beside.exists():
            return beside
    raise SourceError(
        f"{path}: its problem {path.with_suffix('.vrp').name} is not beside it; put it there"
    )
