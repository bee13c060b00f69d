"""A viewer at work, driven by events alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest

from fleet.events import Operation
from fleet.requests import Request
from tests.viz.made import TICKS, Made
from tests.viz.scenes import Faulty, Named
from viz.app import title
from viz.bench_events import try_events
from viz.collided import collided
from viz.colours import WAITING
from viz.names import label, names_at
from viz.places import shown_robots
from viz.session import Session
from viz.story import where
from viz.timeline import button_rect, x_of
from viz.view import Selection, View

SIZE = (1000, 800)


class Desk:
    """A session with a surface to draw on."""

    def __init__(self, source: Any = None) -> None:
        self.surface = pygame.Surface(SIZE)
        self.session = Session(source or Made(), View(speed=1.0))
        self.draw()

    def draw(self) -> None:
        self.session.draw(self.surface)

    def key(self, key: int, text: str = "", mod: int = 0) -> None:
        self.session.handle(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=text, mod=mod))
        self.draw()

    def type(self, text: str) -> None:
        for letter in text:
            self.key(ord(letter.lower()), letter)
        self.key(pygame.K_RETURN, "\r")

    def mouse(self, kind: int, place: tuple[int, int], **more: object) -> None:
        self.session.handle(pygame.event.Event(kind, pos=place, **more))

    def click(self, place: tuple[int, int]) -> None:
        self.mouse(pygame.MOUSEBUTTONDOWN, place, button=1)
        self.mouse(pygame.MOUSEBUTTONUP, place, button=1)
        self.draw()

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.mouse(pygame.MOUSEBUTTONDOWN, start, button=1)
        rel = end[0] - start[0], end[1] - start[1]
        self.mouse(pygame.MOUSEMOTION, end, rel=rel, buttons=(1, 0, 0))
        self.mouse(pygame.MOUSEBUTTONUP, end, button=1)
        self.draw()

    def pixel(self, column: float, row: float) -> tuple[int, int]:
        camera = self.session.view.floor_camera
        assert camera is not None
        x, y = camera.to_screen(np.array(column), np.array(row))
        return round(float(x)), round(float(y))


@pytest.fixture
def desk() -> Desk:
    """Return a desk with the made source."""
    pygame.font.init()
    return Desk()


def test_space_plays_and_pauses(desk: Desk) -> None:
    """Time passes at the speed asked while playing, and stands while paused."""
    session = desk.session
    session.advance(5)
    assert session.time == 0
    desk.key(pygame.K_SPACE, " ")
    session.advance(2)
    assert session.time == 4  # two seconds of half a second each tick
    desk.key(pygame.K_SPACE, " ")
    session.advance(2)
    assert session.time == 4
    assert "paused" in title(session)


def test_it_stops_at_the_end_and_begins_again(desk: Desk) -> None:
    """Playing ends at the last tick; playing from there begins anew."""
    desk.key(pygame.K_SPACE, " ")
    desk.session.advance(1000)
    assert desk.session.time == TICKS
    desk.key(pygame.K_SPACE, " ")
    desk.key(pygame.K_SPACE, " ")
    assert desk.session.time == 0


def test_steps_are_equal_both_ways(desk: Desk) -> None:
    """Right and left undo one another on whole ticks; shift goes a minute."""
    desk.session.go_to(3.4)
    for key, time in ((pygame.K_RIGHT, 4), (pygame.K_RIGHT, 5), (pygame.K_LEFT, 4)):
        desk.key(key)
        assert desk.session.time == time
    desk.key(pygame.K_RIGHT, mod=pygame.KMOD_SHIFT)
    assert desk.session.time == TICKS


def test_brackets_change_speed(desk: Desk) -> None:
    """[ and ] go through a ladder of speeds and stay on it."""
    for _ in range(40):
        desk.key(pygame.K_RIGHTBRACKET, "]")
    assert desk.session.view.speed == 1024
    desk.key(pygame.K_LEFTBRACKET, "[")
    assert desk.session.view.speed == 512


def test_dragging_the_timeline_seeks(desk: Desk) -> None:
    """The moment follows the pointer on the track; the button plays."""
    drawn = desk.session.drawn
    assert drawn is not None
    middle = x_of(drawn.track, (0, TICKS), TICKS / 2), drawn.track.centery
    desk.drag((drawn.track.left, drawn.track.centery), middle)
    assert desk.session.time == pytest.approx(TICKS / 2, abs=0.1)
    desk.click(button_rect(drawn.layout).center)
    assert not desk.session.view.paused


def test_a_click_tells_what_is_there(desk: Desk) -> None:
    """Robots come before what they stand on; stations, chutes, cells and nothing follow."""
    for place, kind, number in (
        ((7.5, 4.5), "cell", 63),
        ((4.5, 3.5), "robot", 3),
        ((13.5, 0.5), "station", 4),
        ((2.5, 2.5), "chute", 0),
        ((-2.0, -2.0), "", -1),
    ):
        desk.click(desk.pixel(*place))
        assert (desk.session.view.selection.kind, desk.session.view.selection.number) == (
            kind,
            number,
        )


def test_dragging_moves_the_floor_and_selects_nothing(desk: Desk) -> None:
    """What was under the pointer stays under it."""
    before = desk.pixel(5, 5)
    desk.drag((300, 300), (340, 310))
    assert desk.pixel(5, 5) == (before[0] + 40, before[1] + 10)
    assert desk.session.view.selection.kind == ""
    desk.key(pygame.K_HOME)
    assert desk.pixel(5, 5) == before


def test_the_wheel_zooms_about_the_pointer(desk: Desk) -> None:
    """Zooming keeps the cell under the pointer."""
    place = desk.pixel(5, 5)
    desk.session.wheel(3, place)
    desk.draw()
    assert desk.pixel(5, 5) == pytest.approx(place, abs=2)  # the pixel's rounding, three steps in
    assert desk.session.drawn is not None
    assert desk.session.drawn.minimap is not None


def test_find_follows_and_lets_go(desk: Desk) -> None:
    """/ finds by number and by name; f follows; Escape lets go."""
    desk.key(ord("/"), "/")
    desk.type("2")
    view = desk.session.view
    assert (view.selection.kind, view.selection.number) == ("robot", 2)
    desk.key(pygame.K_f, "f")
    camera = view.floor_camera
    assert camera is not None
    at = camera.x
    desk.session.go_to(2)
    desk.draw()
    assert camera.x == at + 2
    desk.key(ord("/"), "/")
    desk.type("P7")
    assert (view.selection.kind, view.shown) == ("parcel", "both")
    desk.key(pygame.K_ESCAPE)
    assert view.selection.kind == ""


def test_find_goes_to_a_time(desk: Desk) -> None:
    """A time typed after / is gone to; a wrong name changes nothing."""
    desk.key(ord("/"), "/")
    desk.type("0:00:11")
    assert desk.session.time == 22
    desk.key(ord("/"), "/")
    desk.type("nobody")
    assert desk.session.view.selection.kind == ""


def test_the_legend_filters(desk: Desk) -> None:
    """A click on a line of the legend hides those robots; they cannot be hit any more."""
    drawn = desk.session.drawn
    assert drawn is not None
    rect = next(rect for rect, kind in drawn.spots.legend if kind == WAITING)
    desk.click(rect.center)
    assert desk.session.view.hidden == {WAITING}
    desk.click(desk.pixel(9.5, 5.5))  # robot 6 waits there
    assert desk.session.view.selection.kind == "cell"
    desk.key(pygame.K_ESCAPE)
    desk.click(rect.center)
    assert desk.session.view.hidden == set()


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


def test_events_jump(desk: Desk) -> None:
    """n goes to the next event and selects its robot; a click on the list does the same."""
    desk.key(pygame.K_n, "n")
    assert desk.session.time == 10
    assert desk.session.view.selection.number == 5
    desk.session.go_to(30)
    desk.draw()
    assert desk.session.drawn is not None
    rect, _ = desk.session.drawn.spots.events[0]
    desk.click(rect.center)
    assert desk.session.time == 10


def test_tab_shows_floor_city_and_both(desk: Desk) -> None:
    """Three views in turn; without a city there is one."""
    seen = []
    for _ in range(3):
        desk.key(pygame.K_TAB, "\t")
        seen.append(desk.session.view.shown)
    assert seen == ["city", "both", "floor"]
    other = Desk(Made(city=False))
    other.key(pygame.K_TAB, "\t")
    assert other.session.view.shown == "floor"


@pytest.mark.slow
def test_no_input_raises(desk: Desk) -> None:
    """10,000 random events, a picture now and then, pass without an exception."""
    figures = try_events(desk.session, desk.surface, 10_000, seed=5)
    assert figures["ok"], figures
    assert not desk.session.quit


def test_an_event_that_raises_is_told(desk: Desk) -> None:
    """Its number and what it was, so that it can be tried again."""
    desk.session.wheel = None  # type: ignore[assignment, method-assign]
    figures = try_events(desk.session, desk.surface, 200, seed=5)
    assert not figures["ok"]
    assert "NoneType" in str(figures["error"])


SCRIPT = """
import sys
import numpy as np
import pygame
from viz import app
from viz.source import open_source
from viz.view import View

