"""What an operator asks for from the window."""

from __future__ import annotations

import pygame

from fleet.events import Operation
from fleet.requests import Request
from tests.viz.desk import Desk
from tests.viz.made import Made
from viz.view import Selection


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
