"""What can be shown over the floor."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from tests.viz.desk import Desk
from tests.viz.made import TICKS, Made
from tests.viz.scenes import Faulty, Named
from viz.collided import collided
from viz.names import label, names_at
from viz.places import shown_robots
from viz.view import View


def test_a_range_of_robots(desk: Desk) -> None:
    """Robots outside cannot be hit, and are seen again once they are selected."""
    view, place = desk.session.view, desk.pixel(9.5, 5.5)  # robot 6 stands there
    view.robots = (0, 2)
    desk.draw()
    desk.click(place)
    assert view.selection.kind == "cell"
    assert desk.session.drawn is not None
    frame = desk.session.drawn.frame
    assert np.flatnonzero(shown_robots(frame, view)).tolist() == [0, 1, 2]
    desk.session.find("6")
    assert np.flatnonzero(shown_robots(frame, view)).tolist() == [0, 1, 2, 6]


@pytest.mark.parametrize(
    ("key", "mod", "name", "before"),
    [
        (pygame.K_g, 0, "goals", False),
        (pygame.K_g, pygame.KMOD_SHIFT, "grid", True),
        (pygame.K_i, 0, "numbers", False),
        (pygame.K_i, pygame.KMOD_SHIFT, "names", False),
        (pygame.K_s, 0, "starts", False),
        (pygame.K_c, 0, "collided", False),
    ],
)
def test_keys_show_and_hide(key: int, mod: int, name: str, before: bool) -> None:
    """A key changes one thing in the picture, and pressed again changes it back."""
    desk = Desk(Named())
    desk.session.go_to(12)
    assert desk.session.view.floor_camera is not None
    desk.session.view.floor_camera.centre(5.0, 4.0, 30.0)
    desk.draw()
    plain = pygame.surfarray.array3d(desk.surface)
    others = dict(vars(desk.session.view)) | {name: not before}
    desk.key(key, mod=mod)
    assert vars(desk.session.view) == others
    assert (pygame.surfarray.array3d(desk.surface) != plain).any()
    desk.key(key, mod=mod)
    assert (pygame.surfarray.array3d(desk.surface) == plain).all()


def test_starts_stay_what_they_were(desk: Desk) -> None:
    """Where robots started is the first moment's cells, whatever moment is shown."""
    desk.session.view.starts = True
    for time in (0.0, 7.5, 30.0):
        desk.session.go_to(time)
        desk.draw()
        frame = desk.session.source.frame(time)
        starts = desk.session.picture.starts(frame, (0, TICKS))
        assert starts.tolist() == Made().cells(0).tolist()


def test_who_collided() -> None:
    """Robots that collide at this tick, and those that did before and do not now."""
    alarms = Faulty().alarms()
    found = [[part.tolist() for part in collided(alarms, tick)] for tick in (10, 11, 12, 13)]
    assert found == [[[], []], [[], [4]], [[4], [5]], [[4, 5], []]]


def test_names_stand_where_parcels_go(desk: Desk) -> None:
    """Parcels by the goals of the robots shown, tasks until they are done; more are counted."""
    source = Named()
    frame, view = source.frame(0.0), View()
    goals = frame.goals.tolist()
    names = names_at(source.scene, frame, view)
    assert names == {60: ["40"], 61: ["41"], goals[2]: ["P11", "P5"], goals[6]: ["P1"]}
    assert [label(n) for n in names.values()] == ["40", "41", "P11 +1", "P1"]
    view.robots = (2, 2)
    assert names_at(source.scene, frame, view)[goals[2]] == ["P5"]