source, log = open_source(sys.argv[1]), []
frames = 0
def act(session):
    global frames
    frames += 1
    size = pygame.display.get_surface().get_size()
    post = pygame.event.post
    event = pygame.event.Event
    track = session.drawn.track
    if frames == 3:
        log.append(session.view.floor_camera.scale)
        pygame.mouse.set_pos((200, 200))
    if frames == 6:
        post(event(pygame.MOUSEWHEEL, x=0, y=3, precise_y=3.0, which=0, flipped=False))
    if frames == 9:
        log.append(session.view.floor_camera.scale)
        post(event(pygame.MOUSEBUTTONDOWN, pos=(track.centerx, track.centery), button=1))
        post(event(pygame.MOUSEBUTTONUP, pos=(track.centerx, track.centery), button=1))
    if frames == 12:
        log.append(session.time)
        x = session.view.floor_camera.x
        log.append(x)
        post(event(pygame.MOUSEBUTTONDOWN, pos=(300, 300), button=1))
        post(event(pygame.MOUSEMOTION, pos=(340, 300), rel=(40, 0), buttons=(1, 0, 0)))
        post(event(pygame.MOUSEBUTTONUP, pos=(340, 300), button=1))
    if frames == 15:
        log.append(session.view.floor_camera.x)
        view, frame = session.view, session.drawn.frame
        row, column = divmod(int(frame.cells[1]), session.source.scene.floor.width)
        view.floor_camera.centre(column + 0.5, row + 0.5)
        x, y = view.floor_camera.to_screen(np.array(column + 0.5), np.array(row + 0.5))
        place = round(float(x)), round(float(y))
        post(event(pygame.MOUSEBUTTONDOWN, pos=place, button=1))
        post(event(pygame.MOUSEBUTTONUP, pos=place, button=1))
    if frames == 18:
        log.append((session.view.selection.kind, session.view.selection.number))
        rect, kind = session.drawn.spots.legend[0]
        post(event(pygame.MOUSEBUTTONDOWN, pos=rect.center, button=1))
        post(event(pygame.MOUSEBUTTONUP, pos=rect.center, button=1))
    if frames == 21:
        log.append(len(session.view.hidden))
        pygame.display.set_mode((700, 500), pygame.RESIZABLE)
        post(event(pygame.KEYDOWN, key=pygame.K_TAB, unicode="\\t", mod=0))
    if frames == 24:
        log.append((session.view.shown, session.drawn.layout.size, pygame.display.get_caption()[0]))
        post(event(pygame.QUIT))
    assert frames < 100
