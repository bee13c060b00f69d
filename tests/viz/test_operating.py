"""What an operator asks for from the window."""

from __future__ import annotations

import pygame

from fleet.events import Operation
from fleet.requests import Request, speed_request
from tests.viz.desk import Desk
from tests.viz.made import Made
from viz.app import title
from viz.view import Selection
from viz.words import status_line


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

    def state(self) -> str:
        """Return that this is live."""
        return "live"

    def speed(self) -> float:
        """Return the run's speed."""
        return 4.0

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


def test_the_speed_of_a_run_is_asked_for_and_confirmed() -> None:
    """Brackets go up and down a ladder while the question stands; only Y sends it."""
    source = Asked()
    desk = Desk(source)
    session = desk.session
    session.advance(0.01)
    for end in (pygame.K_ESCAPE, ord("y")):
        for key in "]][":
            desk.key(ord(key), key)
        session.advance(0.01)
        assert session.view.note.startswith("run at ×8? Y: yes")
        assert source.requests == []
        desk.key(end, chr(end))
    [request] = source.requests
    assert request == speed_request(request.id, 8)
    session.advance(0.01)
    assert session.view.speed == 4.0  # until the run has it


def test_space_freezes_a_live_view_and_goes_back_to_now() -> None:
    """The run goes on; title and panel say that only the view is frozen."""
    source = Asked()
    desk = Desk(source)
    session = desk.session
    desk.key(pygame.K_LEFT)
    desk.key(pygame.K_LEFT)
    frozen_at = session.time
    session.advance(10)
    assert session.time == frozen_at < source.span()[1]
    assert title(session) == "made — live, view frozen — Peakday"
    assert "frozen" in status_line(session.view, "live", timed=True, ended=False)
    desk.key(pygame.K_SPACE, " ")
    assert session.time == source.span()[1]
    assert session.at_head
    assert not session.view.paused
    desk.key(pygame.K_SPACE, " ")
    assert session.view.paused
    assert source.requests == []
