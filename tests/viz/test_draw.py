"""Whole pictures, compared with those that were looked at and found good.

`python -m tests.viz.test_draw` makes them anew; look at them before they are committed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import numpy as np
import pygame
import pytest

from tests.viz.league.test_league import TASKS
from tests.viz.made import MAP, TICKS, Made
from tests.viz.scenes import Crowded, Empty, Faulty, Finished, Named
from tests.viz.test_files import VRP, result, write
from viz.colours import DARK, LIGHT
from viz.draw import Picture
from viz.overlay import Overlay
from viz.save import wait_for_scan
from viz.source import Source, open_source
from viz.view import Selection, View

GOLDEN = Path(__file__).parent / "golden"
SIZE = (640, 400)
# A machine that rounds otherwise makes edges a little lighter or darker; it moves nothing.  What
# is seen to differ, a mark of six by six pixels, may not pass, however large the picture.
NEAR, FEW = 24, 30  # levels of 255; pixels


def opened(files: dict[str, str], name: str) -> Source:
    """Return a source of files that are written for it."""
    with tempfile.TemporaryDirectory() as folder:
        for each, text in files.items():
            (Path(folder) / each).write_text(text)
        return open_source(str(Path(folder) / name))


def plain_map() -> Source:
    """Return a floor and nothing else."""
    return opened({"made.map": MAP}, "made.map")


def tours_file() -> Source:
    """Return tours over their problem."""
    solution = "Route #1: 1 2\nRoute #2: 3\nCost 30\n"
    return opened({"tiny.vrp": VRP, "tiny.sol": solution}, "tiny.sol")


def league_result() -> Source:
    """Return a result with tasks."""
    with tempfile.TemporaryDirectory() as folder:
        source = open_source(str(write(Path(folder), result(**TASKS))))
    wait_for_scan(source, source.span()[1])
    return source


def columns_overlay() -> Overlay:
    """Return a file of values for the League's floor of two rows of four cells."""
    values = np.array([[np.nan, 1, 2, 3, 4, np.nan, 6, 7]])
    return Overlay("values.csv", "values", values, np.array([-1]))


@dataclass(frozen=True)
class Shot:
    """One picture: of what, how looked at, how large."""

    view: Callable[[], View]
    source: Callable[[], Source] = Made
    size: tuple[int, int] = SIZE
    zoom: int = 0  # steps, on the floor's middle
    time: float = 12.5


def shots() -> dict[str, Shot]:
    """Return all pictures by name: every view, detail, size, palette, and state of a day."""
    robot = Selection("robot", 7)
    result = {
        "floor": Shot(View),
        "floor-light": Shot(lambda: View(palette=LIGHT)),
        "floor-far": Shot(View, zoom=-8),
        "floor-near": Shot(lambda: View(numbers=True, selection=robot), zoom=5),
        "floor-near-light": Shot(lambda: View(palette=LIGHT, selection=robot), zoom=5),
        "heat": Shot(lambda: View(heat="visits")),
        "heat-light": Shot(lambda: View(palette=LIGHT, heat="waiting", heat_window="recent")),
        "heat-both": Shot(
            lambda: View(palette=LIGHT, shown="both", heat="waiting"), size=(900, 600)
        ),
        "map": Shot(View, plain_map),
        "map-light": Shot(lambda: View(palette=LIGHT), plain_map),
        "tours": Shot(lambda: View(shown="city"), tours_file),
        "tours-light": Shot(lambda: View(palette=LIGHT, shown="city"), tours_file),
        "league": Shot(
            lambda: View(overlays=(columns_overlay(),), overlay=0, errands="all"),
            league_result,
            time=2.5,
        ),
        "city": Shot(lambda: View(shown="city", selection=Selection("tour", 1))),
        "city-light": Shot(lambda: View(palette=LIGHT, shown="city")),
        "both-light": Shot(lambda: View(palette=LIGHT, shown="both", goals=True)),
        "names": Shot(
            lambda: View(grid=False, starts=True, names=True, collided=True, numbers=True),
            Named,
            zoom=4,
        ),
        "errands": Shot(
            lambda: View(errands="all", names=True, selection=Selection("robot", 3, (0, 2))),
            Named,
            zoom=3,
        ),
        "few-light": Shot(
            lambda: View(palette=LIGHT, robots=(1, 3), starts=True, names=True), Named
        ),
        "keys": Shot(lambda: View(keys=True, note="find: 17_")),
        "both-small": Shot(lambda: View(shown="both"), size=(400, 260)),
        "both-middle": Shot(lambda: View(shown="both", selection=robot), size=(1280, 800)),
        "both-large": Shot(lambda: View(shown="both", selection=robot), size=(1920, 1080)),
    }
    for source in (Empty, Crowded, Faulty, Finished):
        time = float(TICKS) if source is Finished else 12.5
        for palette in (DARK, LIGHT):
            result[f"{source.__name__.lower()}-{palette.name}"] = Shot(
                partial(View, palette=palette, shown="both"), source, (900, 600), time=time
            )
    return result