app.show(source, View(), (900, 600), on_frame=act)
print(pygame.display.get_init(), log)
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no virtual screen here")
def test_a_real_window(run_folder: Path) -> None:
    """On a virtual screen it zooms, seeks, pans, selects, filters, resizes, has a title, closes."""
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    try:
        os.close(writing)
        number = os.read(reading, 20).decode().strip()
        env = {**os.environ, "DISPLAY": f":{number}", "SDL_VIDEODRIVER": "x11"}
        command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(run_folder)]
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=60, check=True
        )
    finally:
        os.close(reading)
        screen.terminate()
        screen.wait()
    opened, log = done.stdout.strip().split("\n")[-1].split(" ", 1)
    before, after, time, x, dragged, selected, hidden, (shown, size, caption) = eval(log)
    assert opened == "False"
    assert after == pytest.approx(before * 1.25**3)
    assert time > 0
    assert dragged < x
    assert selected == ("robot", 1)
    assert hidden == 1
    assert shown == "city"
    assert size == (700, 500)
    assert caption.startswith("run — replay")


def test_the_cell_under_the_pointer_is_named(desk: Desk) -> None:
    """Where the mouse rests on the floor, row and column stand in its corner."""
    before = pygame.surfarray.array3d(desk.surface)
    desk.mouse(pygame.MOUSEMOTION, desk.pixel(13.5, 0.5), rel=(1, 1), buttons=(0, 0, 0))
    desk.draw()
    assert (pygame.surfarray.array3d(desk.surface) != before).any()
    scene = desk.session.source.scene
    assert where(scene, 13) == "station 4 · row 0, column 13"
    assert where(scene, 17) == "row 1, column 3"


class Asked(Made):
    """A source that is live and keeps what it is asked for."""

    live = under_way = True

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    @property
    def station(self) -> int:
        """Cell of the first station."""
        assert self.scene.floor is not None
        return int(self.scene.floor.stations[0])

    def operate(self, request: Request) -> None:
        """Keep it."""
        self.requests.append(request)


def test_an_operator_is_asked_to_confirm() -> None:
    """O offers what fits the selection, a letter chooses, and only Y sends it."""
    source = Asked()
    desk = Desk(source)
    session = desk.session
    for selection, keys, words, expected in (
        (Selection(), "op", "pause floor?", (Operation.PAUSE, -1, -1)),
        (Selection("robot", 3), "oo", "take robot 3 out?", (Operation.OUT, 3, -1)),
        (Selection("cell", 30), "oc", "close cell 30?", (Operation.CLOSE, -1, 30)),
        (Selection("station", 0), "on", "open cell", (Operation.OPEN, -1, source.station)),
    ):
        for sent in (False, True):
            session.view.selection = selection
            source.requests.clear()
            for key in keys:
                desk.key(ord(key), key)
            session.advance(0.01)
            assert words in session.view.note
            desk.key(ord("y") if sent else pygame.K_ESCAPE, "y" if sent else "")
            assert [(r.what, r.robot, r.cell) for r in source.requests] == [expected] * sent
            assert session.asking is None
            assert session.view.selection == selection
    desk.key(ord("o"), "o")
    desk.key(ord("x"), "x")
    assert session.asking is None


def test_a_replay_is_not_operated(desk: Desk) -> None:
    """There is nobody to ask."""
    desk.key(ord("o"), "o")
    assert desk.session.asking is None
