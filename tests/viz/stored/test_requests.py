"""Operators' requests of a recorded run, as of any tick, and how they look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pygame

from fleet.events import Operation, RobotStatus
from fleet.requests import Request
from tests.fleet.pure_day import PureDay, write_files
from tests.viz.made import Made
from viz.draw import Picture
from viz.frame import Frame
from viz.stored.replay import Replay
from viz.stored.requests import Requests
from viz.view import View
from viz.words import alarm_text

P = Operation


def test_cells_are_closed_and_the_floor_is_paused_while_it_was_asked_for() -> None:
    """From the tick of a request until that of its end."""
    rows = [(3, P.CLOSE, -1, 9), (4, P.PAUSE, -1, -1), (4, P.PAUSE, 2, -1), (6, P.RESUME, -1, -1),
            (8, P.OPEN, -1, 9)]  # fmt: skip
    asked = Requests(np.array(rows, np.int32))
    assert [asked.closed(tick).tolist() for tick in (2, 3, 7, 8)] == [[], [9], [9], []]
    assert [asked.floor_paused(tick) for tick in (3, 4, 5, 6)] == [False, True, True, False]
    assert len(asked.alarms()) == 5


def test_a_replay_shows_what_operators_did(tmp_path: Path) -> None:
    """The store's own requests are events with words, and close cells on the picture."""
    run = PureDay(tmp_path, write_files(tmp_path)).live(until=10)
    for request in (Request("a", P.OUT, 1), Request("b", P.CLOSE, -1, 15)):
        run.day.world.tick += 1
        run.tick(requests=[request])
    run.day.store.close()
    source = Replay(run.day.folder)
    try:
        last = source.span()[1]
        assert source.frame(last).closed.tolist() == [15]
        assert source.frame(last).status[1] & RobotStatus.OUT
        told = [alarm_text(source.scene, alarm) for alarm in source.alarms()]
        assert told == ["take robot 1 out", "close cell 15"]
    finally:
        source.close()


class Told(Made):
    """A floor on which operators have asked for something."""

    flags = 0
    shut: tuple[int, ...] = ()

    def frame(self, time: float) -> Frame:
        """Return a moment."""
        frame = super().frame(time)
        status = frame.status.copy()
        status[0] |= self.flags
        return replace(frame, status=status, closed=np.array(self.shut, np.int32))


def test_what_operators_asked_for_looks_different_at_every_size() -> None:
    """A closed cell, a paused robot and one that is out change the picture, each otherwise."""
    for size in ((300, 200), (900, 600)):
        pictures = []
        for flags, shut in ((0, ()), (RobotStatus.PAUSED, ()), (RobotStatus.OUT, ()), (0, (60,))):
            source = Told()
            source.flags, source.shut = int(flags), shut
            surface = pygame.Surface(size)
            Picture(source).draw(surface, 0.0, View())
            pictures.append(pygame.surfarray.array3d(surface))
        for k, one in enumerate(pictures):
            assert all((one != other).any() for other in pictures[:k])