SHOTS = shots()


def paint(name: str) -> pygame.Surface:
    """Draw one of the pictures."""
    shot = SHOTS[name]
    view = shot.view()
    surface = pygame.Surface(shot.size)
    picture = Picture(shot.source())
    picture.draw(surface, shot.time, view)
    if shot.zoom and view.floor_camera is not None:
        view.floor_camera.zoom(shot.zoom, 200, 180)
        picture.draw(surface, shot.time, view)
    return surface


@pytest.mark.parametrize("name", SHOTS)
def test_pictures_look_as_they_did(name: str) -> None:
    """Few pixels differ from the golden picture, and little on the whole."""
    now = pygame.surfarray.array3d(paint(name)).astype(int)
    golden = pygame.surfarray.array3d(pygame.image.load(GOLDEN / f"{name}.png")).astype(int)
    away = np.abs(now - golden).max(axis=2)
    assert away.mean() < 0.5
    assert (away > NEAR).sum() <= FEW


def test_every_robot_state_has_its_own_picture() -> None:
    """No two states look alike, even without colour."""
    from viz.legend import LEGEND_STATUS
    from viz.sprites import swatch

    pygame.font.init()
    seen = []
    for status in LEGEND_STATUS:
        grey = pygame.surfarray.array3d(swatch(24, DARK, int(status))).mean(axis=2)
        edges = np.abs(np.diff(grey, axis=0)).astype(int)
        seen.append(edges)
    for k, one in enumerate(seen):
        for other in seen[:k]:
            assert np.abs(one - other).max() > 20


@pytest.mark.parametrize("size", [(240, 160), (500, 900), (1920, 1080)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    """Small, tall and large windows are drawn without an error, in every view."""
    for shown in ("floor", "city", "both"):
        view = View(shown=shown, selection=Selection("parcel", 3))
        surface = pygame.Surface(size)
        drawn = Picture(Made(), unit=1.5).draw(surface, 3.25, view)
        assert drawn.layout.size == size


@pytest.mark.parametrize("size", [(16, 400), (900, 8), (1, 1), (30, 30)])
def test_a_window_may_be_made_tiny_when_one_has_zoomed_in(size: tuple[int, int]) -> None:
    """Where the minimap has no place it is left out."""
    picture, view = Picture(Made()), View(shown="floor")
    picture.draw(pygame.Surface((900, 600)), 3.25, view)
    assert view.floor_camera is not None
    view.floor_camera.zoom(8.0, 300, 200)
    drawn = picture.draw(pygame.Surface(size), 3.25, view)
    assert drawn.layout.size == size


def test_the_heat_map_says_how_many() -> None:
    """The last colour begins where one in a hundred of the cells with any are; at least at 1."""
    from viz.heat import heat_top

    assert heat_top(np.append(np.zeros(50, int), np.arange(1, 102))) == 100
    assert heat_top(np.zeros(3, int)) == 0


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in SHOTS:
        pygame.image.save(paint(each), str(GOLDEN / f"{each}.png"))
