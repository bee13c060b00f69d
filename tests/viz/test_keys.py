"""What keys do."""

from __future__ import annotations

import pygame

from tests.viz.desk import Desk
from tests.viz.made import TICKS, Made
from tests.viz.scenes import Faulty
from viz.app import title
from viz.view import Selection


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


def test_what_is_not_found_is_said(desk: Desk) -> None:
    """Until the next key; digits of other kinds are no numbers."""
    for text in ("nobody", "²", "robot ²", "0:²0", "3,²"):
        desk.key(ord("/"), "/")
        for letter in text:
            desk.key(0, letter)
        desk.key(pygame.K_RETURN, "\r")
        desk.session.advance(0.0)
        assert desk.session.view.note == f"nothing here is called {text}"
    desk.key(pygame.K_ESCAPE)
    desk.session.advance(0.0)
    assert desk.session.view.note == ""


def test_an_event_leads_to_its_cell() -> None:
    """What has no robot and no parcel has a place."""
    desk = Desk(Faulty())
    alarms = desk.session.source.alarms()
    desk.session.jump(alarms[5])  # a cell was closed
    assert desk.session.view.selection == Selection("cell", 14)
    desk.session.jump(alarms[6])  # the floor was paused
    assert desk.session.view.selection == Selection()


def test_a_tick_is_gone_to(desk: Desk) -> None:
    """By its number."""
    desk.key(ord("/"), "/")
    desk.type("tick 33")
    assert desk.session.time == 33
