"""How one looks at a scene: cameras, what is selected, what is shown, and the lay-out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from viz.camera import Camera
from viz.colours import DARK, Palette
from viz.frame import Scene
from viz.overlay import Overlay

FLOOR, CITY, BOTH = "floor", "city", "both"
VIEWS = (FLOOR, CITY, BOTH)
FLOOR_MARGIN = 2.5  # cells around the floor, where queues are drawn
FOUND_SCALE = 18.0  # pixels per cell at which something found is shown
# Errands that are shown: none, where robots go next, those of robots, those of nobody yet, all.
ERRANDS = ("", "next", "taken", "open", "all")
# Simulated seconds a second that [ and ] go through.
SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
WIDE = 1.8  # a floor so much wider than high has the city below it, not beside it
STACKED = 1.2  # times as large both must be together for that, where the floor is no wider

Box = tuple[int, int, int, int]


def next_speed(speed: float, steps: int) -> float:
    """Return the speed so many steps up or down the ladder from the one nearest to this."""
    nearest = min(range(len(SPEEDS)), key=lambda k: abs(math.log(SPEEDS[k] / speed)))
    return SPEEDS[min(max(nearest + steps, 0), len(SPEEDS) - 1)]


@dataclass
class Selection:
    """What was clicked: a kind of thing and its number."""

    kind: str = ""  # robot, cell, station, chute, parcel, tour, task; empty: nothing
    number: int = -1
    others: tuple[int, ...] = ()  # robots besides, whose ways are drawn too

    @property
    def robots(self) -> tuple[int, ...]:
        """Return the robots selected, the one that the panel tells of first."""
        return (self.number, *self.others) if self.kind == "robot" else ()

    @property
    def robot(self) -> int:
        """Return the robot that the panel tells of, -1 where that is none."""
        return self.number if self.kind == "robot" else -1


@dataclass
class View:
    """Everything that the user of a viewer can change about the picture."""

    palette: Palette = DARK
    shown: str = FLOOR
    floor_camera: Camera | None = None
    city_camera: Camera | None = None
    selection: Selection = field(default_factory=Selection)
    follow: bool = False
    hidden: set[int] = field(default_factory=set)  # robot categories
    heat: str = ""  # "", visits, waiting
    heat_window: str = "all"  # all, recent
    overlays: tuple[Overlay, ...] = ()  # files that can be laid over the floor
    overlay: int = -1  # the one that is, -1 none
    robots: tuple[int, int] | None = None  # only these are shown, first and last; None: all
    grid: bool = True  # lines between cells
    collided: bool = False  # marks on robots that collided
    starts: bool = False  # where robots started
    numbers: bool = False  # of robots
    names: bool = False  # of parcels and tasks, where they are to be brought or done
    goals: bool = False  # lines from robots to where they want to go
    errands: str = ""  # of a League result, which are shown: one of `ERRANDS`
    paths: bool = True  # of the selected robots
    driven: bool = False  # and where they go next, as recorded
    keys: bool = False  # help
    paused: bool = True
    still: bool = False  # one picture: says nothing of how it moves
    speed: float = 4.0  # asked; simulated seconds per second
    got: float = float("nan")  # simulated seconds per second achieved
    following: bool = False  # the end of a run folder that grows, at the run's own speed
    pointer: tuple[int, int] | None = None  # pixel under the mouse
    note: str = ""  # one line over the picture: lost connection, find prompt
    scroll: int = 0  # of the event list
    events_hidden: set[int] = field(default_factory=set)  # `events.GROUPS` that are not listed
    events_own: bool = False  # only those that concern the selection

    @property
    def laid_over(self) -> Overlay | None:
        """Return the overlay that is shown."""
        return self.overlays[self.overlay] if 0 <= self.overlay < len(self.overlays) else None


@dataclass(frozen=True)
class Layout:
    """Rectangles of the window; a width of 0 means not shown."""

    size: tuple[int, int]
    unit: float  # pixels per design pixel
    floor: Box
    city: Box
    panel: Box
    timeline: Box

    def px(self, design: float) -> int:
        """Return design pixels in pixels."""
        return max(1, round(design * self.unit))


def lay_out(
    size: tuple[int, int], scene: Scene, shown: str, unit: float = 1.0, *, timed: bool = True
) -> Layout:
    """Cut a window into floor, city, panel and, where time passes, timeline."""
    width, height = size
    if width < 1000 * unit:  # small pictures get a smaller type
        unit *= max(0.82, width / (1000 * unit))
    panel = min(round(300 * unit), width * 2 // 5)
    bar = min(round(52 * unit), height // 4) if timed else 0
    open_width, open_height = width - panel, height - bar
    floor: Box = (0, 0, 0, 0)
    city: Box = (0, 0, 0, 0)
    if scene.floor is not None and (shown == FLOOR or not scene.has_city):
        floor = (0, 0, open_width, open_height)
    elif scene.has_city and (shown == CITY or scene.floor is None):
        city = (0, 0, open_width, open_height)
    elif scene.floor is not None:
        floor, city = _share(open_width, open_height, scene.floor.width / scene.floor.height, unit)
    return Layout(
        size=size,
        unit=unit,
        floor=floor,
        city=city,
        panel=(open_width, 0, panel, height),
        timeline=(0, open_height, open_width, bar),
    )


def _share(width: int, height: int, shape: float, unit: float) -> tuple[Box, Box]:
    """Cut a rectangle into floor and city: side by side, or the city below.

    The city is taken as a square: its stops may still come, and the cut is not to jump then.
    """
    left = round(min(max(shape / (shape + 1.0), 0.4), 0.66) * width)
    beside: tuple[Box, Box] = (0, 0, left, height), (left, 0, width - left, height)
    top = round(min(width / shape + 20 * unit, 0.6 * height))
    below: tuple[Box, Box] = (0, 0, width, top), (0, top, width, height - top)

    def sizes(boxes: tuple[Box, Box]) -> float:
        (_, _, w, h), (_, _, w_city, h_city) = boxes
        return min(w / shape, h) * min(w_city, h_city)

    return below if shape > WIDE or sizes(below) > STACKED * sizes(beside) else beside


def aim(view: View, scene: Scene, layout: Layout) -> None:
    """Make the cameras look through the lay-out's rectangles; the first time, at everything."""
    if layout.floor[2] and scene.floor is not None:
        if view.floor_camera is None:
            m = FLOOR_MARGIN
            bounds = (-m, -m, scene.floor.width + m, scene.floor.height + m)
            view.floor_camera = Camera(bounds, layout.floor)
        view.floor_camera.look(layout.floor)
    if layout.city[2] and scene.parcels is not None:
        bounds = city_bounds(scene)
        if view.city_camera is None:
            view.city_camera = Camera(bounds, layout.city, up=True)
        elif view.city_camera.bounds != bounds:
            view.city_camera.bounds = bounds
            if view.city_camera.fitted:
                view.city_camera.fit()
        view.city_camera.look(layout.city)


def city_bounds(scene: Scene) -> tuple[float, float, float, float]:
    """Return the rectangle around all stops and the depot, with a margin."""
    parcels = scene.parcels
    assert parcels is not None
    xs, ys = parcels.x, parcels.y
    if scene.depot is not None:
        xs = np.append(xs, scene.depot[0])
        ys = np.append(ys, scene.depot[1])
    left, right = float(xs.min()), float(xs.max())
    top, bottom = float(ys.min()), float(ys.max())
    margin = 0.06 * max(right - left, bottom - top, 1e-6)
    return left - margin, top - margin, right + margin, bottom + margin
